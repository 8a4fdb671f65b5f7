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
