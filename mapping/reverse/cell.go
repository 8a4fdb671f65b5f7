package reverse

import "github.com/ponshealth/pons/hl7"

// A cell is a repetition, a component or a subcomponent: a text, or parts.
type cell struct {
	text  string
	parts []cell
}

func (c *cell) empty() bool {
	if c.text != "" {
		return false
	}
	for i := range c.parts {
		if !c.parts[i].empty() {
			return false
		}
	}
	return true
}

// part returns part number i, from 1 on, made if missing.
func (c *cell) part(i int) *cell {
	if c.parts == nil && c.text != "" {
		c.parts = []cell{{text: c.text}}
		c.text = ""
	}
	for len(c.parts) < i {
		c.parts = append(c.parts, cell{})
	}
	return &c.parts[i-1]
}

// set writes a text; where there are parts, it is the first of them.
func (c *cell) set(text string) {
	if len(c.parts) > 0 {
		c.parts[0].set(text)
		return
	}
	c.text = text
}

// separators of the parts of a repetition and of a component.
func separator(level int) byte {
	if level == 0 {
		return hl7.Standard.Component
	}
	return hl7.Standard.Subcomponent
}

// appendTo writes the cell, without separators behind the last value.
func (c *cell) appendTo(dst []byte, level int) []byte {
	if len(c.parts) == 0 {
		return append(dst, hl7.Escape(c.text, hl7.Standard)...)
	}
	if level > 1 { // a subcomponent has no parts
		return c.parts[0].appendTo(dst, level+1)
	}
	last := 0
	for i := range c.parts {
		if !c.parts[i].empty() {
			last = i + 1
		}
	}
	for i := range last {
		if i > 0 {
			dst = append(dst, separator(level))
		}
		dst = c.parts[i].appendTo(dst, level+1)
	}
	return dst
}

// A segment is one that is being written.
type segment struct {
	name   string
	fields [][]cell // by number less one; repetitions
}

func (s *segment) field(n int) *[]cell {
	for len(s.fields) < n {
		s.fields = append(s.fields, nil)
	}
	return &s.fields[n-1]
}

func (s *segment) bytes() []byte {
	out := []byte(s.name)
	last := 0
	for i, reps := range s.fields {
		if len(reps) > 0 {
			last = i + 1
		}
	}
	for i := range last {
		out = append(out, hl7.Standard.Field)
		for k := range s.fields[i] {
			if k > 0 {
				out = append(out, hl7.Standard.Repetition)
			}
			out = s.fields[i][k].appendTo(out, 0)
		}
	}
	return out
}
