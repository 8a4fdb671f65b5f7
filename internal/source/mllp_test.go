package source_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/source"
	"github.com/ponshealth/pons/mllp"
)

func TestMessageIsStoredAndAnswered(t *testing.T) {
	st := &fake{}
	reply := handle(t, newMLLP(st), mllp.Block{Data: []byte(admission)})
	if got := codes(t, reply); !slices.Equal(got, []string{"AA 1"}) {
		t.Fatalf("answer %q", reply)
	}
	if !strings.HasPrefix(reply, "MSH|^~\\&|PONS|MAIN|LAB|HOSP|20260301120000+0000||ACK^A01^ACK|") {
		t.Errorf("header of the answer: %q", reply)
	}
	if len(st.accepted) != 1 || len(st.dead) != 0 {
		t.Fatalf("%d accepted, %d dead", len(st.accepted), len(st.dead))
	}
	m := st.accepted[0]
	m.ID = 0
	want := message.Message{
		Channel: "adt", Destination: "fhir", Lane: "patient:4711^HOSP", Received: noon, Peer: "192.0.2.7:4711",
		ControlID: "1", SendingApp: "LAB", SendingFac: "HOSP", Type: "ADT^A01", Version: "2.5",
		Body: []byte(admission), Ack: []byte(reply), AckCode: "AA",
	}
	if fmt.Sprintf("%+v", m) != fmt.Sprintf("%+v", want) {
		t.Errorf("stored %+v\nwant   %+v", m, want)
	}
}

// TestHeaders walks what a header may and may not be.
func TestHeaders(t *testing.T) {
	msh := func(fields string) string { return "MSH|^~\\&|A|B|C|D|2026||" + fields + "\rPID|1||7\r" }
	long := strings.Repeat("x", 513)
	for _, c := range []struct {
		name, body, want string
		at               string // of the cause; "" for an accepted message
	}{
		{"all there", msh("ADT^A01|1|P|2.5"), "AA 1", ""},
		{"training and debugging", msh("ADT^A01|1|T^T|2.5") + msh("ADT^A01|2|D|2.5"), "AA 1,AA 2", ""},
		{"any type", msh("ZZZ^Z99|1|P|2.5"), "AA 1", ""},
		{"no trigger", msh("ORU|1|P|2.2"), "AA 1", ""},
		{"version with realm", msh("ADT^A01|1|P|2.5.1^DEU"), "AA 1", ""},
		{"no processing id and no version", msh("ADT^A01|1"), "AA 1", ""},
		{"no final CR", "MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|P|2.5", "AA 1", ""},
		{"line feeds", "MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|P|2.5\nPID|1||7\n", "AA 1", ""},
		{"byte order mark", "\xef\xbb\xbf" + msh("ADT^A01|1|P|2.5"), "AA 1", ""},
		{"leading blanks", " \r\n" + msh("ADT^A01|1|P|2.5"), "AA 1", ""},
		{"own delimiters", "MSH#*!?%#A#B#C#D#2026##ADT*A01#1#P#2.5\rPID#1##7\r", "AA 1", ""},
		{"control id with escapes, byte for byte", msh("ADT^A01|a\\T\\b&c ^d|P|2.5"), "AA a\\T\\b&c ^d", ""},

		{"no control id", msh("ADT^A01||P|2.5"), "AR  101@MSH-1-10", "MSH-10"},
		{"null control id", msh(`ADT^A01|""|P|2.5`), `AR "" 101@MSH-1-10`, "MSH-10"},
		{"blank control id", msh("ADT^A01|  |P|2.5"), "AR    101@MSH-1-10", "MSH-10"},
		{"header only", "MSH|^~\\&\r", "AR  101@MSH-1-10", "MSH-10"},
		{"no type", msh("|1|P|2.5"), "AR 1 101@MSH-1-9", "MSH-9"},
		{"unknown processing id", msh("ADT^A01|1|X|2.5"), "AR 1 202@MSH-1-11", "MSH-11"},
		{"version 3", msh("ADT^A01|1|P|3.0"), "AR 1 203@MSH-1-12", "MSH-12"},
		{"version in words", msh("ADT^A01|1|P|latest"), "AR 1 203@MSH-1-12", "MSH-12"},
		{"control id too long", msh("ADT^A01|" + long + "|P|2.5"), "AR  104@MSH-1", "MSH"},
		{"sender too long", "MSH|^~\\&|" + long + "|B|C|D|2026||ADT^A01|1|P|2.5\r", "AR  104@MSH-1", "MSH"},
		{"a query by parameter", msh("QBP^Q22^QBP_Q21|1|P|2.5"), "AR 1 200@MSH-1-9", "MSH-9"},
		{"a query of old versions", msh("QRY^A19|1|P|2.3"), "AR 1 @200", "MSH-9"},
		{"an acknowledgment", msh("ACK^A01|1|P|2.5") + "MSA|AA|7\r", "", "MSH-9"},

		{"not HL7", "GET / HTTP/1.1\r\n\r\n", "AR  100@", "byte 0"},
		{"FHIR", `{"resourceType":"Patient"}`, "AR  100@", "byte 0"},
		{"noise", "\x00\x01\x02\xfe\xff\x80\x90", "AR  100@", "byte 0"},
		{"same delimiter twice", "MSH|^^\\&|A|B|C|D|2026||ADT^A01|1|P|2.5\r", "AR  100@MSH-1-2", "MSH-2"},
		{"no delimiters", "MSH\rPID\r", "AR  100@MSH-1-1", "MSH-1"},
		{"letter as delimiter", "MSHxyz", "AR  100@MSH-1-1", "MSH-1"},
		{"batch without messages", "FHS|^~\\&|A\rBHS|^~\\&|A\rBTS|0\rFTS|1\r", "AR  100@", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := &fake{}
			got := strings.Join(codes(t, handle(t, newMLLP(st), mllp.Block{Data: []byte(c.body)})), ",")
			if got != c.want {
				t.Errorf("answer %q, want %q", got, c.want)
			}
			if strings.HasPrefix(c.want, "AA") {
				if len(st.accepted) != 1+strings.Count(c.want, ",") || len(st.dead) != 0 {
					t.Errorf("%d accepted, %d dead", len(st.accepted), len(st.dead))
				}
				return
			}
			if len(st.accepted) != 0 || len(st.dead) != 1 {
				t.Fatalf("%d accepted, %d dead; want it refused and kept", len(st.accepted), len(st.dead))
			}
			if at := st.causes[0].At; at != c.at {
				t.Errorf("cause is at %q, want %q", at, c.at)
			}
			if !strings.HasSuffix(c.body, string(st.dead[0].Body)) || st.causes[0].Text == "" {
				t.Errorf("kept %q with cause %+v", st.dead[0].Body, st.causes[0])
			}
		})
	}
}

