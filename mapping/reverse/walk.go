package reverse

import (
	"github.com/ponshealth/pons/fhir/r4"
)

// A key names a primitive, or a part of one, for the list of what was carried over.
type key struct {
	owner any // pointer to the struct that has it
	f     *r4.Field
	i     int
}

// A node is an element that a path has come to.
type node struct {
	v    any // pointer to the struct; nil of a primitive
	mark any // where it counts as carried over: v, or what v stands for
	typ  *r4.Type
	root r4.Resource // the resource that it is in

	owner, ownerMark any // of a primitive: what has it
	f                *r4.Field
	i                int

	via []key // what the path used on its way
}

func (n *node) key() key { return key{n.ownerMark, n.f, n.i} }

// text returns the text of a primitive, "" of anything else.
func (n *node) text() string {
	if n.f == nil || n.v != nil {
		return ""
	}
	return n.f.Text(n.owner, n.i)
}

// element returns id and extensions of a primitive.
func (n *node) element() *r4.Element {
	if n.f == nil || n.v != nil {
		return nil
	}
	return n.f.Element(n.owner, n.i)
}

func resourceNode(r r4.Resource) node {
	return node{v: r, mark: r, typ: r4.TypeOf(r), root: r}
}

// walk yields the elements that a path leads to, from the element at hand or a
// slot, until yield returns false.
func (e *env) walk(p *path, here node, yield func(node) bool) {
	switch {
	case p.slot == "":
		e.into(p.steps, here, yield)
	case p.all:
		for _, r := range e.ix.all {
			if r != nil && r.ResourceType() == p.slot && !e.into(p.steps, resourceNode(r), yield) {
				return
			}
		}
	default:
		if n, ok := e.frame.slot(p.slot); ok {
			e.into(p.steps, n, yield)
		}
	}
}

func (e *env) into(steps []step, n node, yield func(node) bool) bool {
	if len(steps) == 0 {
		return yield(n)
	}
	s := &steps[0]
	count := 0
	return e.children(s, n, func(c node) bool {
		if len(s.conds) > 0 {
			via, ok := e.holds(s.conds, c)
			if !ok {
				return true
			}
			c.via = joined(c.via, via)
		}
		if count++; count < s.lo {
			return true
		}
		if s.hi > 0 && count > s.hi {
			return true
		}
		return e.into(steps[1:], c, yield)
	})
}

// joined appends without touching what others hold of a.
func joined(a, b []key) []key {
	if len(b) == 0 {
		return a
	}
	return append(a[:len(a):len(a)], b...)
}

// children yields what one step leads to, before its conditions.
func (e *env) children(s *step, n node, yield func(node) bool) bool {
	if s.f == nil && !s.element {
		return yield(n) // the root, or $this
	}
	if s.star {
		if !yield(n) {
			return false
		}
	}
	return e.plain(s, n, func(c node) bool {
		if s.target == "" {
			return e.shown(c, yield)
		}
		via, ok := e.holds(s.pre, c)
		if !ok {
			return true
		}
		c.via = joined(c.via, via)
		r := e.resolve(c)
		if r == nil || r.ResourceType() != s.target {
			return true
		}
		m := resourceNode(r)
		m.via = joined(c.via, []key{{c.mark, referenceField(), 0}})
		if s.star && len(m.via) < maxChain {
			return e.children(s, m, yield)
		}
		return yield(m)
	})
}

// maxChain ends chains of resources that lead to themselves.
const maxChain = 20

// plain yields the values of a field.
func (e *env) plain(s *step, n node, yield func(node) bool) bool {
	if s.element {
		x := n.element()
		if x == nil {
			return true
		}
		for i := range x.Extension {
			if !yield(node{v: &x.Extension[i], mark: &x.Extension[i], typ: extensionType(), root: n.root, via: n.via}) {
				return false
			}
		}
		return true
	}
	if n.v == nil || n.typ == nil {
		return true
	}
	count := s.f.Len(n.v)
	if count == 0 && !s.f.Choice && s.f.Types[0].Kind == r4.KindPrimitive && s.f.Element(n.v, 0) != nil {
		count = 1 // no value, and an extension that tells of it
	}
	for i := range count {
		typ := s.f.Types[0]
		if s.f.Choice {
			if typ = s.f.TypeAt(n.v); typ == nil || s.choice != nil && s.choice != typ {
				continue
			}
		}
		c := node{typ: typ, root: n.root, via: n.via}
		if typ.Kind == r4.KindPrimitive {
			c.owner, c.ownerMark, c.f, c.i = n.v, n.mark, s.f, i
		} else {
			c.v = s.f.At(n.v, i)
			c.mark = c.v
			if r, ok := c.v.(r4.Resource); ok {
				c.root, c.typ = r, r4.TypeOf(r)
			}
		}
		if !yield(c) {
			return false
		}
	}
	return true
}

// shown leaves out codings that another one stands for, and gives the v2 codes of
// others.
func (e *env) shown(c node, yield func(node) bool) bool {
	if len(e.swaps) > 0 {
		if coding, ok := c.v.(*r4.Coding); ok {
			if other, ok := e.swaps[coding]; ok {
				if other == nil {
					return true
				}
				c.v = other
			}
		}
	}
	return yield(c)
}

// resolve returns the resource that a Reference leads to, nil if it is not here.
func (e *env) resolve(n node) r4.Resource {
	ref, ok := n.v.(*r4.Reference)
	if !ok || ref.Reference == "" {
		return nil
	}
	return e.ix.find(ref.Reference, n.root)
}
