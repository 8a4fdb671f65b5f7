package validate

import (
	"context"

	"github.com/ponshealth/pons/fhir/r4"
)

// Support says how often a resource has an element that a profile marks
// mustSupport (FHIR R4 profiling.html#mustsupport).
type Support struct {
	ID      string // of the element in the profile: "Patient.identifier:nhsNumber.value"
	Path    string // its path: "Patient.identifier.value"
	Present int    // how many there are in the resource
}

// MustSupport lists the elements that a profile marks mustSupport, in the order
// of the profile, and how often a resource has each. What mustSupport asks for
// is the profile's guide's to say: an element that is absent is no fault of the
// resource. The error is an [*Error], or that of the Definitions, when the
// profile is not known or is for another type.
func (v *Validator) MustSupport(res r4.Resource, profile string) ([]Support, error) {
	s, err := v.schema(profile)
	if err != nil {
		return nil, err
	}
	t := r4.TypeOf(res)
	if t == nil || s.typ == nil || !isKindOf(t, s.typ) {
		return nil, &Error{Definition: profile, Problem: "is not for this type of resource"}
	}
	r := v.run(context.Background())
	r.muted = true
	n := &node{typ: t, value: res}
	n.scope = r.newScope(n, res, nil)
	var list []Support
	r.supported(s.root, []*node{n}, 0, &list)
	return list, nil
}

// supported goes through the elements of a profile and the nodes that are at
// each.
func (r *run) supported(e *element, at []*node, depth int, list *[]Support) {
	if depth > maxDepth {
		return
	}
	for _, c := range e.children {
		var found []*node
		for _, n := range at {
			r.each(n, c.name, func(child *node) { found = append(found, child) })
		}
		r.supports(c, found, depth, list)
		for _, s := range c.slices {
			var inside []*node
			for _, n := range found {
				if i := r.sliceOf(n, c); i >= 0 && c.slices[i] == s {
					inside = append(inside, n)
				}
			}
			r.supports(s, inside, depth, list)
		}
	}
}

func (r *run) supports(e *element, found []*node, depth int, list *[]Support) {
	if e.mustSupport {
		*list = append(*list, Support{ID: e.id, Path: e.path, Present: len(found)})
	}
	r.supported(e, found, depth+1, list)
}
