package mapping

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// A TableRow is one row of the tables, for people to read.
type TableRow struct {
	Class   string `json:"class"`             // message, segment, datatype, vocabulary, identity, default, rule or system
	Table   string `json:"table"`             // "PID[Patient]"; rules are in the table defaults
	ID      string `json:"id"`                // "13"
	From    string `json:"from,omitempty"`    // what is read: a field, a part of one, a code, a type
	When    string `json:"when,omitempty"`    // condition; "" always
	To      string `json:"to,omitempty"`      // what is written
	Does    string `json:"does"`              // in a few words, without from, when and to
	Why     string `json:"why,omitempty"`     // where and why it departs from the guide, or what it is for
	Off     bool   `json:"off,omitempty"`     // the row stands there and does nothing
	Overlay string `json:"overlay,omitempty"` // Name of the overlay that has it; "" is the tables
	File    string `json:"file"`              // path in the tables or in the overlay
	Line    int    `json:"line"`              // where the row begins in File
	Text    string `json:"-"`                 // the row as it stands in File, without indentation
}

// Name is what a [Lineage] calls the row: "PID[Patient]#13".
func (r *TableRow) Name() string { return r.Table + "#" + r.ID }

// Rows lists every row of the tables with the overlays laid on them, those that
// are off included, as [New] would take them: by class, then by table, then in
// the order of the file. A row of an overlay for every message (message '*')
// comes once for each message that has its slot. The error is that of New for
// files that cannot be read as tables; whether rows can be compiled is not
// looked at. Only Tables and Overlays of the options matter.
func Rows(o Options) ([]TableRow, error) {
	tables, raw, err := o.load()
	if err != nil {
		return nil, err
	}
	l := rowLister{tables: tables, overlays: o.Overlays, lines: map[string][]string{}}
	l.messages(raw.messages)
	for _, segment := range []bool{true, false} {
		for _, name := range sortedKeys(raw.maps) {
			if m := raw.maps[name]; m.segment == segment {
				l.table(m)
			}
		}
	}
	for _, name := range sortedKeys(raw.vocabulary) {
		l.vocabulary(raw.vocabulary[name])
	}
	l.rest(raw)
	return l.all, nil
}

type rowLister struct {
	tables   fs.FS
	overlays []Overlay
	lines    map[string][]string // of the files read so far
	all      []TableRow
}

func (l *rowLister) add(r TableRow, at where) {
	fsys := l.tables
	r.File, r.Line = at.file, at.line
	for _, o := range l.overlays {
		if file, ok := strings.CutPrefix(at.file, o.Name+"/"); ok {
			fsys, r.File, r.Overlay = o.FS, file, o.Name
		}
	}
	r.Text = l.text(fsys, at.file, r.File, r.Line)
	l.all = append(l.all, r)
}

// text is the row that begins in a line: in most files a row is a line, else it
// goes on as far as lines are indented deeper than its dash.
func (l *rowLister) text(fsys fs.FS, key, file string, line int) string {
	lines, ok := l.lines[key]
	if !ok {
		b, err := fs.ReadFile(fsys, file)
		if err != nil {
			return "" // it was there a moment ago
		}
		lines = strings.Split(string(b), "\n")
		l.lines[key] = lines
	}
	if line < 1 || line > len(lines) {
		return ""
	}
	indent := func(s string) int { return len(s) - len(strings.TrimLeft(s, " ")) }
	first := indent(lines[line-1])
	end := line
	for end < len(lines) && indent(lines[end]) > first && strings.TrimSpace(lines[end]) != "" {
		end++
	}
	out := slices.Clone(lines[line-1 : end])
	for i := range out {
		out[i] = strings.TrimRight(out[i][first:], " \r")
	}
	return strings.Join(out, "\n")
}

func (l *rowLister) messages(all []*rawMessage) {
	all = slices.SortedFunc(slices.Values(all), func(a, b *rawMessage) int { return strings.Compare(a.Message, b.Message) })
	for _, m := range all {
		for i := range m.Rows {
			r := &m.Rows[i]
			from := r.From
			if r.In != "" {
				from = r.In + "." + from
			}
			if r.After != "" {
				from += " after " + r.After
			}
			l.add(TableRow{
				Class: "message", Table: m.Message, ID: r.ID, From: from, When: r.When, To: r.Slot,
				Does: r.does(), Why: r.Why, Off: r.Off,
			}, r.where)
		}
	}
}

func (r *rawMessageRow) does() string {
	var does []string
	if r.Map != "" {
		does = append(does, "by "+r.Map)
	}
	for _, ref := range r.Refs {
		does = append(does, "sets "+ref)
	}
	if r.Fill {
		does = append(does, "only fills what is not known")
	}
	if r.Set != "" {
		does = append(does, "one of the set of "+r.Set)
	}
	return strings.Join(does, "; ")
}

func (l *rowLister) table(m *rawMap) {
	class := "datatype"
	if m.segment {
		class = "segment"
	}
	for i := range m.Rows {
		r := &m.Rows[i]
		l.add(TableRow{
			Class: class, Table: m.Map, ID: r.ID, From: r.From, When: r.When, To: r.To,
			Does: r.does(), Why: r.Why, Off: r.Off,
		}, r.where)
	}
}

func (r *rawRow) does() string {
	does := "copies"
	switch {
	case r.Stop != "":
		does = "refuses the message: " + r.Stop
	case r.As != "" && r.Code != "":
		does = "by " + r.As + ", codes by " + r.Code
	case r.As != "":
		does = "by " + r.As
	case r.Code != "":
		does = "codes by " + r.Code
	case r.hasValue:
		does = fmt.Sprintf("writes %q", r.Value)
	case r.Expr != "":
		does = "joins " + r.Expr
	case r.Fn != "":
		does = "by the function " + r.Fn
	case r.Ref != "":
		does = "refers to " + r.Ref
	case r.Clear:
		does = "deletes at the receiver"
	}
	if r.Weak {
		does += "; gives way to any other value"
	}
	if r.Fallback {
		does += "; only for what no row before could use"
	}
	return does
}
