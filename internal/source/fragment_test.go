package source_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/mllp"
)

func part(id, pointer, segments string) string {
	return "MSH|^~\\&|LAB|HOSP|PONS|MAIN|2026||ORU^R01|" + id + "|P|2.5||" + pointer + "\r" + segments
}

// TestPartsOfAMessage: a message in three parts (HL7 v2.9 2.10.2) is refused in
// each, so that none of it is taken for a message.
func TestPartsOfAMessage(t *testing.T) {
	st := &fake{}
	s := newMLLP(st)
	now := noon
	s.Now = func() time.Time { return now }
	for _, c := range []struct{ name, body, want string }{
		{"before", part("0", "p1", "PID|1||7\r"), "AA 0"}, // what stands in MSH-14 belongs to nothing
		{"first", part("1", "", "PID|1||7\rOBX|1|TX|a||long\rADD\rDSC|p1|F\r"), "AR 1 207@DSC-1-1"},
		{"second", part("2", "p1", "ADD| text\rDSC|p2|F\r"), "AR 2 207@DSC-1-1"},
		{"third", part("3", "p2", "ADD| that ends\r"), "AR 3 207@MSH-1-14"},
		{"third again", part("3", "p2", "ADD| that ends\r"), "AR 3 207@MSH-1-14"},
		{"of somebody else", strings.Replace(part("4", "p2", "PID|1||7\r"), "LAB", "RIS", 1), "AA 4"},
		{"without DSC-2", part("5", "", "PID|1||7\rDSC|p5\r"), "AR 5 207@DSC-1-1"},
		{"more results of a query", part("6", "", "PID|1||7\rDSC|page2|I\r"), "AA 6"},
		{"empty DSC", part("7", "", "PID|1||7\rDSC|\r"), "AA 7"},
		{"null", part("8", "", "PID|1||7\rDSC|\"\"\r"), "AA 8"},
		{"whole", part("9", "", "PID|1||7\rADD|of no part\r"), "AA 9"},
	} {
		if got := codes(t, handle(t, s, mllp.Block{Data: []byte(c.body)})); got[0] != c.want {
			t.Errorf("%s: answer %q, want %q", c.name, got[0], c.want)
		}
	}
	if len(st.accepted)+len(st.dead) != 11 || len(st.dead) != 5 {
		t.Errorf("%d accepted, %d dead", len(st.accepted), len(st.dead))
	}
	now = now.Add(11 * time.Minute)
	if got := codes(t, handle(t, s, mllp.Block{Data: []byte(part("10", "p2", "PID|1||7\r"))})); got[0] != "AA 10" {
		t.Errorf("long after: answer %q", got[0])
	}
}

func TestPointersAreNotKeptForEver(t *testing.T) {
	s := newMLLP(&fake{})
	for i := range 5_000 {
		handle(t, s, mllp.Block{Data: []byte(part("1", "", fmt.Sprintf("DSC|p%d|F\r", i)))})
	}
	if n := s.Pointers(); n > 4096 {
		t.Errorf("%d pointers are kept", n)
	}
}
