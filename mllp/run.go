package mllp

import (
	"cmp"
	"context"
	"crypto/tls"
	"log/slog"
	"sync"
	"time"
)

// run is one call of Serve: the limits with their defaults filled in, and the
// connections that are open.
type run struct {
	limits  // after the defaults
	handler Handler
	tls     *tls.Config
	log     *slog.Logger
	stats   *counters

	gate     gate
	budget   budget
	refusals throttle

	conns  sync.WaitGroup
	ctx    context.Context // for handlers
	cancel context.CancelFunc

	mu   sync.Mutex
	open map[*conn]struct{}
}

type limits struct {
	maxBlock, maxJunk, minRate               int
	block, idle, write, handshake, stopAfter time.Duration
	keepAlive                                time.Duration
	bare                                     string
	release2                                 bool
}

func newRun(ctx context.Context, s *Server) *run {
	r := &run{
		limits: limits{
			maxBlock:  cmp.Or(s.MaxBlock, DefaultMaxBlock),
			maxJunk:   cmp.Or(s.MaxJunk, DefaultMaxJunk),
			minRate:   cmp.Or(s.MinRate, 32<<10),
			block:     cmp.Or(s.BlockTimeout, 30*time.Second),
			idle:      cmp.Or(s.IdleTimeout, 10*time.Minute),
			write:     cmp.Or(s.WriteTimeout, 30*time.Second),
			handshake: cmp.Or(s.HandshakeTimeout, 10*time.Second),
			stopAfter: cmp.Or(s.StopTimeout, 10*time.Second),
			keepAlive: cmp.Or(s.KeepAlive, time.Minute),
			bare:      s.Bare,
			release2:  s.Release2,
		},
		handler: s.Handler,
		log:     cmp.Or(s.Log, slog.New(slog.DiscardHandler)),
		stats:   &s.stats,
		open:    map[*conn]struct{}{},
	}
	if s.TLS != nil {
		r.tls = hardened(s.TLS)
	}
	r.gate.total = cmp.Or(s.MaxConns, 512)
	r.gate.perKey = cmp.Or(s.MaxConnsPerIP, 32)
	r.budget.limit = cmp.Or(s.MaxBuffered, 256<<20)
	// A handler may finish what it has begun after ctx has ended.
	r.ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return r
}

func (r *run) remember(c *conn) {
	r.mu.Lock()
	r.open[c] = struct{}{}
	r.mu.Unlock()
}

func (r *run) forget(c *conn) {
	r.mu.Lock()
	delete(r.open, c)
	r.mu.Unlock()
}

// stop ends all connections. A block that is being received has half of the
// time to come to its end, so that there is time left to handle it.
func (r *run) stop() {
	receive := time.Now().Add(r.stopAfter / 2)
	r.mu.Lock()
	for c := range r.open {
		c.stop(receive)
	}
	r.mu.Unlock()
	enough := time.AfterFunc(r.stopAfter, r.abort)
	r.conns.Wait()
	enough.Stop()
	r.cancel()
}

// abort ends what did not end in time.
func (r *run) abort() {
	r.cancel()
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.open {
		c.raw.Close() // to close TLS takes time, if the sender does not read
	}
}
