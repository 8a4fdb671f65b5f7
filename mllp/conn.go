package mllp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"time"
)

// errStopping ends a connection that waits for its next block when the server
// stops.
var errStopping = errors.New("mllp: server is stopping")

// errPanic closes a connection whose handler panicked.
var errPanic = errors.New("mllp: handler panicked")

// conn is one connection of a server. One goroutine serves it; stop comes from
// another.
type conn struct {
	run *run
	nc  net.Conn
	raw net.Conn // nc, or what its TLS runs over
	tls *tls.ConnectionState
	r   Reader

	begun time.Time // when the block that is being received was first seen

	mu      sync.Mutex
	phase   phase
	readEnd time.Time // the read deadline that is set
	stopAt  time.Time // when to give up a begun block; zero until stop
}

type phase uint8

const (
	busy      phase = iota // no read is waiting
	waiting                // for a block to begin, or for the handshake
	receiving              // a block
)

func newConn(r *run, nc net.Conn) *conn {
	if tcp, ok := nc.(*net.TCPConn); ok {
		tcp.SetKeepAliveConfig(net.KeepAliveConfig{Enable: r.keepAlive > 0, Idle: r.keepAlive, Interval: r.keepAlive})
	}
	c := &conn{run: r, nc: nc, raw: nc}
	if r.tls != nil {
		c.nc = tls.Server(nc, r.tls)
	}
	c.r = Reader{MaxBlock: r.maxBlock, MaxJunk: r.maxJunk, Bare: r.bare, edge: true}
	c.r.src = c
	c.r.budget = &r.budget
	r.remember(c)
	return c
}

// serve reads and answers until something ends the connection.
func (c *conn) serve() {
	c.run.stats.open.Add(1)
	defer c.run.stats.open.Add(-1)
	defer c.nc.Close()
	defer c.r.close()
	err := c.handshake()
	for err == nil {
		err = c.next()
	}
	c.count()
	switch {
	case err == io.EOF, errors.Is(err, errStopping):
	case errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, ErrTruncated):
		c.run.log.Debug("connection was idle too long", "peer", c.nc.RemoteAddr().String())
	default:
		c.run.log.Warn("connection ended in trouble", "peer", c.nc.RemoteAddr().String(), "err", err)
	}
}

// next receives one block, has it handled and writes the reply.
func (c *conn) next() error {
	if !c.r.inside && c.stopping() {
		return errStopping
	}
	data, problem := c.r.Next()
	c.begun = time.Time{}
	whole := problem == nil
	reported := whole || errors.Is(problem, ErrTruncated) || errors.Is(problem, ErrTooLarge) || errors.Is(problem, ErrBusy)
	if !reported {
		return problem
	}
	if c.run.release2 && whole && isCommit(data) {
		return nil // of a reply of ours; a sender that did not get it asks again
	}
	c.run.stats.block(problem)
	reply, err := c.handle(Block{Data: data, Peer: c.nc.RemoteAddr(), TLS: c.tls, Problem: problem})
	if c.run.release2 && !errors.Is(problem, ErrTruncated) {
		if !whole || err != nil {
			reply = nak
		} else if e := c.write(ack); e != nil {
			return e
		}
	}
	if err == ErrNotCommitted {
		err = nil
	}
	if len(reply) > 0 {
		err = errors.Join(err, c.write(reply))
	}
	switch {
	case err != nil:
		return err
	case whole || problem == ErrTruncated: // the sender began anew
		return nil
	case !errors.Is(problem, ErrTruncated):
		c.linger()
	}
	return problem
}

// handle calls the handler. One block that it cannot stand must not end the
// others, so a panic closes this connection only.
func (c *conn) handle(b Block) (reply []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			// The value may quote the block; its type and the stack do not.
			c.run.log.Error("handler panicked", "peer", b.Peer.String(), "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	return c.run.handler.Handle(c.run.ctx, b)
}

func (c *conn) write(reply []byte) error {
	if err := c.nc.SetWriteDeadline(time.Now().Add(c.run.write)); err != nil {
		return err
	}
	return Write(c.nc, reply)
}

// Read reads for the Reader, with the deadline that holds at this point.
func (c *conn) Read(p []byte) (int, error) {
	if err := c.await(); err != nil {
		return 0, err
	}
	n, err := c.nc.Read(p)
	c.mu.Lock()
	c.phase = busy
	c.mu.Unlock()
	if n == 0 && !c.r.inside && errors.Is(err, os.ErrDeadlineExceeded) && c.stopping() {
		err = errStopping
	}
	return n, err
}

func (c *conn) stopping() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.stopAt.IsZero()
}

// await sets the deadline for the next read.
func (c *conn) await() error {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	var end time.Time
	switch {
	case c.r.inside:
		if c.begun.IsZero() {
			c.begun = now
		}
		got := time.Duration(c.r.hi - c.r.lo)
		end = c.begun.Add(c.run.block + got*time.Second/time.Duration(c.run.minRate))
		if !c.stopAt.IsZero() && c.stopAt.Before(end) {
			end = c.stopAt
		}
		c.phase = receiving
	case !c.stopAt.IsZero():
		return errStopping
	default:
		if c.run.idle > 0 {
			end = now.Add(c.run.idle)
		}
		c.phase = waiting
	}
	c.readEnd = end
	return c.nc.SetReadDeadline(end)
}

// stop makes a waiting connection end at once and one that is receiving a block
// end at t.
func (c *conn) stop(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopAt = t
	switch {
	case c.phase == waiting:
		c.nc.SetReadDeadline(time.Unix(1, 0))
	case c.phase == receiving && t.Before(c.readEnd):
		c.nc.SetReadDeadline(t)
	}
}

// handshake does the TLS handshake, if there is one, before the first block may
// take its time.
func (c *conn) handshake() error {
	t, ok := c.nc.(*tls.Conn)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(c.run.ctx, c.run.handshake)
	defer cancel()
	c.mu.Lock()
	if !c.stopAt.IsZero() {
		c.mu.Unlock()
		return errStopping
	}
	c.phase = waiting
	c.mu.Unlock()
	if err := t.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("mllp: TLS handshake: %w", err)
	}
	c.mu.Lock()
	c.phase = busy
	c.mu.Unlock()
	state := t.ConnectionState()
	c.tls = &state
	return nil
}

// linger lets a sender that is still writing read the reply: to close a
// connection with unread bytes makes the kernel reset it, and the reply is lost.
func (c *conn) linger() {
	if w, ok := c.nc.(interface{ CloseWrite() error }); ok {
		w.CloseWrite()
	}
	c.r.close()
	if c.nc.SetReadDeadline(time.Now().Add(min(5*time.Second, c.run.stopAfter/2))) == nil {
		io.CopyN(io.Discard, c.nc, 4*int64(c.run.maxBlock))
	}
}

func (c *conn) count() {
	junk, empty := c.r.Ignored()
	c.run.stats.junk.Add(junk)
	c.run.stats.empty.Add(empty)
}
