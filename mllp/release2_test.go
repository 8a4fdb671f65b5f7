package mllp_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/mllp"
)

// The commits of release 2 (ANSI/HL7 V3 TRMLLP R2, 1.2.2.2).
const (
	ackByte = "\x06"
	nakByte = "\x15"
)

// TestReleaseTwoServer drives a server byte by byte.
func TestReleaseTwoServer(t *testing.T) {
	s := &mllp.Server{Release2: true, MaxBlock: 100, Handler: mllp.HandlerFunc(func(_ context.Context, b mllp.Block) ([]byte, error) {
		switch {
		case b.Problem != nil:
			return []byte("problem"), nil
		case string(b.Data) == "store is full":
			return []byte("try again"), mllp.ErrNotCommitted
		case string(b.Data) == "quiet":
			return nil, nil
		case string(b.Data) == "hang up":
			return []byte("unheard"), errors.New("enough")
		}
		return append([]byte("re:"), b.Data...), nil
	})}
	addr := serve(t, s)
	p := dial(t, addr)
	p.send(vt + "1" + fscr)
	p.expect(ackByte)
	p.expect("re:1")
	p.send(vt + ackByte + fscr) // of the reply; is no block for the handler
	p.send(vt + "quiet" + fscr)
	p.expect(ackByte)
	p.send(vt + "store is full" + fscr)
	p.expect(nakByte)
	p.send(vt + nakByte + fscr + vt + "2" + fscr) // the connection goes on
	p.expect(ackByte)
	p.expect("re:2")
	p.send(vt + "half" + vt + "3" + fscr)
	p.expect("problem") // no commit: it would be taken for that of the whole one
	p.expect(ackByte)
	p.expect("re:3")
	p.send(vt + "hang up" + fscr)
	p.expect(nakByte)
	p.expectClosed()

	p = dial(t, addr)
	p.send(vt + strings.Repeat("x", 101) + fscr)
	p.expect(nakByte)
	p.expectClosed()
}

// TestReleaseOneKnowsNoCommits: without release 2 nothing is added, and
// ErrNotCommitted does not end a connection.
func TestReleaseOneKnowsNoCommits(t *testing.T) {
	p := dial(t, serve(t, &mllp.Server{Handler: mllp.HandlerFunc(func(_ context.Context, b mllp.Block) ([]byte, error) {
		return append([]byte("no:"), b.Data...), mllp.ErrNotCommitted
	})}))
	p.send(vt + "1" + fscr + vt + ackByte + fscr)
	p.expect("no:1")
	p.expect("no:" + ackByte)
}

func TestReleaseTwoClient(t *testing.T) {
	addr, accept := receiver(t)
	c := &mllp.Client{Addr: addr, Release2: true}
	defer c.Close()

	one := sending(t, c, "1")
	p := accept()
	p.expect("1")
	p.send(vt + ackByte + fscr + vt + "re 1" + fscr)
	p.expect(ackByte) // of the reply
	wantReply(t, one, "re 1")

	two := sending(t, c, "2")
	p.expect("2")
	p.send(vt + nakByte + fscr)
	if _, err := two(); err != mllp.ErrNotCommitted {
		t.Fatalf("got %v, want ErrNotCommitted", err)
	}
	p.expectClosed()

	three := sending(t, c, "3")
	p = accept()
	p.expect("3")
	p.send(vt + "re 3" + fscr) // from a receiver of release 1
	if reply, err := three(); err == nil || !strings.Contains(err.Error(), "release 2") {
		t.Fatalf("got %q, %v; want to hear that the receiver does not speak release 2", reply, err)
	}

	c.ReplyTimeout = 30 * time.Millisecond
	four := sending(t, c, "4")
	p = accept()
	p.expect("4")
	if _, err := four(); err == nil {
		t.Fatal("no commit and no reply, and no error")
	}
	p.expectClosed()
}

func TestReleaseTwoBothSides(t *testing.T) {
	s := &mllp.Server{Release2: true, Handler: echo}
	c := &mllp.Client{Addr: serve(t, s), Release2: true}
	defer c.Close()
	for range 3 {
		wantReply(t, sending(t, c, "block"), "re:block")
	}
	if n := s.Stats(); n.Blocks != 3 || n.Accepted != 1 {
		t.Errorf("stats %+v: want three blocks on one connection", n)
	}
}

// TestBlockWithoutReply: a sender that has asked for no reply does not wait.
func TestBlockWithoutReply(t *testing.T) {
	addr, accept := receiver(t)
	quiet := func(block []byte) bool { return strings.HasPrefix(string(block), "quiet") }
	for _, release2 := range []bool{false, true} {
		c := &mllp.Client{Addr: addr, NoReply: quiet, Release2: release2}
		one := sending(t, c, "quiet")
		p := accept()
		p.expect("quiet")
		if release2 {
			p.send(vt + ackByte + fscr)
		}
		wantReply(t, one, "")
		two := sending(t, c, "loud")
		p.expect("loud")
		if release2 {
			p.send(vt + ackByte + fscr)
		}
		p.send(vt + "re" + fscr)
		wantReply(t, two, "re")
		c.Close()
	}
}

func TestBackoffDelays(t *testing.T) {
	b := mllp.Backoff{First: 8 * time.Second, Most: 50 * time.Second}
	for i, most := range []time.Duration{8, 16, 32, 50, 50, 50} {
		most *= time.Second
		for range 100 {
			if d := b.Delay(i + 1); d < most/2 || d > most {
				t.Fatalf("after %d failures %v, want between %v and %v", i+1, d, most/2, most)
			}
		}
	}
	if d := (mllp.Backoff{}).Delay(1 << 30); d < 30*time.Second || d > time.Minute {
		t.Errorf("after many failures %v, want up to a minute", d)
	}
}

func TestSendRetryReconnects(t *testing.T) {
	refuse := 3
	timed(t, &mllp.Server{Handler: echo}, func(t *testing.T, l *pipes, _ func()) {
		c := &mllp.Client{DialContext: func(context.Context, string, string) (net.Conn, error) {
			if refuse--; refuse >= 0 {
				return nil, errors.New("nobody there")
			}
			return l.dial(t).Conn, nil
		}}
		defer c.Close()
		start := time.Now()
		reply, err := c.SendRetry(t.Context(), []byte("1"), mllp.Backoff{First: 4 * time.Second})
		if string(reply) != "re:1" || err != nil {
			t.Fatalf("%q, %v", reply, err)
		}
		if took := time.Since(start); took < 14*time.Second || took > 28*time.Second { // 4 + 8 + 16, half of it by chance
			t.Errorf("took %v", took)
		}
	})
}

func TestSendRetryGivesUp(t *testing.T) {
	tries := 0
	c := &mllp.Client{DialContext: func(context.Context, string, string) (net.Conn, error) {
		tries++
		return nil, errors.New("nobody there")
	}}
	quick := mllp.Backoff{First: time.Microsecond, Tries: 4}
	if _, err := c.SendRetry(t.Context(), []byte("1"), quick); !errors.Is(err, mllp.ErrNotSent) || tries != 4 {
		t.Errorf("%v after %d tries, want ErrNotSent after 4", err, tries)
	}
	if _, err := c.SendRetry(t.Context(), []byte("\x1c"), mllp.Backoff{}); err != mllp.ErrContent {
		t.Errorf("%v, want ErrContent at once", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.SendRetry(ctx, []byte("1"), mllp.Backoff{First: time.Hour}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the context's error", err)
	}
}
