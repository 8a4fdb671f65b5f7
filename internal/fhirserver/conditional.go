package fhirserver

import (
	"net/http"
	"net/url"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/store"
)

// createConditionally creates unless the criteria find one (http.html#ccreate).
func (x *exchange) createConditionally(r r4.Resource, criteria string) error {
	for try := 1; ; try++ {
		found, unique, err := x.one(criteria, "http.If-None-Exist")
		if err != nil {
			return err
		}
		if found != nil {
			return x.written(*found, http.StatusOK)
		}
		err = x.createNew(r, unique)
		if err == nil || fault.KindOf(err) != fault.Conflict || try == attempts {
			return err
		}
	}
}

// updateConditionally updates the one that the criteria find, or creates
// (http.html#cond-update).
func (x *exchange) updateConditionally() error {
	r, err := x.sent()
	if err != nil {
		return err
	}
	found, unique, err := x.one(x.r.URL.RawQuery, "")
	switch {
	case err != nil:
		return err
	case found != nil && r.ResourceID() != "" && r.ResourceID() != found.ID:
		return fault.New(fault.Invalid, x.typ+".id", "is not the id of the resource that the criteria find")
	case found != nil:
		x.id = found.ID
	case r.ResourceID() == "":
		return x.createNew(r, unique)
	default:
		x.id = r.ResourceID()
	}
	return x.put(r, unique)
}

// one finds the resource that criteria speak of, nil if there is none. More than
// one is 412. unique are the identifiers among the criteria: the store refuses
// the write if another resource has taken one in the meantime.
func (x *exchange) one(criteria, location string) (*store.Resource, []search.Entry, error) {
	values, err := url.ParseQuery(criteria)
	if err != nil {
		return nil, nil, &problem{http.StatusBadRequest, []issue{{code: "invalid", text: "the criteria are not well-formed", location: location}}}
	}
	for _, name := range []string{"_count", "_sort", "_cursor", "_summary", "_elements", "_total"} {
		values.Del(name)
	}
	// Strict always: a criterion that is passed over could name another patient.
	q, err := search.Parser{Base: x.base(), Now: x.server.Now()}.Parse(x.typ, values)
	if err != nil {
		return nil, nil, err
	}
	if len(q.Criteria) == 0 && q.IDs == nil {
		return nil, nil, &problem{http.StatusBadRequest, []issue{{code: "required", text: "criteria are needed", location: location}}}
	}
	q.Count = 2
	page, err := x.server.Store.Search(x.ctx, q)
	if err != nil {
		return nil, nil, searchFailed(err)
	}
	switch len(page.Resources) {
	case 0:
		return nil, identifiers(q), nil
	case 1:
		return &page.Resources[0], identifiers(q), nil
	}
	return nil, nil, &problem{http.StatusPreconditionFailed, []issue{{code: "multiple-matches", text: "the criteria find more than one resource", location: location}}}
}

// identifiers are the criteria that name one identifier with its system.
func identifiers(q *search.Query) []search.Entry {
	var unique []search.Entry
	for _, c := range q.Criteria {
		if c.Param == "identifier" && c.Modifier == search.None && len(c.Values) == 1 && c.Values[0].System != "" && c.Values[0].Code != "" {
			unique = append(unique, search.Entry{Param: c.Param, Kind: c.Kind, System: c.Values[0].System, Code: c.Values[0].Code})
		}
	}
	return unique
}
