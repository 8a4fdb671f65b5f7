package structure

import (
	"cmp"
	"slices"

	"github.com/ponshealth/pons/hl7"
)

// builder makes the tree of a reading.
type builder struct {
	*Tree
	open    []int32 // nodes of the groups that are open, from the root on
	last    int     // leaf placed last, -1 before the first
	waiting []int   // segments that stay where they stand, not yet in the tree
}

func (m *Matcher) build(msg *hl7.Message, leaves []int) *Tree {
	b := builder{Tree: newTree(msg), open: []int32{0}, last: -1}
	b.matcher = m
	for i, leaf := range leaves {
		if leaf < 0 {
			b.waiting = append(b.waiting, i)
		} else {
			b.place(i, leaf)
		}
	}
	b.reportAfter(msg.Len(), 0)
	b.stay(1)
	b.close(0)
	b.sortProblems()
	return b.Tree
}

// place moves on from the last leaf and adds a segment there.
func (b *builder) place(segment, leaf int) {
	m := b.matcher
	chain := m.items[m.leaves[leaf]].chain
	forward, first := true, 0 // first is the child after the one left behind, where groups part
	depth := int(m.start[leaf].shared)
	if b.last >= 0 {
		depth = int(m.between(uint16(b.last), leaf).shared)
		left := m.items[m.leaves[b.last]].chain[depth]
		forward, first = left != chain[depth], m.items[left].index+1
	}
	b.reportAfter(segment, depth)
	b.stay(depth)
	if again := &m.items[chain[depth]]; !forward && !again.many {
		b.report(TooMany, again.name, b.matcher.begins(chain[depth]), segment, b.open[depth-1])
	}
	b.close(depth)
	for d := depth - 1; d < len(chain)-1; d++ {
		if d >= depth {
			b.open = append(b.open, b.add(node{item: int32(chain[d]), segment: -1}))
		}
		g, index := &m.items[chain[d]], m.items[chain[d+1]].index
		switch {
		case d >= depth:
			b.reportMissing(segment, b.open[d], g, 0, index)
		case forward:
			b.reportMissing(segment, b.open[d], g, first, index)
		}
	}
	b.add(node{item: int32(m.leaves[leaf]), segment: int32(segment)})
	b.last = leaf
}

// add appends a node to the group that is open.
func (b *builder) add(n node) int32 {
	n.parent = b.open[len(b.open)-1]
	i := int32(len(b.nodes))
	n.end = i + 1
	if n.segment >= 0 {
		b.of[n.segment] = i
	}
	b.nodes = append(b.nodes, n)
	return i
}

// close ends the open groups but for the first depth of them.
func (b *builder) close(depth int) {
	for len(b.open) > depth {
		last := len(b.open) - 1
		b.nodes[b.open[last]].end = int32(len(b.nodes))
		b.open = b.open[:last]
	}
}

// stay adds the waiting segments where they stand. What is only out of order
// gets as near to its place as can be without closing groups that are still
// needed, which are those up to depth: it goes into the innermost group that it
// belongs to, or opens one that begins with it, so that an IN1 and its IN2 stay
// together. All else goes into the innermost group that is open.
func (b *builder) stay(depth int) {
	for _, s := range b.waiting {
		name := b.msg.Segment(s).Name()
		leaves := b.matcher.byName[name]
		if len(leaves) > 0 && name[0] != 'Z' {
			b.approach(leaves, depth)
			b.report(OutOfOrder, name, name, s, b.open[len(b.open)-1])
		} else if name[0] != 'Z' {
			b.report(Unexpected, name, name, s, b.open[len(b.open)-1])
		}
		b.add(node{segment: int32(s), stray: true})
	}
	b.waiting = b.waiting[:0]
}

// approach closes and opens groups to get near to one of the leaves.
func (b *builder) approach(leaves []int, depth int) {
	var best []int
	shared := depth - 1
	for _, leaf := range leaves {
		chain := b.matcher.items[b.matcher.leaves[leaf]].chain
		d := 0
		for d < min(len(b.open), len(chain)-1) && b.nodes[b.open[d]].item == int32(chain[d]) {
			d++
		}
		if !b.first(chain[d:]) {
			continue
		}
		if d > shared || d == shared && best != nil && len(chain) < len(best) {
			best, shared = chain, d
		}
	}
	if best == nil {
		return
	}
	b.close(shared)
	for _, item := range best[shared : len(best)-1] {
		b.open = append(b.open, b.add(node{item: int32(item), segment: -1, stray: true}))
	}
}

// first reports whether the last of a chain of items is the first in all groups
// before it.
func (b *builder) first(chain []int) bool {
	for _, item := range chain[1:] {
		if b.matcher.items[item].index > 0 {
			return false
		}
	}
	return true
}

// reportAfter reports what is missing after the last leaf, in groups at a depth
// or deeper.
func (b *builder) reportAfter(segment, depth int) {
	items := b.matcher.items
	if b.last < 0 {
		if depth == 0 { // the end, and nothing was placed
			b.reportMissing(segment, 0, &items[0], 0, len(items[0].children))
		}
		return
	}
	chain := items[b.matcher.leaves[b.last]].chain
	for d := len(chain) - 2; d >= depth; d-- {
		g := &items[chain[d]]
		b.reportMissing(segment, b.open[d], g, items[chain[d+1]].index+1, len(g.children))
	}
}

// reportMissing reports the required children of a group in a range.
func (b *builder) reportMissing(segment int, group int32, g *item, from, to int) {
	if g.choice {
		return // exactly one child occurs, and one does
	}
	for _, c := range g.children[from:to] {
		if it := &b.matcher.items[c]; it.cost > 0 {
			b.report(Missing, it.name, b.matcher.begins(c), segment, group)
		}
	}
}

func (b *builder) report(kind Kind, name, begins string, segment int, group int32) {
	if len(b.problems) == maxProblems {
		b.more++
		return
	}
	b.problems = append(b.problems, Problem{kind, name, begins, segment, Node{b.Tree, group}})
}

// sortProblems puts the problems into the order of the message, and leaves out
// that something is missing which stands in its group, only in another place.
func (b *builder) sortProblems() {
	type place struct {
		group int32
		name  string
	}
	moved := map[place]bool{}
	for _, p := range b.problems {
		if p.Kind == OutOfOrder {
			moved[place{p.Group.i, p.Name}] = true
		}
	}
	b.problems = slices.DeleteFunc(b.problems, func(p Problem) bool {
		return p.Kind == Missing && moved[place{p.Group.i, p.Name}]
	})
	slices.SortStableFunc(b.problems, func(x, y Problem) int { return cmp.Compare(x.Segment, y.Segment) })
}
