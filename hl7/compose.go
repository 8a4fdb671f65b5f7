package hl7

import "strings"

// Composite is a data type with parts, as [Editor.Put] writes it and methods of
// [Value] such as [Value.CX] read it: a struct of this package whose fields are
// texts and other composites, in words instead of numbers.
//
// To read invents nothing and checks nothing: each text is what [Value.String] gives
// for that part, "" for what is not there, and what has no field in the struct
// is left out. A part that is null reads "" too; only the [Value] tells. To write
// what was read gives the same texts again.
type Composite interface {
	// parts points at the fields in the order of the standard. Each is a *string
	// or a Composite.
	parts() []any
}

// read fills a composite from a value at any level.
func read[T any, P interface {
	*T
	Composite
}](v Value) T {
	var t T
	fill(v, P(&t))
	return t
}

func fill(v Value, c Composite) {
	if v.Empty() {
		return
	}
	// the parts of a value of its own kind: components of a field or a repetition,
	// subcomponents of a component
	parts := c.parts()
	v.each(min(partLevel(v.level()), levelSubcomponent), func(n int, p Value) bool {
		if n > len(parts) {
			return false
		}
		switch part := parts[n-1].(type) {
		case *string:
			*part = p.String()
		case Composite:
			fill(p, part)
		}
		return true
	})
}

// compose writes a composite whose parts are of a level. It reports false when
// they lie deeper than subcomponents, or the message lacks a separator or an
// escape character for them.
func compose(c Composite, lv level, d Delimiters) (string, bool) {
	var texts []string
	for _, part := range c.parts() {
		text, ok := "", true
		switch part := part.(type) {
		case *string:
			text = Escape(*part, d)
			ok = d.Escape != 0 || text == *part
		case Composite:
			text, ok = compose(part, lv+1, d)
		}
		if !ok {
			return "", false
		}
		texts = append(texts, text)
	}
	for len(texts) > 0 && texts[len(texts)-1] == "" {
		texts = texts[:len(texts)-1]
	}
	switch len(texts) {
	case 0:
		return "", true
	case 1:
		return texts[0], true
	}
	if lv > levelSubcomponent || d.separators()[lv] == d.Field {
		return "", false
	}
	return strings.Join(texts, string(rune(d.separators()[lv]))), true
}
