package pipeline_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/pipeline"
	"github.com/ponshealth/pons/internal/store"
	"github.com/ponshealth/pons/mapping"
)

// script is a queue of one message whose Settle is a function.
type script struct {
	queue
	settle func(n int, s store.Settlement) error // n counts the calls from 1
}

func (q *script) Settle(_ context.Context, s store.Settlement) error {
	q.settled = append(q.settled, s)
	return q.settle(len(q.settled), s)
}

// work runs a pipeline over one message until it ends.
func work(ctx context.Context, q pipeline.Queue, known pipeline.Resources, convert pipeline.Converter) error {
	p := &pipeline.Pipeline{
		Destination: "fhir", Queue: q, Resources: known, Converter: convert, Workers: 1, StopTimeout: time.Nanosecond,
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return noon },
	}
	return p.Run(ctx)
}

func one(body string) queue {
	return queue{m: message.Message{ID: 1, Destination: "fhir", Body: []byte(body)}}
}

// TestFullDiskIsWaitedFor: a store that can write nothing for a while neither
// ends the engine nor loses the message.
func TestFullDiskIsWaitedFor(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	q := &script{queue: one(hl7Message)}
	q.settle = func(n int, s store.Settlement) error {
		if n < 3 {
			return fault.New(fault.Busy, "", "the disk is full")
		}
		stop()
		return nil
	}
	if err := work(ctx, q, resources{}, converter(admission)); err != nil {
		t.Fatal(err)
	}
	if n := len(q.settled); n != 3 || q.settled[n-1].To != message.Retrying || len(q.settled[n-1].Writes) != 0 {
		t.Errorf("%d settlements, the last %v; want to retry at the third", n, q.settled[n-1].To)
	}
}

// TestFullDiskDoesNotHoldUpTheEnd: what cannot be written when the engine stops
// is as it was at the next start.
func TestFullDiskDoesNotHoldUpTheEnd(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	q := &script{queue: one(hl7Message)}
	q.settle = func(n int, s store.Settlement) error {
		stop()
		return fault.New(fault.Busy, "", "the disk is full")
	}
	if err := work(ctx, q, resources{}, converter(admission)); err != nil {
		t.Error(err)
	}
}

// TestBrokenStoreEndsTheEngine: nothing can be written any more, so somebody
// must start it anew.
func TestBrokenStoreEndsTheEngine(t *testing.T) {
	broken := fault.New(fault.Internal, "", "the disk failed")
	q := &script{queue: one(hl7Message), settle: func(int, store.Settlement) error { return broken }}
	if err := work(t.Context(), q, resources{}, converter(admission)); !errors.Is(err, broken) {
		t.Errorf("Run: %v, want the failure of the store", err)
	}
}

// TestPanicAfterMappingIsDead: a result without its entries is a bug that shows
// behind the mapping.
func TestPanicAfterMappingIsDead(t *testing.T) {
	s := run(t, hl7Message, resources{}, 0, func() (*mapping.Result, error) {
		return &mapping.Result{Bundle: &r4.Bundle{Entry: []r4.BundleEntry{{Resource: &r4.Patient{ID: "p"}}}}}, nil
	})[0]
	if s.To != message.Dead || s.Cause.Kind != "internal" || len(s.Writes) != 0 {
		t.Errorf("settled as %v (%+v) with %d writes, want dead", s.To, s.Cause, len(s.Writes))
	}
}

// unreadable is a queue whose message is claimed and cannot be read.
type unreadable struct{ *script }

func (q unreadable) Claim(ctx context.Context, destination string) (message.Message, error) {
	m, err := q.script.Claim(ctx, destination)
	if err == nil {
		m.Body, err = nil, fault.New(fault.Internal, "", "a body cannot be unpacked")
	}
	return m, err
}

// TestUnreadableMessageIsDead: one damaged message must not stop the others, at
// every start anew.
func TestUnreadableMessageIsDead(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	q := &script{queue: one(hl7Message), settle: func(int, store.Settlement) error { stop(); return nil }}
	if err := work(ctx, unreadable{q}, resources{}, converter(admission)); err != nil {
		t.Fatal(err)
	}
	if len(q.settled) != 1 || q.settled[0].To != message.Dead || q.settled[0].ID != 1 || q.settled[0].Cause.Kind != "internal" {
		t.Errorf("settled as %+v, want dead once", q.settled)
	}
}

func TestTooManySegmentsAreDead(t *testing.T) {
	for n, want := range map[int]message.State{10_000 - 2: message.Delivered, 10_000 - 1: message.Dead} {
		body := hl7Message + strings.Repeat("\rNTE|1||x", n)
		if s := run(t, body, resources{}, 0, admission)[0]; s.To != want {
			t.Errorf("%d segments: %v (%+v), want %v", n+2, s.To, s.Cause, want)
		}
	}
}

