package mllp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ponshealth/pons/mllp"
)

// pipes is a listener whose connections are pipes, on which time can be faked.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error {
	select {
	case <-l.done:
	default:
		close(l.done)
	}
	return nil
}

func (l *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func (l *pipes) dial(t *testing.T) *peer {
	ours, theirs := net.Pipe()
	l.conns <- theirs
	return newPeer(t, ours)
}

// timed runs test in a bubble of fake time with a server; stop ends the server
// and waits for it.
func timed(t *testing.T, s *mllp.Server, test func(t *testing.T, l *pipes, stop func())) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := &pipes{make(chan net.Conn), make(chan struct{})}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Serve(ctx, l) }()
		stop := func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("Serve: %v", err)
			}
			done <- nil
		}
		test(t, l, stop)
		stop()
	})
}

func wantElapsed(t *testing.T, start time.Time, want time.Duration) {
	t.Helper()
	if got := time.Since(start); got < want || got > want+time.Second {
		t.Errorf("took %v, want %v", got, want)
	}
}

func TestIdleConnectionIsClosed(t *testing.T) {
	timed(t, &mllp.Server{Handler: echo}, func(t *testing.T, l *pipes, _ func()) {
		p := l.dial(t)
		start := time.Now()
		time.Sleep(9 * time.Minute)
		p.send(vt + "awake" + fs)
		p.expect("re:awake")
		p.expectClosed()
		wantElapsed(t, start, 19*time.Minute)
	})
}

func TestIdleForever(t *testing.T) {
	timed(t, &mllp.Server{Handler: echo, IdleTimeout: -1}, func(t *testing.T, l *pipes, _ func()) {
		p := l.dial(t)
		time.Sleep(1000 * time.Hour)
		p.send(vt + "awake" + fs)
		p.expect("re:awake")
	})
}

func TestBlockThatTricklesIsGivenUp(t *testing.T) {
	var problem error
	h := mllp.HandlerFunc(func(_ context.Context, b mllp.Block) ([]byte, error) {
		problem = b.Problem
		return nil, nil
	})
	timed(t, &mllp.Server{Handler: h}, func(t *testing.T, l *pipes, _ func()) {
		p := l.dial(t)
		start := time.Now()
		p.send(vt)
		for {
			time.Sleep(time.Second)
			if _, err := io.WriteString(p, "x"); err != nil {
				break
			}
		}
		wantElapsed(t, start, 30*time.Second)
	})
	if !errors.Is(problem, mllp.ErrTruncated) || !errors.Is(problem, os.ErrDeadlineExceeded) {
		t.Errorf("problem %v, want truncated by the deadline", problem)
	}
}

func TestLongBlockAtTheMinimumRate(t *testing.T) {
	s := &mllp.Server{Handler: echo, BlockTimeout: 10 * time.Second, MinRate: 1000}
	piece := strings.Repeat("x", 1000)
	timed(t, s, func(t *testing.T, l *pipes, _ func()) {
		good := l.dial(t)
		good.send(vt)
		for range 60 { // a minute, six times the time for a small block
			good.send(piece)
			time.Sleep(time.Second)
		}
		good.send(fs)
		good.expect("re:" + strings.Repeat(piece, 60))

		slow := l.dial(t)
		start := time.Now()
		slow.send(vt)
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() {
			for {
				if _, err := io.WriteString(slow, piece[:500]); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		})
		slow.r.ReadString(0x1c) // what is said of the truncated block
		wantElapsed(t, start, 20*time.Second)
	})
}

func TestEachBlockHasItsOwnTime(t *testing.T) {
	timed(t, &mllp.Server{Handler: echo}, func(t *testing.T, l *pipes, _ func()) {
		p := l.dial(t)
		for range 3 {
			p.send(vt + "slow")
			time.Sleep(20 * time.Second)
			p.send("ly" + fs)
			p.expect("re:slowly")
			time.Sleep(time.Minute)
		}
	})
}

func TestSenderThatNeverReads(t *testing.T) {
	s := &mllp.Server{Handler: echo, WriteTimeout: 5 * time.Second}
	timed(t, s, func(t *testing.T, l *pipes, _ func()) {
		p := l.dial(t)
		start := time.Now()
		p.send(vt + "1" + fs)
		for {
			if _, err := io.WriteString(p, "\r"); err != nil {
				break
			}
		}
		wantElapsed(t, start, 5*time.Second)
		synctest.Wait()
		if n := s.Stats().Open; n != 0 {
			t.Errorf("%d connections are open", n)
		}
	})
}

func TestStopEndsIdleConnectionsAtOnce(t *testing.T) {
	timed(t, &mllp.Server{Handler: echo}, func(t *testing.T, l *pipes, stop func()) {
		silent, used := l.dial(t), l.dial(t)
		used.send(vt + "1" + fs)
		used.expect("re:1")
		synctest.Wait()
		start := time.Now()
		stop()
		wantElapsed(t, start, 0)
		silent.expectClosed()
		used.expectClosed()
	})
}

func TestStopFinishesWhatHasBegun(t *testing.T) {
	slow := mllp.HandlerFunc(func(ctx context.Context, b mllp.Block) ([]byte, error) {
		time.Sleep(2 * time.Second)
		return b.Data, ctx.Err()
	})
	timed(t, &mllp.Server{Handler: slow}, func(t *testing.T, l *pipes, stop func()) {
		handled, half := l.dial(t), l.dial(t)
		handled.send(vt + "in the handler" + fs)
		half.send(vt + "half")
		synctest.Wait()
		go func() {
			time.Sleep(3 * time.Second)
			half.send(" and half" + fs + "\r" + vt + "one too many" + fs)
		}()
		go stop()
		handled.expect("in the handler")
		handled.expectClosed()
		half.expect("half and half")
		half.expectClosed()
		stop()
	})
}

func TestStopDoesNotWaitForATrickle(t *testing.T) {
	timed(t, &mllp.Server{Handler: echo}, func(t *testing.T, l *pipes, stop func()) {
		p := l.dial(t)
		p.send(vt)
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				time.Sleep(time.Second / 4)
				if _, err := io.WriteString(p, "x"); err != nil {
					return
				}
			}
		})
		wg.Go(func() { io.Copy(io.Discard, p) })
		time.Sleep(time.Second)
		start := time.Now()
		stop()
		wantElapsed(t, start, 5*time.Second) // half of StopTimeout to receive it
		wg.Wait()
	})
}

func TestStopDoesNotWaitForever(t *testing.T) {
	h := mllp.HandlerFunc(func(ctx context.Context, b mllp.Block) ([]byte, error) {
		if b.Problem != nil {
			return nil, nil
		}
		<-ctx.Done()
		return nil, ctx.Err()
	})
	timed(t, &mllp.Server{Handler: h}, func(t *testing.T, l *pipes, stop func()) {
		l.dial(t).send(vt + "handled too long" + fs)
		l.dial(t).send(vt + "never whole")
		synctest.Wait()
		start := time.Now()
		stop()
		wantElapsed(t, start, 10*time.Second)
	})
}
