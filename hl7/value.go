package hl7

import "bytes"

// level says how deep a value lies.
type level uint8

const (
	levelField level = iota
	levelRepetition
	levelComponent
	levelSubcomponent
	levelLiteral // has no parts and no escapes: MSH-1, MSH-2
)

// Value is a field, a repetition, a component or a subcomponent: a small value
// that points into its message. What is not there is an empty Value, so steps
// can be chained without a check: s.Field(3).Rep(2).Component(4).Sub(1).
//
// Asked for a part that lies above its own level, a Value is its own number 1:
// Rep(1) of a component is the component, and Component(1) of a field is the
// first component of its first repetition.
type Value struct {
	m          *Message
	start, end int32
	level      level
}

// Raw returns the bytes of the value as they stand in the message, with
// delimiters and escapes. They must not be changed.
func (v Value) Raw() []byte {
	if v.m == nil {
		return nil
	}
	return v.m.raw[v.start:v.end:v.end]
}

// String returns the text of the value with escapes decoded (HL7 v2.9 2.7). Of
// a value with parts it is the text of the first: the first subcomponent of the
// first component of the first repetition. A value that is not there and one
// that is null ("") both give "": ask [Value.Null].
func (v Value) String() string { return v.Sub(1).Text() }

// Text returns the whole value as text with escapes decoded and the delimiters
// in it left as they are. It is what a field that has no parts by definition
// (ST, TX, FT) means, also when its sender forgot to escape an ampersand.
func (v Value) Text() string {
	if v.m == nil || v.Null() {
		return ""
	}
	raw := v.m.raw[v.start:v.end]
	if v.level == levelLiteral || v.m.delim.Escape == 0 || bytes.IndexByte(raw, v.m.delim.Escape) < 0 {
		return v.m.string(v.start, v.end)
	}
	return string(unescape(raw, v.m.delim, v.m.charset))
}

// Reps returns the number of repetitions, empty ones included; 0 when nothing
// is there.
func (v Value) Reps() int {
	if v.level > levelField {
		return v.count(0)
	}
	return v.count(v.delimiters().Repetition)
}

// Rep returns repetition n, from 1 on.
func (v Value) Rep(n int) Value {
	if v.level > levelField {
		return v.itself(n)
	}
	return v.part(n, v.delimiters().Repetition, levelRepetition)
}

// Components returns the number of components of the (first) repetition, empty
// ones included; 0 when nothing is there.
func (v Value) Components() int {
	if v.level > levelRepetition {
		return v.count(0)
	}
	return v.Rep(1).count(v.delimiters().Component)
}

// Component returns component n, from 1 on, of the (first) repetition.
func (v Value) Component(n int) Value {
	if v.level > levelRepetition {
		return v.itself(n)
	}
	return v.Rep(1).part(n, v.delimiters().Component, levelComponent)
}

// Subs returns the number of subcomponents of the (first) component, empty ones
// included; 0 when nothing is there.
func (v Value) Subs() int {
	if v.level > levelComponent {
		return v.count(0)
	}
	return v.Component(1).count(v.delimiters().Subcomponent)
}

// Sub returns subcomponent n, from 1 on, of the (first) component.
func (v Value) Sub(n int) Value {
	if v.level > levelComponent {
		return v.itself(n)
	}
	return v.Component(1).part(n, v.delimiters().Subcomponent, levelSubcomponent)
}

// Null reports whether the value is "" (two quotation marks): the sender says
// that what the receiver holds is to be deleted. An empty value in contrast
// says nothing (HL7 v2.9 2.5.3.4).
func (v Value) Null() bool {
	return v.end-v.start == 2 && v.m.raw[v.start] == '"' && v.m.raw[v.start+1] == '"'
}

// Empty reports whether nothing is there. Delimiters alone are nothing.
func (v Value) Empty() bool {
	if v.m == nil || v.start == v.end {
		return true
	}
	if v.level == levelLiteral {
		return false
	}
	d := v.m.delim
	for _, c := range v.m.raw[v.start:v.end] {
		if c != d.Component && c != d.Repetition && c != d.Subcomponent {
			return false
		}
	}
	return true
}

// Valued reports whether the value is there and not null.
func (v Value) Valued() bool { return !v.Empty() && !v.Null() }

func (v Value) delimiters() Delimiters {
	if v.m == nil {
		return Delimiters{}
	}
	return v.m.delim
}

func (v Value) itself(n int) Value {
	if n != 1 {
		return Value{}
	}
	return v
}

// count returns the number of parts that sep makes of the value.
func (v Value) count(sep byte) int {
	if v.start == v.end {
		return 0
	}
	if sep == 0 {
		return 1
	}
	return 1 + bytes.Count(v.m.raw[v.start:v.end], []byte{sep})
}

// part returns part n of those that sep makes of the value.
func (v Value) part(n int, sep byte, lv level) Value {
	if v.m == nil || n < 1 || sep == 0 && n > 1 {
		return Value{}
	}
	if sep == 0 {
		v.level = lv
		return v
	}
	raw := v.m.raw[:v.end]
	at := int(v.start)
	for ; n > 1; n-- {
		i := bytes.IndexByte(raw[at:], sep)
		if i < 0 {
			return Value{}
		}
		at += i + 1
	}
	end := len(raw)
	if i := bytes.IndexByte(raw[at:], sep); i >= 0 {
		end = at + i
	}
	return Value{m: v.m, start: int32(at), end: int32(end), level: lv}
}
