package source_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/ponshealth/pons/mllp"
)

// wire is a listening source and its store.
type wire struct {
	t    *testing.T
	st   *fake
	addr string
}

func listen(t *testing.T, s *mllp.Server) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	st := &fake{}
	s.Handler = newMLLP(st)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return &wire{t, st, l.Addr().String()}
}

// conversation is one sender's connection.
type conversation struct {
	t *testing.T
	net.Conn
	r *mllp.Reader
}

func (w *wire) dial() *conversation {
	w.t.Helper()
	c, err := net.Dial("tcp", w.addr)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { c.Close() })
	return &conversation{w.t, c, mllp.NewReader(bufio.NewReader(c))}
}

func (c *conversation) send(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c, s); err != nil {
		c.t.Fatal(err)
	}
}

func (c *conversation) expect(want string) {
	c.t.Helper()
	block, err := c.r.Next()
	if err != nil {
		c.t.Fatalf("%v instead of %q", err, want)
	}
	if got := strings.Join(codes(c.t, string(block)), ","); got != want {
		c.t.Fatalf("answer %q, want %q", got, want)
	}
}

func (c *conversation) expectClosed() {
	c.t.Helper()
	if block, err := c.r.Next(); err == nil {
		c.t.Fatalf("got %q, want the connection closed", block)
	}
}

func numbered(n int) string { return strings.Replace(admission, "|1|P|", fmt.Sprintf("|%d|P|", n), 1) }

func TestConversation(t *testing.T) {
	w := listen(t, &mllp.Server{})
	c := w.dial()
	c.send("\x0b" + numbered(1) + "\x1c\r")
	c.expect("AA 1")
	c.send("\x0b" + numbered(1) + "\x1c\r") // sent again
	c.expect("AA 1")
	c.send("\x0bnonsense\x1c\r")
	c.expect("AR  100@")
	c.send("\x0b" + numbered(2) + "\x1c\r\x0b" + numbered(3) + "\x1c" + "\x0b" + numbered(4) + "\x1c\r\n") // ahead
	c.expect("AA 2")
	c.expect("AA 3")
	c.expect("AA 4")
	c.send("\x0b" + numbered(5)[:40] + "\x0b" + numbered(5) + "\x1c\r") // began anew
	c.expect("AA 5")
	c.send("\x0b" + numbered(6) + numbered(7) + "\x1c\r")
	c.expect("AA 6,AA 7")
	c.send("\x0b" + numbered(8)[:60])
	c.Conn.(*net.TCPConn).CloseWrite()
	c.expectClosed() // and no answer

	w.st.mu.Lock()
	defer w.st.mu.Unlock()
	var order []string
	for _, m := range w.st.accepted {
		order = append(order, m.ControlID)
	}
	if got := strings.Join(order, " "); got != "1 2 3 4 5 6 7" {
		t.Errorf("accepted %s", got)
	}
	if len(w.st.dead) != 3 || string(w.st.dead[1].Body) != numbered(5)[:40] || w.st.dead[1].Ack != nil {
		t.Errorf("dead: %+v", w.st.dead)
	}
}

// TestBadSendersDoNotHurtGoodOnes lets a good sender talk while others do what
// they should not.
func TestBadSendersDoNotHurtGoodOnes(t *testing.T) {
	w := listen(t, &mllp.Server{MaxBlock: 1 << 20, MaxBuffered: 16 << 20})
	stop := make(chan struct{})
	var wg sync.WaitGroup
	misbehave := func(what func(*conversation)) {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				c, err := net.Dial("tcp", w.addr)
				if err != nil {
					return
				}
				what(&conversation{t, c, mllp.NewReader(c)})
				c.Close()
			}
		})
	}
	noise := bytes.Repeat([]byte("\x00\xff\x80\x13"), 64<<10)
	misbehave(func(c *conversation) { c.Write(noise) })
	misbehave(func(c *conversation) { c.Write([]byte("\x0b")); c.Write(noise) })
	misbehave(func(c *conversation) { c.Write(bytes.Repeat([]byte("\x0bx"), 1000)) })
	misbehave(func(c *conversation) { // too large, and answered
		c.Write(append([]byte("\x0b"+admission), bytes.Repeat([]byte{'x'}, 2<<20)...))
		if block, err := c.r.Next(); err == nil && !bytes.Contains(block, []byte("MSA|AR|1")) {
			t.Errorf("too large: answer %q", block)
		}
	})

	good := w.dial()
	for n := range 300 {
		good.send("\x0b" + numbered(n) + "\x1c\r")
		good.expect(fmt.Sprintf("AA %d", n))
	}
	close(stop)
	wg.Wait()
	w.st.mu.Lock()
	defer w.st.mu.Unlock()
	if len(w.st.accepted) != 300 || len(w.st.dead) == 0 || len(w.st.dead) > 200 {
		t.Errorf("%d accepted, %d dead", len(w.st.accepted), len(w.st.dead))
	}
}
