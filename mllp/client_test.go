package mllp_test

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ponshealth/pons/mllp"
)

// receiver is a listener that is driven by hand.
func receiver(t *testing.T) (addr string, accept func() *peer) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String(), func() *peer {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
			ours, theirs := net.Pipe()
			ours.Close()
			c = theirs
		}
		return newPeer(t, c)
	}
}

// sending sends in the background.
func sending(t *testing.T, c *mllp.Client, block string) (result func() (string, error)) {
	type res struct {
		reply []byte
		err   error
	}
	done := make(chan res, 1)
	go func() {
		reply, err := c.Send(t.Context(), []byte(block))
		done <- res{reply, err}
	}()
	return func() (string, error) {
		r := <-done
		return string(r.reply), r.err
	}
}

func wantReply(t *testing.T, result func() (string, error), want string) {
	t.Helper()
	if got, err := result(); got != want || err != nil {
		t.Fatalf("reply %q, %v; want %q", got, err, want)
	}
}

func TestClientKeepsItsConnection(t *testing.T) {
	s := &mllp.Server{Handler: echo}
	c := &mllp.Client{Addr: serve(t, s)}
	defer c.Close()
	for _, block := range []string{"1", "2", "3"} {
		wantReply(t, sending(t, c, block), "re:"+block)
	}
	if n := s.Stats().Accepted; n != 1 {
		t.Errorf("%d connections for three blocks, want one", n)
	}
}

func TestClientHangsUpWhenNoReplyComes(t *testing.T) {
	addr, accept := receiver(t)
	c := &mllp.Client{Addr: addr, ReplyTimeout: 30 * time.Millisecond}
	defer c.Close()
	first := sending(t, c, "1")
	p := accept()
	p.expect("1")
	if _, err := first(); !errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, mllp.ErrNotSent) {
		t.Fatalf("got %v, want a deadline", err)
	}
	p.expectClosed() // before anything is sent again
	c.ReplyTimeout = 0

	again := sending(t, c, "1")
	p.Write([]byte(vt + "late" + fscr)) // goes nowhere
	p = accept()
	p.expect("1")
	p.send(vt + "in time" + fscr)
	wantReply(t, again, "in time")
}

func TestClientTakesOnlyTheReplyThatMatches(t *testing.T) {
	addr, accept := receiver(t)
	c := &mllp.Client{Addr: addr, Match: func(sent, reply []byte) bool { return strings.HasSuffix(string(reply), string(sent)) }}
	defer c.Close()
	one := sending(t, c, "1")
	p := accept()
	p.expect("1")
	p.send(vt + "re 0" + fscr + vt + "re 1" + fscr + vt + "re 1" + fscr)
	wantReply(t, one, "re 1")
	two := sending(t, c, "2")
	p.expect("2")
	p.send(vt + "re 1" + fscr + vt + "re 2" + fscr)
	wantReply(t, two, "re 2")
}

func TestClientDropsRepliesThatNobodyWaitsFor(t *testing.T) {
	addr, accept := receiver(t)
	c := &mllp.Client{Addr: addr}
	defer c.Close()
	one := sending(t, c, "1")
	p := accept()
	p.expect("1")
	p.send(vt + "re 1" + fscr + vt + "re 1 again" + fscr) // one packet
	wantReply(t, one, "re 1")
	two := sending(t, c, "2")
	p.expect("2")
	p.send(vt + "re 2" + fscr)
	wantReply(t, two, "re 2")
}

func TestClientWhoseReceiverHungUp(t *testing.T) {
	addr, accept := receiver(t)
	c := &mllp.Client{Addr: addr}
	defer c.Close()
	one := sending(t, c, "1")
	p := accept()
	p.expect("1")
	p.send(vt + "re 1" + fscr)
	wantReply(t, one, "re 1")

	two := sending(t, c, "2")
	p.expect("2")
	p.Close() // without a reply
	if reply, err := two(); err == nil {
		t.Fatalf("got %q; want an error", reply)
	}
	three := sending(t, c, "3")
	p = accept()
	p.expect("3")
	p.send(vt + "half of a re")
	p.Close()
	if reply, err := three(); !errors.Is(err, mllp.ErrTruncated) || reply != "" {
		t.Fatalf("got %q, %v; want ErrTruncated", reply, err)
	}
}

// TestClientNoticesThatItsConnectionIsGone: a receiver that closes idle
// connections costs no block.
func TestClientNoticesThatItsConnectionIsGone(t *testing.T) {
	s := &mllp.Server{Handler: echo, IdleTimeout: time.Minute}
	timed(t, s, func(t *testing.T, l *pipes, _ func()) {
		c := &mllp.Client{DialContext: func(context.Context, string, string) (net.Conn, error) { return l.dial(t).Conn, nil }}
		defer c.Close()
		wantReply(t, sending(t, c, "1"), "re:1")
		time.Sleep(30 * time.Second)
		wantReply(t, sending(t, c, "2"), "re:2") // the same connection
		time.Sleep(2 * time.Minute)
		wantReply(t, sending(t, c, "3"), "re:3") // a new one
		if n := s.Stats().Accepted; n != 2 {
			t.Errorf("%d connections, want 2", n)
		}
	})
}

func TestClientObeysItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		p := newPeer(t, theirs)
		c := &mllp.Client{DialContext: func(context.Context, string, string) (net.Conn, error) { return ours, nil }}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() { p.expect("1") })
		start := time.Now()
		_, err := c.Send(ctx, []byte("1"))
		wg.Wait()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's error", err)
		}
		wantElapsed(t, start, 3*time.Second)
		p.expectClosed()
		if _, err := c.Send(ctx, []byte("2")); !errors.Is(err, mllp.ErrNotSent) {
			t.Errorf("got %v, want ErrNotSent", err)
		}
	})
}

func TestClientWithoutReceiver(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	c := &mllp.Client{Addr: l.Addr().String()}
	if _, err := c.Send(t.Context(), []byte("1")); !errors.Is(err, mllp.ErrNotSent) {
		t.Errorf("Send: %v, want ErrNotSent", err)
	}
	if err := c.Dial(t.Context()); !errors.Is(err, mllp.ErrNotSent) {
		t.Errorf("Dial: %v, want ErrNotSent", err)
	}
	if _, err := c.Send(t.Context(), []byte("a\x0bb")); err != mllp.ErrContent {
		t.Errorf("Send: %v, want ErrContent", err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestClientTakesBareReplies(t *testing.T) {
	addr, accept := receiver(t)
	c := &mllp.Client{Addr: addr, Bare: "MSH"}
	defer c.Close()
	one := sending(t, c, "1")
	p := accept()
	p.expect("1")
	p.send("MSH|MSA|AA|1" + fs)
	wantReply(t, one, "MSH|MSA|AA|1")
}

func TestReplyThatIsTooLarge(t *testing.T) {
	c := &mllp.Client{MaxReply: 100, Addr: serve(t, &mllp.Server{Handler: handler(func(mllp.Block) []byte { return make([]byte, 101) })})}
	defer c.Close()
	if _, err := c.Send(t.Context(), []byte("x")); !errors.Is(err, mllp.ErrTooLarge) {
		t.Errorf("%v, want that the reply is too large", err)
	}
}
