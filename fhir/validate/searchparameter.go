package validate

import (
	"slices"

	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/r4"
)

// searchParameter checks a search parameter by itself and against the one it is
// derived from (FHIR R4 searchparameter.html).
func (r *run) searchParameter(n *node, p *r4.SearchParameter) {
	if p.Type == "composite" && len(p.Component) < 2 {
		r.fail(n, "business-rule", "a composite search parameter has two components or more")
	}
	if p.Expression != "" {
		if _, err := fhirpath.Compile(p.Expression); err != nil {
			r.each(n, "expression", func(c *node) { r.fail(c, "invalid", "no FHIRPath expression: "+plainError(err)) })
		}
	}
	from := r.definedSearch(p.DerivedFrom)
	if from == nil {
		return
	}
	if from.Type != p.Type {
		r.fail(n, "business-rule", "the type is another than that of the search parameter it is derived from")
	}
	for i, base := range p.Base {
		if !slices.Contains(from.Base, base) && !slices.Contains(from.Base, "Resource") {
			r.eachAt(n, "base", i, func(c *node) {
				r.fail(c, "business-rule", "the search parameter it is derived from is not for this type")
			})
		}
	}
}

// searchParams checks the search parameters that a server says it has.
func (r *run) searchParams(n *node) {
	r.each(n, "rest", func(rest *node) {
		r.searchParamsOf(rest)
		r.each(rest, "resource", r.searchParamsOf)
	})
}

func (r *run) searchParamsOf(n *node) {
	r.each(n, "searchParam", func(c *node) {
		p := c.value.(*r4.CapabilityStatementRestResourceSearchParam)
		if d := r.definedSearch(p.Definition); d != nil && d.Type != p.Type {
			r.fail(c, "invalid", "the type is another than that of the definition")
		}
	})
}

// definedSearch finds a search parameter, nil when it is not known.
func (r *run) definedSearch(url string) *r4.SearchParameter {
	if url == "" || r.v.o.SearchParameter == nil {
		return nil
	}
	p, err := r.v.o.SearchParameter(url)
	if err != nil {
		return nil
	}
	return p
}
