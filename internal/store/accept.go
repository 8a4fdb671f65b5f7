package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
)

// MaxBody is the greatest message or resource that the store takes, in bytes.
const MaxBody = 256 << 20

// Receipt says what became of an accepted message.
type Receipt struct {
	ID        message.ID // of the message, or of the earlier one that it repeats
	Duplicate bool       // the same message is here already; nothing was stored or queued
	Ack       []byte     // of a duplicate: the answer that was given then
	Reused    bool       // the sender used the control id before for other content
}

// Accept keeps a message and queues it for m.Destination. It returns when the
// message is on disk, or with an error, and then it may be there or not.
//
// It sets the id and ReusedID of the message; the caller's are ignored.
//
// A message is a duplicate if one with the same channel, MSH-3, MSH-4, MSH-10
// and content was accepted before. One that was refused then (AcceptDead) does
// not count, for a refused message may be sent again once the reason is gone.
// A message without a control id is never a duplicate.
func (s *Store) Accept(ctx context.Context, m message.Message) (Receipt, error) {
	return s.accept(ctx, m, nil)
}

// AcceptDead keeps a message that nothing can be done with, for a person to
// look at. It queues nothing. Here the same message is a duplicate whether it
// was accepted or refused before.
func (s *Store) AcceptDead(ctx context.Context, m message.Message, c message.Cause) (Receipt, error) {
	return s.accept(ctx, m, &c)
}

// acceptance is one message on its way in.
type acceptance struct {
	message.Message
	cause       *message.Cause // not nil: dead on arrival
	destination int64
	lane        int64
	sha         [sha256.Size]byte
	twin, short int64 // the key of table twin
	packed      []byte
	receipt     Receipt
}

func (s *Store) accept(ctx context.Context, m message.Message, dead *message.Cause) (Receipt, error) {
	if len(m.Body) > MaxBody {
		return Receipt{}, fault.New(fault.TooLarge, "", "a message of more than %d bytes", MaxBody)
	}
	destination, err := s.nameID(ctx, m.Destination)
	if err != nil {
		return Receipt{}, err
	}
	if m.Received.IsZero() {
		m.Received = s.now()
	}
	a := &acceptance{Message: m, cause: dead, destination: destination, sha: sha256.Sum256(m.Body)}
	a.lane = laneKey(m.Lane)
	a.twin = hash(m.Channel, m.SendingApp, m.SendingFac, m.ControlID)
	a.short = int64(binary.BigEndian.Uint64(a.sha[:8]))
	a.packed = s.pack.message(m.Body)
	var after func()
	if dead == nil {
		after = func() {
			if !a.receipt.Duplicate {
				s.lanes.add(m.Destination, a.lane, head{id: a.ID})
			}
		}
	}
	if err := s.write.accept(ctx, func(t *tx) error { return s.storeMessage(t, a) }, after); err != nil {
		return Receipt{}, err
	}
	return a.receipt, nil
}

// storeMessage runs in the writer. The order of the ids is that of the
// commits, and so of the lanes.
func (s *Store) storeMessage(t *tx, a *acceptance) error {
	if a.ControlID != "" {
		if err := findTwin(t, a); err != nil || a.receipt.Duplicate {
			return err
		}
	}
	now := s.now()
	a.ID = s.ids.Next(now)
	a.receipt.ID = a.ID
	id := int64(a.ID)
	_, err := t.exec(sqlAddMessage, id, a.Channel, a.Lane, a.Received.UnixMicro(), a.Peer, a.ControlID,
		a.SendingApp, a.SendingFac, a.Type, a.Version, number(a.receipt.Reused), number(a.cause != nil),
		a.AckCode, bytesOf(a.Ack), a.sha[:], a.packed)
	if err == nil && a.ControlID != "" {
		_, err = t.exec(sqlAddTwin, a.twin, a.short, id)
	}
	state, cause := message.Received, message.Cause{}
	if a.cause != nil {
		state, cause = message.Dead, *a.cause
	}
	if err == nil {
		_, err = t.exec(sqlAddDelivery, id, a.destination, int64(state), now.UnixMicro(), cause.Kind, cause.At, cause.Text)
	}
	if err == nil && a.cause == nil {
		_, err = t.exec(sqlAddPending, a.destination, a.lane, id)
	}
	t.count(a.destination, state, 1)
	return err
}

// findTwin looks for an earlier message with the same control id of the same
// sender: the same content makes a a duplicate, other content a reuse.
func findTwin(t *tx, a *acceptance) error {
	var known int
	if found, err := t.one(sqlKnown, []any{a.twin}, &known); err != nil || !found {
		return err // as nearly always
	}
	err := t.each(sqlTwins, []any{a.twin, a.short}, func(scan func(...any) error) error {
		var id, refused int64
		var channel, app, fac, control string
		var sha, ack []byte
		if err := scan(&id, &channel, &app, &fac, &control, &refused, &sha, &ack); err != nil {
			return err
		}
		counts := refused == 0 || a.cause != nil
		if counts && !a.receipt.Duplicate && bytes.Equal(sha, a.sha[:]) && a.sender(channel, app, fac, control) {
			a.receipt = Receipt{ID: message.ID(id), Duplicate: true, Ack: ack}
		}
		return nil
	})
	if err != nil || a.receipt.Duplicate {
		return err
	}
	var channel, app, fac, control string
	found, err := t.one(sqlNamesake, []any{a.twin, a.short}, &channel, &app, &fac, &control)
	a.receipt.Reused = found && a.sender(channel, app, fac, control)
	return err
}

// sender tells whether the fields that must be equal are: the index goes by
// hash.
func (a *acceptance) sender(channel, app, fac, control string) bool {
	return a.Channel == channel && a.SendingApp == app && a.SendingFac == fac && a.ControlID == control
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// bytesOf keeps an empty value from being NULL.
func bytesOf(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
