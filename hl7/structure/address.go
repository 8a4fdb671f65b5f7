package structure

import (
	"iter"

	"github.com/ponshealth/pons/hl7"
)

// each iterates over the nodes at an address. A step without a number stands
// for all; with first, for the first.
func (n Node) each(steps []Step, yield func(Node) bool) bool {
	if len(steps) == 0 {
		return yield(n)
	}
	i := 0
	for child := range n.named(steps[0].Name) {
		if steps[0].Number < 0 || steps[0].Number == i {
			if !child.each(steps[1:], yield) {
				return false
			}
			if steps[0].Number >= 0 {
				break
			}
		}
		i++
	}
	return true
}

// Path returns the address of a node, with all its groups.
func (n Node) Path() Path {
	var p Path
	for n.t != nil && n.i > 0 {
		parent := Node{n.t, n.at().parent}
		step := Step{Name: n.Name()}
		for other := range parent.named(step.Name) {
			if other == n {
				break
			}
			step.Number++
		}
		p.Steps = append([]Step{step}, p.Steps...)
		n = parent
	}
	return p
}

// Each iterates over the segments or groups at an address relative to this one,
// in the order of the message. Steps without a number stand for all:
// "/ORDER_OBSERVATION/OBX(0)" is the first OBX of each order. Numbers of fields
// do not count, and a text that is not an address gives nothing.
func (n Node) Each(path string) iter.Seq[Node] {
	p, err := ParsePath(path)
	return func(yield func(Node) bool) {
		if err == nil {
			n.each(p.Steps, yield)
		}
	}
}

// Find returns the segment or group at an address relative to this one. Steps
// without a number are the first.
func (n Node) Find(p Path) (found Node, ok bool) {
	found = n
	for _, step := range p.Steps {
		i, next := 0, Node{}
		for child := range found.named(step.Name) {
			if i == max(step.Number, 0) {
				next = child
				break
			}
			i++
		}
		if next.t == nil {
			return Node{}, false
		}
		found = next
	}
	return found, n.t != nil
}

// At returns the value at an address relative to this node; an empty Value when
// nothing is there, or a group.
func (n Node) At(p Path) hl7.Value {
	found, _ := n.Find(p)
	s, ok := found.Segment()
	if !ok {
		return hl7.Value{}
	}
	return s.Field(p.Field).Part(hl7.Path{Rep: p.Rep, Component: p.Component, Sub: p.Sub})
}

// Get returns the text at an address relative to this node, as [hl7.Value.String] gives it, and "" when nothing is there or the text is not
// an address.
func (n Node) Get(path string) string {
	p, err := ParsePath(path)
	if err != nil {
		return ""
	}
	return n.At(p).String()
}

// Each is [Node.Each] from the root.
func (t *Tree) Each(path string) iter.Seq[Node] { return t.Root().Each(path) }

// At is [Node.At] from the root.
func (t *Tree) At(p Path) hl7.Value { return t.Root().At(p) }

// Get is [Node.Get] from the root.
func (t *Tree) Get(path string) string { return t.Root().Get(path) }

// Flat returns the path without groups of what is at an address, for what knows
// segments only, such as the editing of a message. It is false when there is no
// such segment.
func (t *Tree) Flat(p Path) (hl7.Path, bool) {
	n, _ := t.Root().Find(p)
	s, ok := n.Segment()
	if !ok {
		return hl7.Path{}, false
	}
	flat := hl7.Path{Segment: s.Name(), Field: p.Field, Rep: p.Rep, Component: p.Component, Sub: p.Sub}
	for i := 0; i <= s.Index(); i++ {
		if t.msg.Segment(i).Name() == flat.Segment {
			flat.Occurrence++
		}
	}
	return flat, true
}
