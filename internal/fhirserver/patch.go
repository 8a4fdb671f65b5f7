package fhirserver

import (
	"errors"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/ponshealth/pons/fhir/patch"
	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/fault"
)

// patchFormats are the media types of a patch (http.html#patch): JSON Patch, XML
// Patch, and FHIRPath Patch as a Parameters resource.
var patchFormats = []string{"application/json-patch+json", "application/xml-patch+xml", fhirJSON, "application/fhir+xml"}

// patch changes a part of a resource and stores the next version
// (http.html#patch). Another change in between is no matter, unless the client
// bound the patch to a version with If-Match: it is applied again to what is
// there then.
func (x *exchange) patch() error {
	p, err := x.sentPatch()
	if err != nil {
		return err
	}
	return x.applyPatch(p)
}

// patchConditionally patches the one that the criteria find (http.html#patch).
func (x *exchange) patchConditionally() error {
	p, err := x.sentPatch()
	if err != nil {
		return err
	}
	found, _, err := x.one(x.r.URL.RawQuery, "")
	if err != nil {
		return err
	}
	if found == nil {
		return errNotFound()
	}
	x.id = found.ID
	return x.applyPatch(p)
}

func (x *exchange) applyPatch(p patch.Patch) error {
	for try := 1; ; try++ {
		now, exists, err := x.precondition()
		if err != nil {
			return err
		}
		if !exists {
			_, err := x.current() // says whether it never was, or is deleted
			return err
		}
		r, err := r4.Unmarshal(now.Body)
		if err != nil {
			return err
		}
		if r, err = patch.Apply(r, p, patch.Options{}); err != nil {
			return patchProblem(err)
		}
		w, err := prepare(r, x.id)
		if err != nil {
			return err
		}
		w.Expect = now.Version
		err = x.write(w, http.StatusOK)
		if err == nil || fault.KindOf(err) != fault.Conflict || try == attempts {
			return err
		}
	}
}

// sentPatch reads the patch in the body by its media type.
func (x *exchange) sentPatch() (patch.Patch, error) {
	b, err := x.body(x.server.MaxBody, patchFormats...)
	if err != nil {
		var p *problem
		if errors.As(err, &p) && p.status == http.StatusUnsupportedMediaType {
			x.w.Header().Set("Accept-Patch", strings.Join(patchFormats, ", ")) // RFC 5789 2.2
		}
		return nil, err
	}
	media, _, _ := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	var p patch.Patch
	switch slices.Index(patchFormats, media) {
	case 0:
		p, err = patch.ParseJSON(b)
	case 1:
		p, err = patch.ParseXML(b)
	default:
		return parametersPatch(media, b)
	}
	if err != nil {
		return nil, patchProblem(err)
	}
	return p, nil
}

func parametersPatch(media string, b []byte) (patch.Patch, error) {
	read := r4.Unmarshal
	if media != fhirJSON {
		read = r4.UnmarshalXML
	}
	r, err := read(b)
	if err != nil {
		return nil, bodyProblem(err)
	}
	params, ok := r.(*r4.Parameters)
	if !ok {
		return nil, fault.New(fault.Invalid, "resourceType", "a FHIRPath Patch is a Parameters resource")
	}
	p, err := patch.ParseFHIRPath(params)
	if err != nil {
		return nil, patchProblem(err)
	}
	return p, nil
}

// patchAnswers says what each kind of error looks like on HTTP.
var patchAnswers = map[patch.Kind]answer{
	patch.Malformed: {http.StatusBadRequest, "structure"},
	patch.Failed:    {http.StatusUnprocessableEntity, "processing"},
	patch.Invalid:   {http.StatusUnprocessableEntity, "structure"},
	patch.Stale:     {http.StatusPreconditionFailed, "conflict"},
	patch.TooLarge:  {http.StatusRequestEntityTooLarge, "too-costly"},
}

// patchProblem is that of a patch; its text holds no data (patch.Error).
func patchProblem(err error) error {
	e, ok := errors.AsType[*patch.Error](err)
	if !ok {
		return err
	}
	a := patchAnswers[e.Kind]
	i := issue{code: a.code, text: e.Error()}
	if at, ok := errors.AsType[*r4.Error](e.Err); ok {
		i.expression = at.At
	}
	return &problem{a.status, []issue{i}}
}
