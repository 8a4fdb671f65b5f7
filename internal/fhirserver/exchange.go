package fhirserver

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/store"
)

const fhirJSON = "application/fhir+json"

// An exchange is one request with what is known of it, and its answer.
type exchange struct {
	server *server
	ctx    context.Context
	w      http.ResponseWriter
	r      *http.Request
	name   string // the route, for the log

	typ, id, version string // from the path

	media  string // of the answer
	pretty bool
	status int // of the answer, once it is given
}

// base is the URL of the server as the client should use it.
func (x *exchange) base() string {
	if x.server.Base != "" {
		return x.server.Base
	}
	scheme := "http://"
	if x.r.TLS != nil {
		scheme = "https://"
	}
	return scheme + x.r.Host + x.server.Path
}

// url is the address of a resource, or of one version of it.
func (x *exchange) url(r store.Resource, versioned bool) string {
	u := x.base() + "/" + r.Type + "/" + r.ID
	if versioned {
		u += "/_history/" + strconv.Itoa(r.Version)
	}
	return u
}

// query returns the parameters of the URL. A URL that cannot be read is an
// error rather than a search with fewer parameters.
func (x *exchange) query() (url.Values, error) {
	q, err := url.ParseQuery(x.r.URL.RawQuery)
	if err != nil {
		return nil, &problem{http.StatusBadRequest, []issue{{code: "invalid", text: "the query of the URL is not well-formed"}}}
	}
	return q, nil
}

// body reads what the client sent, of one of the media types given.
func (x *exchange) body(max int64, types ...string) ([]byte, error) {
	if e := x.r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return nil, unsupportedMedia("a compressed body is not supported")
	}
	media, params, err := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	if err != nil || !contains(types, media) {
		return nil, unsupportedMedia("the Content-Type must be " + types[0])
	}
	if c := params["charset"]; c != "" && !strings.EqualFold(c, "utf-8") {
		return nil, unsupportedMedia("the charset must be utf-8")
	}
	if v := params["fhirversion"]; !ourVersion(v) {
		return nil, unsupportedMedia("the fhirVersion must be 4.0")
	}
	return io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, max))
}

func unsupportedMedia(text string) error {
	return &problem{http.StatusUnsupportedMediaType, []issue{{code: "not-supported", text: text, location: "http.Content-Type"}}}
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

// fail answers with an OperationOutcome (http.html#Status-Codes).
func (x *exchange) fail(err error) {
	if x.status != 0 {
		return // answered already
	}
	p := problemOf(err)
	if p.status == http.StatusServiceUnavailable {
		x.w.Header().Set("Retry-After", "1")
	}
	if err := x.resource(p.status, outcome(p.issues)); err != nil {
		x.send(http.StatusInternalServerError, nil)
	}
}

// resource answers with a resource.
func (x *exchange) resource(status int, r r4.Resource) error {
	b, err := r4.Marshal(r)
	if err != nil {
		return err
	}
	x.json(status, b)
	return nil
}

// json answers with JSON, indented if the client asked for that.
func (x *exchange) json(status int, b []byte) {
	if x.pretty {
		var out bytes.Buffer
		if json.Indent(&out, b, "", "  ") == nil {
			out.WriteByte('\n')
			b = out.Bytes()
		}
	}
	x.w.Header().Set("Content-Type", x.media+"; charset=utf-8")
	x.send(status, b)
}

func (x *exchange) send(status int, b []byte) {
	x.status = status
	if status != http.StatusNoContent && status != http.StatusNotModified {
		x.w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	}
	x.w.WriteHeader(status)
	x.w.Write(b) // an error here is the client's going away
}

func (x *exchange) noContent() error {
	x.send(http.StatusNoContent, nil)
	return nil
}

// versionHeaders tells version and time of a resource (http.html#versioning).
func (x *exchange) versionHeaders(r store.Resource) {
	x.w.Header().Set("ETag", etag(r.Version))
	x.w.Header().Set("Last-Modified", r.Updated.UTC().Format(http.TimeFormat))
}

func etag(version int) string { return `W/"` + strconv.Itoa(version) + `"` }
