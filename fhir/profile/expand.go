package profile

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// systemType begins the types of FHIRPath, which have no elements.
const systemType = "http://hl7.org/fhirpath/"

// expand fills an element with the elements that its content has, unless it has
// some already.
func (g *generator) expand(n *node, id string) error {
	if len(n.children) > 0 {
		return nil
	}
	from, err := g.content(n, id)
	if err != nil || from == nil {
		return err
	}
	if !g.grown(from.size(), id) {
		return nil
	}
	n.children = clones(from.children)
	return nil
}

// content finds the definition of what is in an element; nil when there is
// nothing to begin with.
func (g *generator) content(n *node, id string) (*node, error) {
	if ref := n.def.ContentReference; ref != "" {
		at := g.base.find(ref[strings.LastIndexByte(ref, '#')+1:])
		if at == nil {
			return nil, g.fault(id, "its contentReference names no element")
		}
		n.def.ContentReference, n.def.Type = "", at.def.Type
		return at, nil
	}
	switch {
	case len(n.def.Type) == 0 && g.grows:
		return nil, nil
	case len(n.def.Type) == 0:
		return nil, g.fault(id, "nothing is known of what is in it: it has no type")
	}
	t := n.def.Type[0]
	code := t.Code
	if len(n.def.Type) > 1 {
		code, t.Profile = "Element", nil // what all types have
	}
	if system(code) {
		if code = modelled(&t); code == "" {
			return nil, g.fault(id, "there are no elements in it")
		}
	}
	url := code
	if len(t.Profile) == 1 {
		url, _, _ = strings.Cut(t.Profile[0], "#")
	}
	d, err := g.resolve(typeURL(url))
	if err != nil && code == "Extension" {
		d, err = g.resolve(typeURL(code)) // all extensions have the same elements
	}
	if err != nil {
		return nil, &Error{At: g.fault(id, "").(*Error).At, Problem: "what is in it cannot be found", Err: err}
	}
	if d.Snapshot == nil || len(d.Snapshot.Element) == 0 {
		return nil, g.fault(id, "%s, which says what is in it, has no snapshot", url)
	}
	at := tree(d.Snapshot.Element)
	if _, fragment, ok := strings.Cut(strings.Join(t.Profile, ""), "#"); ok {
		if at = at.find(fragment); at == nil {
			return nil, g.fault(id, "%s has no element %s", url, fragment)
		}
	}
	return at, nil
}

// modelled is the FHIR type that stands for a type of FHIRPath.
func modelled(t *r4.ElementDefinitionType) string {
	for i := range t.Extension {
		if e := &t.Extension[i]; e.URL == "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type" {
			text, _ := r4.Text(e.Value)
			return text
		}
	}
	return ""
}

// find finds an element by its id.
func (n *node) find(id string) *node {
	name, rest, more := strings.Cut(id, ".")
	if name != n.name {
		return nil
	}
	for more {
		name, rest, more = strings.Cut(rest, ".")
		name, slice, sliced := strings.Cut(name, ":")
		if n = n.child(name); n != nil && sliced {
			n = n.sliceNamed(slice)
		}
		if n == nil {
			return nil
		}
	}
	return n
}

// typeURL is the canonical URL of a type given by name.
func typeURL(code string) string {
	if strings.ContainsAny(code, ":/") {
		return code
	}
	return "http://hl7.org/fhir/StructureDefinition/" + code
}

// template gives a new slice that is to be an extension what the definition of
// that extension says of it as a whole. When the definition is not known the
// slice stays as it is: whoever meets such an extension will say so.
func (g *generator) template(s *node, c *change) {
	var profiles []string
	for _, def := range c.defs {
		if len(def.Type) == 1 && def.Type[0].Code == "Extension" {
			profiles = def.Type[0].Profile
		}
	}
	if len(profiles) != 1 {
		return
	}
	d, err := g.resolve(profiles[0])
	if err != nil || d.Snapshot == nil || len(d.Snapshot.Element) == 0 || d.Type != "Extension" {
		return
	}
	root := d.Snapshot.Element[0]
	root.Slicing, root.Base, root.Type = nil, nil, nil
	g.overlay(&s.def, &root)
	s.def.Min, s.def.Max = root.Min, root.Max
	if !root.Min.Present() {
		s.def.Min = r4.IntOf(0)
	}
	if larger(s.def.Max, maxOf(s.def.Base)) || s.def.Max == "" {
		s.def.Max = maxOf(s.def.Base)
	}
	s.children = nil
}

func maxOf(b *r4.ElementDefinitionBase) string {
	if b == nil {
		return "*"
	}
	return b.Max
}

// inherent gives a new element of a resource or datatype the constraints that
// hold for all elements, or for all extensions when it is one.
func (g *generator) inherent(n *node) {
	if g.of.Kind == "logical" && !strings.HasSuffix(g.of.BaseDefinition, "Resource") {
		return // its own rules only
	}
	of := "Element"
	for i := range n.def.Type {
		switch code := n.def.Type[i].Code; {
		case system(code) || code == "Resource" || code == "DomainResource":
			return
		case code == "Extension":
			of = code
		}
	}
	d, err := g.resolve(typeURL(of))
	if err == nil && d.Snapshot != nil && len(d.Snapshot.Element) > 0 {
		n.def.Constraint = union(d.Snapshot.Element[0].Constraint, n.def.Constraint, constraintKey)
	}
}
