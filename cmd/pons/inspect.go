package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/grammar"
)

type inspectCmd struct {
	File    string `arg:"" help:"File of HL7 v2 messages; - is standard input."`
	Charset string `help:"Charset of messages that declare none and are not UTF-8." default:"windows-1252"`
	JSON    bool   `name:"json" help:"Print one JSON object per message, on a line of its own."`
}

// Run prints every message of the file as a tree.
func (c inspectCmd) Run(s streams) error {
	messages, err := readMessages([]string{c.File}, s.in)
	if err != nil {
		return err
	}
	for i, m := range messages {
		msg, err := m.parse(c.Charset)
		if err != nil {
			return err
		}
		described := inspect(msg)
		if c.JSON {
			if err := jsonLine(s.out, described); err != nil {
				return err
			}
			continue
		}
		if i > 0 {
			fmt.Fprintln(s.out)
		}
		t := tree{out: s.out, palette: paletteFor(s.out)}
		for _, segment := range described.Segments {
			t.part(0, segment)
		}
		if t.err != nil {
			return t.err
		}
	}
	return nil
}

// inspected is a message in the words of the standard.
type inspected struct {
	Type     string    `json:"type"`
	Version  string    `json:"version"` // whose words they are
	Segments []*inPart `json:"segments"`
}

// inPart is a segment, field, component or subcomponent that is not empty.
type inPart struct {
	Place   string    `json:"place"`
	Name    string    `json:"name,omitempty"`
	Type    string    `json:"type,omitempty"`
	Value   *string   `json:"value,omitempty"` // of what has no parts; null in HL7 is ""
	Null    bool      `json:"null,omitempty"`
	Meaning string    `json:"meaning,omitempty"` // of a code, by the table of the standard
	Table   string    `json:"table,omitempty"`
	Parts   []*inPart `json:"parts,omitempty"`
}

func inspect(m *hl7.Message) inspected {
	h := m.Header()
	d := describer{grammar: grammar.For(h.Version), seen: map[string]int{}, times: map[string]int{}}
	for s := range m.Segments() {
		d.times[s.Name()]++
	}
	out := inspected{Type: h.Type, Version: d.grammar.Name()}
	if h.Event != "" {
		out.Type += "^" + h.Event
	}
	for s := range m.Segments() {
		out.Segments = append(out.Segments, d.segment(s))
	}
	return out
}

// describer finds the words for the parts of a message.
type describer struct {
	grammar     *grammar.Version
	seen, times map[string]int // segments of a name
}

func (d *describer) segment(s hl7.Segment) *inPart {
	def, known := d.grammar.Segment(s.Name())
	p := &inPart{Place: s.Name()}
	d.seen[s.Name()]++
	if d.times[s.Name()] > 1 {
		p.Place = fmt.Sprintf("%s(%d)", s.Name(), d.seen[s.Name()])
	}
	if known {
		p.Name = def.Title
	}
	for n, v := range s.EachField() {
		f := grammar.Field{}
		if known && n <= len(def.Fields) {
			f = def.Fields[n-1]
		}
		p.Parts = append(p.Parts, d.field(p.Place, s, n, v, f)...)
	}
	return p
}

// field describes each repetition of a field.
func (d *describer) field(segment string, s hl7.Segment, n int, v hl7.Value, f grammar.Field) []*inPart {
	place := fmt.Sprintf("%s-%d", segment, n)
	if v.Empty() {
		return nil
	}
	if s.Index() == 0 && n <= 2 {
		raw := string(v.Raw())
		return []*inPart{{Place: place, Name: f.Name, Type: f.Type, Value: &raw}}
	}
	typ := f.Type
	if s.Name() == "OBX" && n == 5 {
		typ = s.Field(2).String()
	}
	var all []*inPart
	for r, rep := range v.EachRep() {
		at := place
		if v.Reps() > 1 {
			at = fmt.Sprintf("%s[%d]", place, r)
		}
		if !rep.Empty() {
			all = append(all, d.value(1, at, f.Name, typ, f.Table, rep))
		}
	}
	return all
}

// value describes a leaf, or a composite with its parts.
func (d *describer) value(depth int, place, name, typ, table string, v hl7.Value) *inPart {
	p := &inPart{Place: place, Name: name, Type: typ}
	parts, each := v.Components(), v.EachComponent()
	if depth > 1 {
		parts, each = v.Subs(), v.EachSub()
	}
	def, known := d.grammar.DataType(typ)
	if parts <= 1 || depth > 2 {
		if known && len(def.Components) > 0 && def.Components[0].Table != "" {
			table = def.Components[0].Table
		}
		text := v.String()
		p.Value, p.Null, p.Table = &text, v.Null(), table
		p.Meaning = d.meaning(table, text)
		return p
	}
	for i, part := range each {
		sub := grammar.Component{}
		if known && i <= len(def.Components) {
			sub = def.Components[i-1]
		}
		if i == 1 && sub.Table == "" {
			sub.Table = table
		}
		if !part.Empty() {
			p.Parts = append(p.Parts, d.value(depth+1, fmt.Sprintf("%s.%d", place, i), sub.Name, sub.Type, sub.Table, part))
		}
	}
	return p
}

// meaning is what a code says, "" when no table has it.
func (d *describer) meaning(table, code string) string {
	t, ok := d.grammar.Table(table)
	if !ok || code == "" {
		return ""
	}
	c, _ := t.Code(code)
	return c.Display
}

// tree prints a message; the first failed write stops it.
type tree struct {
	out     io.Writer
	palette palette
	err     error
}

func (t *tree) part(indent int, p *inPart) {
	if t.err != nil {
		return
	}
	const column = 16
	place, colour := fmt.Sprintf("%-*s", column, fmt.Sprintf("%*s%s", indent*2, "", p.Place)), cyan
	if indent == 0 {
		colour = bold
	}
	if p.Name == "" && p.Value == nil {
		place = p.Place
	}
	line := t.palette.paint(colour, place)
	if p.Name != "" || p.Value != nil {
		line += " " + p.Name
	}
	if p.Value != nil {
		line += strings.Repeat(" ", max(38-utf8.RuneCountInString(p.Name), 0))
		value := printable(*p.Value)
		if p.Null {
			value = `""`
		}
		line += "  " + t.palette.paint(green, value)
		if p.Meaning != "" && p.Meaning != *p.Value {
			line += t.palette.paint(faint, "  ("+printable(short(p.Meaning))+")")
		}
	}
	if _, t.err = fmt.Fprintln(t.out, line); t.err != nil {
		return
	}
	for _, part := range p.Parts {
		t.part(indent+1, part)
	}
}

// short cuts what some tables say at such length that it fills lines.
func short(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return strings.TrimRight(string(r[:most]), " ") + "…"
	}
	return s
}

// printable keeps control characters of a message from driving a terminal.
func printable(s string) string {
	out := []rune(s)
	for i, r := range out {
		switch {
		case r == '\n' || r == '\r':
			out[i] = '⏎'
		case r < 0x20 || r >= 0x7f && r < 0xa0:
			out[i] = '·'
		}
	}
	return string(out)
}
