package source_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/source"
	"github.com/ponshealth/pons/internal/store"
	"github.com/ponshealth/pons/mllp"
)

// numbers is a source.Numbers in memory.
type numbers struct {
	mu   sync.Mutex
	at   map[string]store.Sequence
	fail error
}

func (n *numbers) Sequence(_ context.Context, channel, link string) (store.Sequence, error) {
	defer time.Sleep(time.Millisecond) // so that who asks at the same time is told the same
	n.mu.Lock()
	defer n.mu.Unlock()
	if q, ok := n.at[channel+link]; ok {
		return q, nil
	}
	return store.Sequence{Next: store.AnyNumber}, nil
}

func (n *numbers) SetSequence(_ context.Context, channel, link string, q store.Sequence) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.fail != nil {
		return n.fail
	}
	n.at[channel+link] = q
	return nil
}

func newNumbered(st source.Store) (*source.MLLP, *numbers) {
	s, n := newMLLP(st), &numbers{at: map[string]store.Sequence{}}
	s.Numbers = n
	return s, n
}

func numberedAs(id, number string) string {
	return "MSH|^~\\&|ADT|H|LAB|H|2026||ADT^A01|" + id + "|P|2.5|" + number + "\rPID|1||7\r"
}

// start is a message that starts a link as in the example of the standard (HL7 v2.1
// 2.25.3): of no type, and of nothing but a header.
func startOf(id, number string) string {
	return "MSH|^~\\&|ADT|H|LAB|H|2026||^|" + id + "|P|2.5|" + number + "\r"
}

// verdict is MSA-1, MSA-4 and the error code of an answer.
func verdict(t *testing.T, reply string) string {
	t.Helper()
	m, err := hl7.Parse([]byte(reply))
	if err != nil {
		t.Fatalf("answer %q: %v", reply, err)
	}
	return strings.TrimSpace(m.Get("MSA-1") + " " + m.Get("MSA-4") + " " + m.Get("ERR-3"))
}

// TestSequence follows HL7 v2.9 2.10.1 step by step: to start a link, to go on, what is
// said of numbers that are not expected, and to begin with other numbers.
func TestSequence(t *testing.T) {
	st := &fake{}
	s, _ := newNumbered(st)
	for i, c := range []struct {
		name, body, want string
		accepted, dead   int // so far
	}{
		{"start of a link of which nothing is known", startOf("a", "0"), "AA -1", 0, 0},
		{"so any number is the first", numberedAs("1", "41"), "AA 41", 1, 0},
		{"the next", numberedAs("2", "42"), "AA 42", 2, 0},
		{"again, since the answer was lost", numberedAs("2", "42"), "AA 43", 2, 0},
		{"the number again for something else", numberedAs("x", "42"), "AR 43 207", 2, 1},
		{"a number too far", numberedAs("4", "44"), "AR 43 207", 2, 2},
		{"a number of long ago", numberedAs("1", "41"), "AR 43 207", 2, 3},
		{"start", startOf("b", "0"), "AA 43", 2, 3},
		{"the one that is expected", numberedAs("3", "43"), "AA 43", 3, 3},
		{"and now the one that was too far", numberedAs("4", "44"), "AA 44", 4, 3},
		{"other numbers from now on", startOf("c", "-1"), "AA -1", 4, 3},
		{"start", startOf("d", "0"), "AA -1", 4, 3},
		{"the first of them", numberedAs("5", "1"), "AA 1", 5, 3},
		{"the next of them", numberedAs("6", "2"), "AA 2", 6, 3},
		{"start with content", numberedAs("e", "0"), "AA 3", 6, 4},
		{"start with null content", strings.Replace(startOf("f", "0"), "^|f", "ADT^A01|f", 1) + "EVN|\"\"|\rPID|||\"\"\r", "AA 3", 6, 4},
		{"no number", numberedAs("g", ""), "AA", 7, 4},
		{"null", numberedAs("h", `""`), "AA", 8, 4},
		{"not a number", numberedAs("i", "three"), "AR  102", 8, 5},
		{"below -1", numberedAs("j", "-2"), "AR  102", 8, 6},
		{"with blanks and zeros", numberedAs("7", " 0003 "), "AA 3", 9, 6},
		{"of another sender", strings.Replace(numberedAs("8", "900"), "|ADT|", "|RIS|", 1), "AA 900", 10, 6},
		{"to another receiver", strings.Replace(numberedAs("9", "70"), "|LAB|", "|PHARM|", 1), "AA 70", 11, 6},
		{"enhanced mode", strings.Replace(numberedAs("10", "4"), "|2.5|4", "|2.5|4||AL|NE", 1), "CA 4", 12, 6},
		{"enhanced mode, not expected", strings.Replace(numberedAs("11", "4"), "|2.5|4", "|2.5|4||AL|NE", 1), "CE 5 207", 12, 7},
		{"a version that is not taken uses up no number", strings.Replace(numberedAs("12", "5"), "|2.5|", "|3|", 1), "AR  203", 12, 8},
		{"so it is still expected", numberedAs("13", "5"), "AA 5", 13, 8},
		{"a message of no type that is none", startOf("k", "6"), "AR  101", 13, 9},
	} {
		got := verdict(t, handle(t, s, mllp.Block{Data: []byte(c.body)}))
		if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(c.want), " ") {
			t.Errorf("%d %s: answer %q, want %q", i, c.name, got, c.want)
		}
		if len(st.accepted) != c.accepted || len(st.dead) != c.dead {
			t.Errorf("%d %s: %d accepted, %d dead; want %d, %d", i, c.name, len(st.accepted), len(st.dead), c.accepted, c.dead)
		}
	}
	if why := st.causes[3]; why.At != "MSH-13" || st.dead[3].ControlID != "e" {
		t.Errorf("the start with content is kept as %v", why)
	}
}

