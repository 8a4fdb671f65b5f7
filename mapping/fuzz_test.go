package mapping_test

import (
	"testing"

	"github.com/ponshealth/pons/hl7"
)

// Whatever parses is converted or refused, never a panic, and what comes out
// holds together.
func FuzzConvert(f *testing.F) {
	f.Add([]byte(seed))
	f.Add([]byte(admission))
	f.Add([]byte(results()[:2500]))
	f.Add([]byte("MSH|^~\\&|A|B|C|D|2025||ORU^R01|1|P|2.5\rOBX|1|SN|X||<^5^-^7|mg\rNTE|1||x~y\rPID|||\"\"~1^^^&1.2.3&ISO||\"\"\rORC||~\rOBR|\r"))
	m := newMapper(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		msg, err := hl7.Parse(b)
		if err != nil {
			return
		}
		res, err := m.Convert(msg)
		if err != nil {
			return
		}
		for _, problem := range check(res) {
			t.Error(problem)
		}
	})
}
