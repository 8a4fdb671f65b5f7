package mllp

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// ErrNotSent says that there was no connection to write the block to, so that
// the receiver certainly does not have it.
var ErrNotSent = errors.New("mllp: not connected")

// errNoCommit: what came after a block was content.
var errNoCommit = errors.New("a reply came without a commit: the receiver does not speak release 2")

// Client sends blocks to one receiver and waits for the reply to each, over a
// connection that it opens when it is needed and keeps. Its fields must not be
// changed after the first Send. It is safe for concurrent use; blocks go one
// after the other.
type Client struct {
	Addr string // host:port
	// TLS makes the connection a TLS one, with the same defaults as [Server].
	// Without a ServerName it is the host of Addr.
	TLS *tls.Config
	// Match tells whether reply answers sent. Replies that do not are dropped
	// and the wait goes on: a receiver may answer twice, or late. nil takes
	// every reply that comes after the block was sent.
	Match func(sent, reply []byte) bool
	// NoReply tells of a block that no reply will come to it, as its sender has
	// asked. Send then returns nil when the block is written or, with release 2,
	// committed. nil: there is a reply to every block.
	NoReply func(block []byte) bool
	// Release2 waits for the receiver's commit of each block before the reply,
	// and commits the reply (MLLP release 2). The receiver must do so too.
	Release2 bool

	DialTimeout  time.Duration // for TCP and TLS together; 0: 10 s
	ReplyTimeout time.Duration // to write a block and have its reply; 0: 30 s
	KeepAlive    time.Duration // between TCP keep-alive probes; 0: 60 s; negative: none
	MaxReply     int           // bytes; 0: 1 MiB
	Bare         string        // accepts replies without a start byte; see [Reader]
	// Silence ends a reply that has neither start nor end byte, which Bare must
	// allow: when nothing more has come for so long, or the receiver hangs up,
	// it is taken as whole. 0: it is not; a sensible value is 200 ms. Match should
	// then look at the reply closely, and [Pipeline] does without.
	Silence time.Duration

	// DialContext opens the connection instead of a net.Dialer.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)

	mu   sync.Mutex
	conn net.Conn
	r    *Reader
	used time.Time
	src  *pauses // what r reads from
}

// Dial opens the connection, if there is none. Send does it when needed.
//
// With TLS 1.3 a success does not yet mean that the receiver accepts the
// client's certificate: a refusal comes with the first read, so in Send.
func (c *Client) Dial(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dial(ctx)
}

// Send writes block and returns the reply to it. On any error the connection is
// closed, so that a late reply cannot be taken for that of another block, and
// the next Send opens a new one. Only a reply says that the receiver has the
// block; after an error it may or may not, except that it does not when the
// error wraps ErrNotSent or is ErrContent or ErrNotCommitted. Send does not try
// again; [Client.SendRetry] does.
func (c *Client) Send(ctx context.Context, block []byte) (reply []byte, err error) {
	if bytes.IndexByte(block, vt) >= 0 || bytes.IndexByte(block, fs) >= 0 {
		return nil, ErrContent
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotSent, context.Cause(ctx))
	}
	if c.conn != nil && c.stale() {
		c.close()
	}
	if err := c.dial(ctx); err != nil {
		return nil, err
	}
	reply, err = c.exchange(ctx, block)
	if err != nil {
		c.close()
		return nil, err
	}
	c.used = time.Now()
	return reply, nil
}

// Close closes the connection, if there is one, after the Send that is running.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.close()
}

func (c *Client) close() error {
	if c.conn == nil {
		return nil
	}
	err := c.conn.Close()
	c.conn, c.r = nil, nil
	return err
}

// exchange writes block and waits for its reply.
func (c *Client) exchange(ctx context.Context, block []byte) ([]byte, error) {
	until := time.Now().Add(cmp.Or(c.ReplyTimeout, 30*time.Second))
	if err := c.conn.SetDeadline(until); err != nil {
		return nil, err
	}
	c.src.until, c.src.ctx = until, ctx
	conn := c.conn
	release := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	reply, err := c.talk(block)
	ended := !release() // then the deadline is, or will be, in the past
	switch {
	case err == ErrNotCommitted:
		return nil, err
	case err != nil && ended:
		return nil, fmt.Errorf("mllp: no reply: %w", context.Cause(ctx))
	case err != nil:
		return nil, fmt.Errorf("mllp: no reply: %w", err)
	case ended:
		c.close()
	}
	return reply, nil
}

func (c *Client) talk(block []byte) ([]byte, error) {
	if err := Write(c.conn, block); err != nil {
		return nil, err
	}
	if c.Release2 {
		if err := c.committed(); err != nil {
			return nil, err
		}
	}
	if c.NoReply != nil && c.NoReply(block) {
		return nil, nil
	}
	for {
		reply, err := c.r.Next()
		switch {
		case err == ErrTruncated: // the receiver began its reply anew
			continue
		case err != nil && !c.src.ends(err):
			return nil, err
		}
		if c.Release2 {
			if isCommit(reply) {
				continue
			}
			if err := Write(c.conn, ack); err != nil {
				return nil, err
			}
		}
		if c.Match == nil || c.Match(block, reply) {
			return reply, nil
		}
	}
}

// committed waits for the receiver to commit the block (release 2).
func (c *Client) committed() error {
	commit, err := c.r.Next()
	switch {
	case err != nil:
		return err
	case !isCommit(commit):
		return errNoCommit
	case commit[0] == nak[0]:
		return ErrNotCommitted
	}
	return nil
}
