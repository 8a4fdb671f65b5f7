package mllp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"
)

// Block is what a connection brought.
type Block struct {
	// Data is the block without its frame. It is the handler's to keep.
	Data []byte
	// Peer is the address that it came from.
	Peer net.Addr
	// TLS tells about the connection and the peer's certificates; nil without
	// TLS. It is shared and read-only.
	TLS *tls.ConnectionState
	// Problem is nil for a whole block. Otherwise Data is what came of it, and
	// Problem is ErrTruncated, ErrTooLarge or ErrBusy, or wraps one of them.
	// After the last two the connection is closed once the reply is written.
	Problem error
}

// Handler answers blocks. The blocks of one connection come one after the other
// in the order in which they were sent; those of different connections come at
// the same time.
//
// A nil or empty reply sends nothing. An error closes the connection, after the
// reply if there is one; ErrNotCommitted does not. The context ends only when
// the server was told to stop and its StopTimeout is over.
type Handler interface {
	Handle(ctx context.Context, b Block) (reply []byte, err error)
}

// HandlerFunc lets a function be a Handler.
type HandlerFunc func(ctx context.Context, b Block) ([]byte, error)

// Handle calls f.
func (f HandlerFunc) Handle(ctx context.Context, b Block) ([]byte, error) { return f(ctx, b) }

// Server accepts connections and hands their blocks to Handler. The zero value
// of every limit is a safe default. The limits hold for each call of Serve and
// must not be changed after the first.
type Server struct {
	Handler Handler // answers the blocks; needed

	// TLS makes every connection a TLS one. Without a MinVersion it is 1.2, and
	// without CipherSuites only those that authenticate what they encrypt.
	TLS *tls.Config
	// Log is told of connections that end in trouble, with addresses, sizes and
	// causes and never a byte of a block. nil is silence.
	Log *slog.Logger

	MaxBlock      int   // bytes of a block; 0: 32 MiB
	MaxJunk       int   // bytes between two blocks; 0: 64 KiB
	MaxBuffered   int64 // bytes of begun blocks in all connections; 0: 256 MiB
	MaxConns      int   // connections in all; 0: 512
	MaxConnsPerIP int   // connections from one IPv4 address or one IPv6 /64; 0: 32

	// BlockTimeout is the time that a block may take from its first byte to its
	// last, and MinRate, in bytes a second, what a long block may take beyond:
	// together BlockTimeout + bytes received / MinRate. 0: 30 s and 32 KiB/s.
	BlockTimeout time.Duration
	MinRate      int

	IdleTimeout      time.Duration // between two blocks; 0: 10 min; negative: none
	WriteTimeout     time.Duration // for the sender to take a reply; 0: 30 s
	HandshakeTimeout time.Duration // for the TLS handshake; 0: 10 s
	StopTimeout      time.Duration // for begun blocks when the server stops; 0: 10 s
	KeepAlive        time.Duration // between TCP keep-alive probes; 0: 60 s; negative: none

	// Bare accepts blocks without a start byte; see [Reader].
	Bare string
	// Release2 tells the sender of each whole block, before the reply, whether
	// the handler has it in safe storage: a block of the one byte ACK, or of NAK
	// and then no reply (MLLP release 2). A reply is such a block for the other
	// side, and what it says of it is passed over. Senders of release 1 take
	// these bytes for junk, so both sides must be set to it.
	Release2 bool

	stats counters
}

// Serve accepts connections on l until ctx ends or l is closed. It then closes
// l and all idle connections, lets blocks that have begun be received, handled
// and answered for as long as StopTimeout allows, and returns when all is done.
// Blocks that a sender has sent ahead are not begun; it has no answer to them
// and will send them again.
//
// It returns nil if ctx has ended, and otherwise why it cannot go on. A failure
// to accept one connection, such as a lack of file descriptors, is no reason: it
// waits a little and tries again.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	r := newRun(ctx, s)
	closing := context.AfterFunc(ctx, func() { l.Close() })
	defer closing()
	err := r.accept(ctx, l)
	l.Close()
	r.stop()
	return err
}

// accept starts a goroutine for each connection, which r.conns waits for.
func (r *run) accept(ctx context.Context, l net.Listener) error {
	var delay time.Duration
	for {
		c, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				c.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("mllp: accept: %w", err)
		case err != nil:
			delay = min(max(2*delay, 5*time.Millisecond), time.Second)
			r.log.Error("cannot accept a connection", "err", err, "retry", delay)
			wait(ctx, delay)
		default:
			delay = 0
			r.start(c)
		}
	}
}

func (r *run) start(nc net.Conn) {
	r.stats.accepted.Add(1)
	key := origin(nc.RemoteAddr())
	if full := r.gate.enter(key); full != "" {
		r.stats.refused.Add(1)
		r.refusals.log(r.log, full, nc.RemoteAddr())
		nc.Close()
		return
	}
	c := newConn(r, nc)
	r.conns.Go(func() {
		defer r.gate.leave(key)
		defer r.forget(c)
		c.serve()
	})
}

// wait sleeps for d or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
