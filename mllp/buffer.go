package mllp

import (
	"bytes"
	"io"
	"sync/atomic"
)

const (
	// baseBuffer is what an idle connection holds. Most messages fit.
	baseBuffer = 4 << 10
	// maxHint bounds how far a buffer grows at once because the block before
	// was that long.
	maxHint = 64 << 10
	// smallBlock is up to where a buffer may use the whole budget.
	smallBlock = 64 << 10
)

// buffer holds what has been read and not yet given out. It starts small,
// doubles while a block does not fit, and goes back to its small size.
type buffer struct {
	src    io.Reader
	base   []byte // the small one, kept
	buf    []byte // base, or a larger one
	lo, hi int    // buf[lo:hi] is unread
	last   int    // length of the block before
	srcErr error  // came together with the last bytes

	budget *budget // shared by the connections of a server; may be nil
	held   int     // budget for buf
	lent   int     // budget for a block that was given out, until the next call
}

// take gives out the next n bytes and passes over them and the byte after, if
// there is one. It returns nil if they are blank. A block that fills most of a
// large buffer gets the buffer itself; others are copied.
func (b *buffer) take(n int) []byte {
	block := b.buf[b.lo : b.lo+n]
	rest := b.buf[min(b.lo+n+1, b.hi):b.hi]
	b.last = n
	if allBlank(block) {
		b.lo = b.hi - len(rest)
		return nil
	}
	if len(b.buf) == len(b.base) || n < len(b.buf)/2 {
		b.lo = b.hi - len(rest)
		return bytes.Clone(block)
	}
	b.lent += b.held
	b.held = 0
	b.buf = b.base
	if len(rest) > len(b.base) {
		b.held = len(rest)
		b.budget.force(b.held)
		b.buf = make([]byte, len(rest))
	}
	b.lo, b.hi = 0, copy(b.buf, rest)
	return block
}

// repay gives back the budget of the last block, which its user has done with.
func (b *buffer) repay() {
	b.budget.give(b.lent)
	b.lent = 0
}

// close gives back all budget.
func (b *buffer) close() {
	b.repay()
	b.budget.give(b.held)
	b.held, b.buf, b.lo, b.hi = 0, b.base, 0, 0
}

// fill reads once. The buffer never grows beyond the larger of baseBuffer and
// most. It returns ErrBusy if the budget does not allow it to grow.
func (b *buffer) fill(most int) error {
	if b.srcErr != nil {
		err := b.srcErr
		b.srcErr = nil
		return err
	}
	if err := b.room(most); err != nil {
		return err
	}
	for range 100 {
		n, err := b.src.Read(b.buf[b.hi:])
		b.hi += n
		if n > 0 {
			b.srcErr = err
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// room makes sure that there is space to read into.
func (b *buffer) room(most int) error {
	if b.base == nil {
		b.base = make([]byte, baseBuffer)
		b.buf = b.base
	}
	unread := b.hi - b.lo
	switch {
	case len(b.buf) > len(b.base) && unread <= len(b.base)/2:
		copy(b.base, b.buf[b.lo:b.hi])
		b.budget.give(b.held)
		b.held, b.buf = 0, b.base
	case b.lo == b.hi || b.hi == len(b.buf) && b.lo > 0:
		copy(b.buf, b.buf[b.lo:b.hi])
	case b.hi == len(b.buf):
		return b.grow(most)
	default:
		return nil
	}
	b.lo, b.hi = 0, unread
	return nil
}

// grow is called with b.lo at 0 and the buffer full.
func (b *buffer) grow(most int) error {
	size := min(max(2*len(b.buf), min(b.last+1, maxHint)), max(most, len(b.buf)+1))
	if !b.budget.take(size, size <= smallBlock) {
		return ErrBusy
	}
	larger := make([]byte, size)
	copy(larger, b.buf)
	b.budget.give(b.held)
	b.buf, b.held = larger, size
	return nil
}

// budget bounds the bytes that all connections hold beyond their small
// buffers. The last quarter is kept for small blocks, so that a few large ones
// do not stop everybody else. A nil budget is endless.
type budget struct {
	limit int64
	used  atomic.Int64
}

// take asks for n bytes.
func (g *budget) take(n int, small bool) bool {
	if g == nil {
		return true
	}
	limit := g.limit
	if !small {
		limit -= limit / 4
	}
	if g.used.Add(int64(n)) > limit {
		g.used.Add(-int64(n))
		return false
	}
	return true
}

// force takes n bytes whether they are there or not.
func (g *budget) force(n int) {
	if g != nil {
		g.used.Add(int64(n))
	}
}

func (g *budget) give(n int) {
	if g != nil {
		g.used.Add(-int64(n))
	}
}
