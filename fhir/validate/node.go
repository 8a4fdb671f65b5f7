package validate

import (
	"strconv"
	"sync"

	"github.com/ponshealth/pons/fhir/r4"
)

// A node is one element of a resource where it stands.
type node struct {
	up    *node
	typ   *r4.Type    // in use; nil for a choice that has only extensions
	value any         // pointer to a struct or a resource; nil for primitives
	text  string      // of a primitive; "" if it has only extensions
	elem  *r4.Element // id and extensions of a primitive
	in    any         // the struct that has it, nil for the root
	field *r4.Field   // in that struct, nil for the root
	index int
	scope *scope // the resource it belongs to
	depth int
}

var elementType = sync.OnceValue(func() *r4.Type { return r4.TypeByName("Element") })

// path is a FHIRPath expression for the element: "Patient.name[0].given[1]".
func (n *node) path() string { return string(n.appendPath(nil)) }

func (n *node) appendPath(b []byte) []byte {
	if n.field == nil {
		return append(b, n.typ.Name...)
	}
	b = append(append(n.up.appendPath(b), '.'), n.field.Name...)
	if n.field.List {
		b = append(strconv.AppendInt(append(b, '['), int64(n.index), 10), ']')
	}
	return b
}

// holder returns the struct that has the node's elements, and its type: of a
// primitive the one with its id and extensions. nil when there is none.
func (n *node) holder() (any, *r4.Type) {
	if n.typ == nil || n.typ.Kind == r4.KindPrimitive {
		if n.elem == nil {
			return nil, nil
		}
		return n.elem, elementType()
	}
	return n.value, n.typ
}

// span is how many places of f in a struct may be filled.
func span(in any, f *r4.Field) int {
	n := f.Len(in)
	if f.Types[0].Kind != r4.KindPrimitive {
		return n
	}
	for f.Element(in, n) != nil { // behind the last value, and where there is none
		n++
	}
	return n
}

// at makes the node of place i of f in the struct of n; ok is false when
// nothing is there.
func (r *run) at(n *node, in any, f *r4.Field, i int) (*node, bool) {
	c := r.newNode()
	*c = node{up: n, in: in, field: f, index: i, scope: n.scope, depth: n.depth + 1, typ: f.Types[0]}
	switch {
	case f.Choice:
		v := f.At(in, i)
		c.typ, c.elem = r4.TypeOf(v), f.Element(in, i)
		if c.typ == nil {
			return c, c.elem != nil
		}
		if c.typ.Kind != r4.KindPrimitive {
			c.value = v
			break
		}
		c.text, _ = r4.Text(v)
	case c.typ.Kind == r4.KindPrimitive:
		c.text, c.elem = f.Text(in, i), f.Element(in, i)
		return c, c.text != "" || c.elem != nil
	default:
		c.value = f.At(in, i)
		if res, ok := c.value.(r4.Resource); ok {
			if isNil(res) {
				return c, false
			}
			if c.typ = r4.TypeOf(res); c.typ != nil {
				c.scope = r.scopeOf(c, res)
			}
		}
		return c, c.value != nil && c.typ != nil
	}
	return c, true
}

// each calls fn with the nodes of the elements of n by that name.
func (r *run) each(n *node, name string, fn func(*node)) {
	in, t := n.holder()
	if in == nil {
		return
	}
	f, choice, ok := t.Field(name)
	if !ok {
		return
	}
	for i := range span(in, f) {
		if c, ok := r.at(n, in, f, i); ok && (!f.Choice || choice == nil || c.typ == choice) {
			fn(c)
		}
	}
}

// newNode takes a node from a block: a run makes many, and all die together.
func (r *run) newNode() *node {
	if len(r.block) == 0 {
		r.block = make([]node, 64)
	}
	n := &r.block[0]
	r.block = r.block[1:]
	return n
}
