package mllp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ponshealth/pons/mllp"
)

// TestHundredMegabytes streams a block far over the limit. The sender is
// answered, and the memory in use stays near the limit.
func TestHundredMegabytes(t *testing.T) {
	const limit, sent = 4 << 20, 100 << 20
	var head atomic.Int64
	s := &mllp.Server{MaxBlock: limit, StopTimeout: 20 * time.Second, Handler: mllp.HandlerFunc(
		func(_ context.Context, b mllp.Block) ([]byte, error) {
			if errors.Is(b.Problem, mllp.ErrTooLarge) {
				head.Store(int64(len(b.Data)))
			}
			return []byte("refused"), nil
		})}
	addr := serve(t, s)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)

	p := dial(t, addr)
	var wg sync.WaitGroup
	wg.Go(func() {
		io.WriteString(p, vt)
		piece := bytes.Repeat([]byte{'x'}, 64<<10)
		for range sent / len(piece) {
			if _, err := p.Write(piece); err != nil {
				return // hung up on, which is right too
			}
		}
	})
	p.expect("refused")
	p.Close()
	wg.Wait()

	runtime.ReadMemStats(&after)
	// While it grows the buffer is there twice: at most 1 + 1/2 of the limit at
	// once, and all its sizes together are twice the limit.
	if got := after.TotalAlloc - before.TotalAlloc; got > 4*limit {
		t.Errorf("%d MB were allocated for a limit of %d MB", got>>20, limit>>20)
	}
	if head.Load() != limit {
		t.Errorf("the handler saw %d bytes, want the limit", head.Load())
	}
}

// TestSenderThatReadsOnlyAfterItHasWritten must not lose its answer to a reset.
func TestSenderThatReadsOnlyAfterItHasWritten(t *testing.T) {
	p := dial(t, serve(t, &mllp.Server{MaxBlock: 4 << 20, Handler: handler(func(mllp.Block) []byte { return []byte("refused") })}))
	p.send(vt + strings.Repeat("x", 16<<20) + fscr)
	p.expect("refused")
}

// TestSlowConnectionsDoNotHurtGoodSenders holds a thousand connections that
// have begun a block and do not end it.
func TestSlowConnectionsDoNotHurtGoodSenders(t *testing.T) {
	const slow = 1000
	s := &mllp.Server{MaxConns: slow + 10, MaxConnsPerIP: slow + 10, StopTimeout: time.Second, Handler: mllp.HandlerFunc(
		func(_ context.Context, b mllp.Block) ([]byte, error) {
			if b.Problem != nil {
				return nil, nil
			}
			return b.Data, nil
		})}
	addr := serve(t, s)
	var peers []net.Conn
	for range slow {
		peers = append(peers, dial(t, addr))
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { // every one gets a byte now and then
		for next := vt; ; next = "x" {
			for _, p := range peers {
				io.WriteString(p, next)
			}
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	await(t, "the slow connections", func() bool { return s.Stats().Open == slow })
	good := &mllp.Client{Addr: addr}
	defer good.Close()
	for range 300 {
		if reply, err := good.Send(t.Context(), []byte(adt)); err != nil || string(reply) != adt {
			t.Fatalf("good sender got %q, %v", reply, err)
		}
	}
	if n := s.Stats(); n.Open != slow+1 || n.Blocks != 300 || n.Refused != 0 {
		t.Errorf("stats %+v", n)
	}
	close(stop)
	wg.Wait()
	for _, p := range peers {
		p.Close()
	}
	await(t, "the slow connections to be gone", func() bool { return s.Stats().Open == 1 })
}

// TestConcurrentSenders: replies never cross from one connection to another.
func TestConcurrentSenders(t *testing.T) {
	addr := serve(t, &mllp.Server{Handler: echo})
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			c := &mllp.Client{Addr: addr}
			defer c.Close()
			for j := range 50 {
				block := strings.Repeat(string(rune('a'+i)), 1+j*j*7)
				if reply, err := c.Send(t.Context(), []byte(block)); err != nil || string(reply) != "re:"+block {
					t.Errorf("sender %d, block %d: %d bytes, %v", i, j, len(reply), err)
					return
				}
			}
		})
	}
	wg.Wait()
}
