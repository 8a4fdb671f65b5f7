package r4_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

// The benchmarks named Plain do the same with encoding/json and the tagged
// structs of z_plain_gen_test.go, which can hold the same documents. Compare
//
//	go test -run xxx -bench Patient ./fhir/r4

func benchDoc(b *testing.B) []byte {
	doc, err := os.ReadFile("testdata/patient.json")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	return doc
}

func BenchmarkPatientParse(b *testing.B) {
	doc := benchDoc(b)
	for b.Loop() {
		if _, err := r4.Unmarshal(doc); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPatientParsePlain(b *testing.B) {
	doc := benchDoc(b)
	for b.Loop() {
		var p plainPatient
		if err := json.Unmarshal(doc, &p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPatientWrite(b *testing.B) {
	r, err := r4.Unmarshal(benchDoc(b))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := r4.Marshal(r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPatientWritePlain(b *testing.B) {
	var p plainPatient
	if err := json.Unmarshal(benchDoc(b), &p); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := json.Marshal(&p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPatientClone(b *testing.B) {
	r, err := r4.Unmarshal(benchDoc(b))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		r4.Clone(r)
	}
}
