package pipeline

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/store"
	"github.com/ponshealth/pons/mapping"
)

// verdict is the queue's table of faults: what becomes of a message whose
// delivery ended with err after so many earlier attempts. It is the only place
// that decides so.
func verdict(err error, attempts int) message.State {
	if err == nil {
		return message.Delivered
	}
	switch kind := fault.KindOf(err); {
	case kind == fault.Busy, kind == fault.Conflict && attempts < maxAttempts:
		return message.Retrying // time may mend it
	default:
		return message.Dead // a person must look
	}
}

// Retries wait twice as long each time, from firstRetry to lastRetry, with up to
// a quarter of jitter so that lanes that failed together do not return together.
const (
	firstRetry = time.Second
	lastRetry  = 5 * time.Minute
	lastSettle = 10 * time.Second // when there is nothing to try but the store

	// maxAttempts is when a conflict is none that passes: after a quarter of an
	// hour, in which the lane of the message stood still.
	maxAttempts = 10
)

func retryAfter(attempts int) time.Duration {
	wait := lastRetry
	if attempts < 16 {
		wait = min(firstRetry<<attempts, lastRetry)
	}
	return wait + rand.N(wait/4)
}

func (p *Pipeline) failed(m message.Message, err error) store.Settlement {
	s := store.Settlement{
		ID:          m.ID,
		Destination: m.Destination,
		To:          verdict(err, m.Attempts),
		Cause:       message.Cause{Kind: fault.KindOf(err).String(), At: fault.At(err), Text: problem(err)},
	}
	step := message.Step{Name: s.To.String(), At: p.Now(), Note: s.Cause.Text}
	if s.To == message.Retrying {
		s.RetryAt = step.At.Add(retryAfter(m.Attempts))
	}
	s.Steps = []message.Step{step}
	return s
}

// problem is the text of the fault without its place, which is kept beside it.
func problem(err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Err.Error()
	}
	return err.Error()
}

// invalid gives the errors of the public packages a kind and their place.
func invalid(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if e, ok := errors.AsType[*hl7.SyntaxError](err); ok {
		return fault.New(fault.Invalid, e.At, "%s", e.Problem)
	}
	if e, ok := errors.AsType[*mapping.Error](err); ok {
		kind := fault.Invalid
		if e.Code == mapping.UnsupportedType || e.Code == mapping.UnsupportedEvent {
			kind = fault.Unsupported
		}
		return fault.New(kind, e.At, "%s", e.Problem)
	}
	return fault.Wrap(fault.Invalid, "", err)
}
