package validate

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// wholeResource checks what holds for a resource as a whole, in the base pass.
func (r *run) wholeResource(n *node) {
	switch res := n.value.(type) {
	case *r4.Bundle:
		r.bundle(n)
	case *r4.CodeSystem:
		r.codeSystem(n, res)
	case *r4.ValueSet:
		r.valueSet(n, res)
	case *r4.StructureDefinition:
		r.structureDefinition(n, res)
	case *r4.SearchParameter:
		r.searchParameter(n, res)
	case *r4.CapabilityStatement:
		r.searchParams(n)
	case *r4.Observation:
		r.vitalSign(n, res)
	}
	r.ownURL(n)
}

// metaProfile checks the resource against a profile that its meta names.
func (r *run) metaProfile(n *node, i int, url string) {
	if r.conform(n, url) != unknownProfile {
		return
	}
	r.each(n, "meta", func(m *node) {
		r.eachAt(m, "profile", i, func(p *node) {
			r.warn(p, "not-found", "the profile "+shownURL(url)+" is not known, so it is not checked")
		})
	})
}

// unused lists the contained resources that are not referred to from the
// resource that contains them and do not refer to that: dom-3.
func (r *run) unused(n *node) []*node {
	var contained []*node
	r.each(n, "contained", func(c *node) { contained = append(contained, c) })
	if len(contained) == 0 {
		return nil
	}
	used := map[string]bool{}
	note := func(at r4.Node) bool {
		switch v := at.Value.(type) {
		case *r4.Reference:
			used[v.Reference] = true
		default:
			if at.Type != nil && (at.Type.Name == "canonical" || at.Type.Name == "uri" || at.Type.Name == "url") {
				if text := at.Text(); strings.HasPrefix(text, "#") {
					used[text] = true
				}
			}
		}
		return true
	}
	r4.Walk(n.value, note)
	var out []*node
	for _, c := range contained {
		if id := c.value.(r4.Resource).ResourceID(); !used["#"+id] && !refersUp(c.value) {
			out = append(out, c)
		}
	}
	return out
}

func refersUp(res any) (up bool) {
	r4.Walk(res, func(at r4.Node) bool {
		if ref, ok := at.Value.(*r4.Reference); ok && ref.Reference == "#" {
			up = true
		} else if at.Type != nil && at.Type.Name == "canonical" && at.Text() == "#" {
			up = true
		}
		return !up
	})
	return up
}
