package store

import (
	"context"
	"time"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
)

// Claim waits for a message that may be delivered to destination now and
// returns it. It is the oldest unsettled one of its lane, and the lane is the
// caller's until Settle or Release: nobody else gets a message of it.
//
// If the message cannot be read (its body is damaged), Claim returns an error
// and what names the message: ID and Destination. It is claimed all the same,
// so that the caller can settle it as dead and the others go on.
//
// Claims live in memory. After a crash every message that was not settled can
// be claimed again.
func (s *Store) Claim(ctx context.Context, destination string) (message.Message, error) {
	for {
		if err := ctx.Err(); err != nil {
			return message.Message{}, err
		}
		taken, wait, wake := s.lanes.take(destination, s.now())
		if taken != nil {
			m, err := s.load(ctx, taken.id)
			if err != nil && ctx.Err() != nil {
				s.Release(taken.id, destination)
				return message.Message{}, ctx.Err()
			}
			m.ID, m.Destination, m.Attempts = taken.id, destination, taken.attempts
			return m, err
		}
		if err := s.sleep(ctx, wait, wake); err != nil {
			return message.Message{}, err
		}
	}
}

// sleep waits for wake, for wait to pass (less than zero: forever), or for an
// end.
func (s *Store) sleep(ctx context.Context, wait time.Duration, wake <-chan struct{}) error {
	var timeout <-chan time.Time
	if wait >= 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		timeout = t.C
	}
	select {
	case <-wake:
	case <-timeout:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.lanes.closed:
		return ErrClosed
	}
	return nil
}

// Release gives a claimed message back untouched, to be claimed again.
func (s *Store) Release(id message.ID, destination string) {
	s.lanes.release(destination, id)
}

// Pending lists what is still to be delivered to destination, claimed or not, in
// the order of arrival.
func (s *Store) Pending(ctx context.Context, destination string) ([]message.ID, error) {
	var all []message.ID
	err := s.each(ctx, sqlPending, []any{s.names.id(destination)}, func(scan func(...any) error) error {
		var id message.ID
		err := scan(&id)
		all = append(all, id)
		return err
	})
	return all, err
}

// recallLanes finds the work that is left from before.
func (s *Store) recallLanes(ctx context.Context) error {
	s.lanes.queue("")
	return s.each(ctx, sqlHeads, nil, func(scan func(...any) error) error {
		var destination, key int64
		var next head
		err := next.scan(func(dest ...any) error { return scan(append([]any{&destination, &key}, dest...)...) })
		s.lanes.add(s.names.text(destination), key, next)
		return err
	})
}

// scan reads what a query on pending and delivery says of a head.
func (h *head) scan(scan func(...any) error) error {
	var until int64
	err := scan(&h.id, &h.state, &h.attempts, &until)
	if until != 0 {
		h.until = time.UnixMicro(until)
	}
	return err
}

// Replay puts a settled message back into its lane, to be delivered to
// destination once more. It fails with fault.NotFound if there is no such
// delivery and with fault.Invalid if it is not settled.
func (s *Store) Replay(ctx context.Context, id message.ID, destination string) error {
	name := s.names.id(destination)
	var key int64
	return s.write.other(ctx, func(t *tx) error {
		var state int64
		var lane string
		found, err := t.one(sqlDeliveryState, []any{int64(id), name}, &state, &lane)
		switch {
		case err != nil:
			return err
		case !found:
			return fault.New(fault.NotFound, "", "no such message at this destination")
		case !message.State(state).May(message.Received):
			return fault.New(fault.Invalid, "", "the message is %s, so it cannot be replayed", message.State(state))
		}
		key = laneKey(lane)
		now := s.now()
		_, err = t.exec(sqlReplay, int64(id), name, now.UnixMicro(), stepLine(message.Step{Name: "replayed", At: now}))
		if err == nil {
			_, err = t.exec(sqlAddPending, name, key, int64(id))
		}
		t.count(name, message.State(state), -1)
		t.count(name, message.Received, 1)
		return err
	}, func() { s.lanes.add(destination, key, head{id: id}) })
}
