package store_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/store"
)

// BenchmarkSearch asks a store of 5,000 patients and 45,000 observations for
// one page each time.
func BenchmarkSearch(b *testing.B) {
	const patients, each = 5000, 9
	s := openAs(b, b.TempDir(), store.Options{})
	defer s.Close()
	for i := range patients {
		texts := []string{fmt.Sprintf(`{"resourceType":"Patient","id":"p%d","identifier":[{"system":"urn:mrn","value":"%d"}],"name":[{"family":"Smith%d","given":["Ann"]}],"gender":"female","birthDate":"19%02d-03-15"}`, i, i, i%500, i%100)}
		for o := range each {
			texts = append(texts, fmt.Sprintf(`{"resourceType":"Observation","id":"o%d-%d","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"%d-7"}]},"subject":{"reference":"Patient/p%d"},"effectiveDateTime":"2025-%02d-%02dT10:00:00Z","valueQuantity":{"value":13.%d,"system":"http://unitsofmeasure.org","code":"g/dL"}}`, i, o, o, i, 1+i%12, 1+o, o))
		}
		var writes []store.Write
		for _, text := range texts {
			r, err := r4.Unmarshal([]byte(text))
			if err != nil {
				b.Fatal(err)
			}
			writes = append(writes, store.Write{Type: r.ResourceType(), ID: r.ResourceID(), Body: []byte(text), Index: search.Extract(r)})
		}
		if _, err := s.Write(b.Context(), writes); err != nil {
			b.Fatal(err)
		}
	}
	for _, test := range []struct{ typ, query string }{
		{"Patient", "identifier=urn:mrn|4711"},
		{"Patient", "name=smith77"},
		{"Patient", "name=smith"},
		{"Patient", "birthdate=ge1950&gender=female"},
		{"Observation", "patient=p77&_sort=-date"},
		{"Observation", "code=http://loinc.org|3-7"},
		{"Observation", "code=3-7&date=ge2025-12-01"},
		{"Observation", "code=http://loinc.org|3-7&_summary=count"},
		{"Observation", "_sort=-date"},
		{"Observation", "value-quantity=lt1"},
		{"Observation", ""},
	} {
		b.Run(test.typ+"?"+test.query, func(b *testing.B) {
			values, _ := url.ParseQuery(test.query)
			q, err := search.Parse(test.typ, values)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := s.Search(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
