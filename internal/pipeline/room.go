package pipeline

import (
	"bytes"
	"context"
	"sync"
)

// Limits of what is in memory at once. A message takes a multiple of its size
// while it is worked on: measured with documents of 30 MiB 4 bytes for each, and
// with 20,000 results of 60 bytes 20 KB for each.
const (
	perByte    = 4
	perSegment = 20 << 10
	maxRoom    = 384 << 20

	// maxSegments is how many segments a message may have. The largest in
	// practice are results of some thousands.
	maxSegments = 10_000
	// maxRepetitions is how many times one field may repeat: what becomes of them is
	// compared each with each.
	maxRepetitions = 5_000
)

// weightOf is about how many bytes of memory a message takes, and never more
// than there are.
func weightOf(body []byte) int {
	segments := 1 + max(bytes.Count(body, []byte{'\r'}), bytes.Count(body, []byte{'\n'}))
	return min(perByte*len(body)+perSegment*segments, maxRoom)
}

// room is the memory that the messages being worked on share. The zero value is
// empty and ready.
type room struct {
	mu    sync.Mutex
	taken int
	wake  chan struct{} // closed when something leaves; nil while nobody waits
}

// enter waits until n fits in beside what is there.
func (r *room) enter(ctx context.Context, n int) error {
	for {
		r.mu.Lock()
		if r.taken+n <= maxRoom {
			r.taken += n
			r.mu.Unlock()
			return nil
		}
		if r.wake == nil {
			r.wake = make(chan struct{})
		}
		wake := r.wake
		r.mu.Unlock()
		select {
		case <-wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (r *room) leave(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken -= n
	if r.wake != nil {
		close(r.wake)
		r.wake = nil
	}
}