// TestSequenceIsOff: MSH-13 is not looked at where the protocol is not asked for.
func TestSequenceIsOff(t *testing.T) {
	st := &fake{}
	for _, n := range []string{"5", "5", "0", "-1", "x"} {
		if got := verdict(t, handle(t, newMLLP(st), mllp.Block{Data: []byte(numberedAs(n, n))})); got != "AA" {
			t.Errorf("%s: answer %q", n, got)
		}
	}
}

// TestSequenceAfterCrash: the message was stored, and its number was not.
func TestSequenceAfterCrash(t *testing.T) {
	st := &fake{}
	s, n := newNumbered(st)
	handle(t, s, mllp.Block{Data: []byte(numberedAs("1", "1"))})
	n.fail = fault.New(fault.Busy, "", "full")
	if got := verdict(t, handle(t, s, mllp.Block{Data: []byte(numberedAs("2", "2"))})); !strings.HasPrefix(got, "AR") {
		t.Errorf("answer %q, and the number is not on disk", got)
	}
	if committed(t, s, mllp.Block{Data: []byte(startOf("a", "-1"))}) {
		t.Error("a number that is not on disk is called committed")
	}
	n.fail = nil
	for _, c := range []struct{ body, want string }{{startOf("b", "0"), "AA 2"}, {numberedAs("2", "2"), "AA 2"}, {numberedAs("3", "3"), "AA 3"}} {
		if got := verdict(t, handle(t, s, mllp.Block{Data: []byte(c.body)})); got != c.want {
			t.Errorf("answer %q, want %q", got, c.want)
		}
	}
	if len(st.accepted) != 3 {
		t.Errorf("%d messages are stored, want 3: none twice", len(st.accepted))
	}
}

// TestSequenceWhenTheStoreFails: what was not stored uses up no number.
func TestSequenceWhenTheStoreFails(t *testing.T) {
	st := &fake{fail: func(m message.Message) error {
		if m.ControlID == "bad" {
			return fault.New(fault.Busy, "", "full")
		}
		return nil
	}}
	s, _ := newNumbered(st)
	handle(t, s, mllp.Block{Data: []byte(numberedAs("1", "1"))})
	if got := verdict(t, handle(t, s, mllp.Block{Data: []byte(numberedAs("bad", "2"))})); !strings.HasPrefix(got, "AR") {
		t.Errorf("answer %q", got)
	}
	if got := verdict(t, handle(t, s, mllp.Block{Data: []byte(numberedAs("2", "2"))})); got != "AA 2" {
		t.Errorf("answer %q", got)
	}
}

// TestSequenceOnSeveralConnections: of messages with one number one is taken.
func TestSequenceOnSeveralConnections(t *testing.T) {
	st := &fake{}
	s, _ := newNumbered(st)
	handle(t, s, mllp.Block{Data: []byte(numberedAs("0", "1"))})
	var senders sync.WaitGroup
	answers := make([]string, 8)
	for i := range answers {
		senders.Go(func() {
			reply, _ := s.Handle(context.Background(), mllp.Block{Data: []byte(numberedAs(fmt.Sprint("s", i), "2")), Peer: somebody})
			answers[i] = string(reply)
		})
	}
	senders.Wait()
	taken := slices.DeleteFunc(answers, func(a string) bool { return !strings.Contains(a, "MSA|AA|") })
	if len(taken) != 1 || len(st.accepted) != 2 {
		t.Errorf("%d of 8 are taken, %d are stored", len(taken), len(st.accepted))
	}
	if n := s.Links(); n != 0 {
		t.Errorf("%d links are remembered in memory when nothing is sent", n)
	}
}
