package hl7

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
)

// Redactor takes out of messages what could say who a person is, so that they can go
// into a report of a bug. What stands for it keeps its shape: structure, lengths,
// repetitions, nulls and escape sequences stay.
//
//   - Identifiers and numbers of telephones become others of the same shape, letter for
//     letter and digit for digit; different ones stay different.
//   - Names become names that can be pronounced, of the same length and case.
//   - Dates move back by some days, up to a year, as many for all dates of one patient
//     (by the first identifier in PID-3), so that what lies between them stays. Times
//     of day stay.
//   - Codes, numbers, units and times of day stay where they look like such: a code has
//     no blanks and up to 20 characters, and is a word of letters only where that is short
//     or a code system goes with it. The text of a code stays where it has a code
//     and a code system.
//   - Everything else is masked with x and 0: free text, addresses, documents, fields whose
//     type is not known, Z segments and all segments that are not known.
//
// The same input gives the same fake under the same key, in any message and field, so
// that messages about one patient still belong together. Who has the key can test
// guesses and turn identifiers back: it stays with the data.
//
// This helps to share a message; it is no proof of anonymity. A diagnosis, a rare code,
// a pattern of visits or an age can point at a person, and a code field can hold a
// name. The list that [Redactor.Redact] returns says what was kept, for someone to
// look at.
type Redactor struct {
	// Keep lists places that stay as they are, such as "ZPI-3", "PID-3.4" or "MSH".
	Keep []Path
	// Mask lists places that are masked although they would be kept or faked. It wins
	// over Keep.
	Mask []Path
	// Types returns the data type of a field, such as "XPN", and "" when it does not
	// know. It is asked for fields of which this package has no type; package
	// hl7/grammar can answer. nil is none.
	Types func(version, segment string, field int) string

	key []byte
}

// NewRedactor returns a redactor with a secret key, best of 16 bytes or more. Without one
// it makes a key of its own: fakes are then the same within this redactor only.
func NewRedactor(key []byte) *Redactor {
	if len(key) == 0 {
		key = make([]byte, 32)
		rand.Read(key)
	}
	return &Redactor{key: bytes.Clone(key)}
}

// Redaction is one value of a message and what became of it.
type Redaction struct {
	At     Path         // with all its numbers
	Action RedactAction // what was done to it
}

// RedactAction says what became of a value.
type RedactAction uint8

// What becomes of values.
const (
	RedactKept    RedactAction = iota + 1 // as it was
	RedactFaked                           // another of the same shape
	RedactShifted                         // a date, moved
	RedactMasked                          // x and 0
)

// String returns "kept", "faked", "shifted" or "masked".
func (a RedactAction) String() string {
	return [...]string{"none", "kept", "faked", "shifted", "masked"}[min(a, RedactMasked)]
}

// Redact returns the message without what could say who a person is, and for each value
// that is not empty what became of it. Values that are null stay so and are not listed. The
// message comes back in UTF-8 whatever MSH-18 says; fakes and masks are ASCII.
func (r *Redactor) Redact(m *Message) (*Message, []Redaction, error) {
	e := Edit(m)
	s := redaction{r: r, version: m.Header().Version, days: r.days(m, 0)}
	seen := map[string]int{}
	for i := range m.spans {
		segment := m.Segment(i)
		name := segment.Name()
		seen[name]++
		if name == "PID" {
			s.days = r.days(m, i)
		}
		e.lines[i].text = s.segment(segment, seen[name])
	}
	out, err := e.Message()
	if err != nil || out.Len() != m.Len() {
		return nil, nil, fmt.Errorf("hl7: the redacted message cannot be read: %w", err) // cannot happen: fuzzed
	}
	return out, s.done, nil
}

// RedactBatch does the same for a line of the batch protocol that a [Reader] found. Dates
// in it move like those of a message without a patient.
func (r *Redactor) RedactBatch(i Item) ([]byte, []Redaction) {
	segment := i.Segment()
	if segment.m == nil {
		return nil, nil
	}
	s := redaction{r: r, days: r.shift("")}
	return s.segment(segment, 1), s.done
}

