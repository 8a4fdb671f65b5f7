package source_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/source"
	"github.com/ponshealth/pons/mllp"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// fake is a store in memory. It keeps the promises of source.Store.
type fake struct {
	mu       sync.Mutex
	accepted []message.Message
	dead     []message.Message
	causes   []message.Cause
	fail     func(message.Message) error // nil: never
	ids      message.IDs
}

func (f *fake) Accept(_ context.Context, m message.Message) (source.Receipt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		if err := f.fail(m); err != nil {
			return source.Receipt{}, err
		}
	}
	var r source.Receipt
	for _, old := range f.accepted {
		if old.Channel == m.Channel && old.SendingApp == m.SendingApp && old.SendingFac == m.SendingFac && old.ControlID == m.ControlID {
			if bytes.Equal(old.Body, m.Body) {
				return source.Receipt{ID: old.ID, Duplicate: true, Ack: old.Ack}, nil
			}
			r.Reused = true
		}
	}
	m.ID = f.ids.Next(noon)
	f.accepted = append(f.accepted, m)
	r.ID = m.ID
	return r, nil
}

func (f *fake) AcceptDead(_ context.Context, m message.Message, c message.Cause) (source.Receipt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m.ID = f.ids.Next(noon)
	f.dead, f.causes = append(f.dead, m), append(f.causes, c)
	return source.Receipt{ID: m.ID}, nil
}

var somebody = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 4711}

func newMLLP(st source.Store) *source.MLLP {
	return &source.MLLP{Channel: "adt", Destination: "fhir", Charset: "windows-1252", Store: st, Now: func() time.Time { return noon }}
}

func handle(t *testing.T, s *source.MLLP, b mllp.Block) string {
	t.Helper()
	if b.Peer == nil {
		b.Peer = somebody
	}
	reply, err := s.Handle(t.Context(), b)
	if err != nil {
		t.Fatalf("Handle: %v", err)
	}
	return string(reply)
}

// codes returns "AA 1" and the like: MSA-1, MSA-2 and the error codes of each
// answer in a reply.
func codes(t *testing.T, reply string) (all []string) {
	t.Helper()
	for _, piece := range hl7.Split([]byte(reply)) {
		m, err := hl7.Parse(piece)
		if err != nil {
			t.Fatalf("answer cannot be parsed: %v\n%q", err, reply)
		}
		s := m.Get("MSA-1") + " " + string(mustFirst(t, m, "MSA").Field(2).Raw())
		for e := range m.All("ERR") {
			s += " " + e.Field(3).String() + "@" + strings.ReplaceAll(string(e.Field(2).Raw()), "^", "-")
			if e.Field(3).Empty() { // up to 2.4
				s += e.Field(1).Component(4).String()
			}
		}
		all = append(all, s)
	}
	return all
}

func mustFirst(t *testing.T, m *hl7.Message, name string) hl7.Segment {
	t.Helper()
	s, ok := m.First(name)
	if !ok {
		t.Fatalf("no %s in %q", name, m.Bytes())
	}
	return s
}

const admission = "MSH|^~\\&|LAB|HOSP|PONS|MAIN|20260301||ADT^A01^ADT_A01|1|P|2.5\rPID|1||4711^^^HOSP^MR||Doe^John\r"

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
		{"an acknowledgment", msh("ACK^A01|1|P|2.5") + "MSA|AA|7\r", "", "MSH-9"},

		{"not HL7", "GET / HTTP/1.1\r\n\r\n", "AR  100@", ""},
		{"FHIR", `{"resourceType":"Patient"}`, "AR  100@", ""},
		{"noise", "\x00\x01\x02\xfe\xff\x80\x90", "AR  100@", ""},
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

