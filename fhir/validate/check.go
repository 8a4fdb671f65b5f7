package validate

import (
	"strconv"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// element checks n against the definition e: what it may be, and all in it.
//
// In the base pass a datatype is followed into its own definition. A profile's
// pass goes only where the profile says something itself, for the base pass has
// seen the rest.
func (r *run) element(n *node, e *element) {
	if !r.step(n) {
		return
	}
	r.ofType(n, e)
	r.value(n, e)
	r.invariants(n, e.constraints)
	if r.base {
		r.intrinsic(n)
	}
	from := e
	if len(e.children) == 0 && e.content != nil {
		from = e.content
		r.invariants(n, from.constraints)
	}
	switch {
	case len(from.children) > 0:
		if r.base && n.field != nil && n.typ != nil && n.typ.Kind == r4.KindComplex {
			if s := r.v.typeSchema(n.typ); s != nil {
				r.invariants(n, s.root.constraints)
			}
		}
		r.children(n, from)
	case r.base && n.typ != nil && n.field != nil && n.typ.Kind != r4.KindResource:
		if n.typ.Kind == r4.KindPrimitive && n.elem == nil {
			break
		}
		if s := r.v.typeSchema(n.typ); s != nil {
			r.invariants(n, s.root.constraints)
			r.children(n, s.root)
		}
	}
	r.typeProfiles(n, e)
	switch v := n.value.(type) {
	case *r4.Reference:
		r.target(n, e, v.Reference, v.Type)
	case nil:
		if n.typ != nil && n.typ.Name == "canonical" && strings.HasPrefix(n.text, "#") {
			r.target(n, e, n.text, "")
		}
	}
	if r.base && n.typ != nil && n.typ.Kind == r4.KindResource && e != e.of.root {
		r.resource(n, nil)
	}
}

// typeSchema returns the schema of a datatype, nil if there is none.
func (v *Validator) typeSchema(t *r4.Type) *schema { return v.typeChecks(t).schema }

// children checks the elements of n that e defines.
func (r *run) children(n *node, e *element) {
	in, t := n.holder()
	if in == nil {
		if r.base { // a primitive without extensions
			return
		}
		for _, c := range e.children {
			r.missing(n, c)
		}
		return
	}
	for _, c := range e.children {
		f := c.field
		if f == nil || e.typ != t {
			var ok bool
			if f, _, ok = t.Field(c.name); !ok {
				continue
			}
		}
		r.field(n, in, f, c)
	}
}

// missing reports what a primitive without extensions lacks.
func (r *run) missing(n *node, c *element) {
	if c.name != "value" && c.min > 0 {
		r.tooFew(n, c, 0)
	}
	for _, s := range c.slices {
		if s.min > 0 {
			r.sliceTooFew(n, s, 0)
		}
	}
}

// field checks all values of one element of n.
func (r *run) field(n *node, in any, f *r4.Field, c *element) {
	count := span(in, f)
	if count == 0 {
		if c.min > 0 {
			r.tooFew(n, c, 0)
		}
		for _, s := range c.slices {
			if s.min > 0 {
				r.sliceTooFew(n, s, 0)
			}
		}
		return
	}
	var values []*node
	found := 0
	for i := range count {
		child, ok := r.at(n, in, f, i)
		if !ok {
			continue
		}
		found++
		if len(c.slices) > 0 || c.slicing != nil {
			values = append(values, child)
		}
		if c.max == 0 {
			r.fail(child, "structure", "the element is not allowed")
			continue
		}
		r.element(child, c)
	}
	if found < c.min {
		r.tooFew(n, c, found)
	}
	if c.max > 0 && found > c.max {
		r.fail(n, "structure", c.label()+": at most "+strconv.Itoa(c.max)+" allowed, found "+strconv.Itoa(found))
	}
	if len(c.slices) > 0 && c.max != 0 {
		r.sliced(n, c, values)
	}
}

func (r *run) tooFew(n *node, c *element, found int) {
	r.fail(n, "structure", c.label()+": at least "+strconv.Itoa(c.min)+" required, found "+strconv.Itoa(found))
}

func (r *run) sliceTooFew(n *node, s *element, found int) {
	r.fail(n, "structure", "slice "+s.label()+": at least "+strconv.Itoa(s.min)+" required, found "+strconv.Itoa(found))
}

// label names an element in a text: by id where that tells slices.
func (e *element) label() string { return e.id }

// ofType checks that n is of a type that e allows. The base types need no
// check: their resources could not be read otherwise.
func (r *run) ofType(n *node, e *element) {
	if r.base || n.typ == nil || len(e.types) == 0 || e.allows(n.typ) != nil {
		return
	}
	for i := range e.types {
		t := &e.types[i]
		if t.typ == nil || t.code == "Resource" || t.code == "DomainResource" || t.code == "Element" || t.code == "BackboneElement" {
			return
		}
	}
	r.fail(n, "structure", "the type "+n.typ.Name+" is not allowed")
}

// typeProfiles checks n against the profiles that e's type names: of several it
// has to conform to one.
func (r *run) typeProfiles(n *node, e *element) {
	if n.typ == nil || len(e.types) == 0 {
		return
	}
	t := e.allows(n.typ)
	if t == nil && n.typ.Kind == r4.KindResource {
		t = &e.types[0] // Resource, with profiles of some
	}
	if t == nil || len(t.profiles) == 0 || n.value == nil {
		return
	}
	if len(t.profiles) == 1 {
		if r.conform(n, t.profiles[0]) == unknownProfile && n.typ.Name != "Extension" {
			r.warn(n, "not-found", "the profile "+t.profiles[0]+" is not known, so it is not checked")
		}
		return
	}
	for _, url := range t.profiles {
		switch r.try(n, url) {
		case conforms, unknownProfile:
			return
		}
	}
	r.fail(n, "structure", "conforms to none of the profiles that are allowed here")
}

// The answers of checking against a profile.
const (
	conforms = iota
	conformsNot
	unknownProfile
)

// conform checks n against a profile and reports what is wrong.
func (r *run) conform(n *node, url string) int {
	s, err := r.v.schema(url)
	if err != nil {
		return unknownProfile
	}
	if r.muted {
		answer := r.try(n, url)
		if answer == conformsNot {
			r.errors++
		}
		return answer
	}
	key := trial{n.value, s}
	if r.done[key] {
		return conforms
	}
	if r.done == nil {
		r.done = map[trial]bool{}
	}
	r.done[key] = true
	before := r.errors
	r.against(n, s)
	if r.errors > before {
		return conformsNot
	}
	return conforms
}

// against runs the pass of one profile.
func (r *run) against(n *node, s *schema) {
	if s.typ != nil && s.typ != n.typ && !isKindOf(n.typ, s.typ) {
		r.fail(n, "structure", "the profile "+s.name+" is for "+s.typ.Name+", not for "+n.typ.Name)
		return
	}
	if !s.derived {
		return // the base pass has done it
	}
	was, wasBase := r.profile, r.base
	r.profile, r.base = s, false
	r.element(n, s.root)
	r.profile, r.base = was, wasBase
}

// try is conform without reporting.
func (r *run) try(n *node, url string) int {
	s, err := r.v.schema(url)
	if err != nil {
		return unknownProfile
	}
	key := trial{n.value, s}
	good, known := r.tried[key]
	if !known {
		if r.tried == nil {
			r.tried = map[trial]bool{}
		}
		r.tried[key] = true // met again inside itself: nothing against it so far
		good = r.quiet(func() { r.against(n, s) })
		r.tried[key] = good
	}
	if good {
		return conforms
	}
	return conformsNot
}

// quiet says whether fn finds no errors, and reports none.
func (r *run) quiet(fn func()) bool {
	was, before := r.muted, r.errors
	r.muted = true
	fn()
	good := r.errors == before
	if !r.stopped {
		r.muted, r.errors = was, before
	}
	return good
}

// isKindOf says whether t is built on base.
func isKindOf(t, base *r4.Type) bool {
	for t != nil && t != base {
		t = r4.TypeByName(t.Base)
	}
	return t != nil
}
