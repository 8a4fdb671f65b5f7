// Package pipeline is the path of one message after its sender was answered:
// claim -> convert -> resolve identity -> merge -> settle. Read work from top to
// bottom: that is the whole engine.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	Read(ctx context.Context, typ, id string) (store.Resource, error)
	FindToken(ctx context.Context, typ, param, system, code string) ([]string, error)
}

// Converter turns a message into resources.
type Converter interface {
	Convert(*hl7.Message) (*mapping.Result, error)
}

// Pipeline delivers the messages of one destination, the embedded FHIR store.
type Pipeline struct {
	Destination string
	Queue       Queue
	Resources   Resources
	Converter   Converter
	Charset     string // of messages that declare none and are not UTF-8
	Workers     int
	Log         *slog.Logger
	Now         func() time.Time
}

// Run works until ctx ends, with each worker on a lane of its own. It fails only
// when the store does.
func (p *Pipeline) Run(ctx context.Context) error {
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
	workers.Wait()
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func (p *Pipeline) work(ctx context.Context) error {
	for {
		m, err := p.Queue.Claim(ctx, p.Destination)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("claim: %w", err)
		}
		// What has begun is finished also when the engine is asked to stop.
		if err := p.deliver(context.WithoutCancel(ctx), m); err != nil {
			return fmt.Errorf("settle %s: %w", m.ID, err)
		}
	}
}

// conflicts is how often one message is worked again at once because another
// message changed a resource that both touch, before it has to wait.
const conflicts = 20

func (p *Pipeline) deliver(ctx context.Context, m message.Message) error {
	var cause error
	for range conflicts {
		done, err := p.attempt(ctx, m)
		if err == nil {
			if err = p.Queue.Settle(ctx, done); err == nil {
				p.Log.Info("message delivered", "message", m.ID.String(), "type", m.Type, "writes", len(done.Writes))
				return nil
			}
		}
		if cause = err; fault.KindOf(err) != fault.Conflict {
			break
		}
	}
	s := p.failed(m, cause)
	p.Log.Warn("message not delivered", "message", m.ID.String(), "type", m.Type, "state", s.To.String(), "kind", s.Cause.Kind, "at", s.Cause.At, "cause", s.Cause.Text)
	return p.Queue.Settle(ctx, s)
}

// attempt works out everything that settling m as delivered would write.
func (p *Pipeline) attempt(ctx context.Context, m message.Message) (store.Settlement, error) {
	s := store.Settlement{ID: m.ID, Destination: m.Destination, To: message.Delivered}
	result, err := p.convert(m)
	if err != nil {
		return s, err
	}
	s.Steps = append(s.Steps, message.Step{Name: "mapped", At: p.Now(), Note: plural(len(result.Bundle.Entry), "resource")})
	if s.Writes, err = p.writes(ctx, m, result); err != nil {
		return s, err
	}
	s.Steps = append(s.Steps, message.Step{Name: "delivered", At: p.Now(), Note: plural(len(s.Writes), "change")})
	return s, nil
}

func (p *Pipeline) convert(m message.Message) (result *mapping.Result, err error) {
	defer func() {
		if r := recover(); r != nil { // one bad message must not stop the others
			p.Log.Error("mapping panicked", "message", m.ID.String(), "type", m.Type)
			err = fault.New(fault.Internal, "", "the mapping failed in an unforeseen way")
		}
	}()
	text, _, err := hl7.Decode(m.Body, p.Charset)
	if err != nil {
		return nil, invalid(err)
	}
	msg, err := hl7.Parse(text)
	if err != nil {
		return nil, invalid(err)
	}
	result, err = p.Converter.Convert(msg)
	if err != nil {
		return nil, invalid(err)
	}
	return result, nil
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
