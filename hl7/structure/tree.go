package structure

import (
	"iter"

	"github.com/ponshealth/pons/hl7"
)

// Tree is a message with its segments in groups (HL7 v2.9 2.5.2). It is read-only and safe for
// concurrent use.
type Tree struct {
	msg      *hl7.Message
	matcher  *Matcher // nil when the structure is not known
	nodes    []node   // in the order of the message, a group before what is in it
	of       []int32  // the node of each segment
	problems []Problem
	more     int
}

// node is a segment or one repetition of a group.
type node struct {
	item    int32 // of the matcher, where the node is a group or placed
	segment int32 // -1 for a group
	parent  int32
	end     int32 // number of the node after the last that is in this one
	stray   bool  // not placed
}

func newTree(m *hl7.Message) *Tree {
	t := &Tree{msg: m, nodes: make([]node, 1, m.Len()+m.Len()/2+8), of: make([]int32, m.Len())}
	t.nodes[0] = node{segment: -1}
	return t
}

// Message returns the message that the tree is of.
func (t *Tree) Message() *hl7.Message { return t.msg }

// Structure returns the name of the structure, such as "ORU_R01", and the version whose
// it is; both are "" when the message has no structure that is known. The
// version is not always that of the message, see [Match].
func (t *Tree) Structure() (name, version string) {
	if t.matcher == nil {
		return "", ""
	}
	return t.matcher.name, t.matcher.version
}

// Root returns the message as a group: all else is in it.
func (t *Tree) Root() Node { return Node{t, 0} }

// Problems returns what does not fit the structure, in the order of the
// message. There are at most 1000; [Tree.More] counts the others.
func (t *Tree) Problems() []Problem { return t.problems }

// More returns how many problems there are beyond those that Problems returns.
func (t *Tree) More() int { return t.more }

// Node is a segment or one repetition of a group: a small value that points
// into its tree. The zero Node is nothing.
type Node struct {
	t *Tree
	i int32
}

func (n Node) at() *node { return &n.t.nodes[n.i] }

// Name returns the name of the segment or group; "" for the root.
func (n Node) Name() string {
	switch {
	case n.t == nil:
		return ""
	case n.at().segment >= 0:
		return n.t.msg.Segment(int(n.at().segment)).Name()
	case n.i == 0:
		return ""
	}
	return n.t.matcher.items[n.at().item].name
}

// Segment returns the segment; false for a group.
func (n Node) Segment() (hl7.Segment, bool) {
	if n.t == nil || n.at().segment < 0 {
		return hl7.Segment{}, false
	}
	return n.t.msg.Segment(int(n.at().segment)), true
}

// Placed reports whether the node stands where the structure has it. It is
// false for a segment that was left where it stands, and for a group that
// holds only such segments.
func (n Node) Placed() bool { return n.t != nil && !n.at().stray }

// Parent returns the group that the node is in; false for the root.
func (n Node) Parent() (Node, bool) {
	if n.t == nil || n.i == 0 {
		return Node{}, false
	}
	return Node{n.t, n.at().parent}, true
}

// Children iterates over what is directly in a group.
func (n Node) Children() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if n.t == nil {
			return
		}
		for i := n.i + 1; i < n.at().end; i = n.t.nodes[i].end {
			if !yield(Node{n.t, i}) {
				return
			}
		}
	}
}

// Segments iterates over all segments in a group and in the groups below it, in
// the order of the message. Of a segment it is the segment itself.
func (n Node) Segments() iter.Seq[hl7.Segment] {
	return func(yield func(hl7.Segment) bool) {
		if n.t == nil {
			return
		}
		for i := n.i; i < n.at().end; i++ {
			if s := n.t.nodes[i].segment; s >= 0 && !yield(n.t.msg.Segment(int(s))) {
				return
			}
		}
	}
}

// named iterates over the nodes of a name in a group: those directly in it
// where the structure has the name there, else all that lie below it.
func (n Node) named(name string) iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if n.t == nil {
			return
		}
		direct := n.has(name)
		for i := n.i + 1; i < n.at().end; {
			child := Node{n.t, i}
			if child.Name() == name && !yield(child) {
				return
			}
			if i++; direct {
				i = child.at().end
			}
		}
	}
}

// has reports whether the structure has a name directly in the group.
func (n Node) has(name string) bool {
	if n.t.matcher == nil || n.at().segment >= 0 {
		return true
	}
	items := n.t.matcher.items
	for _, c := range items[n.at().item].children {
		if items[c].name == name {
			return true
		}
	}
	return false
}

// Of returns the node of a segment of the message, by its number from 0 on.
func (t *Tree) Of(segment int) (Node, bool) {
	if segment < 0 || segment >= len(t.of) {
		return Node{}, false
	}
	return Node{t, t.of[segment]}, true
}
