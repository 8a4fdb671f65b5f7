package main

import (
	"fmt"
	"io"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/grammar"
)

type inspectCmd struct {
	File    string `arg:"" help:"File of HL7 v2 messages; - is standard input."`
	Charset string `help:"Charset of messages that declare none and are not UTF-8." default:"windows-1252"`
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
		if i > 0 {
			fmt.Fprintln(s.out)
		}
		t := tree{out: s.out, grammar: grammar.For(msg.Header().Version)}
		t.message(msg)
		if t.err != nil {
			return t.err
		}
	}
	return nil
}

// tree prints a message; the first failed write stops it.
type tree struct {
	out     io.Writer
	grammar *grammar.Version
	err     error
}

func (t *tree) line(indent int, place, name, value string) {
	if t.err != nil {
		return
	}
	const column = 16
	place = fmt.Sprintf("%*s%s", indent*2, "", place)
	if value != "" {
		value = "  " + printable(value)
	}
	_, t.err = fmt.Fprintf(t.out, "%-*s %-38s%s\n", column, place, name, value)
}

func (t *tree) message(m *hl7.Message) {
	for s := range m.Segments() {
		def, known := t.grammar.Segment(s.Name())
		name := ""
		if known {
			name = def.Title
		}
		t.line(0, s.Name(), name, "")
		for n := 1; n <= s.Len(); n++ {
			f := grammar.Field{}
			if known && n <= len(def.Fields) {
				f = def.Fields[n-1]
			}
			t.field(s, n, f)
		}
	}
}

func (t *tree) field(s hl7.Segment, n int, f grammar.Field) {
	v := s.Field(n)
	if v.Empty() {
		return
	}
	place := fmt.Sprintf("%s-%d", s.Name(), n)
	if s.Name() == "MSH" && n <= 2 {
		t.line(1, place, f.Name, string(v.Raw()))
		return
	}
	for r := 1; r <= v.Reps(); r++ {
		at := place
		if v.Reps() > 1 {
			at = fmt.Sprintf("%s[%d]", place, r)
		}
		t.value(1, at, f.Name, f.Type, v.Rep(r))
	}
}

// value prints a leaf on one line, and a composite as a heading with its parts.
func (t *tree) value(indent int, place, name, typ string, v hl7.Value) {
	parts, part := v.Components(), v.Component
	if indent > 1 {
		parts, part = v.Subs(), v.Sub
	}
	if parts <= 1 {
		if !v.Empty() {
			t.line(indent, place, name, v.String())
		}
		return
	}
	t.line(indent, place, name, "")
	def, _ := t.grammar.DataType(typ)
	for i := 1; i <= parts; i++ {
		sub, subType := "", ""
		if def != nil && i <= len(def.Components) {
			sub, subType = def.Components[i-1].Name, def.Components[i-1].Type
		}
		if p := part(i); !p.Empty() {
			t.value(indent+1, fmt.Sprintf("%s.%d", place, i), sub, subType, p)
		}
	}
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
