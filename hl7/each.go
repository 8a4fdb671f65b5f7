package hl7

import (
	"bytes"
	"iter"
)

// Segments iterates over all segments in the order of the message.
func (m *Message) Segments() iter.Seq[Segment] {
	return func(yield func(Segment) bool) { m.segments(yield) }
}

// All iterates over the segments of one name, such as "OBX".
func (m *Message) All(name string) iter.Seq[Segment] {
	return func(yield func(Segment) bool) { m.all(name, yield) }
}

// EachField iterates over the fields of a segment with their numbers, from 1 on,
// empty ones included. To visit all, it is quicker than Field.
func (s Segment) EachField() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) { s.eachField(yield) }
}

// EachRep iterates over the repetitions of a value with their numbers, empty ones
// included. Like the two below, it gives the value itself on a deeper level, and
// nothing when nothing is there.
func (v Value) EachRep() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) { v.each(levelRepetition, yield) }
}

// EachComponent iterates over the components of the (first) repetition.
func (v Value) EachComponent() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) { v.each(levelComponent, yield) }
}

// EachSub iterates over the subcomponents of the (first) component.
func (v Value) EachSub() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) { v.each(levelSubcomponent, yield) }
}

// The iterators above are so short that the compiler puts them into the caller's
// loop, and the functions below are not; only so do nested loops allocate nothing.

//go:noinline
func (m *Message) segments(yield func(Segment) bool) {
	for i := range m.spans {
		if !yield(m.Segment(i)) {
			return
		}
	}
}

//go:noinline
func (m *Message) all(name string, yield func(Segment) bool) {
	for i := range m.spans {
		if m.named(i, name) && !yield(m.Segment(i)) {
			return
		}
	}
}

func (s Segment) eachField(yield func(int, Value) bool) {
	if s.m == nil {
		return
	}
	name := nth(s.Raw(), s.m.delim.Field, 1)
	if name < 0 {
		return
	}
	rest := Value{m: s.m, start: s.start + int32(name) + 1, end: s.end}
	first := 1
	if s.header() {
		i := bytes.IndexByte(s.m.raw[rest.start:rest.end], s.m.delim.Field)
		if !yield(1, s.Field(1)) || !yield(2, s.Field(2)) || i < 0 {
			return
		}
		rest.start += int32(i) + 1
		first = 3
	}
	rest.cutAll(first, levelField, yield)
}

//go:noinline
func (v Value) each(lv level, yield func(int, Value) bool) {
	v = v.above(lv)
	switch {
	case v.start == v.end:
	case v.level >= lv:
		yield(1, v)
	default:
		v.cutAll(1, lv, yield)
	}
}

// cutAll yields the parts of a level, counting from n on.
func (v Value) cutAll(n int, lv level, yield func(int, Value) bool) {
	part := Value{m: v.m, start: v.start, end: v.end, level: lv}
	for {
		i := nth(v.m.raw[part.start:v.end], v.m.seps[lv], 1)
		if i < 0 {
			yield(n, part)
			return
		}
		part.end = part.start + int32(i)
		if !yield(n, part) {
			return
		}
		n++
		part.start, part.end = part.end+1, v.end
	}
}
