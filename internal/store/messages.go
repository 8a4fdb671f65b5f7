package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
)

// MessageFilter says which messages to list. The zero value is the newest.
type MessageFilter struct {
	States    []message.State // empty is all
	Type      string          // "ADT^A01"; "" is all
	ControlID string          // MSH-10; "" is all
	Before    message.ID      // only older ones; 0 is all
	After     message.ID      // only newer ones
	Oldest    bool            // begin with the oldest, not the newest
	Limit     int             // at most so many; 0 is 50, and never more than 1000
}

// MessageInfo is a message, without its body and answer, and what became of it
// at its destination.
type MessageInfo struct {
	message.Message
	State   message.State
	Cause   message.Cause
	Changed time.Time // when it came into its state
	Settled time.Time // the same if that is the end of it, else zero
	RetryAt time.Time // when it is tried again, if it is retrying
}

// MessageDetail is all that is kept of a message.
type MessageDetail struct {
	MessageInfo // with Body and Ack
	Steps       []message.Step
	Produced    []ResourceRef
}

// ResourceRef names one version of a resource.
type ResourceRef struct {
	Type, ID string
	Version  int
}

const (
	defaultLimit = 50
	maxLimit     = 1000
)

// Messages lists messages in the order of their arrival, newest first or with
// Oldest the other way. To page, give the id of the last one as Before (or
// After).
func (s *Store) Messages(ctx context.Context, f MessageFilter) ([]MessageInfo, error) {
	if f.Limit <= 0 {
		f.Limit = defaultLimit
	}
	f.Limit = min(f.Limit, maxLimit)
	if f.Before == 0 {
		f.Before = 1<<63 - 1
	}
	var out []MessageInfo
	for {
		page, err := s.messagePage(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, m := range page {
			if len(out) < f.Limit && f.wants(m.State) {
				out = append(out, m)
			}
		}
		if len(page) < f.Limit || len(out) == f.Limit {
			return out, nil
		}
		// Some were claimed and so in another state than the table says.
		if last := page[len(page)-1].ID; f.Oldest {
			f.After = last
		} else {
			f.Before = last
		}
	}
}

func (f *MessageFilter) wants(state message.State) bool {
	return len(f.States) == 0 || slices.Contains(f.States, state)
}

// stored gives the states in the table that a wanted one may have there, for a
// claim is known in memory only.
func (f *MessageFilter) stored() []message.State {
	wanted := f.States
	if len(wanted) == 0 {
		wanted = message.States()
	}
	if slices.Contains(wanted, message.Claimed) {
		wanted = append(slices.Clone(wanted), message.Received, message.Retrying)
	}
	states := slices.Clone(wanted)
	slices.Sort(states)
	return slices.DeleteFunc(slices.Compact(states), func(state message.State) bool { return state == message.Claimed })
}

// messagePage reads up to f.Limit. Without delivered ones, which are the many,
// it goes by the index on states.
func (s *Store) messagePage(ctx context.Context, f MessageFilter) ([]MessageInfo, error) {
	states := f.stored()
	args := []any{int64(f.After), int64(f.Before), f.Type, f.ControlID, f.Limit}
	if slices.Contains(states, message.Delivered) {
		query := sqlMessages + sqlMessagesNewest
		if f.Oldest {
			query = sqlMessages + sqlMessagesOldest
		}
		for i := range len(message.States()) - 1 {
			args = append(args, int64(states[min(i, len(states)-1)]))
		}
		return s.messageRows(ctx, query, args...)
	}
	query := sqlMessages + sqlStateNewest
	if f.Oldest {
		query = sqlMessages + sqlStateOldest
	}
	var all []MessageInfo
	for _, state := range states {
		some, err := s.messageRows(ctx, query, append(args, int64(state))...)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b MessageInfo) int {
		if f.Oldest {
			return cmp.Compare(a.ID, b.ID)
		}
		return cmp.Compare(b.ID, a.ID)
	})
	return all[:min(len(all), f.Limit)], nil
}

