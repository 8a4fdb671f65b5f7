package mllp

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// gate counts connections, in all and by origin.
type gate struct {
	total, perKey int

	mu    sync.Mutex
	n     int
	byKey map[netip.Prefix]int
}

// enter lets a connection in, or says what is full.
func (g *gate) enter(key netip.Prefix) (full string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.n >= g.total {
		return "connections in all"
	}
	if key.IsValid() {
		if g.byKey[key] >= g.perKey {
			return "connections of one address"
		}
		if g.byKey == nil {
			g.byKey = map[netip.Prefix]int{}
		}
		g.byKey[key]++
	}
	g.n++
	return ""
}

func (g *gate) leave(key netip.Prefix) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.n--
	if !key.IsValid() {
		return
	}
	if g.byKey[key]--; g.byKey[key] == 0 {
		delete(g.byKey, key)
	}
}

// Origin is what counts as one sender: the IPv4 address, or the /64 that one IPv6
// host can choose its addresses from. It is invalid for what has no IP address,
// such as a pipe.
func (b Block) Origin() netip.Prefix { return origin(b.Peer) }

func origin(a net.Addr) netip.Prefix {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	ip := tcp.AddrPort().Addr().Unmap().WithZone("")
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	key, _ := ip.Prefix(bits)
	return key
}

// throttle logs at most one refusal a second: a flood of connections must not
// become a flood of lines.
type throttle struct {
	mu     sync.Mutex
	last   time.Time
	unsaid int
}

func (t *throttle) log(l *slog.Logger, full string, peer net.Addr) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.unsaid++
	if now := time.Now(); now.Sub(t.last) >= time.Second {
		l.Warn("connection refused: limit reached", "limit", full, "peer", peer.String(), "count", t.unsaid)
		t.last, t.unsaid = now, 0
	}
}

// Stats are counts since the Server was made.
type Stats struct {
	Open      int64 // connections that are open now
	Accepted  int64 // connections that came
	Refused   int64 // of them, those over a limit
	Blocks    int64 // whole blocks
	Truncated int64 // blocks without an end
	TooLarge  int64 // blocks over MaxBlock
	Busy      int64 // blocks over MaxBuffered
	Empty     int64 // empty blocks, of connections that have ended
	Junk      int64 // bytes outside of blocks, of connections that have ended
}

type counters struct {
	open, accepted, refused, blocks, truncated, tooLarge, busy, empty, junk atomic.Int64
}

// block counts one block by what was wrong with it.
func (c *counters) block(problem error) {
	switch {
	case problem == nil:
		c.blocks.Add(1)
	case errors.Is(problem, ErrTooLarge):
		c.tooLarge.Add(1)
	case errors.Is(problem, ErrBusy):
		c.busy.Add(1)
	default:
		c.truncated.Add(1)
	}
}

// Stats tells what the server has done so far.
func (s *Server) Stats() Stats {
	c := &s.stats
	return Stats{
		Open: c.open.Load(), Accepted: c.accepted.Load(), Refused: c.refused.Load(),
		Blocks: c.blocks.Load(), Truncated: c.truncated.Load(), TooLarge: c.tooLarge.Load(),
		Busy: c.busy.Load(), Empty: c.empty.Load(), Junk: c.junk.Load(),
	}
}
