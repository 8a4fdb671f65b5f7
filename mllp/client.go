package mllp

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// ErrNotSent says that there was no connection to write the block to, so that
// the receiver certainly does not have it.
var ErrNotSent = errors.New("mllp: not connected")

const (
	// quiet is after how long without traffic Send looks whether the receiver
	// has closed the connection in the meantime.
	quiet = time.Second
	// peek is how long it looks.
	peek = time.Millisecond
)

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

	DialTimeout  time.Duration // for TCP and TLS together; 0: 10 s
	ReplyTimeout time.Duration // to write a block and have its reply; 0: 30 s
	KeepAlive    time.Duration // between TCP keep-alive probes; 0: 60 s; negative: none
	MaxReply     int           // bytes; 0: 1 MiB
	Bare         string        // accepts replies without a start byte; see [Reader]

	// DialContext opens the connection instead of a net.Dialer.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)

	mu   sync.Mutex
	conn net.Conn
	r    *Reader
	used time.Time
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
// error wraps ErrNotSent or is ErrContent. Send does not try again.
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

func (c *Client) dial(ctx context.Context) error {
	if c.conn != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.DialTimeout, 10*time.Second))
	defer cancel()
	conn, err := c.open(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	c.conn, c.used = conn, time.Now()
	c.r = NewReader(conn)
	c.r.MaxBlock = cmp.Or(c.MaxReply, 1<<20)
	c.r.Bare = c.Bare
	return nil
}

func (c *Client) open(ctx context.Context) (net.Conn, error) {
	dial := c.DialContext
	if dial == nil {
		d := net.Dialer{KeepAlive: cmp.Or(c.KeepAlive, time.Minute)}
		dial = d.DialContext
	}
	conn, err := dial(ctx, "tcp", c.Addr)
	if err != nil || c.TLS == nil {
		return conn, err
	}
	cfg := hardened(c.TLS)
	if cfg.ServerName == "" {
		if host, _, err := net.SplitHostPort(c.Addr); err == nil {
			cfg.ServerName = host
		}
	}
	t := tls.Client(conn, cfg)
	if err := t.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return t, nil
}

// exchange writes block and waits for its reply.
func (c *Client) exchange(ctx context.Context, block []byte) ([]byte, error) {
	if err := c.conn.SetDeadline(time.Now().Add(cmp.Or(c.ReplyTimeout, 30*time.Second))); err != nil {
		return nil, err
	}
	conn := c.conn
	release := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	reply, err := c.talk(block)
	ended := !release() // then the deadline is, or will be, in the past
	switch {
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
	for {
		reply, err := c.r.Next()
		if err != nil {
			return nil, err
		}
		if c.Match == nil || c.Match(block, reply) {
			return reply, nil
		}
	}
}

// stale tells whether the connection is no good any more, and drops replies
// that nobody waits for.
func (c *Client) stale() bool {
	if c.r.lo == c.r.hi && time.Since(c.used) < quiet {
		return false
	}
	if c.conn.SetReadDeadline(time.Now().Add(peek)) != nil {
		return true
	}
	for range 16 {
		if _, err := c.r.Next(); err != nil {
			return !errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, ErrTruncated)
		}
	}
	return true
}
