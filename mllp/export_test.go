package mllp

import "context"

// Held is how many bytes the Reader's buffers take.
func (r *Reader) Held() int {
	if len(r.buf) == len(r.base) {
		return len(r.base)
	}
	return len(r.base) + len(r.buf)
}

// BaseBuffer is what an idle Reader holds.
const BaseBuffer = baseBuffer

// Defaults are the limits with which a server works that are not about time.
func Defaults(s *Server) (total, perIP, rate int, buffered int64, block, junk int) {
	r := newRun(context.Background(), s)
	r.cancel()
	return r.gate.total, r.gate.perKey, r.minRate, r.budget.limit, r.maxBlock, r.maxJunk
}
