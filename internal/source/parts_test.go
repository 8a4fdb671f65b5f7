package source_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ponshealth/pons/internal/source"
	"github.com/ponshealth/pons/mllp"
)

func part(id, pointer, segments string) string {
	return "MSH|^~\\&|LAB|HOSP|PONS|MAIN|2026||ORU^R01|" + id + "|P|2.5||" + pointer + "\r" + segments
}

// TestWhatIsAPart: what goes with the parts of messages and what is a message of
// its own (HL7 v2.9 2.10.2).
func TestWhatIsAPart(t *testing.T) {
	st := newQueue()
	s := newMLLP(st)
	s.Parts = st
	for _, c := range []struct {
		name, body, want string
		part             bool
	}{
		{"before", part("0", "p1", "PID|1||7\r"), "AA 0", false}, // what stands in MSH-14 belongs to nothing
		{"first", part("1", "", "PID|1||7\rOBX|1|TX|a||long\rADD\rDSC|p1|F\r"), "AA 1", true},
		{"first again", part("1", "", "PID|1||7\rOBX|1|TX|a||long\rADD\rDSC|p1|F\r"), "AA 1", true},
		{"with a pointer that is taken", part("1b", "", "PID|1||8\rDSC|p1|F\r"), "AR 1b 205@DSC-1-1", false},
		{"second", part("2", "p1", "ADD| text\rDSC|p2|F\r"), "AA 2", true},
		{"third", part("3", "p2", "ADD| that ends\r"), "AA 3", true},
		{"third again", part("3", "p2", "ADD| that ends\r"), "AA 3", true},
		{"of somebody else", strings.Replace(part("4", "p2", "PID|1||7\r"), "LAB", "RIS", 1), "AA 4", false},
		{"without DSC-2", part("5", "", "PID|1||7\rDSC|p5\r"), "AA 5", true},
		{"more results of a query", part("6", "", "PID|1||7\rDSC|page2|I\r"), "AA 6", false},
		{"empty DSC", part("7", "", "PID|1||7\rDSC|\r"), "AA 7", false},
		{"null", part("8", "", "PID|1||7\rDSC|\"\"\r"), "AA 8", false},
		{"whole", part("9", "", "PID|1||7\rADD|of no part\r"), "AA 9", false},
		{"enhanced mode", strings.Replace(part("10", "", "PID|1||7\rDSC|p10\r"), "|P|2.5||", "|P|2.5|||AL|AL", 1), "CA 10", true},
	} {
		before := len(st.accepted)
		if got := codes(t, handle(t, s, mllp.Block{Data: []byte(c.body)})); got[0] != c.want {
			t.Errorf("%s: answer %q, want %q", c.name, got[0], c.want)
		}
		for _, m := range st.accepted[before:] {
			if (m.Destination == source.PartsDestination) != c.part || string(m.Body) != c.body {
				t.Errorf("%s: went to %s", c.name, m.Destination)
			}
		}
	}
	lanes := map[string]bool{}
	for _, m := range st.accepted {
		if m.Destination == source.PartsDestination && lanes[m.Lane] {
			t.Errorf("part %s would wait for another to be settled", m.ControlID)
		}
		lanes[m.Lane] = true
	}
	if len(st.accepted) != 11 || len(st.dead) != 1 {
		t.Errorf("%d accepted, %d dead", len(st.accepted), len(st.dead))
	}
}

// TestPartsRefused: without a place for parts each is refused, so that none of them
// is taken for a message.
func TestPartsRefused(t *testing.T) {
	st := &fake{}
	s := newMLLP(st)
	for _, c := range []struct{ body, want string }{
		{part("1", "", "PID|1||7\rOBX|1|TX|a||long\rADD\rDSC|p1|F\r"), "AR 1 207@DSC-1-1"},
		{part("2", "p1", "ADD| text\rDSC|p2|F\r"), "AR 2 207@DSC-1-1"},
		{part("3", "p2", "ADD| that ends\r"), "AR 3 207@MSH-1-14"},
		{part("4", "other", "PID|1||7\r"), "AA 4"},
	} {
		if got := codes(t, handle(t, s, mllp.Block{Data: []byte(c.body)})); got[0] != c.want {
			t.Errorf("answer %q, want %q", got[0], c.want)
		}
	}
	if len(st.accepted) != 1 || len(st.dead) != 3 {
		t.Errorf("%d accepted, %d dead", len(st.accepted), len(st.dead))
	}
}

// TestPointersAreNotKeptForEver: what is remembered of messages that are done with is bounded.
func TestPointersAreNotKeptForEver(t *testing.T) {
	s := newMLLP(&fake{})
	for n := range 5000 {
		handle(t, s, mllp.Block{Data: []byte(part("1", "", fmt.Sprintf("DSC|p%d|F\r", n)))})
	}
	if n := s.Pointers(); n > 4096 {
		t.Errorf("%d pointers are kept", n)
	}
}

func TestLimitsOfParts(t *testing.T) {
	t.Run("parts of a message", func(t *testing.T) {
		s := newMLLP(newQueue())
		s.Parts = s.Store.(*queue)
		for n := 1; n <= 101; n++ {
			want := fmt.Sprintf("AA %d", n)
			if n == 101 {
				want = "AR 101 207@MSH-1-14"
			}
			from := fmt.Sprintf("p%d", n-1)
			if n == 1 {
				from = ""
			}
			reply := handle(t, s, mllp.Block{Data: []byte(part(fmt.Sprint(n), from, fmt.Sprintf("OBX|1\rDSC|p%d|F\r", n)))})
			if got := codes(t, reply); got[0] != want {
				t.Fatalf("answer %q, want %q", got[0], want)
			}
		}
	})
	t.Run("bytes of a message", func(t *testing.T) {
		s := newMLLP(newQueue())
		s.Parts = s.Store.(*queue)
		long := "OBX|1|TX|||" + strings.Repeat("x", 33<<20) + "\r"
		for n, want := range []string{"AA 0", "AR 1 207@MSH-1-14"} {
			from := strings.Repeat("p", n) // "" and p
			if got := codes(t, handle(t, s, mllp.Block{Data: []byte(part(fmt.Sprint(n), from, long+"DSC|p|F\r"))})); n == 0 && got[0] != want {
				t.Errorf("answer %q, want %q", got[0], want)
			} else if n == 1 && got[0] != want {
				t.Errorf("answer %q, want %q", got[0], want)
			}
		}
	})
	t.Run("parts that wait", func(t *testing.T) {
		st := newQueue()
		s := newMLLP(st)
		s.Parts = st
		for n := range 4100 {
			block := mllp.Block{Data: []byte(part(fmt.Sprint(n), "", fmt.Sprintf("DSC|p%d|F\r", n)))}
			want := fmt.Sprintf("AA %d", n)
			if n >= 4096 {
				want = fmt.Sprintf("AR %d 207@", n)
			}
			if got := codes(t, handle(t, s, block)); got[0] != want {
				t.Fatalf("answer %q, want %q", got[0], want)
			}
		}
		if len(st.accepted) != 4096 || len(st.dead) != 0 || s.Pointers() != 4096 {
			t.Errorf("%d accepted, %d dead, %d pointers", len(st.accepted), len(st.dead), s.Pointers())
		}
		if committed(t, s, mllp.Block{Data: []byte(part("x", "", "DSC|px|F\r"))}) {
			t.Error("what was not kept is called committed")
		}
	})
}
