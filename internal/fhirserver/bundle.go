package fhirserver

import (
	"encoding/json"
	"strconv"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/store"
)

// A bundle is written as JSON around the stored bodies, which are not parsed
// again for it.
type bundle struct {
	kind    string // searchset or history
	total   int    // -1 is not known
	links   []link
	entries []entry
}

type link struct{ relation, url string }

type entry struct {
	fullURL  string
	body     []byte // nil for a deletion
	mode     string // of a search: match or outcome
	request  *request
	response string // status of a history entry
	version  store.Resource
}

type request struct{ method, url string }

func (b *bundle) json() []byte {
	size := 512
	for i := range b.entries {
		size += len(b.entries[i].body) + 256
	}
	out := make([]byte, 0, size)
	out = append(out, `{"resourceType":"Bundle","type":"`...)
	out = append(out, b.kind...)
	out = append(out, '"')
	if b.total >= 0 {
		out = append(out, `,"total":`...)
		out = strconv.AppendInt(out, int64(b.total), 10)
	}
	sep := `,"link":[`
	for _, l := range b.links {
		out = append(out, sep...)
		out = append(out, `{"relation":`...)
		out = text(out, l.relation)
		out = append(out, `,"url":`...)
		out = text(out, l.url)
		out = append(out, '}')
		sep = ","
	}
	if len(b.links) > 0 {
		out = append(out, ']')
	}
	sep = `,"entry":[`
	for i := range b.entries {
		out = append(out, sep...)
		out = b.entries[i].json(out)
		sep = ","
	}
	if len(b.entries) > 0 {
		out = append(out, ']')
	}
	return append(out, '}')
}

// json appends one entry. Every member begins with the separator before it.
func (e *entry) json(out []byte) []byte {
	sep := byte('{')
	member := func(name string) {
		out = append(out, sep)
		out = append(out, '"')
		out = append(out, name...)
		out = append(out, `":`...)
		sep = ','
	}
	if e.fullURL != "" {
		member("fullUrl")
		out = text(out, e.fullURL)
	}
	if e.body != nil {
		member("resource")
		out = append(out, e.body...)
	}
	if e.mode != "" {
		member("search")
		out = append(out, `{"mode":"`+e.mode+`"}`...)
	}
	if e.request != nil {
		member("request")
		out = append(out, `{"method":"`+e.request.method+`","url":`...)
		out = text(out, e.request.url)
		out = append(out, '}')
		member("response")
		out = append(out, `{"status":"`+e.response+`","etag":`...)
		out = text(out, etag(e.version.Version))
		out = append(out, `,"lastModified":"`...)
		out = e.version.Updated.UTC().AppendFormat(out, instant)
		out = append(out, `"}`...)
	}
	return append(out, '}')
}

const instant = "2006-01-02T15:04:05.000Z"

// text appends a JSON string.
func text(out []byte, s string) []byte {
	b, _ := json.Marshal(s) // a string always can
	return append(out, b...)
}

// outcomeEntry tells of something beside the matches (search.html#errors).
func outcomeEntry(issues []issue) (entry, error) {
	b, err := r4.Marshal(outcome(issues))
	return entry{body: b, mode: "outcome"}, err
}
