package mapping

import (
	"io/fs"
	"slices"
	"strings"
)

// An Overlay is the word of a site on the tables: a folder of the same shape, in which
// each file says only what differs.
//
//   - A row with an id that the table has replaces that row. A new row comes before the
//     others, so that its word is taken first where two rows write one element.
//   - A row with off: true, and why, takes a row away.
//   - A file with the name of no table is a new one: a map, a vocabulary, a message.
//   - A message table may add triggers, and rows for segments of the site (Z..), which
//     may stand anywhere in the message. In the file messages/any.yaml, message: '*', a
//     row is one of every message that has its slot.
//   - identity.yaml replaces by type, defaults.yaml by id, systems.yaml by name.
type Overlay struct {
	Name string // of the folder, for errors: "overlays/riverside"
	FS   fs.FS
}

// lay puts an overlay on the tables. What is wrong with its rows in themselves is found
// when they are compiled.
func (t *rawTables) lay(o Overlay) error {
	over, err := loadTables(o.FS, o.Name)
	if err != nil {
		return err
	}
	for name, m := range over.maps {
		if have := t.maps[name]; have == nil {
			t.maps[name] = m
		} else if m.Target != "" && m.Target != have.Target {
			return m.errorf("the target of a table cannot be changed")
		} else {
			have.Rows = layRows(have.Rows, m.Rows, func(r *rawRow) string { return r.ID })
		}
	}
	for name, v := range over.vocabulary {
		have := t.vocabulary[name]
		if have == nil {
			t.vocabulary[name] = v
			continue
		}
		have.Rows = layRows(have.Rows, v.Rows, func(r *rawVocabularyRow) string { return r.ID })
		if v.Unmapped != "" {
			have.Unmapped = v.Unmapped
		}
	}
	for _, m := range over.messages {
		if err := t.layMessage(m); err != nil {
			return err
		}
	}
	t.identity = layRows(t.identity, over.identity, func(r *rawIdentity) string { return r.Type })
	t.defaults = layRows(t.defaults, over.defaults, func(r *rawDefault) string { return r.ID })
	t.rules = layRows(t.rules, over.rules, func(r *rawRule) string { return r.ID })
	t.systems = layRows(t.systems, over.systems, func(r *rawSystem) string { return r.Name })
	return nil
}

// layRows replaces the rows of have that over names again and puts the others of over
// before them.
func layRows[T any](have, over []T, id func(*T) string) []T {
	var added []T
	for i := range over {
		at := slices.IndexFunc(have, func(r T) bool { return id(&r) == id(&over[i]) })
		if at >= 0 {
			have[at] = over[i]
		} else {
			added = append(added, over[i])
		}
	}
	return append(added, have...)
}

func (t *rawTables) layMessage(over *rawMessage) error {
	if over.Message == "*" {
		return t.layAll(over)
	}
	at := slices.IndexFunc(t.messages, func(m *rawMessage) bool { return m.Message == over.Message })
	if at < 0 {
		if over.Structure == "" {
			return over.errorf("there is no message %s to add to%s; a new one has its structure", over.Message, t.tableOf(over.Message))
		}
		t.messages = append(t.messages, over)
		return nil
	}
	have := t.messages[at]
	for _, trigger := range over.Triggers {
		if err := t.checkTrigger(over, trigger); err != nil {
			return err
		}
		if !slices.Contains(have.Triggers, trigger) {
			have.Triggers = append(have.Triggers, trigger)
		}
	}
	if over.Structure != "" {
		have.Structure = over.Structure
	}
	have.add(over.Rows)
	return nil
}

// tableOf says which table a message has that is called by its trigger, as ADT_A08 is.
func (t *rawTables) tableOf(name string) string {
	for _, m := range t.messages {
		if slices.Contains(m.Triggers, strings.Replace(name, "_", "^", 1)) {
			return "; its table is " + m.Message
		}
	}
	return ""
}

// slots are the slots of all messages.
func (t *rawTables) slots() (all []string) {
	for _, m := range t.messages {
		for i := range m.Rows {
			if s := m.Rows[i].Slot; !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

// checkTrigger looks at a trigger that an overlay adds: later its place is lost.
func (t *rawTables) checkTrigger(over *rawMessage, trigger string) error {
	if !strings.Contains(trigger, "^") {
		return over.errorf("the trigger %q is not like ADT^A01", trigger)
	}
	for _, m := range t.messages {
		if m.Message != over.Message && slices.Contains(m.Triggers, trigger) {
			return over.errorf("the trigger %s is also one of %s", trigger, m.Message)
		}
	}
	return nil
}

// layAll adds the rows to every message that has their slot.
func (t *rawTables) layAll(over *rawMessage) error {
	for i := range over.Rows {
		row, used := over.Rows[i], false
		for _, m := range t.messages {
			if slices.ContainsFunc(m.Rows, func(r rawMessageRow) bool { return !r.Off && r.Slot == row.Slot }) {
				m.add([]rawMessageRow{row})
				used = true
			}
		}
		if !used {
			return row.errorf("row %s: no message has the slot %s%s", row.ID, row.Slot, meant(row.Slot, t.slots()))
		}
	}
	return nil
}

// add puts rows of a site behind those that are there, and their segments into the
// structure.
func (m *rawMessage) add(rows []rawMessageRow) {
	for i := range rows {
		r := rows[i]
		if at := slices.IndexFunc(m.Rows, func(have rawMessageRow) bool { return have.ID == r.ID }); at >= 0 {
			m.Rows[at] = r
			continue
		}
		m.Rows = append(m.Rows, r)
		if strings.HasPrefix(r.From, "Z") && r.In == "" && !slices.Contains(structureTokens(m.Structure), r.From) {
			m.Structure += " [{" + r.From + "}]"
		}
	}
}