// days returns by how many days the dates behind segment i move.
func (r *Redactor) days(m *Message, i int) int {
	for ; i < m.Len(); i++ {
		if pid := m.Segment(i); pid.Name() == "PID" {
			for _, id := range pid.Field(3).EachRep() {
				if id.Valued() {
					return r.shift(id.CX().ID)
				}
			}
			return r.shift(pid.Field(2).CX().ID)
		}
	}
	return r.shift("")
}

// redaction is the work on one message.
type redaction struct {
	r       *Redactor
	version string
	days    int
	done    []Redaction
}

// segment returns a segment with its values replaced.
func (s *redaction) segment(segment Segment, occurrence int) []byte {
	d, name := segment.m.delim, segment.Name()
	out := append([]byte(name), maskRaw([]byte(torn(segment)), d, false)...)
	types := redactTables().fields[name]
	for n, v := range segment.EachField() {
		if v.level() == levelLiteral {
			if n == 2 {
				out = append(append(out, d.Field), v.Raw()...)
			}
			continue
		}
		typ := ""
		switch {
		case n <= len(types):
			typ = types[n-1]
		case s.r.Types != nil && name[0] != 'Z':
			typ = knownType(s.r.Types(s.version, name, n))
		}
		if typ == "value" {
			typ = knownType(segment.Field(2).String())
		}
		out = append(out, d.Field)
		p := Path{Segment: name, Occurrence: occurrence, Field: n}
		for rep, value := range v.EachRep() {
			if rep > 1 {
				out = append(out, d.Repetition)
			}
			p.Rep = rep
			out = s.composite(out, value, typ, p)
		}
	}
	return out
}

// knownType lets only names of types through that come from outside, no actions.
func knownType(typ string) string {
	if redactTables().types[typ] == nil {
		return ""
	}
	return typ
}

// composite appends a repetition or a component, whose parts have types of their own.
func (s *redaction) composite(out []byte, v Value, typ string, p Path) []byte {
	lv := partLevel(v.level())
	parts := redactTables().types[typ]
	for n := 1; n <= v.count(lv); n++ {
		if n > 1 {
			out = append(out, v.m.seps[lv])
		}
		part, partType := v.part(n, lv), ""
		switch {
		case n <= len(parts):
			partType = parts[n-1]
		case n == 1 && parts == nil:
			partType = typ
		}
		if lv == levelComponent {
			p.Component, p.Sub = n, 1
			if part.Subs() > 1 || redactTables().types[partType] != nil {
				out = s.composite(out, part, partType, p)
				continue
			}
		} else {
			p.Sub = n
		}
		// what is a type of its own this deep down is its first part
		for redactTables().types[partType] != nil {
			partType = redactTables().types[partType][0]
		}
		out = s.leaf(out, v, n, part, partType, p)
	}
	return out
}

// leaf appends a value without parts. It is part n of a composite.
func (s *redaction) leaf(out []byte, of Value, n int, v Value, action string, p Path) []byte {
	if v.Empty() || v.Null() {
		return append(out, v.Raw()...)
	}
	lv := partLevel(of.level())
	switch {
	case action == "coded" && of.part(n+2, lv).Valued():
		action = "long"
	case action == "coded":
		action = "code"
	case action == "label" && of.part(n-1, lv).Valued() && of.part(n+1, lv).Valued():
		action = "keep"
	}
	for _, keep := range s.r.Keep {
		if keep.covers(p, v) {
			action = "keep"
		}
	}
	for _, mask := range s.r.Mask {
		if mask.covers(p, v) {
			action = "text"
		}
	}
	raw, did := s.value(v, action)
	s.done = append(s.done, Redaction{p, did})
	return append(out, raw...)
}

// redactTables holds the types of fields and of the parts of types.
var redactTables = sync.OnceValue(func() (t struct{ fields, types map[string][]string }) {
	load := func(table string) map[string][]string {
		all := map[string][]string{}
		for line := range strings.SplitSeq(strings.TrimSpace(table), "\n") {
			words := strings.Fields(line)
			all[words[0]] = words[1:]
		}
		return all
	}
	t.fields, t.types = load(redactFields), load(redactTypes)
	for from, to := range map[string]string{"DTM": "date", "DT": "date", "TM": "clock", "ST": "text", "TX": "text", "FT": "text",
		"ID": "code", "IS": "code", "SI": "number", "NM": "number", "SNM": "id"} {
		t.types[from] = []string{to}
	}
	return t
})
