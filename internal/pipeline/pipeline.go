// Package pipeline is the path of one message after its sender was answered:
// claim -> convert -> resolve identity -> merge -> settle. Read work from top to
// bottom: that is the whole engine.
package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/store"
	"github.com/ponshealth/pons/mapping"
)

// Queue is what a pipeline asks of a durable queue: the head of a free lane, and
// one transaction that writes what became of it and settles it.
type Queue interface {
	Claim(ctx context.Context, destination string) (message.Message, error)
	Settle(ctx context.Context, s store.Settlement) error
}

// Resources is what a pipeline reads of the FHIR store, to find who a message
// speaks of and what is known already.
type Resources interface {
	ReadMany(ctx context.Context, keys []store.Key) (map[store.Key]store.Resource, error)
	FindToken(ctx context.Context, typ, param, system, code string) ([]string, error)
	Referrers(ctx context.Context, typ, id string) ([]store.Key, error)
}

// Converter turns a message into resources.
type Converter interface {
	ConvertKnown(*hl7.Message, mapping.Known) (*mapping.Result, error)
}

// ErrFiltered is the error of a Converter that a message is not wanted: it is kept,
// and goes no further.
var ErrFiltered = errors.New("filtered")

// errTraining is that of a message which is kept out of what is real. To have come is no
// fault of it: testers send them all day, and nobody has to look.
var errTraining = fmt.Errorf("%w: %s", ErrFiltered, trainingText)

const trainingText = "a training or debugging message: kept, not delivered (trials: true lets them in)"

// Pipeline delivers the messages of one destination, the embedded FHIR store.
// Its fields are not changed after Run has begun, and Run is called once.
type Pipeline struct {
	Destination string
	Queue       Queue
	Resources   Resources
	Converter   Converter
	Charset     string // of messages that declare none and are not UTF-8
	Trials      bool   // training and debugging messages (MSH-11 T, D) are stored like those of production
	Workers     int
	StopTimeout time.Duration // for what has begun when Run is told to stop; 0 is 10 s
	Log         *slog.Logger
	Now         func() time.Time

	turn sync.Mutex    // of the worker that claims
	core chan struct{} // of the workers that compute; see compute
	room room
}

