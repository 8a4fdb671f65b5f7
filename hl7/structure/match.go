package structure

import (
	"slices"
	"strings"
	"sync"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/grammar"
)

// Match puts the segments of a message into the groups of the structure that
// its header names: MSH-9.3, or what MSH-9.1 and MSH-9.2 stand for in the version of
// MSH-12 (see [grammar.For] for versions that do not exist). If that version
// does not have it, the nearest that does is taken, later ones first; messages
// with a structure that their version lacks are common.
//
// A message without a known structure is a tree of one level, and its problem
// is [NoStructure].
func Match(m *hl7.Message) *Tree {
	matcher, ok := For(m.Header())
	if !ok {
		t := newTree(m)
		for i := range m.Len() {
			t.of[i] = int32(len(t.nodes))
			t.nodes = append(t.nodes, node{segment: int32(i), end: int32(i + 2), stray: true})
		}
		t.nodes[0].end = int32(len(t.nodes))
		t.problems = []Problem{{Kind: NoStructure, Group: t.Root()}}
		return t
	}
	return matcher.Match(m)
}

// Match puts the segments of a message into the groups of this structure,
// whatever its header says.
func (m *Matcher) Match(msg *hl7.Message) *Tree {
	leaves, ok := m.search(msg, 0)
	if !ok {
		leaves, _ = m.search(msg, slack)
	}
	return m.build(msg, leaves)
}

// For returns the matcher for messages with this header, as [Match] chooses it.
func For(h hl7.Header) (*Matcher, bool) {
	own := grammar.For(h.Version)
	if name, ok := nameIn(own, h); ok {
		return get(own, name), true
	}
	versions := grammar.Versions()
	here := slices.Index(versions, own.Name())
	earlier := slices.Clone(versions[:here])
	slices.Reverse(earlier)
	for _, version := range slices.Concat(versions[here+1:], earlier) {
		v := grammar.For(version)
		if name, ok := nameIn(v, h); ok {
			return get(v, name), true
		}
	}
	return nil, false
}

// nameIn returns the name of the structure that a version has for a header.
func nameIn(v *grammar.Version, h hl7.Header) (string, bool) {
	if v.HasStructure(h.Structure) {
		return h.Structure, true
	}
	if name, ok := v.StructureOf(h.Type, h.Event); ok {
		return name, true
	}
	typ, event, _ := strings.Cut(h.Structure, "_") // as ADT_A08, which repeats ADT_A01
	return v.StructureOf(typ, event)
}

// compiled holds the matchers in use. There are no more than the grammar has structures.
var compiled sync.Map

type key struct{ version, name string }

func get(v *grammar.Version, name string) *Matcher {
	k := key{v.Name(), name}
	if m, ok := compiled.Load(k); ok {
		return m.(*Matcher)
	}
	s, _ := v.Structure(name)
	m := Compile(s)
	m.version = v.Name()
	kept, _ := compiled.LoadOrStore(k, m)
	return kept.(*Matcher)
}
