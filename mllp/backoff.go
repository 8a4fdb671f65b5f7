package mllp

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// Backoff says how long to wait between attempts to send the same block: after
// each failure twice as long as before, up to a limit, and half of it by chance,
// so that many senders do not come back at the same moment when a receiver does.
// The zero value is a sensible one.
type Backoff struct {
	First time.Duration // after the first failure, at most; 0: 1 s
	Most  time.Duration // after any failure, at most; 0: 1 min
	Tries int           // attempts in all; 0: as many as the context allows
}

// Delay is how long to wait after so many failures in a row, from 1 on: between
// half of the time that is due and all of it.
func (b Backoff) Delay(failures int) time.Duration {
	due, most := cmp.Or(b.First, time.Second), cmp.Or(b.Most, time.Minute)
	for ; failures > 1 && due < most; failures-- {
		due *= 2
	}
	due = min(due, most)
	return due/2 + rand.N(due/2+1)
}

// SendRetry sends block until there is a reply to it, over a new connection each
// time that something fails, and waits between the attempts. Between two calls
// of it nothing is tried.
//
// The receiver may come to have the block more than once: whoever uses this
// relies on the receiver to tell a block that it has seen before, as those of
// HL7 do by the control id. It gives up when ctx ends, after b.Tries attempts,
// and on ErrContent, which no attempt mends, and returns the last error.
func (c *Client) SendRetry(ctx context.Context, block []byte, b Backoff) ([]byte, error) {
	for failures := 1; ; failures++ {
		reply, err := c.Send(ctx, block)
		if err == nil || err == ErrContent || ctx.Err() != nil {
			return reply, err
		}
		if failures == b.Tries {
			return nil, fmt.Errorf("mllp: given up after %d attempts: %w", failures, err)
		}
		wait(ctx, b.Delay(failures))
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%w; %w", context.Cause(ctx), err)
		}
	}
}
