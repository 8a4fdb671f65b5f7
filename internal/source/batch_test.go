package source_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/mllp"
)

const (
	fhs = "FHS|^~\\&|LAB|HOSP|PONS|MAIN|20260301||file|||\r"
	bhs = "BHS|^~\\&|LAB|HOSP|PONS|MAIN|20260301||batch||B7\r"
)

// TestBatches: a batch is taken when its counts are right (HL7 v2.9 2.10.3), and
// nothing of it is when they are not.
func TestBatches(t *testing.T) {
	two := numbered(1) + numbered(2)
	for _, c := range []struct {
		name, block string
		want        string // answers
		at          string // of the cause; "" for a batch that is taken
	}{
		{"counts are right", fhs + bhs + two + "BTS|2\rFTS|1\r", "AA 1,AA 2", ""},
		{"no counts", fhs + bhs + two + "BTS\rFTS\r", "AA 1,AA 2", ""},
		{"a batch without a file", bhs + two + "BTS|2\r", "AA 1,AA 2", ""},
		{"two batches", fhs + bhs + numbered(1) + "BTS|1\r" + bhs + numbered(2) + "BTS|1\rFTS|2\r", "AA 1,AA 2", ""},
		{"line feeds", strings.ReplaceAll(bhs+two+"BTS|2\r", "\r", "\n"), "AA 1,AA 2", ""},
		{"no batch", two, "AA 1,AA 2", ""},

		{"a message is missing", bhs + two + "BTS|3\r", "AR 1 199@BTS-1-1,AR 2 199@BTS-1-1", "BTS(1)-1"},
		{"one too many", bhs + two + "BTS|1\r", "AR 1 199@BTS-1-1,AR 2 199@BTS-1-1", "BTS(1)-1"},
		{"no number", bhs + two + "BTS|two\r", "AR 1 199@BTS-1-1,AR 2 199@BTS-1-1", "BTS(1)-1"},
		{"a batch is missing", fhs + bhs + two + "BTS|2\rFTS|2\r", "AR 1 199@FTS-1-1,AR 2 199@FTS-1-1", "FTS(1)-1"},
		{"the end is missing", bhs + two, "AR 1 199@BHS-1,AR 2 199@BHS-1", "BHS(1)"},
		{"the beginning is missing", two + "BTS|2\r", "AR 1 199@BTS-1,AR 2 199@BTS-1", "BTS"},
		{"a message is missing, and one has no header", bhs + numbered(1) + "MSH|^^\\&|A\r" + "BTS|3\r", "AR 1 199@BTS-1-1,AR  199@BTS-1-1", "BTS(1)-1"},
		{"a message is missing, none wants an answer", bhs + asking("NE", "NE", "") + "BTS|3\r", "", "BTS(1)-1"},
		{"a message is missing, enhanced", bhs + asking("AL", "NE", "") + "BTS|3\r", "CE 1 199@BTS-1-1", "BTS(1)-1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := &fake{}
			reply := handle(t, newMLLP(st), mllp.Block{Data: []byte(c.block)})
			if got := strings.Join(codes(t, reply), ","); got != c.want {
				t.Errorf("answers %q, want %q", got, c.want)
			}
			if c.at == "" {
				if len(st.accepted) != 2 || len(st.dead) != 0 {
					t.Errorf("%d accepted, %d dead", len(st.accepted), len(st.dead))
				}
				return
			}
			if len(st.accepted) != 0 || len(st.dead) != 1 || st.causes[0].At != c.at || string(st.dead[0].Body) != c.block {
				t.Errorf("%d accepted, %d dead, causes %+v", len(st.accepted), len(st.dead), st.causes)
			}
			if string(st.dead[0].Ack) != reply {
				t.Error("what is kept has another answer")
			}
		})
	}
}

func TestAnswersToABatchAreABatch(t *testing.T) {
	reply := handle(t, newMLLP(&fake{}), mllp.Block{Data: []byte(fhs + bhs + numbered(1) + numbered(2) + "BTS|2\rFTS|1\r")})
	if found := hl7.CheckBatch([]byte(reply)); len(found) > 0 {
		t.Errorf("the answer is not a whole batch: %v", found)
	}
	header := strings.Split(reply[:strings.IndexByte(reply, '\r')], "|")
	want := []string{"BHS", "^~\\&", "PONS", "MAIN", "LAB", "HOSP", "20260301120000+0000", "", "", "", header[10], "B7"}
	if !slices.Equal(header, want) || header[10] == "" || !strings.HasSuffix(reply, "\rBTS|2\r") {
		t.Errorf("answer %q, header want %q", reply, want)
	}

	odd := "BHS#*!?%#LAB#HOSP\r" + numbered(1) + "BTS#1\r"
	reply = handle(t, newMLLP(&fake{}), mllp.Block{Data: []byte(odd)})
	if !strings.HasPrefix(reply, "BHS#*!?%###LAB#HOSP#####") || !strings.HasSuffix(reply, "\rBTS#1\r") {
		t.Errorf("own delimiters: answer %q", reply)
	}
}

// TestBatchIsNotAcceptedInPart: when the store fails in the middle no message
// of the batch is called accepted, and to send it again mends it.
func TestBatchIsNotAcceptedInPart(t *testing.T) {
	failing := true
	st := &fake{fail: func(m message.Message) error {
		if failing && m.ControlID == "2" {
			return fault.New(fault.Busy, "", "disk is full")
		}
		return nil
	}}
	s := newMLLP(st)
	batch := mllp.Block{Data: []byte(bhs + numbered(1) + numbered(2) + numbered(3) + "BTS|3\r")}
	if got := strings.Join(codes(t, handle(t, s, batch)), ","); got != "AR 1 207@,AR 2 207@,AR 3 207@" {
		t.Errorf("answers %q", got)
	}
	failing = false
	if got := strings.Join(codes(t, handle(t, s, batch)), ","); got != "AA 1,AA 2,AA 3" || len(st.accepted) != 3 {
		t.Errorf("sent again: answers %q, %d stored", got, len(st.accepted))
	}
}
