package structure_test

import (
	"fmt"
	"testing"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/grammar"
	"github.com/ponshealth/pons/hl7/structure"
)

// names are the segments that a fuzzed message is made of: those of the
// structures with the most groups, some that no structure has, and Z segments.
var names = []string{
	"PID", "PD1", "PV1", "PV2", "NK1", "MRG", "EVN", "ORC", "OBR", "OBX", "NTE", "SPM", "SAC", "TQ1", "TQ2", "PR1", "ROL", "PRT", "IN1", "IN2",
	"GT1", "AL1", "DG1", "FT1", "RXO", "RXE", "RXR", "RXC", "RXA", "SCH", "RGS", "AIS", "AIL", "MFI", "MFE", "MSA", "ERR", "QAK", "QPD", "RCP",
	"QRD", "PTH", "PRB", "GOL", "DSC", "CTI", "BLG", "SFT", "ZPI", "ZZZ", "XYZ", "A00",
}

// FuzzMatch: each byte is a segment, after two that pick version and event.
// Whatever the segments: see sound.
func FuzzMatch(f *testing.F) {
	f.Add([]byte{6, 25, 0, 7, 8, 9, 9, 10, 48, 8, 9})
	f.Add([]byte{6, 1, 6, 0, 4, 2, 15, 16, 18, 19, 20, 49, 4})
	f.Add([]byte{13, 8, 29, 0, 29, 17, 17, 17, 9, 17})
	versions := grammar.Versions()
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 3 || len(b) > 400 {
			return
		}
		text := fmt.Sprintf("MSH|^~\\&|A|F|B|G|20250101||%s|1|P|%s", events[int(b[1])%len(events)], versions[int(b[0])%len(versions)])
		for _, c := range b[2:] {
			text += "\r" + names[int(c)%len(names)]
		}
		m, err := hl7.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if problem := sound(t, m, structure.Match(m)); problem != "" {
			t.Errorf("%q: %s", text, problem)
		}
	})
}

// FuzzPath: an address that is read is written the same way, but for leading
// zeros, and may be asked for.
func FuzzPath(f *testing.F) {
	for _, s := range []string{"/PID", "/PATIENT_RESULT(0)/ORDER_OBSERVATION(1)/OBX(2)-5[2].1", "/PID(00)-1", "PID-3"} {
		f.Add(s)
	}
	tree := tree(f, report)
	f.Fuzz(func(t *testing.T, s string) {
		tree.Get(s)
		n := 0
		for range tree.Each(s) {
			n++
		}
		p, err := structure.ParsePath(s)
		if err != nil {
			if n > 0 {
				t.Errorf("%q is no address but leads somewhere", s)
			}
			return
		}
		again, err := structure.ParsePath(p.String())
		if err != nil || again.String() != p.String() || len(p.String()) > len(s) {
			t.Errorf("%q is written %s, %v", s, p, err)
		}
		if _, ok := tree.Root().Find(p); ok && n == 0 {
			t.Errorf("%q is found and not iterated", s)
		}
	})
}
