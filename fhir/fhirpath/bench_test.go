package fhirpath_test

import (
	"encoding/json"
	"testing"

	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/r4"
)

// BenchmarkGiven measures the expression that the speed of this package is stated
// for, against the same in plain Go on the structs and on a document that
// encoding/json has read into maps.
func BenchmarkGiven(b *testing.B) {
	p := patient()
	b.Run("fhirpath", func(b *testing.B) {
		b.ReportAllocs()
		e := fhirpath.MustCompile("name.where(use='official').given.first()")
		for b.Loop() {
			if c, err := e.Evaluate(nil, p); err != nil || len(c) != 1 {
				b.Fatal(c, err)
			}
		}
	})
	b.Run("structs", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if firstGiven(p) != "Peter" {
				b.Fatal()
			}
		}
	})
	b.Run("maps", func(b *testing.B) {
		b.ReportAllocs()
		doc, err := r4.Marshal(p)
		if err != nil {
			b.Fatal(err)
		}
		var v map[string]any
		if err := json.Unmarshal(doc, &v); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if firstGivenOf(v) != "Peter" {
				b.Fatal()
			}
		}
	})
}

func firstGiven(p *r4.Patient) string {
	for _, n := range p.Name {
		if n.Use == "official" && len(n.Given) > 0 {
			return n.Given[0]
		}
	}
	return ""
}

func firstGivenOf(v map[string]any) string {
	names, _ := v["name"].([]any)
	for _, n := range names {
		name, _ := n.(map[string]any)
		given, _ := name["given"].([]any)
		if name["use"] == "official" && len(given) > 0 {
			s, _ := given[0].(string)
			return s
		}
	}
	return ""
}

// BenchmarkExpressions measures some others.
func BenchmarkExpressions(b *testing.B) {
	p := patient()
	for _, expr := range []string{
		"birthDate < @1975-01-01",
		"name.exists(given.count() > 1 and family.exists())",
		"descendants().count()",
		"hasValue() or (children().count() > id.count())",
		"contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().ofType(canonical))) or " +
			"descendants().where(reference = '#').exists()).not()).empty()",
		"name.given.select(upper()).join(' ')",
		"1.5 'kg' > 800 'g'",
	} {
		e := fhirpath.MustCompile(expr)
		b.Run(expr[:min(len(expr), 24)], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Evaluate(nil, p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fhirpath.Compile("name.where(use='official').given.first()"); err != nil {
			b.Fatal(err)
		}
	}
}
