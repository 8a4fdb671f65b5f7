package fhirserver_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/fhirserver"
	"github.com/ponshealth/pons/internal/store"
)

const benchPatient = `{"resourceType": "Patient", "id": "p%d",
 "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "%d"}],
 "name": [{"family": "Smith", "given": ["John", "Paul"]}], "gender": "male", "birthDate": "1985-03-15",
 "address": [{"line": ["42 High Street"], "city": "Manchester", "postalCode": "M1 1AA", "country": "GBR"}]}`

// BenchmarkServer is the server on the real store, without a network.
func BenchmarkServer(b *testing.B) {
	s, err := store.Open(b.Context(), b.TempDir(), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	h := fhirserver.New(fhirserver.Options{Store: s, Base: base})
	put := func(b *testing.B, n int) {
		if w := send(h, "PUT", fmt.Sprintf("/Patient/p%d", n), fmt.Sprintf(benchPatient, n, n)); w.Code > 201 {
			b.Fatal(w.Code, w.Body)
		}
	}
	for n := range 200 {
		put(b, n)
	}
	get := func(name, target string) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if w := send(h, "GET", target, ""); w.Code != 200 {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
	get("read", "/Patient/p7")
	get("by identifier", "/Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|7")
	get("page of 50", "/Patient?name=smith")
	n := 200
	b.Run("create one durably", func(b *testing.B) {
		for b.Loop() {
			put(b, n)
			n++
		}
	})
}

// FuzzRequest sends anything: the answer is never the server's fault, and what
// it says is FHIR.
func FuzzRequest(f *testing.F) {
	f.Add("GET", "Patient/1", "_format=json", "", "")
	f.Add("PUT", "Patient/1", "", "W/\"1\"", `{"resourceType": "Patient", "id": "1"}`)
	f.Add("POST", "Patient/_search", "name=x", "", "birthdate=ge1985")
	f.Add("GET", "Patient/1/_history/1", "_count=1&_since=2026-01-01T00:00:00Z", "return=minimal", "")
	h := fhirserver.New(fhirserver.Options{Store: newMemory(), Base: base})
	f.Fuzz(func(t *testing.T, method, path, query, header, body string) {
		if method == "" || strings.ContainsFunc(method, func(r rune) bool { return r <= ' ' || r > 'Z' }) {
			return
		}
		r := httptest.NewRequest("GET", "/", strings.NewReader(body))
		r.Method = method
		r.URL = &url.URL{Path: "/" + path, RawQuery: query}
		for _, name := range []string{"If-Match", "If-None-Match", "Prefer", "Accept", "If-None-Exist", "If-Modified-Since"} {
			r.Header.Set(name, header)
		}
		r.Header.Set("Content-Type", "application/fhir+json")
		if strings.HasSuffix(path, "_search") {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%d: %s", w.Code, w.Body)
		}
		if w.Body.Len() > 0 {
			if _, err := r4.Unmarshal(w.Body.Bytes()); err != nil {
				t.Errorf("%v: %s", err, w.Body)
			}
		}
	})
}
