package fhirserver

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// A projection is the part of each resource that the client wants to see:
// _summary or _elements (search.html#summary, #elements). The zero value is all.
type projection struct {
	summary  r4.SummaryForm
	elements []string
	ignored  bool // some names of elements were passed over
}

// projection reads the two parameters. A count is the search's own business.
func (x *exchange) projection(params url.Values, resourceType string) (projection, error) {
	var p projection
	switch s := r4.SummaryForm(params.Get("_summary")); s {
	case "", r4.SummaryFalse, r4.SummaryCount:
	case r4.SummaryTrue, r4.SummaryText, r4.SummaryData:
		p.summary = s
	default:
		return p, badParameter("_summary", "invalid", "not one of true, text, data, count, false")
	}
	t := r4.TypeByName(resourceType)
	for _, list := range params["_elements"] {
		for name := range strings.SplitSeq(list, ",") {
			name = strings.TrimSpace(name)
			if _, _, known := t.Field(strings.TrimSuffix(name, "[x]")); known {
				p.elements = append(p.elements, name)
			} else if name != "" {
				p.ignored = true
			}
		}
	}
	if p.ignored && !x.lenient() {
		return p, badParameter("_elements", "not-supported", "not all are names of elements at the root of "+resourceType)
	}
	if p.summary != "" && slices.ContainsFunc(params["_elements"], func(list string) bool { return list != "" }) {
		return p, badParameter("_elements", "invalid", "either _summary or _elements, not both")
	}
	if p.ignored && len(p.elements) == 0 {
		p.elements = []string{"id"} // nothing that was asked for exists
	}
	return p, nil
}

// of returns the part of a stored resource. What is stored is whole, and comes
// back as it is when all of it is wanted.
func (p projection) of(body []byte) ([]byte, error) {
	if p.summary == "" && p.elements == nil {
		return body, nil
	}
	r, err := r4.Unmarshal(body)
	if err != nil {
		return nil, err
	}
	if p.summary != "" {
		r, err = r4.Summarize(r, p.summary)
	} else {
		r, err = r4.SelectElements(r, p.elements...)
	}
	if err != nil {
		return nil, err
	}
	return r4.Marshal(r)
}

// part answers a read with the part of body that the client wants.
func (x *exchange) part(body []byte) error {
	params, err := x.query()
	if err != nil {
		return err
	}
	if params.Get("_summary") == string(r4.SummaryCount) {
		return badParameter("_summary", "not-supported", "a count is of a search")
	}
	p, err := x.projection(params, x.typ)
	if err != nil {
		return err
	}
	if body, err = p.of(body); err != nil {
		return err
	}
	x.json(http.StatusOK, body)
	return nil
}

func badParameter(name, code, text string) error {
	return &problem{http.StatusBadRequest, []issue{{code: code, text: text, location: atParameter(name)}}}
}
