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

// Value is a field, a repetition, a component or a subcomponent (HL7 v2.9 2.5.3 and
// 2.5.4): a small value that points into its message. What is not there is an empty Value, so steps
// can be chained without a check: s.Field(3).Rep(2).Component(4).Sub(1).
//
// Asked for a part that lies above its own level, a Value is its own number 1:
// Rep(1) of a component is the component, and Component(1) of a field is the
// first component of its first repetition. Two Values are not to be compared with ==,
// for that says nothing of their texts.
type Value struct {
	m          *Message
	start, end int32
	kind       level // its level, and of levels 1 to 3, as bits 4 to 6, whether it is known to lack their separators
}

// A struct of more than four fields is not held in registers; so kind is one field.
const lacksAny = 0x70

func (v Value) level() level { return v.kind & 7 }

// lacks reports whether it is known that there is no separator of a level in the value.
func (v Value) lacks(lv level) bool { return v.kind&(8<<lv) != 0 }

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
func (v Value) String() string {
	if v.m == nil {
		return ""
	}
	if v.level() < levelSubcomponent {
		seps := &v.m.seps
		for i, c := range v.m.raw[v.start:v.end] {
			if c == seps[levelComponent] || c == seps[levelRepetition] || c == seps[levelSubcomponent] {
				v.end = v.start + int32(i)
				break
			}
		}
	}
	return v.Text()
}

// Text returns the whole value as text with escapes decoded and the delimiters
// in it left as they are. It is what a field that has no parts by definition
// (ST, TX, FT) means, also when its sender forgot to escape an ampersand.
func (v Value) Text() string {
	if v.m == nil || v.Null() {
		return ""
	}
	raw := v.m.raw[v.start:v.end]
	if v.level() == levelLiteral || v.m.delim.Escape == 0 || bytes.IndexByte(raw, v.m.delim.Escape) < 0 {
		return v.m.string(v.start, v.end)
	}
	return string(unescape(raw, v.m.delim, v.m.charset))
}

// Reps returns the number of repetitions, empty ones included; 0 when nothing
// is there.
func (v Value) Reps() int { return v.count(levelRepetition) }

// Rep returns repetition n, from 1 on.
func (v Value) Rep(n int) Value { return v.part(n, levelRepetition) }

// Components returns the number of components of the (first) repetition, empty
// ones included; 0 when nothing is there.
func (v Value) Components() int { return v.count(levelComponent) }

// Component returns component n, from 1 on, of the (first) repetition.
func (v Value) Component(n int) Value { return v.part(n, levelComponent) }

// Subs returns the number of subcomponents of the (first) component, empty ones
// included; 0 when nothing is there.
func (v Value) Subs() int { return v.count(levelSubcomponent) }

// Sub returns subcomponent n, from 1 on, of the (first) component.
func (v Value) Sub(n int) Value { return v.part(n, levelSubcomponent) }

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
	if v.level() == levelLiteral {
		return false
	}
	seps := &v.m.seps
	for _, c := range v.m.raw[v.start:v.end] {
		if c != seps[levelComponent] && c != seps[levelRepetition] && c != seps[levelSubcomponent] {
			return false
		}
	}
	return true
}

// Valued reports whether the value is there and not null.
func (v Value) Valued() bool { return !v.Empty() && !v.Null() }

// above returns the value whose parts are of a level: v itself, or the first
// part of it that is deep enough.
func (v Value) above(lv level) Value {
	if v.level() < lv-1 {
		return v.part(1, lv-1)
	}
	return v
}

// part returns part n of a level.
func (v Value) part(n int, lv level) Value {
	if v.m == nil || n < 1 || v.level() >= lv {
		if n == 1 {
			return v
		}
		return Value{}
	}
	v = v.above(lv)
	from, to, ok := cut(v.m.raw, v.start, v.end, v.m.seps[lv], n)
	if !ok {
		return Value{}
	}
	return Value{m: v.m, start: from, end: to, kind: lv | v.kind&lacksAny}
}

// count returns the number of parts of a level.
func (v Value) count(lv level) int {
	if v.m == nil {
		return 0
	}
	v = v.above(lv)
	switch {
	case v.start == v.end:
		return 0
	case v.level() >= lv:
		return 1
	}
	return 1 + bytes.Count(v.m.raw[v.start:v.end], v.m.seps[lv:lv+1])
}
