package mllp

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

const (
	// quiet is after how long without traffic Send looks whether the receiver
	// has closed the connection in the meantime.
	quiet = time.Second
	// peek is how long it looks.
	peek = time.Millisecond
)

func (c *Client) dial(ctx context.Context) error {
	if c.conn != nil {
		return nil
	}
	conn, err := c.connect(ctx)
	if err != nil {
		return err
	}
	c.conn, c.used = conn, time.Now()
	c.src = &pauses{conn: conn, silence: c.Silence}
	c.r = c.reader(c.src)
	c.src.r = c.r
	return nil
}

func (c *Client) reader(src io.Reader) *Reader {
	r := NewReader(src)
	r.MaxBlock = cmp.Or(c.MaxReply, 1<<20)
	r.Bare = c.Bare
	return r
}

func (c *Client) connect(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.DialTimeout, 10*time.Second))
	defer cancel()
	conn, err := c.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	return conn, nil
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

// stale tells whether the connection is no good any more, and drops replies
// that nobody waits for.
func (c *Client) stale() bool {
	if c.r.lo == c.r.hi && time.Since(c.used) < quiet {
		return false
	}
	c.src.until, c.src.ctx = time.Now().Add(peek), context.Background()
	if c.conn.SetReadDeadline(c.src.until) != nil {
		return true
	}
	for range 16 {
		if _, err := c.r.Next(); err != nil {
			return !errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, ErrTruncated)
		}
	}
	return true
}

// pauses reads for a client's Reader. Where the client allows it, a reply that
// began without a start byte ends when nothing more of it comes.
type pauses struct {
	conn    net.Conn
	r       *Reader
	silence time.Duration   // 0: never
	until   time.Time       // the deadline of the exchange, which conn has
	ctx     context.Context // of the exchange
}

func (p *pauses) Read(b []byte) (int, error) {
	if p.silence <= 0 {
		return p.conn.Read(b)
	}
	end := p.until
	if p.r.inside && p.r.noStart {
		if soon := time.Now().Add(p.silence); soon.Before(end) {
			end = soon
		}
	}
	if err := p.conn.SetReadDeadline(end); err != nil {
		return 0, err
	}
	if p.ctx.Err() != nil { // it may have ended before the deadline was set
		return 0, os.ErrDeadlineExceeded
	}
	return p.conn.Read(b)
}

// ends tells whether the error with which a block broke off is its end.
func (p *pauses) ends(err error) bool {
	if p.silence <= 0 || !p.r.noStart || !errors.Is(err, ErrTruncated) {
		return false
	}
	silent := errors.Is(err, os.ErrDeadlineExceeded) && time.Now().Before(p.until) && p.ctx.Err() == nil
	if silent {
		p.r.edge = true // the next may begin without a start byte too
	}
	return silent || errors.Is(err, io.ErrUnexpectedEOF)
}
