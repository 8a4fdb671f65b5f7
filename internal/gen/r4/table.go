package main

import (
	"bytes"
	"fmt"
	"strings"
)

// table writes the definitions as lines of tab separated cells. A type:
//
//	name  kind  base
//
// and below it its elements without those of the base:
//
//	.name  types  min..max  flags  strength  value set  targets
//
// Types and targets are separated by spaces; a choice's name ends in [x].
// Flags: s summary, m modifier. Empty cells at the end of a line are left out.
func (m *model) table() []byte {
	var b bytes.Buffer
	for _, t := range m.types {
		line(&b, t.name, t.kind, t.base)
		for _, f := range t.fields {
			name, flags := "."+f.name, ""
			if f.choice {
				name += "[x]"
			}
			if f.summary {
				flags += "s"
			}
			if f.modifier {
				flags += "m"
			}
			line(&b, name, strings.Join(f.types, " "), fmt.Sprintf("%d..%s", f.min, f.max), flags, f.strength, f.valueSet, strings.Join(f.targets, " "))
		}
	}
	return b.Bytes()
}

func line(b *bytes.Buffer, cells ...string) {
	b.WriteString(strings.TrimRight(strings.Join(cells, "\t"), "\t"))
	b.WriteByte('\n')
}