func TestDuplicateGetsTheSameAnswer(t *testing.T) {
	st := &fake{}
	s := newMLLP(st)
	first := handle(t, s, mllp.Block{Data: []byte(admission)})
	if again := handle(t, s, mllp.Block{Data: []byte(admission)}); again != first {
		t.Errorf("answers differ:\n%q\n%q", first, again)
	}
	other := handle(t, s, mllp.Block{Data: []byte(admission + "PV1|1|I\r")}) // the control id used again
	if other == first || codes(t, other)[0] != "AA 1" || len(st.accepted) != 2 {
		t.Errorf("other content: answer %q, %d stored", other, len(st.accepted))
	}
}

func TestSeveralMessagesInOneBlock(t *testing.T) {
	st := &fake{}
	bad := strings.Replace(admission, "|1|P|", "||P|", 1)
	third := strings.Replace(admission, "|1|P|", "|3|P|", 1)
	reply := handle(t, newMLLP(st), mllp.Block{Data: []byte("BHS|^~\\&|A\r" + admission + bad + third + "BTS|3\r")})
	if got, want := codes(t, reply), []string{"AA 1", "AR  101@MSH-1-10", "AA 3"}; !slices.Equal(got, want) {
		t.Errorf("answers %q, want %q", got, want)
	}
	if len(st.accepted) != 2 || string(st.accepted[0].Body) != admission || string(st.accepted[1].Body) != third || len(st.dead) != 1 {
		t.Errorf("accepted %+v, dead %+v", st.accepted, st.dead)
	}
}

func TestNothingIsPromisedWhenTheStoreFails(t *testing.T) {
	second := strings.Replace(admission, "|1|P|", "|2|P|", 1)
	third := strings.Replace(admission, "|1|P|", "|3|P|", 1)
	failing := true
	st := &fake{fail: func(m message.Message) error {
		if failing && m.ControlID == "2" {
			return fault.New(fault.Busy, "", "disk is full")
		}
		return nil
	}}
	s := newMLLP(st)
	reply := handle(t, s, mllp.Block{Data: []byte(admission + second + third)})
	// The third must not overtake the second, which the sender will send again.
	if got, want := codes(t, reply), []string{"AA 1", "AR 2 207@", "AR 3 207@"}; !slices.Equal(got, want) {
		t.Errorf("answers %q, want %q", got, want)
	}
	if len(st.accepted) != 1 || len(st.dead) != 0 {
		t.Errorf("%d accepted, %d dead", len(st.accepted), len(st.dead))
	}
	failing = false
	reply = handle(t, s, mllp.Block{Data: []byte(second)})
	if got := codes(t, reply); !slices.Equal(got, []string{"AA 2"}) {
		t.Errorf("once the store is well: %q", got)
	}
}

// TestEveryFailureHasAnAnswer walks all kinds through the table.
func TestEveryFailureHasAnAnswer(t *testing.T) {
	table0357 := []int{100, 101, 102, 103, 104, 198, 199, 200, 201, 202, 203, 204, 205, 206, 207}
	for _, k := range fault.Kinds() {
		if _, ok := source.Verdicts[k]; !ok {
			t.Errorf("%v is not in the table", k)
		}
		if ack := source.AckCode(k); ack != "AE" && ack != "AR" {
			t.Errorf("%v is answered %q", k, ack)
		}
		if code := source.ErrorCode(k); !slices.Contains(table0357, code) {
			t.Errorf("%v has error code %d", k, code)
		}
		st := &fake{fail: func(message.Message) error { return fault.New(k, "", "of this kind") }}
		want := fmt.Sprintf("%s 1 %d@", source.AckCode(k), source.ErrorCode(k))
		if got := codes(t, handle(t, newMLLP(st), mllp.Block{Data: []byte(admission)})); got[0] != want {
			t.Errorf("%v: answer %q, want %q", k, got, want)
		}
	}
	if ack := source.AckCode(255); ack != "AR" {
		t.Errorf("a kind nobody knows is answered %q", ack)
	}
}

func TestAnswerIsInTheSendersCharacterSet(t *testing.T) {
	st := &fake{}
	body := "MSH|^~\\&|K\xfcche|B|C|D|2026||ADT^A01|1|P|2.5||||||8859/1\r"
	m, err := hl7.Parse([]byte(handle(t, newMLLP(st), mllp.Block{Data: []byte(body)})))
	if err != nil {
		t.Fatal(err)
	}
	msh := m.Segment(0)
	if string(msh.Field(5).Raw()) != "K\xfcche" || msh.Field(18).String() != "8859/1" {
		t.Errorf("answer %q", m.Bytes())
	}
}
