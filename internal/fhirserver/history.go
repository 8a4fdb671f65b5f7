package fhirserver

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/store"
)

// history answers with the versions of one resource, newest first
// (http.html#history). It knows _count and _since.
func (x *exchange) history() error {
	params, err := x.query()
	if err != nil {
		return err
	}
	purpose := "history " + x.typ + "/" + x.id
	params, cursor, err := x.resume(purpose, params)
	if err != nil {
		return err
	}
	count, since, err := x.historyParams(params)
	if err != nil {
		return err
	}
	now, err := x.server.Store.Read(x.ctx, x.typ, x.id)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			err = errNotFound()
		}
		return err
	}
	before, _ := strconv.Atoi(cursor)
	versions, err := x.server.Store.History(x.ctx, x.typ, x.id, count+1, before)
	if err != nil {
		return err
	}
	b := bundle{kind: "history", total: now.Version}
	if !since.IsZero() {
		b.total = -1
	}
	next := ""
	for i, v := range versions {
		if v.Updated.Before(since) {
			break
		}
		if i == count {
			next = strconv.Itoa(versions[i-1].Version)
			break
		}
		b.entries = append(b.entries, x.historyEntry(v, i+1 < len(versions) && versions[i+1].Deleted))
	}
	b.links = x.links(purpose, x.typ+"/"+x.id+"/_history", params, next)
	x.json(http.StatusOK, b.json())
	return nil
}

// historyParams reads _count and _since and refuses others, as a search does.
func (x *exchange) historyParams(params url.Values) (count int, since time.Time, err error) {
	count = x.server.PageSize
	for name := range params {
		value := params.Get(name)
		bad := func(problem string) error { return &search.Error{At: name, Problem: problem} }
		switch name {
		case "_format", "_pretty":
		case "_count":
			if count, err = strconv.Atoi(value); err != nil || count < 1 {
				return 0, since, bad("not a positive number")
			}
			count = min(count, x.server.MaxPage)
		case "_since":
			// An unescaped "+" arrives as a space.
			if since, err = time.Parse(time.RFC3339, strings.ReplaceAll(value, " ", "+")); err != nil {
				return 0, since, bad("not an instant; the form is yyyy-mm-ddThh:mm:ss+hh:mm")
			}
		default:
			if !x.lenient() {
				return 0, since, &search.Error{At: name, Class: search.Unknown, Problem: "not a parameter that is supported here"}
			}
			params.Del(name)
		}
	}
	return count, since, nil
}

// historyEntry says how a version came to be. Every content is shown as a PUT,
// which is what brings it about again under its id; the status tells a version
// that created the resource (or brought it back) from one that changed it.
func (x *exchange) historyEntry(v store.Resource, afterDeletion bool) entry {
	e := entry{fullURL: x.url(v, false), body: v.Body, version: v, response: "200",
		request: &request{http.MethodPut, v.Type + "/" + v.ID}}
	switch {
	case v.Deleted:
		e.body, e.response, e.request.method = nil, "204", http.MethodDelete
	case v.Version == 1 || afterDeletion:
		e.response = "201"
	}
	return e
}