func TestLanes(t *testing.T) {
	msh := "MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|P|2.5"
	long := strings.Repeat("9", 300)
	for _, c := range []struct{ name, body, want string }{
		{"identifier and authority", msh + "\rPID|1||7^^^HOSP&1.2.3&ISO^MR~8^^^NHS\r", "patient:7^HOSP"},
		{"authority by universal id", msh + "\rPID|1||7^^^&1.2.3&ISO\r", "patient:7^&1.2.3&ISO"},
		{"no authority", msh + "\rPID|1||7\r", "patient:7^"},
		{"first that has a value", msh + "\rPID|1||^^^HOSP~\"\"^^^X~ 8 ^^^NHS\r", "patient:8^NHS"},
		{"escaped", msh + "\rPID|1||7\\T\\8^^^HOSP\r", "patient:7&8^HOSP"},
		{"later segments do not matter", msh + "\rPID|1||7^^^H\rPID|2||8^^^H\r", "patient:7^H"},
		{"PID without identifier", msh + "\rPID|1||^^^HOSP||Doe\r", "sender:A^B"},
		{"no PID", msh + "\r", "sender:A^B"},
		{"another character set", msh + "||||||8859/1\rPID|1||7\xe9^^^H\xf6\r", "patient:7é^Hö"},
		{"no character set", msh + "\rPID|1||7\xe9\r", "patient:7é^"},
		{"too long for a name", msh + "\rPID|1||" + long + "\r", "hash:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := &fake{}
			handle(t, newMLLP(st), mllp.Block{Data: []byte(c.body)})
			if len(st.accepted) != 1 {
				t.Fatalf("%d accepted", len(st.accepted))
			}
			got := st.accepted[0].Lane
			if c.want == "hash:" && strings.HasPrefix(got, c.want) && len(got) == 5+64 {
				return
			}
			if got != c.want {
				t.Errorf("lane %q, want %q", got, c.want)
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

func TestBrokenBlocks(t *testing.T) {
	half := admission[:len(admission)-20]
	for _, c := range []struct {
		name    string
		block   mllp.Block
		want    []string
		kept    int // bytes; -1 for nothing
		kind    string
		control string
	}{
		{"truncated", mllp.Block{Data: []byte(half), Problem: mllp.ErrTruncated}, nil, len(half), "invalid", "1"},
		{"truncated by the network", mllp.Block{Data: []byte("MSH|"), Problem: fmt.Errorf("%w: %w", mllp.ErrTruncated, net.ErrClosed)}, nil, 4, "invalid", ""},
		{"truncated with a whole message in it", mllp.Block{Data: []byte(admission + half), Problem: mllp.ErrTruncated}, nil, len(admission + half), "invalid", "1"},
		{"too large", mllp.Block{Data: []byte(admission + strings.Repeat("x", 1<<20)), Problem: mllp.ErrTooLarge}, []string{"AR 1 207@"}, 64 << 10, "too-large", "1"},
		{"too large and not HL7", mllp.Block{Data: bytes.Repeat([]byte{'x'}, 1<<20), Problem: mllp.ErrTooLarge}, []string{"AR  207@"}, 64 << 10, "too-large", ""},
		{"busy", mllp.Block{Data: []byte(half), Problem: mllp.ErrBusy}, []string{"AR 1 207@"}, -1, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := &fake{}
			if got := codes(t, handle(t, newMLLP(st), c.block)); !slices.Equal(got, c.want) {
				t.Errorf("answer %q, want %q", got, c.want)
			}
			if len(st.accepted) != 0 {
				t.Error("a broken block was accepted")
			}
			if c.kept < 0 {
				if len(st.dead) != 0 {
					t.Error("it was kept")
				}
				return
			}
			if len(st.dead) != 1 || len(st.dead[0].Body) != c.kept || st.causes[0].Kind != c.kind || st.dead[0].ControlID != c.control {
				t.Errorf("kept %d, causes %+v", len(st.dead), st.causes)
			}
		})
	}
}

func TestTooManyMessagesInOneBlock(t *testing.T) {
	st := &fake{}
	data := bytes.Repeat([]byte("MSH|^~\\&|||||||A|1\r"), 10_001)
	reply := handle(t, newMLLP(st), mllp.Block{Data: data})
	if got := codes(t, reply); len(got) != 1 || got[0] != "AR  207@" || len(st.accepted) != 0 {
		t.Errorf("%d answers, first %q; %d accepted", len(got), got[0], len(st.accepted))
	}
}

func TestStrangerCannotFillTheDisk(t *testing.T) {
	st := &fake{}
	s := newMLLP(st)
	s.MaxRefused, s.MaxRefusedBytes = 3, 1000
	now := noon
	s.Now = func() time.Time { return now }
	var log bytes.Buffer
	s.Log = slog.New(slog.NewTextHandler(&log, nil))
	noise := func(n int, from net.Addr) {
		t.Helper()
		b := mllp.Block{Data: bytes.Repeat([]byte{'x'}, n), Peer: from}
		if got := codes(t, handle(t, s, b)); got[0] != "AR  100@" {
			t.Fatalf("answer %q", got)
		}
	}
	kept := func(want int, notKept int64) {
		t.Helper()
		if len(st.dead) != want || s.NotKept() != notKept {
			t.Fatalf("kept %d and dropped %d, want %d and %d", len(st.dead), s.NotKept(), want, notKept)
		}
	}
	for range 5 {
		noise(10, somebody)
	}
	kept(3, 2)
	somebodyElse := &net.TCPAddr{IP: net.ParseIP("2001:db8::1"), Port: 1}
	neighbour := &net.TCPAddr{IP: net.ParseIP("2001:db8::2"), Port: 1} // same /64
	noise(600, somebodyElse)
	noise(600, neighbour)
	noise(300, neighbour)
	kept(5, 3)
	handle(t, s, mllp.Block{Data: []byte("MSH|cut"), Problem: mllp.ErrTruncated})
	kept(5, 4)
	if got := codes(t, handle(t, s, mllp.Block{Data: []byte(admission)})); got[0] != "AA 1" {
		t.Errorf("a good message of the same sender: %q", got)
	}
	now = now.Add(time.Hour)
	noise(10, somebody)
	kept(6, 4)
	if n := strings.Count(log.String(), "no more are kept"); n != 2 {
		t.Errorf("the log tells of it %d times, want once per sender:\n%s", n, &log)
	}
}

func TestManyStrangersShareAQuota(t *testing.T) {
	st := &fake{}
	s := newMLLP(st)
	s.MaxRefused = 1
	for i := range 5000 {
		from := &net.TCPAddr{IP: net.IPv4(10, 0, byte(i>>8), byte(i)), Port: 1}
		handle(t, s, mllp.Block{Data: []byte("x"), Peer: from})
	}
	if len(st.dead) != 4096+1 {
		t.Errorf("%d kept", len(st.dead))
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

// TestNothingOfAMessageIsLogged sends marked values through every way in.
func TestNothingOfAMessageIsLogged(t *testing.T) {
	const mark = "CANARY"
	var log bytes.Buffer
	marked := strings.ReplaceAll("MSH|^~\\&|X|X|X|X|X||ADT^X|X|P|2.5\rPID|X||X^^^X||X\r", "X", mark)
	fails := fault.New(fault.Busy, "", "no room")
	for _, b := range []mllp.Block{
		{Data: []byte(marked)}, {Data: []byte(mark)}, {Data: []byte("MSH|^^" + mark)},
		{Data: []byte(strings.Replace(marked, "|P|", "|"+mark+"|", 1))},
		{Data: []byte(strings.Replace(marked, "|2.5", "|"+mark, 1))},
		{Data: []byte(marked), Problem: mllp.ErrTruncated}, {Data: []byte(marked), Problem: mllp.ErrTooLarge},
		{Data: []byte(marked), Problem: mllp.ErrBusy},
	} {
		for _, err := range []error{nil, fails} {
			s := newMLLP(&fake{fail: func(message.Message) error { return err }})
			s.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			handle(t, s, b)
		}
	}
	if log.Len() == 0 || strings.Contains(log.String(), mark) {
		t.Errorf("the log is empty or quotes a message:\n%s", &log)
	}
}
