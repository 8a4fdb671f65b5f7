package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
)

// Settlement is what became of a claimed message, with all that must become
// true together with it.
type Settlement struct {
	ID          message.ID
	Destination string
	To          message.State // Delivered, Filtered, Dead, Retrying, or Received to give it back
	Cause       message.Cause // why, if To is Retrying, Dead or Filtered
	RetryAt     time.Time     // if To is Retrying: not to be tried before
	Steps       []message.Step
	Writes      []Write // done in this order, in the same transaction
}

// Settle writes down what became of a claimed message, in one transaction with
// w.Writes, and gives its lane free: the next message of the lane can be
// claimed, or the same one after RetryAt.
//
// If one of the writes cannot be done (fault.Conflict: a version moved on, or
// an identifier is taken), nothing has changed and the lane is still held, so
// that the caller may settle again with other writes.
func (s *Store) Settle(ctx context.Context, w Settlement) error {
	held, ok := s.lanes.holding(w.Destination, w.ID)
	if !ok {
		return fault.New(fault.Internal, "", "settle: nobody has claimed this message")
	}
	if !message.Claimed.May(w.To) {
		return fault.New(fault.Internal, "", "settle: a claimed message cannot become %s", w.To)
	}
	for i := range w.Writes {
		w.Writes[i].Message = w.ID
	}
	changes, err := s.prepare(ctx, w.Writes)
	if err != nil {
		return err
	}
	z := &settling{Settlement: w, destination: s.names.id(w.Destination), lane: held.key, was: held.head}
	return s.write.other(ctx, func(t *tx) error {
		if err := s.applyAll(t, changes, make([]Resource, len(changes))); err != nil {
			return err
		}
		return s.storeSettlement(t, z)
	}, func() { s.lanes.advance(w.Destination, w.ID, z.next) })
}

// settling is a settlement on its way in.
type settling struct {
	Settlement
	destination int64
	lane        int64
	was         head // as it was claimed
	next        head // what the lane goes on with
}

func (s *Store) storeSettlement(t *tx, z *settling) error {
	attempts, retryAt := z.was.attempts, int64(0)
	switch z.To {
	case message.Retrying:
		attempts++
		retryAt = z.RetryAt.UnixMicro()
	case message.Dead:
		attempts++
	}
	var steps strings.Builder
	for _, step := range z.Steps {
		steps.WriteString(stepLine(step))
	}
	n, err := t.exec(sqlSettle, int64(z.ID), z.destination, int64(z.To), attempts, s.now().UnixMicro(), retryAt,
		z.Cause.Kind, z.Cause.At, z.Cause.Text, steps.String())
	if err == nil && n != 1 {
		err = fault.New(fault.Internal, "", "settle: no such message at this destination")
	}
	if err == nil && z.To.Settled() {
		_, err = t.exec(sqlDropPending, z.destination, z.lane, int64(z.ID))
	}
	if err != nil {
		return err
	}
	t.count(z.destination, z.was.state, -1)
	t.count(z.destination, z.To, 1)
	return t.each(sqlNextInLane, []any{z.destination, z.lane}, func(scan func(...any) error) error {
		return z.next.scan(scan)
	})
}

// stepLine is how a step is kept: one line of text.
func stepLine(s message.Step) string {
	clean := strings.NewReplacer("\t", " ", "\n", " ", "\r", " ")
	return strconv.FormatInt(s.At.UnixMicro(), 10) + "\t" + clean.Replace(s.Name) + "\t" + clean.Replace(s.Note) + "\n"
}

// readSteps is the inverse, for many. A line that it cannot read is left out.
func readSteps(text string) []message.Step {
	var steps []message.Step
	for line := range strings.Lines(text) {
		fields := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 3)
		if len(fields) != 3 {
			continue
		}
		micros, err := strconv.ParseInt(fields[0], 10, 64)
		if err != nil {
			continue
		}
		steps = append(steps, message.Step{At: time.UnixMicro(micros).UTC(), Name: fields[1], Note: fields[2]})
	}
	return steps
}
