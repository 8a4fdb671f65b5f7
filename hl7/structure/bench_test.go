package structure_test

import (
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7/structure"
)

// BenchmarkMatch puts messages of several sizes into groups. "hostile" has no
// segment in its place; it shows that the time grows with the length and no faster.
func BenchmarkMatch(b *testing.B) {
	for _, c := range []struct{ name, typ, version, segments string }{
		{"admission", "ADT^A01", "2.5", "EVN, PID, NK1, PV1, PV2, AL1, DG1, IN1, IN2"},
		{"admission out of order", "ADT^A01", "2.5", "EVN, PID, IN1, IN2, PV1, PV2, AL1, DG1, NK1"},
		{"report of 400 segments", "ORU^R01", "2.5.1", "PID, PV1" + strings.Repeat(", ORC, OBR"+strings.Repeat(", OBX", 18), 20)},
		{"hostile, 1000 segments", "CCR^I16", "2.9", strings.Repeat("PRT, OBX, IN1, PID, ORC, ", 200) + "PID"},
		{"hostile, 10000 segments", "CCR^I16", "2.9", strings.Repeat("PRT, OBX, IN1, PID, ORC, ", 2000) + "PID"},
	} {
		b.Run(c.name, func(b *testing.B) {
			m := message(b, c.typ, c.version, c.segments)
			structure.Match(m)
			b.ReportAllocs()
			for b.Loop() {
				structure.Match(m)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(m.Len()), "ns/segment")
		})
	}
}
