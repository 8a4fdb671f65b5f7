package fhirserver

import (
	"net/http"
	"time"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/store"
)

// read answers with the current version (http.html#read), or with the part of it
// that _summary or _elements ask for, or 304 if the client has it already
// (http.html#cread).
func (x *exchange) read() error {
	r, err := x.current()
	if err != nil {
		return err
	}
	x.versionHeaders(r)
	if x.notModified(r) {
		x.send(http.StatusNotModified, nil)
		return nil
	}
	return x.part(r.Body)
}

// current is the current version, and an error if that is a deletion. The ETag
// of a deletion is told all the same: it is what a client needs to bring the
// resource back.
func (x *exchange) current() (store.Resource, error) {
	r, err := x.server.Store.Read(x.ctx, x.typ, x.id)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return r, errNotFound()
	}
	if err == nil && r.Deleted {
		x.versionHeaders(r)
		err = fault.New(fault.Gone, "", "the resource is deleted")
	}
	return r, err
}

func (x *exchange) notModified(r store.Resource) bool {
	if x.r.Header.Get("If-None-Match") != "" { // RFC 9110 13.1.3: then If-Modified-Since does not count
		return x.noneMatch(r.Version)
	}
	since, err := http.ParseTime(x.r.Header.Get("If-Modified-Since"))
	return err == nil && !r.Updated.Truncate(time.Second).After(since)
}

// readVersion answers with one version, be it the current one or not
// (http.html#vread).
func (x *exchange) readVersion() error {
	n, ok := versionNumber(x.version)
	if !ok {
		return errNotFound()
	}
	r, err := x.server.Store.ReadVersion(x.ctx, x.typ, x.id, n)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			err = errNotFound()
		}
		return err
	}
	x.versionHeaders(r)
	if r.Deleted {
		return fault.New(fault.Gone, "", "the resource is deleted in this version")
	}
	return x.part(r.Body)
}
