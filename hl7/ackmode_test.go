package hl7_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/hl7"
)

// TestAckMode: who waits for what, by table 0155.
func TestAckMode(t *testing.T) {
	for _, c := range []struct {
		accept, application string
		enhanced            bool
		wants               string // accept when stored and when not, application when processed and when not
	}{
		{"", "", false, "..AA"},
		{"AL", "", true, "CC.."}, {"NE", "", true, "...."}, {"ER", "", true, ".C.."}, {"SU", "", true, "C..."},
		{"", "AL", true, "..AA"}, {"", "NE", true, "...."}, {"", "ER", true, "...A"}, {"", "SU", true, "..A."},
		{"AL", "AL", true, "CCAA"}, {"AL", "NE", true, "CC.."}, {"ER", "SU", true, ".CA."}, {"XX", "", true, "CC.."},
		{"\"\"", "\"\"", true, "...."},
	} {
		h := parse(t, "MSH|^~\\&|A||||||ADT^A01|1|P|2.5|||"+c.accept+"|"+c.application).Header()
		got := ""
		for i, wants := range []bool{h.WantsAccept(true), h.WantsAccept(false), h.WantsApplication(true), h.WantsApplication(false)} {
			if wants {
				got += "CCAA"[i : i+1]
			} else {
				got += "."
			}
		}
		if got != c.wants || h.Enhanced() != c.enhanced {
			t.Errorf("%q and %q: %s, enhanced %v, want %s", c.accept, c.application, got, h.Enhanced(), c.wants)
		}
	}
}

func TestAckCode(t *testing.T) {
	for o, want := range map[hl7.AckOutcome]string{
		hl7.AckAccepted: "AA CA", hl7.AckFailed: "AE CE", hl7.AckRejected: "AR CR", 0: "AE CE", 9: "AE CE",
	} {
		if got := o.Code(false) + " " + o.Code(true); got != want {
			t.Errorf("%d is %s, want %s", o, got, want)
		}
	}
}

// TestAckEnhanced: an application acknowledgment of enhanced mode, and one that asks to
// start a sequence anew.
func TestAckEnhanced(t *testing.T) {
	m := parse(t, "MSH|^~\\&|A|F|B|G|||ADT^A01|4711|P|2.5|-1||AL|AL")
	if h := m.Header(); h.Sequence != "-1" || h.Continuation != "" {
		t.Errorf("%+v", h)
	}
	got := hl7.Ack(m, hl7.AckOptions{Code: "AA", ControlID: "9", Time: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		AcceptAck: "AL", ApplicationAck: "NE", Sequence: "-1"})
	const want = "MSH|^~\\&|B|G|A|F|20260101000000+0000||ACK^A01^ACK|9|P|2.5|||AL|NE\rMSA|AA|4711||-1\r"
	if string(got) != want {
		t.Errorf("%q, want %q", got, want)
	}
	r, err := hl7.ParseAck(got)
	if err != nil || r.Sequence != "-1" || !r.Accepted() {
		t.Errorf("%+v, %v", r, err)
	}
	if plain := hl7.Ack(m, hl7.AckOptions{Code: "CA", ControlID: "9"}); !strings.HasSuffix(string(plain), "|9|P|2.5\rMSA|CA|4711\r") {
		t.Errorf("%q", plain)
	}
}
