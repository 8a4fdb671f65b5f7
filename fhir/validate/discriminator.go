package validate

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// maxTell is how deep the definition of a slice is searched for what tells it.
const maxTell = 8

// nodesAt follows a discriminator's path from a value.
func (r *run) nodesAt(n *node, steps []step) []*node {
	now := []*node{n}
	for _, s := range steps {
		var next []*node
		for _, n := range now {
			next = r.follow(next, n, s)
		}
		now = next
	}
	return now
}

func (r *run) follow(to []*node, n *node, s step) []*node {
	switch s.name {
	case "ofType()":
		if n.typ != nil && n.typ.Name == s.arg {
			to = append(to, n)
		}
	case "extension()":
		r.each(n, "extension", func(c *node) {
			if x, ok := c.value.(*r4.Extension); ok && x.URL == s.arg {
				to = append(to, c)
			}
		})
	case "resolve()":
		if target := r.targetOf(n); target != nil {
			to = append(to, target)
		}
	default:
		r.each(n, s.name, func(c *node) { to = append(to, c) })
	}
	return to
}

// definitionsAt follows a discriminator's path through a slice's definition:
// the element there, and those of inner slices that must be.
func (v *Validator) definitionsAt(e *element, steps []step, depth int) []*element {
	if len(steps) == 0 {
		return []*element{e}
	}
	if depth > maxTell {
		return nil
	}
	s, rest := steps[0], steps[1:]
	switch s.name {
	case "ofType()":
		if e.slicing == nil {
			return v.definitionsAt(e, rest, depth+1)
		}
		var out []*element
		for _, inner := range e.slices {
			if inner.typ != nil && inner.typ.Name == s.arg {
				out = append(out, v.definitionsAt(inner, rest, depth+1)...)
			}
		}
		if out == nil {
			out = v.definitionsAt(e, rest, depth+1)
		}
		return out
	case "resolve()":
		var out []*element
		for i := range e.types {
			for _, url := range e.types[i].targets {
				if t, err := v.schema(url); err == nil && len(e.types[i].targets) == 1 {
					out = append(out, v.definitionsAt(targetElement(t, rest), rest, depth+1)...)
				}
			}
		}
		if len(out) == 0 {
			return v.targetTypes(e, rest)
		}
		return out
	case "extension()":
		for _, holder := range v.holders(e, "extension") {
			for _, x := range holder.slices {
				if x.extensionURL() == s.arg {
					return v.definitionsAt(x, rest, depth+1)
				}
			}
		}
		return nil
	}
	var out []*element
	for _, c := range v.holders(e, s.name) {
		out = append(out, v.definitionsAt(c, rest, depth+1)...)
		for _, inner := range c.slices {
			if inner.min > 0 {
				out = append(out, v.definitionsAt(inner, rest, depth+1)...)
			}
		}
	}
	return out
}

// targetElement stands for a resource in the place of a reference: its type is
// that of the profile.
func targetElement(s *schema, rest []step) *element {
	if len(rest) > 0 {
		return s.root
	}
	e := *s.root
	e.types = []typeRef{{typ: s.typ, profiles: []string{s.url}}}
	return &e
}

// targetTypes is the definition of what a reference with several targets means:
// any of their types.
func (v *Validator) targetTypes(e *element, rest []step) []*element {
	out := element{of: e.of, id: e.id, path: e.path + ".resolve()", max: -1}
	for i := range e.types {
		for _, url := range e.types[i].targets {
			if s, err := v.schema(url); err == nil {
				out.types = append(out.types, typeRef{typ: s.typ, profiles: []string{s.url}})
			}
		}
	}
	if len(rest) > 0 || len(out.types) == 0 {
		return nil
	}
	return []*element{&out}
}

// holders finds the definition of a child of e: in the snapshot, in the profile
// of e's type, or in the type itself.
func (v *Validator) holders(e *element, name string) []*element {
	if c := e.child(name); c != nil {
		return []*element{c}
	}
	if e.content != nil {
		if c := e.content.child(name); c != nil {
			return []*element{c}
		}
	}
	for i := range e.types {
		for _, url := range e.types[i].profiles {
			if s, err := v.schema(url); err == nil && s.root != e {
				if c := s.root.child(name); c != nil {
					return []*element{c}
				}
			}
		}
	}
	if e.typ != nil {
		if s := v.typeSchema(e.typ); s != nil && s.root != e {
			if c := s.root.child(name); c != nil {
				return []*element{c}
			}
		}
	}
	return nil
}

// tells says whether a definition has something by which values are told: a
// fixed value, a pattern, a binding of its own, or that in what must be inside.
func (v *Validator) tells(d *element, depth int) bool {
	if d.fixed != nil || d.pattern != nil || d.tellsByBinding() {
		return true
	}
	if depth > maxTell {
		return false
	}
	for _, c := range d.children {
		if c.min > 0 && v.tells(c, depth+1) {
			return true
		}
		for _, s := range c.slices {
			if s.min > 0 && v.tells(s, depth+1) {
				return true
			}
		}
	}
	return false
}

func (e *element) tellsByBinding() bool {
	return e.binding != nil && e.binding.strength == "required" && e.of.derived && !strings.HasPrefix(e.binding.valueSet, "http://hl7.org/fhir/ValueSet/all-types")
}

// told says whether n has what a definition tells values by.
func (r *run) told(n *node, d *element, depth int) bool {
	if d.fixed != nil && !r.matches(n, d.fixed, true) || d.pattern != nil && !r.matches(n, d.pattern, false) {
		return false
	}
	if d.fixed == nil && d.pattern == nil && d.tellsByBinding() && !r.inValueSet(n, d.binding.valueSet) {
		return false
	}
	if depth > maxTell {
		return true
	}
	for _, c := range d.children {
		if c.min > 0 && r.v.tells(c, depth+1) && !r.anyTold(n, c, depth) {
			return false
		}
		for _, s := range c.slices {
			if s.min > 0 && r.v.tells(s, depth+1) && !r.anyTold(n, s, depth) {
				return false
			}
		}
	}
	return true
}

func (r *run) anyTold(n *node, c *element, depth int) (found bool) {
	r.each(n, c.name, func(child *node) { found = found || r.told(child, c, depth+1) })
	return found
}
