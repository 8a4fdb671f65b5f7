package r4_test

import (
	"context"
	"encoding/json"
	"os"
	"sync"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

// The benchmarks named Plain do the same with encoding/json and the tagged
// structs of z_plain_gen_test.go, which can hold the same documents: a patient
// with extensions everywhere, and the official example. Compare
//
//	go test -run xxx -bench Patient ./fhir/r4

// officialPatient is the example Patient/example of the R4 publication, nil when
// the package is not here.
var officialPatient = sync.OnceValue(func() (doc []byte) {
	tgz, err := pack.Fetch(context.Background())
	if err != nil {
		return nil
	}
	keep := func(name string) bool { return name == "Patient-example.json" }
	pack.Each(tgz, keep, func(_ string, d []byte) error { doc = d; return nil })
	return doc
})

// eachPatient runs fn with each document.
func eachPatient(b *testing.B, fn func(b *testing.B, doc []byte)) {
	rich, err := os.ReadFile("testdata/patient.json")
	if err != nil {
		b.Fatal(err)
	}
	for name, doc := range map[string][]byte{"rich": rich, "official": officialPatient()} {
		b.Run(name, func(b *testing.B) {
			if doc == nil {
				b.Skip("SKIPPED: the official examples are not here")
			}
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			fn(b, doc)
		})
	}
}

func read(b *testing.B, doc []byte) r4.Resource {
	r, err := r4.Unmarshal(doc)
	if err != nil {
		b.Fatal(err)
	}
	return r
}

func BenchmarkPatientParse(b *testing.B) {
	eachPatient(b, func(b *testing.B, doc []byte) {
		for b.Loop() {
			if _, err := r4.Unmarshal(doc); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkPatientParsePlain(b *testing.B) {
	eachPatient(b, func(b *testing.B, doc []byte) {
		for b.Loop() {
			var p plainPatient
			if err := json.Unmarshal(doc, &p); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkPatientWrite(b *testing.B) {
	eachPatient(b, func(b *testing.B, doc []byte) {
		r := read(b, doc)
		for b.Loop() {
			if _, err := r4.Marshal(r); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkPatientWritePlain(b *testing.B) {
	eachPatient(b, func(b *testing.B, doc []byte) {
		var p plainPatient
		if err := json.Unmarshal(doc, &p); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := json.Marshal(&p); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkPatientClone(b *testing.B) {
	eachPatient(b, func(b *testing.B, doc []byte) {
		r := read(b, doc)
		for b.Loop() {
			r4.Clone(r)
		}
	})
}

func BenchmarkPatientWalk(b *testing.B) {
	eachPatient(b, func(b *testing.B, doc []byte) {
		r, n := read(b, doc), 0
		for b.Loop() {
			r4.Walk(r, func(r4.Node) bool { n++; return true })
		}
	})
}

func BenchmarkPatientSummary(b *testing.B) {
	eachPatient(b, func(b *testing.B, doc []byte) {
		r := read(b, doc)
		for b.Loop() {
			if _, err := r4.Summarize(r, r4.SummaryTrue); err != nil {
				b.Fatal(err)
			}
		}
	})
}
