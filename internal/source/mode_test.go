package source_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/mllp"
)

// asking is a message with MSH-15 and MSH-16; wrong has what the header is to
// have wrong.
func asking(accept, application, wrong string) string {
	id, version := "1", "2.5"
	switch wrong {
	case "version":
		version = "3"
	case "id":
		id = ""
	}
	return "MSH|^~\\&|A|B|C|D|2026||ADT^A01|" + id + "|P|" + version + "|||" + accept + "|" + application + "\rPID|1||7\r"
}

// TestAcknowledgmentModes walks MSH-15 and MSH-16 (HL7 v2.9 2.9.2, 2.9.3.2, table
// 0155): what is answered to a good message, to one whose version is not
// acceptable, to one without a control id, and when the store fails.
func TestAcknowledgmentModes(t *testing.T) {
	const null = `""`
	for _, c := range []struct {
		accept, application              string
		good, version, withoutID, failed string
	}{
		{"", "", "AA 1", "AR 1 203@MSH-1-12", "AR  101@MSH-1-10", "AR 1 207@"},
		{null, null, "AA 1", "AR 1 203@MSH-1-12", "AR  101@MSH-1-10", "AR 1 207@"},
		{"AL", "", "CA 1", "CR 1 203@MSH-1-12", "CE  101@MSH-1-10", "CE 1 207@"},
		{"AL", "NE", "CA 1", "CR 1 203@MSH-1-12", "CE  101@MSH-1-10", "CE 1 207@"},
		{"AL", "AL", "CA 1", "CR 1 203@MSH-1-12", "CE  101@MSH-1-10", "CE 1 207@"},
		{"SU", "NE", "CA 1", "", "", ""},
		{"ER", "NE", "", "CR 1 203@MSH-1-12", "CE  101@MSH-1-10", "CE 1 207@"},
		{"NE", "NE", "", "", "", ""},
		{"NE", "", "", "", "", ""},
		{"", "NE", "", "", "", ""},
		{"NE", "AL", "AA 1", "AR 1 203@MSH-1-12", "AR  101@MSH-1-10", "AR 1 207@"},
		{"", "ER", "", "AR 1 203@MSH-1-12", "AR  101@MSH-1-10", "AR 1 207@"},
		{"NE", "SU", "AA 1", "", "", ""},
		{"0", "1058299^^^HMRN", "AA 1", "AR 1 203@MSH-1-12", "AR  101@MSH-1-10", "AR 1 207@"}, // not of the table
	} {
		t.Run(c.accept+"|"+c.application, func(t *testing.T) {
			for wrong, want := range map[string]string{"": c.good, "version": c.version, "id": c.withoutID, "store": c.failed} {
				st := &fake{}
				if wrong == "store" {
					st.fail = func(message.Message) error { return fault.New(fault.Busy, "", "full") }
				}
				body := asking(c.accept, c.application, wrong)
				reply := handle(t, newMLLP(st), mllp.Block{Data: []byte(body)})
				if got := strings.Join(codes(t, reply), ","); got != want {
					t.Errorf("%q wrong: answer %q, want %q", wrong, got, want)
				}
				if wrong == "" && (len(st.accepted) != 1 || string(st.accepted[0].Ack) != reply || st.accepted[0].AckCode != strings.TrimSuffix(want, " 1")) {
					t.Errorf("the answer %q was not stored with the message: %+v", reply, st.accepted)
				}
				if kept := wrong == "version" || wrong == "id"; kept != (len(st.dead) == 1) {
					t.Errorf("%q wrong: %d kept", wrong, len(st.dead))
				}
				if reply != "" {
					m, err := hl7.Parse([]byte(reply))
					if err != nil || !m.Segment(0).Field(15).Empty() || !m.Segment(0).Field(16).Empty() {
						t.Errorf("the answer asks for answers: %q, %v", reply, err)
					}
				}
			}
		})
	}
}

// TestOriginalModeByForce: a channel whose senders fill in MSH-15 and understand
// AA only.
func TestOriginalModeByForce(t *testing.T) {
	s := newMLLP(&fake{})
	s.Original = true
	for _, ask := range []string{"AL", "NE", "ER"} {
		reply := handle(t, s, mllp.Block{Data: []byte(asking(ask, "NE", ""))})
		if got := codes(t, reply); fmt.Sprint(got) != "[AA 1]" {
			t.Errorf("%s: answer %q", ask, got)
		}
	}
}

func TestAcknowledgmentIsNotAnswered(t *testing.T) {
	body := strings.Replace(asking("AL", "AL", ""), "ADT^A01", "ACK^A01", 1) + "MSA|AA|9\r"
	if reply := handle(t, newMLLP(&fake{}), mllp.Block{Data: []byte(body)}); reply != "" {
		t.Errorf("answered %q", reply)
	}
}

func TestDuplicateInEnhancedMode(t *testing.T) {
	s := newMLLP(&fake{})
	for _, ask := range []string{"AL", "NE"} {
		body := strings.Replace(asking(ask, "NE", ""), "|1|P|", "|"+ask+"|P|", 1)
		first := handle(t, s, mllp.Block{Data: []byte(body)})
		if again := handle(t, s, mllp.Block{Data: []byte(body)}); again != first || (first == "") != (ask == "NE") {
			t.Errorf("%s: first %q, again %q", ask, first, again)
		}
	}
}

// TestOtherProcessingIDs: a channel can take what its senders have in MSH-11.
func TestOtherProcessingIDs(t *testing.T) {
	s := newMLLP(&fake{})
	s.Processing = []string{"N", "0"}
	for id, want := range map[string]string{"N": "AA 1", "0": "AA 1", "P": "AA 1", "N^T": "AA 1", "X": "AR 1 202@MSH-1-11", "n": "AR 1 202@MSH-1-11"} {
		body := strings.Replace(admission, "|1|P|", "|1|"+id+"|", 1)
		if got := codes(t, handle(t, s, mllp.Block{Data: []byte(body)})); got[0] != want {
			t.Errorf("%s: answer %q, want %q", id, got[0], want)
		}
	}
}

// TestCommit: what the source says of a block for release 2 of MLLP.
func TestCommit(t *testing.T) {
	full := fault.New(fault.Busy, "", "full")
	for _, c := range []struct {
		name  string
		block mllp.Block
		fail  error
		want  bool
	}{
		{"accepted", mllp.Block{Data: []byte(admission)}, nil, true},
		{"accepted and not answered", mllp.Block{Data: []byte(asking("NE", "NE", ""))}, nil, true},
		{"refused and kept", mllp.Block{Data: []byte("nonsense")}, nil, true},
		{"the store fails", mllp.Block{Data: []byte(admission)}, full, false},
		{"the store fails in the middle", mllp.Block{Data: []byte("nonsense\r" + admission)}, full, false},
		{"busy", mllp.Block{Data: []byte(admission), Problem: mllp.ErrBusy}, nil, false},
	} {
		s := newMLLP(&fake{fail: func(message.Message) error { return c.fail }})
		if got := committed(t, s, c.block); got != c.want {
			t.Errorf("%s: committed %v, want %v", c.name, got, c.want)
		}
	}
	s := newMLLP(&fake{deadFail: errors.New("disk")})
	if committed(t, s, mllp.Block{Data: []byte("nonsense")}) {
		t.Error("what could not be kept is called committed")
	}
	s = newMLLP(&fake{})
	s.MaxRefused = 1
	committed(t, s, mllp.Block{Data: []byte("nonsense")})
	if committed(t, s, mllp.Block{Data: []byte("more nonsense")}) {
		t.Error("what was not kept, since its sender has too much kept, is called committed")
	}
}
