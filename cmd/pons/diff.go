package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/grammar"
)

type diffCmd struct {
	A        string   `arg:"" help:"File of HL7 v2 messages; - is standard input."`
	B        string   `arg:"" help:"File to compare it with, message by message in their order."`
	Ignore   []string `short:"i" help:"Places that may differ, such as MSH-7, PID-3[2].4 or ZPI; may be given several times." placeholder:"PLACE"`
	NoValues bool     `help:"Print the places only, without data."`
	JSON     bool     `name:"json" help:"Print one JSON object per difference, on a line of its own."`
	Charset  string   `help:"Charset of messages that declare none and are not UTF-8." default:"windows-1252"`
}

// Run prints where the messages differ and fails when they do.
func (c diffCmd) Run(s streams) error {
	if c.A == "-" && c.B == "-" {
		return badUsage{errors.New("only one of the files can be standard input")}
	}
	ignore, err := paths("--ignore", c.Ignore)
	if err != nil {
		return err
	}
	as, err := readMessages([]string{c.A}, s.in)
	if err != nil {
		return err
	}
	bs, err := readMessages([]string{c.B}, s.in)
	if err != nil {
		return err
	}
	d := differ{cmd: c, s: s, palette: paletteFor(s.out), ignore: ignore}
	for i := range min(len(as), len(bs)) {
		a, err := as[i].parse(c.Charset)
		if err != nil {
			return err
		}
		b, err := bs[i].parse(c.Charset)
		if err != nil {
			return err
		}
		if err := d.messages(i+1, max(len(as), len(bs)) > 1, a, b); err != nil {
			return err
		}
	}
	found := fmt.Sprintf("%d differences", d.found)
	if d.found == 1 {
		found = "1 difference"
	}
	switch {
	case len(as) != len(bs):
		return badInput{fmt.Errorf("%s, and one file has %d messages, the other %d", found, len(as), len(bs))}
	case d.found > 0:
		return badInput{errors.New(found)}
	}
	return nil
}

// paths reads the places of an option.
func paths(option string, all []string) (read []hl7.Path, err error) {
	for _, s := range all {
		p, err := hl7.ParsePath(s)
		if err != nil {
			return nil, badUsage{fmt.Errorf("%s: not a place like PID-3[2].4 or ZPI", option)}
		}
		read = append(read, p)
	}
	return read, nil
}

// differ prints the differences of several messages.
type differ struct {
	cmd     diffCmd
	s       streams
	palette palette
	ignore  []hl7.Path
	found   int
}

// messages prints how two messages differ. Which of the file they are is said when
// there are several.
func (d *differ) messages(number int, several bool, a, b *hl7.Message) error {
	all := hl7.Diff(a, b, d.ignore...)
	if several && len(all) > 0 && !d.cmd.JSON {
		if _, err := fmt.Fprintln(d.s.out, d.palette.paint(bold, fmt.Sprintf("message %d", number))); err != nil {
			return err
		}
	}
	d.found += len(all)
	g := grammar.For(b.Header().Version)
	for _, diff := range all {
		l := d.line(diff, a, b, g)
		if several {
			l.Message = number
		}
		var err error
		if d.cmd.JSON {
			err = jsonLine(d.s.out, l)
		} else {
			_, err = fmt.Fprintln(d.s.out, l.text(d.palette))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// diffLine is one difference as it is printed.
type diffLine struct {
	Message int     `json:"message,omitempty"`
	Place   string  `json:"place"`          // in the second message, or in the first when nothing is in the second
	From    string  `json:"from,omitempty"` // in the first message, where that is another place
	Name    string  `json:"name,omitempty"`
	Kind    string  `json:"kind"`
	Old     *string `json:"old,omitempty"`
	New     *string `json:"new,omitempty"`
}

func (d *differ) line(diff hl7.Difference, a, b *hl7.Message, g *grammar.Version) diffLine {
	l := diffLine{Kind: diff.Kind.String(), Name: placeName(g, diff.At())}
	if diff.Kind == hl7.DiffRemoved {
		l.Place = shortPlace(a, diff.From)
	} else if l.Place = shortPlace(b, diff.To); diff.Kind == hl7.DiffChanged {
		if from := shortPlace(a, diff.From); diff.From != diff.To && from != l.Place {
			l.From = from
		}
	}
	if !d.cmd.NoValues {
		if diff.Kind != hl7.DiffAdded {
			l.Old = shown(diff.Old())
		}
		if diff.Kind != hl7.DiffRemoved {
			l.New = shown(diff.New())
		}
	}
	return l
}

func (l diffLine) text(p palette) string {
	place := l.Place
	if l.From != "" {
		place = l.From + " → " + place
	}
	out := fmt.Sprintf("%-16s %-8s", p.paint(cyan, place), l.Kind)
	if l.Name != "" {
		out += "  " + p.paint(faint, l.Name)
	}
	if l.Old != nil {
		out += "  " + p.paint(red, "-"+*l.Old)
	}
	if l.New != nil {
		out += "  " + p.paint(green, "+"+*l.New)
	}
	return strings.TrimRight(out, " ")
}

// shown is a value on one line, as it stands in the message.
func shown(v hl7.Value) *string {
	s := printable(string(v.Raw()))
	return &s
}

// shortPlace leaves out the occurrence of a segment that is there only once.
func shortPlace(m *hl7.Message, p hl7.Path) string {
	n := 0
	for range m.All(p.Segment) {
		n++
	}
	if n == 1 {
		p.Occurrence = 0
	}
	return p.String()
}

// placeName is what the standard calls a place.
func placeName(g *grammar.Version, p hl7.Path) string {
	segment, ok := g.Segment(p.Segment)
	if !ok {
		return ""
	}
	field, ok := segment.Field(p.Field)
	if !ok {
		return segment.Title
	}
	name, typ := field.Name, field.Type
	for _, n := range []int{p.Component, p.Sub} {
		if def, ok := g.DataType(typ); ok && n > 0 {
			if c, ok := def.Component(n); ok {
				name, typ = name+" / "+c.Name, c.Type
			}
		}
	}
	return name
}
