package mllp_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponshealth/pons/mllp"
)

// echo answers "re:" and the block, or "problem:" and what was wrong with it.
var echo = mllp.HandlerFunc(func(_ context.Context, b mllp.Block) ([]byte, error) {
	if b.Problem != nil {
		return []byte("problem:" + b.Problem.Error()), nil
	}
	return append([]byte("re:"), b.Data...), nil
})

// serve runs s on a free port of the loopback interface until the test ends,
// and then wants it to stop without an error.
func serve(t testing.TB, s *mllp.Server) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return l.Addr().String()
}

// peer is the other end of a connection, driven byte by byte.
type peer struct {
	t testing.TB
	net.Conn
	r *bufio.Reader
}

func dial(t testing.TB, addr string) *peer {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return newPeer(t, c)
}

func newPeer(t testing.TB, c net.Conn) *peer {
	t.Cleanup(func() { c.Close() })
	return &peer{t, c, bufio.NewReader(c)}
}

func (p *peer) send(s string) {
	p.t.Helper()
	if _, err := io.WriteString(p, s); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) expect(want string) {
	p.t.Helper()
	got, err := p.r.ReadString('\r')
	if want = vt + want + fscr; got != want || err != nil {
		p.t.Fatalf("got %q, %v; want %q", got, err, want)
	}
}

// expectClosed wants the other side to have closed, with nothing more to read.
func (p *peer) expectClosed() {
	p.t.Helper()
	if b, err := p.r.ReadByte(); err == nil {
		p.t.Fatalf("got byte %q, want the connection closed", b)
	}
}

func TestRepliesComeInOrder(t *testing.T) {
	p := dial(t, serve(t, &mllp.Server{Handler: echo}))
	p.send(vt + "1" + fscr + vt + "2" + fs + vt + "3" + fscr + "\n" + vt + "4")
	for _, n := range []string{"1", "2", "3"} {
		p.expect("re:" + n)
	}
	p.send(fs) // and no CR: the block is whole
	p.expect("re:4")
	p.send("\r" + vt + "5" + fscr)
	p.expect("re:5")
}

func TestNoReply(t *testing.T) {
	p := dial(t, serve(t, &mllp.Server{Handler: mllp.HandlerFunc(func(_ context.Context, b mllp.Block) ([]byte, error) {
		if string(b.Data) == "quiet" {
			return nil, nil
		}
		return b.Data, nil
	})}))
	p.send(vt + "quiet" + fscr + vt + "loud" + fscr)
	p.expect("loud")
}

func TestHandlerErrorClosesAfterTheReply(t *testing.T) {
	p := dial(t, serve(t, &mllp.Server{Handler: mllp.HandlerFunc(func(context.Context, mllp.Block) ([]byte, error) {
		return []byte("last words"), errors.New("enough")
	})}))
	p.send(vt + "1" + fscr + vt + "2" + fscr)
	p.expect("last words")
	p.expectClosed()
}

func TestHandlerPanicEndsOneConnectionOnly(t *testing.T) {
	var log lockedBuffer
	addr := serve(t, &mllp.Server{
		Log: slog.New(slog.NewTextHandler(&log, nil)),
		Handler: mllp.HandlerFunc(func(_ context.Context, b mllp.Block) ([]byte, error) {
			if string(b.Data) == "SECRET" {
				panic("cannot stand " + string(b.Data))
			}
			return b.Data, nil
		}),
	})
	good, bad := dial(t, addr), dial(t, addr)
	bad.send(vt + "SECRET" + fscr)
	bad.expectClosed()
	good.send(vt + "still here" + fscr)
	good.expect("still here")
	if s := log.String(); !strings.Contains(s, "panicked") || strings.Contains(s, "SECRET") {
		t.Errorf("the log should tell of the panic and not quote the block:\n%s", s)
	}
}

func TestProblemsReachTheHandler(t *testing.T) {
	type seen struct{ data, problem string }
	var mu sync.Mutex
	var got []seen
	s := &mllp.Server{MaxBlock: 100, Handler: mllp.HandlerFunc(func(_ context.Context, b mllp.Block) ([]byte, error) {
		mu.Lock()
		defer mu.Unlock()
		for name, err := range map[string]error{"truncated": mllp.ErrTruncated, "too large": mllp.ErrTooLarge} {
			if errors.Is(b.Problem, err) {
				got = append(got, seen{string(b.Data), name})
				return []byte(name), nil
			}
		}
		got = append(got, seen{string(b.Data), fmt.Sprint(b.Problem)})
		return []byte("ok"), nil
	})}
	addr := serve(t, s)

	p := dial(t, addr)
	p.send(vt + "half" + vt + "whole" + fscr)
	p.expect("truncated")
	p.expect("ok")
	p.send(vt + "cut off")
	p.Conn.(*net.TCPConn).CloseWrite()
	p.expect("truncated")
	p.expectClosed()

	p = dial(t, addr)
	p.send(vt + strings.Repeat("x", 200) + fscr + vt + "never read" + fscr)
	p.expect("too large")
	p.Close()

	want := []seen{{"half", "truncated"}, {"whole", "<nil>"}, {"cut off", "truncated"}, {strings.Repeat("x", 100), "too large"}}
	mu.Lock()
	defer mu.Unlock()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("handler saw %q\nwant %q", got, want)
	}
	if n := s.Stats(); n.Blocks != 1 || n.Truncated != 2 || n.TooLarge != 1 || n.Accepted != 2 {
		t.Errorf("stats %+v", n)
	}
}

func TestNoiseIsHungUpOn(t *testing.T) {
	called := false
	s := &mllp.Server{Handler: mllp.HandlerFunc(func(context.Context, mllp.Block) ([]byte, error) {
		called = true
		return nil, nil
	})}
	p := dial(t, serve(t, s))
	go io.CopyN(p, &endless{}, 1<<20) // may fail: the other side hangs up
	p.expectClosed()
	if called {
		t.Error("noise reached the handler")
	}
}

// lockedBuffer is a bytes.Buffer for several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// await polls for what another goroutine is about to bring about.
func await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// handler makes a Handler of a function that only looks at the block.
func handler(f func(mllp.Block) []byte) mllp.Handler {
	return mllp.HandlerFunc(func(_ context.Context, b mllp.Block) ([]byte, error) { return f(b), nil })
}
