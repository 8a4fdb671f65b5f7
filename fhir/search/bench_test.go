package search_test

import (
	"bytes"
	"net/url"
	"os"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
)

func BenchmarkExtract(b *testing.B) {
	for _, name := range []string{"patient", "quantity"} {
		text, err := os.ReadFile("testdata/find/" + name + ".txt")
		if err != nil {
			b.Fatal(err)
		}
		doc, _, _ := bytes.Cut(text, []byte("\n----------\n"))
		r, err := r4.Unmarshal(doc)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(r.ResourceType(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				search.Extract(r)
			}
			b.ReportMetric(float64(len(search.Extract(r))), "entries")
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for _, query := range []string{
		"identifier=https://fhir.nhs.uk/Id/nhs-number|9000000009",
		"name=smith&birthdate=ge1985-01-01&birthdate=le1985-12-31&_sort=-birthdate&_count=50",
	} {
		params, err := url.ParseQuery(query)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(query[:4], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parser.Parse("Patient", params); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