// Run works until ctx ends, with each worker on a lane of its own. What has
// begun then is finished, as long as StopTimeout lasts; a message that takes
// longer is left as it was, for the next start. Run fails only when the store
// does.
func (p *Pipeline) Run(ctx context.Context) error {
	p.core = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var workers sync.WaitGroup
	for range p.Workers {
		workers.Go(func() {
			if err := p.work(ctx); err != nil {
				cancel(err)
			}
		})
	}
	finished := make(chan struct{})
	go func() { workers.Wait(); close(finished) }()
	<-ctx.Done()
	overdue := time.NewTimer(cmp.Or(p.StopTimeout, 10*time.Second))
	defer overdue.Stop()
	select {
	case <-finished:
	case <-overdue.C:
		p.Log.Warn("a message takes too long to finish now; it is worked on again after the next start")
	}
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func (p *Pipeline) work(ctx context.Context) error {
	for {
		m, weight, err := p.claim(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			err = p.deliver(ctx, m)
			p.room.leave(weight)
		case m.ID != 0: // claimed, and it cannot be read: it must not hold up the others
			err = p.fail(ctx, m, err)
		default:
			return fmt.Errorf("claim: %w", err)
		}
		if err != nil {
			return fmt.Errorf("settle %s: %w", m.ID, err)
		}
	}
}

// claim takes the next message and waits until there is room for it. One worker
// does so at a time, so that no more than one message waits in memory.
func (p *Pipeline) claim(ctx context.Context) (m message.Message, weight int, err error) {
	p.turn.Lock()
	defer p.turn.Unlock()
	if m, err = p.Queue.Claim(ctx, p.Destination); err != nil {
		return m, 0, err
	}
	weight = weightOf(m.Body)
	return m, weight, p.room.enter(ctx, weight)
}

// conflicts is how often one message is worked again at once because another
// message changed a resource that both touch, before it has to wait.
const conflicts = 20

func (p *Pipeline) deliver(ctx context.Context, m message.Message) error {
	begun := context.WithoutCancel(ctx) // it is finished also when the engine is asked to stop
	var cause error
	for try := range conflicts {
		done, err := p.compute(begun, m, try > 0)
		if err == nil {
			if err = p.Queue.Settle(begun, done); err == nil {
				did := "message " + done.To.String()
				if done.To == message.Received {
					did = "message done in part"
				}
				p.Log.Info(did, "message", m.ID.String(), "type", m.Type, "writes", len(done.Writes))
				return nil
			}
		}
		if cause = err; fault.KindOf(err) != fault.Conflict {
			break
		}
	}
	return p.fail(ctx, m, cause)
}

// fail writes down that a delivery failed. As long as the store can write
// nothing, because the disk is full, the message is held and nothing is lost:
// with what is on disk the next start finds it again.
func (p *Pipeline) fail(ctx context.Context, m message.Message, cause error) error {
	s := p.failed(m, cause)
	p.Log.Warn("message not delivered", "message", m.ID.String(), "type", m.Type, "state", s.To.String(), "kind", s.Cause.Kind, "at", s.Cause.At, "cause", s.Cause.Text)
	for wait := firstRetry; ; wait = min(2*wait, lastSettle) {
		err := p.Queue.Settle(context.WithoutCancel(ctx), s)
		if err == nil || fault.KindOf(err) != fault.Busy {
			return err
		}
		p.Log.Error("the store cannot write", "message", s.ID.String(), "err", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// compute is attempt for as many workers at once as leave a processor to those
// who send messages and wait for their answers. Most workers wait for a commit. A
// heavy message takes seconds; it takes no place from the others.
func (p *Pipeline) compute(ctx context.Context, m message.Message, again bool) (store.Settlement, error) {
	if weightOf(m.Body) < maxRoom/16 {
		p.core <- struct{}{}
		defer func() { <-p.core }()
	}
	return p.attempt(ctx, m, again)
}

// attempt works out everything that settling m as delivered would write. again
// says that a write of an earlier attempt met a conflict.
func (p *Pipeline) attempt(ctx context.Context, m message.Message, again bool) (s store.Settlement, err error) {
	defer func() {
		if r := recover(); r != nil { // one bad message must not stop the others
			// What it says may quote the message; where it was does not.
			p.Log.Error("delivery panicked", "message", m.ID.String(), "type", m.Type, "stack", string(debug.Stack()))
			err = fault.New(fault.Internal, "", "the message could not be worked on in an unforeseen way")
		}
	}()
	s = store.Settlement{ID: m.ID, Destination: m.Destination, To: message.Delivered}
	find := &finder{ctx: ctx, resources: p.Resources, again: again, foreign: map[token]bool{}}
	result, err := p.convert(m, find)
	if errors.Is(err, ErrFiltered) {
		s.To = message.Filtered
		note := "by the script"
		if errors.Is(err, errTraining) {
			note, s.Cause = "training or debugging", message.Cause{At: "MSH-11", Text: trainingText}
		}
		s.Steps = append(s.Steps, message.Step{Name: "filtered", At: p.Now(), Note: note})
		return s, nil
	}
	if err != nil {
		return s, err
	}
	mapped := p.Now()
	w := &work{ctx: ctx, p: p, result: result, find: find, byKey: map[store.Key]*pending{}, into: map[string]string{}, from: map[int]string{}}
	if s.Writes, err = w.writes(m.ID); err != nil {
		return s, err
	}
	if w.more {
		s.To = message.Received // to go on from here
		s.Steps = append(s.Steps, message.Step{Name: "moving", At: p.Now(), Note: plural(w.moved, "resource") + " to another patient, more to come"})
		return s, nil
	}
	s.Steps = append(s.Steps, message.Step{Name: "mapped", At: mapped, Note: plural(len(result.Bundle.Entry), "resource")})
	s.Steps = append(s.Steps, message.Step{Name: "delivered", At: p.Now(), Note: plural(len(s.Writes), "change")})
	return s, nil
}

func (p *Pipeline) convert(m message.Message, find *finder) (*mapping.Result, error) {
	text, _, err := hl7.Decode(m.Body, p.Charset)
	if err != nil {
		return nil, invalid(err)
	}
	msg, err := hl7.Parse(text)
	if err == nil {
		msg, err = hl7.Unfold(msg) // segments that ADD continues
	}
	if err != nil {
		return nil, invalid(err)
	}
	if msg.Len() > maxSegments {
		return nil, fault.New(fault.TooLarge, "", "more than %d segments in one message", maxSegments)
	}
	for seg := range msg.Segments() {
		for n := 1; n <= seg.Len(); n++ {
			if seg.Name() != "MSH" && seg.Field(n).Reps() > maxRepetitions {
				return nil, fault.New(fault.TooLarge, fmt.Sprintf("%s-%d", seg.Name(), n), "more than %d repetitions of one field", maxRepetitions)
			}
		}
	}
	if id := strings.TrimSpace(msg.Get("MSH-11")); !p.Trials && (id == "T" || id == "D") {
		return nil, errTraining // a test result for a number that a real patient has would be his
	}
	result, err := p.Converter.ConvertKnown(msg, find.known)
	if find.err != nil {
		return nil, find.err
	}
	if errors.Is(err, ErrFiltered) {
		return nil, err
	}
	if err != nil {
		return nil, invalid(err)
	}
	datable(&result.Origin, m.Received)
	return result, nil
}

// maxAhead is how far a sender's clock may be ahead of ours: one without a zone
// may be half a day ahead of UTC.
const maxAhead = 14 * time.Hour

// datable puts the time of arrival in the place of a time that is missing, or
// that would keep every later message from being newer.
func datable(o *mapping.Origin, received time.Time) {
	if received.IsZero() {
		return
	}
	const form = "20060102150405.000000"
	now, latest := received.UTC().Format(form), received.UTC().Add(maxAhead).Format(form)
	for _, t := range []*string{&o.At, &o.Sent} {
		if *t == "" || *t > latest {
			*t = now
		}
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
