package hl7

import (
	"encoding/binary"
	"iter"
	"math/bits"
)

// Leaves iterates over every value of a segment that has no parts and is not
// empty: whole fields, repetitions and components down to subcomponents, each with its
// place. All numbers of a place are given, also those that are 1 because there
// is only one; Occurrence is 0, since a segment does not know how many of its
// name stand before it.
//
// It reads the segment once from end to end and is the quick way to see all of it.
func (s Segment) Leaves() iter.Seq2[Path, Value] {
	return func(yield func(Path, Value) bool) { s.leaves(yield) }
}

//go:noinline
func (s Segment) leaves(yield func(Path, Value) bool) {
	if s.m == nil {
		return
	}
	name := nth(s.Raw(), s.m.delim.Field, 1)
	if name < 0 {
		return
	}
	p := Path{Segment: s.Name(), Field: 1, Rep: 1, Component: 1, Sub: 1}
	from := s.start + int32(name) + 1
	if s.header() {
		enc := s.Field(2)
		if !yield(p, s.Field(1)) {
			return
		}
		p.Field = 2
		if enc.start < enc.end && !yield(p, enc) {
			return
		}
		if from = enc.end + 1; from > s.end {
			return
		}
		p.Field = 3
	}
	seps, raw := s.m.seps, s.m.raw[:s.end]
	// leaf ends the value at a separator and moves the place on.
	leaf := func(end int32, sep byte) bool {
		if from < end && !yield(p, Value{m: s.m, start: from, end: end, kind: levelSubcomponent}) {
			return false
		}
		from = end + 1
		switch sep {
		case seps[levelField]:
			p.Field, p.Rep, p.Component, p.Sub = p.Field+1, 1, 1, 1
		case seps[levelRepetition]:
			p.Rep, p.Component, p.Sub = p.Rep+1, 1, 1
		case seps[levelComponent]:
			p.Component, p.Sub = p.Component+1, 1
		default:
			p.Sub++
		}
		return true
	}
	field, rep := ones*uint64(seps[levelField]), ones*uint64(seps[levelRepetition])
	component, sub := ones*uint64(seps[levelComponent]), ones*uint64(seps[levelSubcomponent])
	i := int(from)
	for ; i+8 <= len(raw); i += 8 {
		x := binary.LittleEndian.Uint64(raw[i:])
		for found := zeros(x^field) | zeros(x^rep) | zeros(x^component) | zeros(x^sub); found != 0; found &= found - 1 {
			at := i + bits.TrailingZeros64(found)/8
			if !leaf(int32(at), raw[at]) {
				return
			}
		}
	}
	for ; i < len(raw); i++ {
		if c := raw[i]; c == seps[levelField] || c == seps[levelRepetition] || c == seps[levelComponent] || c == seps[levelSubcomponent] {
			if !leaf(int32(i), c) {
				return
			}
		}
	}
	leaf(s.end, seps[levelField])
}
