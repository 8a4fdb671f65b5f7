package mllp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/ponshealth/pons/mllp"
)

func TestLimitsOfConnections(t *testing.T) {
	for _, c := range []struct {
		name string
		s    *mllp.Server
	}{
		{"in all", &mllp.Server{Handler: echo, MaxConns: 2}},
		{"of one address", &mllp.Server{Handler: echo, MaxConnsPerIP: 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			addr := serve(t, c.s)
			first, second := dial(t, addr), dial(t, addr)
			for _, p := range []*peer{first, second} {
				p.send(vt + "in" + fscr)
				p.expect("re:in")
			}
			dial(t, addr).expectClosed()
			first.Close()
			for { // a place becomes free when the server has seen the close
				p := dial(t, addr)
				if io.WriteString(p, vt+"next"+fscr); readable(p) {
					p.expect("re:next")
					break
				}
			}
			second.send(vt + "unharmed" + fscr)
			second.expect("re:unharmed")
			if c.s.Stats().Refused == 0 {
				t.Error("no refusal was counted")
			}
		})
	}
}

func readable(p *peer) bool {
	_, err := p.r.Peek(1)
	return err == nil
}

// flaky fails to accept a few times before each connection.
type flaky struct {
	net.Listener
	fail int
}

func (f *flaky) Accept() (net.Conn, error) {
	if f.fail > 0 {
		f.fail--
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return f.Listener.Accept()
}

func TestServerOutlivesLackOfFileDescriptors(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- (&mllp.Server{Handler: echo}).Serve(ctx, &flaky{l, 3}) }()
	p := dial(t, l.Addr().String())
	p.send(vt + "1" + fscr)
	p.expect("re:1")
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func TestListenerClosedByOthers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := (&mllp.Server{Handler: echo}).Serve(t.Context(), l); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve: %v, want net.ErrClosed", err)
	}
}

func TestBudgetOfAllConnections(t *testing.T) {
	s := &mllp.Server{Handler: echo, MaxBlock: 4 << 20, MaxBuffered: 1 << 20}
	addr := serve(t, s)
	big := dial(t, addr)
	go io.WriteString(big, vt+strings.Repeat("x", 3<<20)+fscr)
	big.expect("problem:" + mllp.ErrBusy.Error())

	medium := dial(t, addr)
	block := strings.Repeat("y", 200<<10)
	medium.send(vt + block + fscr)
	medium.expect("re:" + block) // the budget was given back
	if n := s.Stats(); n.Busy != 1 || n.Blocks != 1 {
		t.Errorf("stats %+v", n)
	}
}

// TestBudgetIsGivenBack: a sender that breaks off in the middle of a large block holds
// nothing of the budget any more.
func TestBudgetIsGivenBack(t *testing.T) {
	s := &mllp.Server{Handler: echo, MaxBuffered: 1 << 20}
	addr := serve(t, s)
	for n := range 4 {
		half := dial(t, addr)
		half.send(vt + strings.Repeat("x", 400<<10))
		half.Close()
		await(t, "the connection to end", func() bool { return s.Stats().Open == 0 && s.Stats().Truncated == int64(n)+1 })
	}
	// After a long block the buffer is as long at once, and a short one does not fill it.
	before := strings.Repeat("y", 60<<10)
	for n := range 20 {
		half := dial(t, addr)
		half.send(vt + before + fscr)
		half.expect("re:" + before)
		half.send(vt + strings.Repeat("x", 6<<10))
		half.Close()
		await(t, "the connection to end", func() bool { return s.Stats().Open == 0 && s.Stats().Truncated == int64(n)+5 })
	}
	if n := s.Stats().Busy; n != 0 {
		t.Errorf("%d blocks, one after the other, found no room", n)
	}
}

// TestLargeBlocksLeaveRoomForSmallOnes: the last quarter of the budget is for blocks of up to
// 64 KiB.
func TestLargeBlocksLeaveRoomForSmallOnes(t *testing.T) {
	release := make(chan struct{})
	s := &mllp.Server{MaxBuffered: 1 << 20, Handler: handler(func(b mllp.Block) []byte {
		if len(b.Data) > 400<<10 {
			<-release // what a handler holds counts
		}
		reply, _ := echo.Handle(t.Context(), b)
		return reply
	})}
	addr := serve(t, s)
	defer close(release)
	large := dial(t, addr)
	large.send(vt + strings.Repeat("x", 500<<10) + fscr) // it takes 512 KiB
	await(t, "the handler to have the large block", func() bool { return s.Stats().Blocks == 1 })
	other := dial(t, addr)
	go io.WriteString(other, vt+strings.Repeat("y", 250<<10)+fscr)
	other.expect("problem:" + mllp.ErrBusy.Error()) // of 768 KiB for all large ones it needs 256, besides the 128 from which it grows
	small := dial(t, addr)
	block := strings.Repeat("z", 60<<10)
	small.send(vt + block + fscr)
	small.expect("re:" + block)
}

// TestDefaults: the limits of a Server that sets none are those that its documentation
// names. What is about time is in the tests of time.
func TestDefaults(t *testing.T) {
	total, perIP, rate, buffered, block, junk := mllp.Defaults(&mllp.Server{})
	if total != 512 || perIP != 32 || rate != 32<<10 || buffered != 256<<20 || block != 32<<20 || junk != 64<<10 {
		t.Errorf("defaults are %d %d %d %d %d %d", total, perIP, rate, buffered, block, junk)
	}
}

func TestOrigin(t *testing.T) {
	of := func(ip string) string {
		return mllp.Block{Peer: &net.TCPAddr{IP: net.ParseIP(ip), Port: 1}}.Origin().String()
	}
	for ip, want := range map[string]string{
		"192.0.2.7": "192.0.2.7/32", "::ffff:192.0.2.7": "192.0.2.7/32",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2::9": "2001:db8:1:2::/64", "2001:db8:1:3::9": "2001:db8:1:3::/64",
	} {
		if got := of(ip); got != want {
			t.Errorf("%s: %s, want %s", ip, got, want)
		}
	}
	if p := (mllp.Block{Peer: &net.UnixAddr{Name: "pipe"}}).Origin(); p.IsValid() {
		t.Errorf("a pipe comes from %s", p)
	}
}
