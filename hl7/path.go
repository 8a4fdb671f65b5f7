package hl7

import (
	"iter"
	"strconv"
)

// Path names a place in a message: segment, occurrence, field, repetition,
// component, subcomponent (as ERL does in ERR-2, HL7 v2.9 2A). Numbers count from 1; 0 stands for "not said",
// which reads as the first for Occurrence and Rep and as the whole for the
// others.
type Path struct {
	Segment    string // its three characters: "PID"
	Occurrence int    // among the segments of that name
	Field      int    // 1 and 2 of MSH are its delimiters
	Rep        int    // repetition
	Component  int
	Sub        int // subcomponent
}

// maxNumber is the greatest number in a path; it is above anything real.
const maxNumber = 1 << 20

// ParsePath reads a place such as "PID-5", "PID-3[2].4.1", "OBX(3)-5" or "ZBE".
// The error is a *[SyntaxError].
func ParsePath(s string) (Path, error) {
	p, ok := parsePath(s)
	if !ok {
		return Path{}, &SyntaxError{"", "not a path like PID-3[2].4.1 or OBX(3)-5"}
	}
	return p, nil
}

func parsePath(s string) (p Path, ok bool) {
	if len(s) < 3 || !isUpper(s[0]) || !isUpper(s[1]) && !isDigit(s[1]) || !isUpper(s[2]) && !isDigit(s[2]) {
		return p, false
	}
	p.Segment, s = s[:3], s[3:]
	good := true
	number := func(open, end byte) int {
		if !good || s == "" || s[0] != open {
			return 0
		}
		n, i := 0, 1
		for i < len(s) && isDigit(s[i]) && n < maxNumber {
			n = n*10 + int(s[i]-'0')
			i++
		}
		if n == 0 || n > maxNumber || end != 0 && (i >= len(s) || s[i] != end) {
			good = false
			return 0
		}
		if end != 0 {
			i++
		}
		s = s[i:]
		return n
	}
	p.Occurrence = number('(', ')')
	if p.Field = number('-', 0); p.Field > 0 {
		p.Rep = number('[', ']')
		if p.Component = number('.', 0); p.Component > 0 {
			p.Sub = number('.', 0)
		}
	}
	return p, good && s == ""
}

// String writes the path as ParsePath reads it.
func (p Path) String() string {
	b := []byte(p.Segment)
	if p.Occurrence > 0 {
		b = append(strconv.AppendInt(append(b, '('), int64(p.Occurrence), 10), ')')
	}
	if p.Field > 0 {
		b = strconv.AppendInt(append(b, '-'), int64(p.Field), 10)
	}
	if p.Rep > 0 {
		b = append(strconv.AppendInt(append(b, '['), int64(p.Rep), 10), ']')
	}
	if p.Component > 0 {
		b = strconv.AppendInt(append(b, '.'), int64(p.Component), 10)
	}
	if p.Sub > 0 {
		b = strconv.AppendInt(append(b, '.'), int64(p.Sub), 10)
	}
	return string(b)
}

// At returns the value at a path, as deep as the path goes; an empty Value when
// nothing is there. A path without a field gives the whole segment.
func (m *Message) At(p Path) Value {
	s, ok := m.nth(p.Segment, max(p.Occurrence, 1))
	if !ok {
		return Value{}
	}
	if p.Field == 0 {
		return Value{m: m, start: s.start, end: s.end, kind: levelLiteral}
	}
	return s.Field(p.Field).Part(p)
}

// Part returns what a path names within a field: its repetition, component and
// subcomponent, as far as the path goes. Segment and field of the path do not matter.
func (v Value) Part(p Path) Value {
	if p.Rep > 0 {
		v = v.Rep(p.Rep)
	}
	if p.Component > 0 {
		v = v.Component(p.Component)
	}
	if p.Sub > 0 {
		v = v.Sub(p.Sub)
	}
	return v
}

// Each iterates over the values at a path in all segments of its name and all
// repetitions of its field, where it does not say which: OBX-5 stands for every
// observation value. Each comes with its place; what is not there is left out.
func (m *Message) Each(p Path) iter.Seq2[Path, Value] {
	return func(yield func(Path, Value) bool) {
		n := 0
		for s := range m.All(p.Segment) {
			if n++; p.Occurrence > 0 && p.Occurrence != n {
				continue
			}
			at := p
			if at.Occurrence = n; p.Field == 0 {
				if !yield(at, m.At(at)) {
					return
				}
				continue
			}
			for rep := range s.Field(p.Field).EachRep() {
				if p.Rep > 0 && p.Rep != rep {
					continue
				}
				at.Rep = rep
				if v := m.At(at); !v.Empty() && !yield(at, v) {
					return
				}
			}
		}
	}
}

// Get returns the text at a path as [Value.String] gives it, "" when nothing is
// there or the path is not one.
func (m *Message) Get(path string) string {
	p, ok := parsePath(path)
	if !ok {
		return ""
	}
	return m.At(p).String()
}
