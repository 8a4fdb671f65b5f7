package grammar

import "testing"

// BenchmarkLoad measures what the first use of a version costs on top of
// unpacking, BenchmarkUnpack what unpacking costs once per process.
func BenchmarkLoad(b *testing.B) {
	definitions()
	b.ReportAllocs()
	for b.Loop() {
		load(len(versions) - 1)
	}
}

func BenchmarkUnpack(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		unpack(packedGrammar)
	}
}
