package source_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/source"
	"github.com/ponshealth/pons/mllp"
)

// FuzzHandle: whatever a block holds, every answer can be sent and read, every
// acceptance names a message that was stored as it came, and a batch that is
// not whole leaves nothing accepted.
func FuzzHandle(f *testing.F) {
	for _, seed := range []string{
		admission, admission + admission, "nonsense", fhs + bhs + admission + "BTS|1\rFTS|1\r", bhs + admission + "BTS|2\r",
		asking("AL", "NE", ""), asking("NE", "NE", "id"), asking("ER", "AL", "version"), part("1", "", "DSC|p|F\r") + part("2", "p", "ADD|x\r"),
		startOf("1", "0") + numberedAs("2", "4") + numberedAs("3", "5") + numberedAs("3", "5") + startOf("4", "-1"),
		"BHS#*!?%#A\rMSH#*!?%#A#B#C#D###ADT#1\rBTS#1\r", "MSH|^~\\&|\xfc|||||ADT|1||2.3.1\n", "BHS\t*!?%#A\rMSH#*!?%#A#B#C#D###ADT#1\r", "BHS|\rMSH|^~\\&|||||||A|1\rBTS",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.ContainsAny(data, "\x0b\x1c") {
			return // no block has them
		}
		st := newQueue()
		s := &source.MLLP{Store: st, Charset: "windows-1252", Now: newMLLP(st).Now}
		checkBlock(t, s, &st.fake, data, true)

		// With all that can be set. A message that starts a link is accepted and not stored.
		st = newQueue()
		s, _ = newNumbered(st)
		s.Parts = st
		checkBlock(t, s, &st.fake, data, false)
		if s.Waiting() > len(st.accepted) {
			t.Fatalf("%d parts wait for another, and %d are stored", s.Waiting(), len(st.accepted))
		}
	})
}

// checkBlock hands a block in and tells what is wrong with the answer. strict says that what
// is accepted is stored.
func checkBlock(t *testing.T, s *source.MLLP, st *fake, data []byte, strict bool) {
	reply, err := s.Handle(t.Context(), mllp.Block{Data: data})
	if err != nil {
		t.Fatalf("the store is well, and the block is not committed: %v", err)
	}
	if _, err := mllp.Append(nil, reply); err != nil {
		t.Fatalf("the answer cannot be sent: %q", reply)
	}
	if found := hl7.CheckBatch(data); len(found) > 0 && len(st.accepted) > 0 {
		t.Fatalf("%d accepted of a batch that is not whole: %v", len(st.accepted), found)
	}
	good := 0
	for _, piece := range hl7.Split(reply) {
		answer, err := hl7.ParseAck(piece)
		if err != nil {
			t.Fatalf("the answer cannot be read: %v\n%q", err, piece)
		}
		if answer.Accepted() {
			good++
		}
	}
	stored := 0
	for _, m := range st.accepted {
		if !bytes.Contains(data, m.Body) {
			t.Fatalf("stored what did not come: %q", m.Body)
		}
		if m.AckCode != "" {
			stored++
		}
	}
	// A message that comes twice in a block is stored once and answered twice.
	if good < stored || strict && good > 0 && stored == 0 {
		t.Fatalf("%d acceptances for %d messages: %s", good, stored, strings.ToValidUTF8(string(reply), "?"))
	}
}
