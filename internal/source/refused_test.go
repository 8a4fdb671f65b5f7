package source_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/mllp"
)

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