func (s *Store) messageRows(ctx context.Context, query string, args ...any) ([]MessageInfo, error) {
	var out []MessageInfo
	err := s.each(ctx, query, args, func(scan func(...any) error) error {
		m, err := s.scanMessage(scan)
		out = append(out, m)
		return err
	})
	return out, err
}

// scanMessage reads the columns of sqlMessages, and after them into more.
func (s *Store) scanMessage(scan func(...any) error, more ...any) (MessageInfo, error) {
	var m MessageInfo
	var received, destination, changed, retryAt int64
	dest := []any{&m.ID, &m.Channel, &m.Lane, &received, &m.Peer, &m.ControlID, &m.SendingApp, &m.SendingFac,
		&m.Type, &m.Version, &m.ReusedID, &m.AckCode,
		&destination, &m.State, &m.Attempts, &changed, &retryAt, &m.Cause.Kind, &m.Cause.At, &m.Cause.Text}
	if err := scan(append(dest, more...)...); err != nil {
		return m, err
	}
	m.Received = time.UnixMicro(received).UTC()
	m.Changed = time.UnixMicro(changed).UTC()
	m.Destination = s.names.text(destination)
	if m.State.Settled() {
		m.Settled = m.Changed
	}
	if retryAt != 0 {
		m.RetryAt = time.UnixMicro(retryAt).UTC()
	}
	if _, claimed := s.lanes.holding(m.Destination, m.ID); claimed {
		m.State = message.Claimed
	}
	return m, nil
}

// Message returns all that is kept of a message, or fails with fault.NotFound.
func (s *Store) Message(ctx context.Context, id message.ID) (MessageDetail, error) {
	var d MessageDetail
	found := false
	err := s.each(ctx, sqlMessageDetail, []any{int64(id)}, func(scan func(...any) error) (err error) {
		var packed []byte
		var steps string
		found = true
		if d.MessageInfo, err = s.scanMessage(scan, &steps, &d.Ack, &packed); err != nil {
			return err
		}
		d.Body, err = s.pack.unpack(packed)
		d.Steps = append([]message.Step{
			{Name: "received", At: d.Received},
			{Name: "stored", At: id.Time()},
		}, readSteps(steps)...)
		return err
	})
	if err == nil && !found {
		err = fault.New(fault.NotFound, "", "no such message")
	}
	if err != nil {
		return d, err
	}
	err = s.each(ctx, sqlProduced, []any{int64(id)}, func(scan func(...any) error) error {
		var r ResourceRef
		var typ int64
		err := scan(&typ, &r.ID, &r.Version)
		r.Type = s.names.text(typ)
		d.Produced = append(d.Produced, r)
		return err
	})
	return d, err
}

// load reads a message for delivery.
func (s *Store) load(ctx context.Context, id message.ID) (message.Message, error) {
	var m message.Message
	var received int64
	var packed []byte
	found, err := s.one(ctx, sqlMessage, []any{int64(id)}, &m.ID, &m.Channel, &m.Lane, &received, &m.Peer, &m.ControlID,
		&m.SendingApp, &m.SendingFac, &m.Type, &m.Version, &m.ReusedID, &m.AckCode, &m.Ack, &packed)
	if err == nil && !found {
		err = fault.New(fault.Internal, "", "a pending message is not there")
	}
	if err != nil {
		return m, err
	}
	m.Received = time.UnixMicro(received).UTC()
	m.Body, err = s.pack.unpack(packed)
	return m, s.failed(ctx, err)
}

// Counts tells how many deliveries are in each state.
func (s *Store) Counts(ctx context.Context) (map[message.State]int, error) {
	counts := map[message.State]int{}
	err := s.each(ctx, sqlCounts, nil, func(scan func(...any) error) error {
		var state message.State
		var n int
		err := scan(&state, &n)
		counts[state] = n
		return err
	})
	if err != nil {
		return nil, err
	}
	fresh, again := s.lanes.claimed()
	counts[message.Claimed] = fresh + again
	counts[message.Received] = max(0, counts[message.Received]-fresh)
	counts[message.Retrying] = max(0, counts[message.Retrying]-again)
	return counts, nil
}
