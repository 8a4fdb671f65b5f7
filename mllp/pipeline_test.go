package mllp_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ponshealth/pons/mllp"
)

// named matches "re 1" to "1".
func named(sent, reply []byte) bool { return strings.HasSuffix(string(reply), " "+string(sent)) }

func pipeline(t *testing.T, c *mllp.Client, window int) *mllp.Pipeline {
	t.Helper()
	p, err := c.Pipeline(t.Context(), window)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func ahead(t *testing.T, p *mllp.Pipeline, block string) *mllp.Call {
	t.Helper()
	call, err := p.Send(t.Context(), []byte(block))
	if err != nil {
		t.Fatal(err)
	}
	return call
}

func wantCall(t *testing.T, c *mllp.Call, want string) {
	t.Helper()
	if got, err := c.Reply(t.Context()); string(got) != want || err != nil {
		t.Fatalf("reply %q, %v; want %q", got, err, want)
	}
}

func TestPipelineIsAheadAndInOrder(t *testing.T) {
	addr, accept := receiver(t)
	p := pipeline(t, &mllp.Client{Addr: addr}, 3)
	r := accept()
	a, b, c := ahead(t, p, "a"), ahead(t, p, "b"), ahead(t, p, "c")
	r.expect("a")
	r.expect("b")
	r.expect("c")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := p.Send(ctx, []byte("d")); !errors.Is(err, mllp.ErrNotSent) || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a fourth block in a window of three: %v", err)
	}
	r.send(vt + "re a" + fscr + vt + "re b" + fscr)
	wantCall(t, b, "re b")
	wantCall(t, a, "re a")
	wantCall(t, b, "re b") // still
	d := ahead(t, p, "d")
	r.expect("d")
	r.send(vt + "re c" + fscr + vt + "re d" + fscr)
	wantCall(t, c, "re c")
	wantCall(t, d, "re d")
}

func TestPipelineMatchesByName(t *testing.T) {
	addr, accept := receiver(t)
	p := pipeline(t, &mllp.Client{Addr: addr, Match: named}, 8)
	r := accept()
	a, b := ahead(t, p, "a"), ahead(t, p, "b")
	r.expect("a")
	r.expect("b")
	r.send(vt + "late 0" + fscr + vt + "re b" + fscr + vt + "again b" + fscr + vt + "re a" + fscr)
	wantCall(t, a, "re a")
	wantCall(t, b, "re b")
	r.send(vt + "again a" + fscr) // nobody waits
	c := ahead(t, p, "c")
	r.expect("c")
	r.send(vt + "re c" + fscr)
	wantCall(t, c, "re c")
}

func TestPipelineEndsWithAllItsCalls(t *testing.T) {
	for name, end := range map[string]struct {
		do   func(*mllp.Pipeline, *peer)
		want error
	}{
		"the receiver hangs up":       {func(_ *mllp.Pipeline, r *peer) { r.Close() }, nil},
		"half a reply":                {func(_ *mllp.Pipeline, r *peer) { r.send(vt + "re"); r.Close() }, mllp.ErrTruncated},
		"Close":                       {func(p *mllp.Pipeline, _ *peer) { p.Close() }, net.ErrClosed},
		"no reply":                    {func(*mllp.Pipeline, *peer) {}, os.ErrDeadlineExceeded},
		"a reply to the younger only": {func(_ *mllp.Pipeline, r *peer) { r.send(vt + "re c" + fscr) }, os.ErrDeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ours, theirs := net.Pipe()
				p := pipeline(t, &mllp.Client{Match: named, DialContext: func(context.Context, string, string) (net.Conn, error) { return ours, nil }}, 3)
				r := newPeer(t, theirs)
				got := make(chan bool)
				go func() {
					r.expect("a")
					r.expect("b")
					r.expect("c")
					close(got)
				}()
				a, b, c := ahead(t, p, "a"), ahead(t, p, "b"), ahead(t, p, "c")
				<-got
				r.send(vt + "re a" + fscr)
				wantCall(t, a, "re a")
				end.do(p, r)
				if _, err := b.Reply(t.Context()); err == nil || end.want != nil && !errors.Is(err, end.want) {
					t.Errorf("%v, want %v", err, end.want)
				}
				if strings.HasPrefix(name, "a reply") {
					wantCall(t, c, "re c")
				} else if _, err := c.Reply(t.Context()); err == nil {
					t.Error("the younger has a reply")
				}
				r.expectClosed() // before anybody sends again
				if _, err := p.Send(t.Context(), []byte("d")); !errors.Is(err, mllp.ErrNotSent) {
					t.Errorf("Send afterwards: %v, want ErrNotSent", err)
				}
				p.Close()
			})
		})
	}
}

// TestPipelineIdles: silence between blocks is no failure.
func TestPipelineIdles(t *testing.T) {
	timed(t, &mllp.Server{Handler: echo, IdleTimeout: -1}, func(t *testing.T, l *pipes, _ func()) {
		c := &mllp.Client{DialContext: func(context.Context, string, string) (net.Conn, error) { return l.dial(t).Conn, nil }}
		p, err := c.Pipeline(t.Context(), 2)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			wantCall(t, ahead(t, p, "x"), "re:x")
			time.Sleep(24 * time.Hour)
		}
		p.Close()
	})
}

// TestPipelineUnderLoad: each of many blocks has its own reply, whoever sends.
func TestPipelineUnderLoad(t *testing.T) {
	addr := serve(t, &mllp.Server{Handler: echo})
	p := pipeline(t, &mllp.Client{Addr: addr}, 50)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			var calls []*mllp.Call
			for j := range 200 {
				call, err := p.Send(t.Context(), fmt.Appendf(nil, "%d-%d", i, j))
				if err != nil {
					t.Error(err)
					return
				}
				calls = append(calls, call)
			}
			for j, call := range calls {
				if reply, err := call.Reply(t.Context()); err != nil || string(reply) != fmt.Sprintf("re:%d-%d", i, j) {
					t.Errorf("%d-%d: %q, %v", i, j, reply, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestPipelineRefuses(t *testing.T) {
	addr, _ := receiver(t)
	for name, c := range map[string]*mllp.Client{
		"release 2":       {Addr: addr, Release2: true},
		"without replies": {Addr: addr, NoReply: func([]byte) bool { return true }},
		"nobody there":    {DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no") }},
	} {
		if p, err := c.Pipeline(t.Context(), 2); err == nil {
			t.Errorf("%s: no error", name)
			p.Close()
		}
	}
	if _, err := (&mllp.Client{Addr: addr}).Pipeline(t.Context(), 0); err == nil {
		t.Error("a window of nothing: no error")
	}
	p := pipeline(t, &mllp.Client{Addr: addr}, 1)
	if _, err := p.Send(t.Context(), []byte("a\x0bb")); err != mllp.ErrContent {
		t.Errorf("%v, want ErrContent", err)
	}
}