// TestStopFinishesWhatHasBegun: the engine is told to stop in the middle of a
// message.
func TestStopFinishesWhatHasBegun(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	q := &script{queue: one(hl7Message), settle: func(int, store.Settlement) error { return nil }}
	p := &pipeline.Pipeline{
		Destination: "fhir", Queue: q, Resources: resources{}, Workers: 1, StopTimeout: 30 * time.Second,
		Converter: converter(func() (*mapping.Result, error) { stop(); return admission() }),
		Log:       slog.New(slog.DiscardHandler), Now: func() time.Time { return noon },
	}
	if err := p.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if len(q.settled) != 1 || q.settled[0].To != message.Delivered {
		t.Errorf("settled %d times, want once as delivered", len(q.settled))
	}
}

// TestStopDoesNotWaitForEver: a message that takes too long is left for the next
// start.
func TestStopDoesNotWaitForEver(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	release, left := make(chan struct{}), make(chan struct{})
	q := &script{queue: one(hl7Message), settle: func(int, store.Settlement) error { close(left); return nil }}
	err := work(ctx, q, resources{}, converter(func() (*mapping.Result, error) {
		stop()
		<-release // as long as Run has not returned, it cannot go on
		return admission()
	}))
	if err != nil {
		t.Error(err)
	}
	close(release)
	<-left
}

// several is what the FHIR store knows when identifiers are not one's own.
type several struct{ resources }

func (r several) FindToken(_ context.Context, typ, _, system, code string) ([]string, error) {
	return strings.Fields(r.tokens[typ+"?"+system+"|"+code]), nil
}

// TestPatientsWithOneIdentifier: to choose would mix two people up, and to try
// again for ever would hold their lane.
func TestPatientsWithOneIdentifier(t *testing.T) {
	for name, tokens := range map[string]map[string]string{
		"two with the same":      {"Patient?urn:nhs|9": "a b"},
		"one with each of them":  {"Patient?urn:nhs|9": "a", "Patient?urn:h|4711": "b"},
		"one of whom is certain": {"Patient?urn:nhs|9": "a", "Patient?urn:h|4711": "a b"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
			defer stop()
			q := &script{queue: one(hl7Message)}
			q.settle = func(_ int, s store.Settlement) error {
				if s.To == message.Delivered { // as the store does: another has the identifier
					return fault.New(fault.Conflict, "Patient.identifier", "another Patient has it")
				}
				stop()
				return nil
			}
			if err := work(ctx, q, several{resources{tokens: tokens}}, converter(admission)); err != nil {
				t.Fatal(err)
			}
			last := q.settled[len(q.settled)-1]
			if last.To != message.Dead || last.Cause.At != "Patient.identifier" || last.Cause.Kind != "unsupported" {
				t.Errorf("settled as %v: %+v; want dead at Patient.identifier", last.To, last.Cause)
			}
		})
	}
}

// TestPractitionersWithOneIdentifier: the first is taken, and the identifier is
// not claimed for it alone.
func TestPractitionersWithOneIdentifier(t *testing.T) {
	convert := converter(func() (*mapping.Result, error) {
		return &mapping.Result{
			Bundle:  &r4.Bundle{Entry: []r4.BundleEntry{{FullURL: "urn:uuid:a", Resource: &r4.Practitioner{ID: "a", Gender: "female"}}}},
			Entries: []mapping.Entry{{Identifiers: []mapping.Identifier{{System: "urn:x", Value: "1"}, {System: "urn:y", Value: "2"}}}},
		}, nil
	})
	known := several{resources{tokens: map[string]string{"Practitioner?urn:x|1": "first second"}}}
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	q := &script{queue: one(hl7Message)}
	q.settle = func(_ int, s store.Settlement) error {
		for _, w := range s.Writes {
			for _, u := range w.Unique {
				if u.Code == "1" {
					return fault.New(fault.Conflict, "Practitioner.identifier", "another Practitioner has it")
				}
			}
		}
		stop()
		return nil
	}
	if err := work(ctx, q, known, convert); err != nil {
		t.Fatal(err)
	}
	last := q.settled[len(q.settled)-1]
	if last.To != message.Delivered || len(last.Writes) != 1 || last.Writes[0].ID != "first" || len(last.Writes[0].Unique) != 1 {
		t.Errorf("settled as %v with %+v; want the first, with the identifier that nobody else has", last.To, last.Writes)
	}
}

// TestManyRepetitions: a field that repeats without end is not worked on for minutes.
func TestManyRepetitions(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	q := &script{queue: one("MSH|^~\\&|A|B|||20240102||ADT^A01|1|P|2.5\rPID|1||" + strings.Repeat("1~", 6000) + "1\r")}
	q.settle = func(int, store.Settlement) error { stop(); return nil }
	if err := work(ctx, q, resources{}, converter(admission)); err != nil {
		t.Fatal(err)
	}
	if s := q.settled[0]; s.To != message.Dead || s.Cause.Kind != fault.TooLarge.String() || s.Cause.At != "PID-3" {
		t.Errorf("settled as %v, %+v", s.To, s.Cause)
	}
}
