package reverse_test

import (
	"testing"

	"github.com/ponshealth/pons/mapping/reverse"
)

func benchmark(b *testing.B, file, event string) {
	r := newReverter(b)
	bundle := readBundle(b, file)
	to := reverse.Target{Event: event, ControlID: "1", Time: at}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Bundle(bundle, to); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkA08(b *testing.B) { benchmark(b, "testdata/cases/adt_a08.json", "ADT^A08") }
func BenchmarkR01(b *testing.B) { benchmark(b, "testdata/cases/oru_r01.json", "ORU^R01") }

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		newReverter(b)
	}
}
