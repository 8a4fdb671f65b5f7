package hl7

import (
	"bytes"
	"encoding/binary"
	"iter"
	"math/bits"
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
	rest.cutFields(first, yield)
}

// cutFields yields the fields of the rest of a segment, counting from n on. It looks
// for the separators of all levels at once, so that those who go down into a field
// need not look for what is not there.
func (v Value) cutFields(n int, yield func(int, Value) bool) {
	seps := v.m.seps
	field, rep := ones*uint64(seps[levelField]), ones*uint64(seps[levelRepetition])
	component, sub := ones*uint64(seps[levelComponent]), ones*uint64(seps[levelSubcomponent])
	raw := v.m.raw[:v.end]
	part := Value{m: v.m, start: v.start, kind: levelField}
	has := level(0) // the levels whose separators were seen in part
	i := int(v.start)
	for ; i+8 <= len(raw); i += 8 {
		x := binary.LittleEndian.Uint64(raw[i:])
		ends, reps, components, subs := zeros(x^field), zeros(x^rep), zeros(x^component), zeros(x^sub)
		for ; ends != 0; ends &= ends - 1 {
			before := ends&-ends - 1
			part.end = int32(i + bits.TrailingZeros64(ends)/8)
			part.kind = levelField | ^(has|levels(reps&before, components&before, subs&before))&lacksAny
			if !yield(n, part) {
				return
			}
			n++
			part.start, has = part.end+1, 0
			reps, components, subs = reps&^before, components&^before, subs&^before
		}
		has |= levels(reps, components, subs)
	}
	for ; i < len(raw); i++ {
		switch raw[i] {
		case seps[levelField]:
			part.end, part.kind = int32(i), levelField|^has&lacksAny
			if !yield(n, part) {
				return
			}
			n++
			part.start, has = part.end+1, 0
		case seps[levelRepetition]:
			has |= 8 << levelRepetition
		case seps[levelComponent]:
			has |= 8 << levelComponent
		case seps[levelSubcomponent]:
			has |= 8 << levelSubcomponent
		}
	}
	part.end, part.kind = v.end, levelField|^has&lacksAny
	yield(n, part)
}

// levels tells of which levels separators were found.
func levels(reps, components, subs uint64) (has level) {
	if reps != 0 {
		has = 8 << levelRepetition
	}
	if components != 0 {
		has |= 8 << levelComponent
	}
	if subs != 0 {
		has |= 8 << levelSubcomponent
	}
	return has
}

// down returns a value as its only part of a level.
func (v Value) down(lv level) Value {
	v.kind = max(v.level(), lv) | v.kind&lacksAny
	return v
}

//go:noinline
func (v Value) each(lv level, yield func(int, Value) bool) {
	if v.start == v.end {
		return
	}
	if all := level(8<<(lv+1)-1) & lacksAny; v.kind&all == all { // as most fields
		yield(1, v.down(lv))
		return
	}
	v = v.above(lv)
	switch {
	case v.start == v.end:
	case v.level() >= lv || v.lacks(lv):
		yield(1, v.down(lv))
	default:
		v.cutAll(1, lv, yield)
	}
}

// cutAll yields the parts of a level, counting from n on.
func (v Value) cutAll(n int, lv level, yield func(int, Value) bool) {
	sep := v.m.seps[lv]
	all, raw := ones*uint64(sep), v.m.raw[:v.end]
	part := Value{m: v.m, start: v.start, kind: lv | v.kind&lacksAny | 8<<lv}
	i := int(v.start)
	for ; i+8 <= len(raw); i += 8 {
		for ends := zeros(binary.LittleEndian.Uint64(raw[i:]) ^ all); ends != 0; ends &= ends - 1 {
			part.end = int32(i + bits.TrailingZeros64(ends)/8)
			if !yield(n, part) {
				return
			}
			n++
			part.start = part.end + 1
		}
	}
	for ; i < len(raw); i++ {
		if raw[i] != sep {
			continue
		}
		part.end = int32(i)
		if !yield(n, part) {
			return
		}
		n++
		part.start = part.end + 1
	}
	part.end = v.end
	yield(n, part)
}
