package fhirserver

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/internal/fault"
)

// formats are the names that _format and Accept may use for JSON
// (http.html#mime-type), with the media type of the answer.
var formats = map[string]string{
	"json":                  fhirJSON,
	"application/fhir+json": fhirJSON,
	"application/json+fhir": fhirJSON, // the name before STU3
	"application/json":      "application/json",
	"text/json":             "text/json",
	"*/*":                   fhirJSON,
	"application/*":         fhirJSON,
	"text/*":                "text/json",
}

// negotiate chooses the form of the answer by _format, which overrides Accept.
func (x *exchange) negotiate() error {
	q, err := x.query()
	if err != nil {
		return err
	}
	x.pretty = q.Get("_pretty") == "true"
	if f := q.Get("_format"); f != "" {
		return x.format(f)
	}
	accept := strings.Join(x.r.Header.Values("Accept"), ",")
	if strings.TrimSpace(accept) == "" {
		return nil
	}
	best := 0.0
	for part := range strings.SplitSeq(accept, ",") {
		name, params, err := mime.ParseMediaType(part)
		if err != nil || formats[name] == "" || !ourVersion(params["fhirversion"]) {
			continue
		}
		weight := 1.0
		if q, ok := params["q"]; ok {
			if weight, err = strconv.ParseFloat(q, 64); err != nil {
				continue
			}
		}
		if weight > best {
			best, x.media = weight, formats[name]
		}
	}
	if best == 0 {
		return notAcceptable("http.Accept")
	}
	return nil
}

// format reads a value of _format.
func (x *exchange) format(f string) error {
	name, params, err := mime.ParseMediaType(plusNames.Replace(f))
	if err != nil || formats[name] == "" || strings.Contains(name, "*") || !ourVersion(params["fhirversion"]) {
		return notAcceptable("http._format")
	}
	x.media = formats[name]
	return nil
}

// plusNames mends a "+" that was not escaped in a URL and arrived as a space.
var plusNames = strings.NewReplacer("fhir json", "fhir+json", "json fhir", "json+fhir")

// ourVersion checks the parameter fhirVersion of a media type.
func ourVersion(v string) bool { return v == "" || v == "4.0" }

func notAcceptable(location string) error {
	return &problem{http.StatusNotAcceptable, []issue{{code: "not-supported", location: location,
		text: "only JSON is served: application/fhir+json"}}}
}

// prefer reads a preference of the Prefer header (RFC 7240): "return" or
// "handling". The first one counts.
func (x *exchange) prefer(name string) string {
	for _, line := range x.r.Header.Values("Prefer") {
		for part := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == ',' || r == ';' }) {
			key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			if strings.EqualFold(strings.TrimSpace(key), name) {
				return strings.Trim(strings.TrimSpace(value), `"`)
			}
		}
	}
	return ""
}

// ifMatch reads If-Match of a change: the version that it is meant for, -1 for
// "*" (any, but there must be one), 0 if there is none.
func (x *exchange) ifMatch() (int, error) {
	tag := strings.TrimSpace(x.r.Header.Get("If-Match"))
	if tag == "" {
		return 0, nil
	}
	if tag == "*" {
		return -1, nil
	}
	n, ok := tagVersion(tag)
	if !ok {
		return 0, fault.New(fault.Invalid, "", `If-Match must be one ETag of a resource, such as W/"3"`)
	}
	return n, nil
}

// noneMatch tells whether If-None-Match names this version.
func (x *exchange) noneMatch(version int) bool {
	for tag := range strings.SplitSeq(x.r.Header.Get("If-None-Match"), ",") {
		if n, ok := tagVersion(strings.TrimSpace(tag)); ok && n == version || strings.TrimSpace(tag) == "*" {
			return true
		}
	}
	return false
}

// tagVersion reads W/"3". A strong "3" is taken as well.
func tagVersion(tag string) (int, bool) {
	tag = strings.TrimPrefix(tag, "W/")
	if len(tag) < 3 || tag[0] != '"' || tag[len(tag)-1] != '"' {
		return 0, false
	}
	return versionNumber(tag[1 : len(tag)-1])
}
