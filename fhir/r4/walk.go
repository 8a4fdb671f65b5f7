package r4

import (
	"strconv"
	"strings"
)

// A Node is one element where it stands. It stays good after the walk that
// found it, as long as nothing is added to or taken from the lists above it.
type Node struct {
	// Value is what [Field.At] returns: a pointer to the struct, a [Resource], a
	// primitive as it is stored or as a choice holds it. It is nil for a
	// primitive that has nothing but an id or extensions.
	Value any
	// Type is the type in use: of a choice the one chosen, of a resource its own.
	Type *Type
	// Parent points to the struct that the element is a member of; for the id
	// and the extensions of a primitive that is its *[Element]. The root has none.
	Parent any
	// Field is the descriptor of the element in its parent, nil for the root.
	Field *Field
	// Index is the place in the list, 0 when there is no list.
	Index int

	up *Node
}

// Path returns the way from the root in the notation of [Error]:
// "Patient.name[0].given[1]". Lists have an index, a choice goes by its base
// name ("Observation.value"), the extensions of a primitive come behind its name
// ("Patient.birthDate.extension[0]"). It is a FHIRPath expression that gives
// this element and no other.
func (n Node) Path() string { return string(n.appendPath(nil)) }

func (n *Node) appendPath(b []byte) []byte {
	if n.Field == nil {
		if n.Type != nil {
			b = append(b, n.Type.Name...)
		}
		return b
	}
	if n.up != nil {
		b = append(n.up.appendPath(b), '.')
	}
	b = append(b, n.Field.Name...)
	if n.Field.List {
		b = append(strconv.AppendInt(append(b, '['), int64(n.Index), 10), ']')
	}
	return b
}

// Up returns the node that holds this one; ok is false for the root. Above the
// id and the extensions of a primitive stands the primitive.
func (n Node) Up() (up Node, ok bool) {
	if n.up == nil {
		return Node{}, false
	}
	return *n.up, true
}

// Text returns the text of a primitive, "" for anything else.
func (n Node) Text() string {
	text, _ := Text(n.Value)
	return text
}

// Element returns the id and extensions of a primitive, nil if it has none.
func (n Node) Element() *Element {
	if n.Field == nil {
		return nil
	}
	return n.Field.Element(n.Parent, n.Index)
}

// children calls yield for each member of n until it returns false.
func (n *Node) children(yield func(Node) bool) bool {
	in, t := n.Value, n.Type
	if t.Kind == KindPrimitive {
		e := n.Element()
		if e == nil {
			return true
		}
		in, t = e, table().element
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		for k := range f.span(in) {
			if child, ok := f.node(in, k); ok {
				child.up = n
				if !yield(child) {
					return false
				}
			}
		}
	}
	return true
}

// span is how many places of the field in parent may be filled: by a value, or
// by the id or extensions of a primitive.
func (f *Field) span(parent any) int {
	n := f.Len(parent)
	if !f.aside {
		return n
	}
	x := *f.owner.extrasOf(pointerOf(parent))
	if x == nil {
		return n
	}
	for _, e := range x.list {
		if e.field == f.index {
			n = max(n, int(e.index)+1)
		}
	}
	return n
}

// node returns what stands at a place of the field in parent; ok is false if
// that is nothing.
func (f *Field) node(parent any, i int) (n Node, ok bool) {
	n = Node{Value: f.At(parent, i), Type: f.Types[0], Parent: parent, Field: f, Index: i}
	switch f.rep {
	case repChoice, repResource, repResources:
		n.Type = TypeOf(n.Value)
	}
	switch {
	case n.Value == nil:
	case n.Type == nil: // no type of R4
		n.Value = nil
	case n.Type.Kind == KindPrimitive:
		if _, ok := Text(n.Value); !ok {
			n.Value = nil
		}
	case pointerOf(n.Value) == nil:
		n.Value = nil
	}
	if n.Value != nil {
		return n, true
	}
	if !f.aside {
		return n, false
	}
	x := *f.owner.extrasOf(pointerOf(parent))
	at, ok := x.find(f.index, i)
	if ok {
		n.Type = f.Types[x.list[at].choice]
	}
	return n, ok
}

// Walk calls visit for root, a pointer to a generated struct or a resource, and
// for every element in it, in the order in which [Marshal] writes them: each
// before what it holds, into contained resources, the resources of a Bundle, and
// the ids and extensions of primitives. visit says whether to go into the
// element; for one that holds nothing more it does not matter. It may change the
// element that it is called for, but not the lists above it.
//
// Structs in structs are followed 128 deep, as deep as [Unmarshal] reads. A root
// that is no type of R4 has no elements.
func Walk(root any, visit func(n Node) (into bool)) {
	if n, ok := rootNode(root); ok {
		walk(&n, 1, visit)
	}
}

func walk(n *Node, depth int, visit func(n Node) (into bool)) {
	if !visit(*n) || depth > maxDepth {
		return
	}
	n.children(func(child Node) bool {
		if child.leaf() {
			visit(child)
		} else {
			holder := child // leaves need no memory of their own
			walk(&holder, depth+1, visit)
		}
		return true
	})
}

func rootNode(root any) (Node, bool) {
	t := TypeOf(root)
	if t == nil || t.goType == nil || pointerOf(root) == nil {
		return Node{}, false
	}
	return Node{Value: root, Type: t}, true
}

// leaf says whether the element holds no others.
func (n *Node) leaf() bool { return n.Type.Kind == KindPrimitive && n.Element() == nil }

// Find returns the element of root at a path as [Node.Path] and [Error] write
// it. The name of the root's type may stand in front ("Patient.name[0]") or not
// ("name[0]"); alone it is the root. Of a list the first is meant where there is
// no index. A choice goes by its base name ("value"), the name of the type it
// must hold ("valueQuantity"), or both as in FHIRPath ("value.ofType(Quantity)").
//
// ok is false when there is no such element, also when path is none.
func Find(root any, path string) (n Node, ok bool) {
	n, ok = rootNode(root)
	if !ok {
		return n, false
	}
	if rest, found := strings.CutPrefix(path, n.Type.Name); found && (rest == "" || rest[0] == '.') {
		if path = strings.TrimPrefix(rest, "."); path == "" {
			return n, rest == ""
		}
	}
	for more := true; more; {
		var word string
		word, path, more = strings.Cut(path, ".")
		if of, found := strings.CutPrefix(word, "ofType("); found {
			if of != n.Type.Name+")" {
				return Node{}, false
			}
			continue
		}
		if n, ok = n.member(word); !ok {
			return Node{}, false
		}
	}
	return n, true
}

// member returns the element in n that one word of a path names.
func (n *Node) member(word string) (Node, bool) {
	name, i := word, 0
	if open := strings.IndexByte(word, '['); open >= 0 {
		digits, closed := strings.CutSuffix(word[open+1:], "]")
		at, err := strconv.ParseUint(digits, 10, 31)
		if !closed || err != nil {
			return Node{}, false
		}
		name, i = word[:open], int(at)
	}
	in, t := n.Value, n.Type
	if t.Kind == KindPrimitive {
		e := n.Element()
		if e == nil {
			return Node{}, false
		}
		in, t = e, table().element
	}
	f, of, ok := t.Field(name)
	if !ok {
		return Node{}, false
	}
	found, ok := f.node(in, i)
	if !ok || of != nil && f.Choice && found.Type != of {
		return Node{}, false
	}
	up := *n
	found.up = &up
	return found, true
}
