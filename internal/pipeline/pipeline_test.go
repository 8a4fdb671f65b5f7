package pipeline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/pipeline"
	"github.com/ponshealth/pons/internal/store"
	"github.com/ponshealth/pons/mapping"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

const hl7Message = "MSH|^~\\&|PAS|H|P|H|20260302||ADT^A01|1|P|2.5\rPID|1||4711^^^H^MR"

// queue hands out one message and keeps what it was settled with. The first
// refusals settlements are answered with a conflict.
type queue struct {
	m        message.Message
	refusals int
	settled  []store.Settlement
	stop     context.CancelFunc
	given    bool
}

func (q *queue) Claim(ctx context.Context, destination string) (message.Message, error) {
	if q.given {
		<-ctx.Done()
		return message.Message{}, ctx.Err()
	}
	q.given = true
	return q.m, nil
}

func (q *queue) Settle(_ context.Context, s store.Settlement) error {
	q.settled = append(q.settled, s)
	if len(q.settled) <= q.refusals && s.To == message.Delivered {
		return fault.New(fault.Conflict, "Patient", "another message came first")
	}
	q.stop()
	return nil
}

// resources is what the FHIR store knows: bodies by Type/id, ids by token.
type resources struct {
	bodies map[string]store.Resource
	tokens map[string]string
}

func (r resources) ReadMany(_ context.Context, keys []store.Key) (map[store.Key]store.Resource, error) {
	found := map[store.Key]store.Resource{}
	for _, k := range keys {
		if res, ok := r.bodies[k.Type+"/"+k.ID]; ok {
			res.Type, res.ID = k.Type, k.ID
			found[k] = res
		}
	}
	return found, nil
}

func (r resources) FindToken(_ context.Context, typ, param, system, code string) ([]string, error) {
	if id, ok := r.tokens[fmt.Sprintf("%s?%s=%s|%s", typ, param, system, code)]; ok {
		return []string{id}, nil
	}
	return nil, nil
}

func (r resources) Referrers(context.Context, string, string) ([]store.Key, error) { return nil, nil }

// converter stands for the mapping: it asks under which id a resource is known,
// as that does.
type converter func() (*mapping.Result, error)

func (c converter) ConvertKnown(_ *hl7.Message, known mapping.Known) (*mapping.Result, error) {
	result, err := c()
	if err != nil {
		return nil, err
	}
	for i := range result.Entries {
		r := result.Bundle.Entry[i].Resource
		if ids := result.Entries[i].Identifiers; ids != nil {
			if id := known(r.ResourceType(), ids); id != "" {
				r.SetResourceID(id)
			}
		}
	}
	return result, nil
}

// run works one message and returns how it was settled.
func run(t *testing.T, body string, known resources, refusals int, convert converter) []store.Settlement {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	q := &queue{m: message.Message{ID: 1, Destination: "fhir", Body: []byte(body)}, refusals: refusals, stop: stop}
	p := &pipeline.Pipeline{
		Destination: "fhir", Queue: q, Resources: known, Converter: convert, Workers: 1,
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return noon },
	}
	if err := p.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if len(q.settled) == 0 {
		t.Fatal("the message was not settled")
	}
	return q.settled
}

// admission is a patient and an encounter that refers to it.
func admission() (*mapping.Result, error) {
	return &mapping.Result{
		Bundle: &r4.Bundle{Type: "transaction", Entry: []r4.BundleEntry{
			{FullURL: "urn:uuid:p1", Resource: &r4.Patient{ID: "p1",
				Identifier: []r4.Identifier{{System: "urn:h", Value: "4711"}}, BirthDate: "1985-03-15"}},
			{FullURL: "urn:uuid:e1", Resource: &r4.Encounter{ID: "e1", Status: "in-progress",
				Class: &r4.Coding{Code: "IMP"}, Subject: &r4.Reference{Reference: "urn:uuid:p1"}}},
		}},
		Entries: []mapping.Entry{{Identifiers: []mapping.Identifier{{System: "urn:nhs", Value: "9"}, {System: "urn:h", Value: "4711"}}}, {}},
	}, nil
}

func body(t *testing.T, w store.Write) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(w.Body, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestNewResourcesAreCreated(t *testing.T) {
	s := run(t, hl7Message, resources{}, 0, admission)[0]
	if s.To != message.Delivered || len(s.Writes) != 2 {
		t.Fatalf("settled as %v with %d writes, want delivered with 2", s.To, len(s.Writes))
	}
	patient, encounter := s.Writes[0], s.Writes[1]
	if patient.Type != "Patient" || patient.ID != "p1" || patient.Expect != 0 || patient.Message != 1 {
		t.Errorf("patient: %+v", patient)
	}
	if len(patient.Unique) != 2 || len(patient.Index) == 0 {
		t.Errorf("patient has %d unique and %d index entries, want 2 and some", len(patient.Unique), len(patient.Index))
	}
	subject := body(t, encounter)["subject"].(map[string]any)["reference"]
	if subject != "Patient/p1" {
		t.Errorf("Encounter.subject = %v, want Patient/p1", subject)
	}
	if len(s.Steps) != 2 || s.Steps[0].Name != "mapped" || s.Steps[1].Name != "delivered" {
		t.Errorf("steps %v, want mapped and delivered", s.Steps)
	}
}

func TestKnownPatientKeepsItsID(t *testing.T) {
	known := resources{
		tokens: map[string]string{"Patient?identifier=urn:h|4711": "known"},
		bodies: map[string]store.Resource{"Patient/known": {Version: 3, Body: []byte(
			`{"resourceType":"Patient","id":"known","meta":{"versionId":"3","lastUpdated":"2026-01-01T00:00:00Z"},"identifier":[{"system":"urn:h","value":"4711"}],"gender":"male"}`)}},
	}
	s := run(t, hl7Message, known, 0, admission)[0]
	if len(s.Writes) != 2 || s.Writes[0].ID != "known" || s.Writes[0].Expect != 3 {
		t.Fatalf("writes %+v; want the known patient at version 3", s.Writes)
	}
	patient := body(t, s.Writes[0])
	if patient["gender"] != "male" || patient["birthDate"] != "1985-03-15" || patient["meta"] != nil {
		t.Errorf("patient = %v; want what was known and what is new, without the store's meta", patient)
	}
	if ref := body(t, s.Writes[1])["subject"].(map[string]any)["reference"]; ref != "Patient/known" {
		t.Errorf("Encounter.subject = %v, want Patient/known", ref)
	}
}

func TestReplayWritesNothing(t *testing.T) {
	first := run(t, hl7Message, resources{}, 0, admission)[0]
	known := resources{bodies: map[string]store.Resource{}}
	for _, w := range first.Writes {
		known.bodies[w.Type+"/"+w.ID] = store.Resource{Version: 1, Body: w.Body, State: w.State}
	}
	s := run(t, hl7Message, known, 0, admission)[0]
	if s.To != message.Delivered || len(s.Writes) != 0 {
		t.Errorf("settled as %v with %d writes, want delivered with none", s.To, len(s.Writes))
	}
}

func TestConflictIsWorkedAgain(t *testing.T) {
	settled := run(t, hl7Message, resources{}, 2, admission)
	if n := len(settled); n != 3 || settled[2].To != message.Delivered {
		t.Errorf("%d settlements, the last %v; want delivered at the third", n, settled[n-1].To)
	}
	settled = run(t, hl7Message, resources{}, 1000, admission)
	last := settled[len(settled)-1]
	if last.To != message.Retrying || !last.RetryAt.After(noon) || last.Cause.Kind != "conflict" {
		t.Errorf("settled as %v until %v for %q; want to retry later", last.To, last.RetryAt, last.Cause.Kind)
	}
}

func TestWhatCannotBeMappedIsDead(t *testing.T) {
	fails := func(err error) converter { return func() (*mapping.Result, error) { return nil, err } }
	for name, c := range map[string]struct {
		body    string
		convert converter
		want    message.Cause
	}{
		"not HL7": {"hello", admission, message.Cause{Kind: "invalid"}},
		"unsupported": {hl7Message, fails(&mapping.Error{At: "MSH-9", Problem: "no table", Code: mapping.UnsupportedType}),
			message.Cause{Kind: "unsupported", At: "MSH-9", Text: "no table"}},
		"refused": {hl7Message, fails(&mapping.Error{At: "OBR-25", Problem: "no status", Code: mapping.ApplicationError}),
			message.Cause{Kind: "invalid", At: "OBR-25", Text: "no status"}},
		"panic": {hl7Message, func() (*mapping.Result, error) { panic("a bug") },
			message.Cause{Kind: "internal", Text: "the message could not be worked on in an unforeseen way"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := run(t, c.body, resources{}, 0, c.convert)[0]
			if s.To != message.Dead || len(s.Writes) != 0 || s.Cause.Kind != c.want.Kind {
				t.Fatalf("settled as %v (%+v) with %d writes; want dead, %s", s.To, s.Cause, len(s.Writes), c.want.Kind)
			}
			if c.want.Text != "" && s.Cause != c.want {
				t.Errorf("cause %+v, want %+v", s.Cause, c.want)
			}
			if len(s.Steps) != 1 || s.Steps[0].Name != "dead" || !s.Steps[0].At.Equal(noon) {
				t.Errorf("steps %+v, want one, dead at noon", s.Steps)
			}
		})
	}
}

func TestTwoEntriesOfOneStoredResource(t *testing.T) {
	two := func() (*mapping.Result, error) {
		return &mapping.Result{
			Bundle: &r4.Bundle{Entry: []r4.BundleEntry{
				{FullURL: "urn:uuid:a", Resource: &r4.Practitioner{ID: "a", Gender: "female"}},
				{FullURL: "urn:uuid:b", Resource: &r4.Practitioner{ID: "b", BirthDate: "1970-01-01"}},
			}},
			Entries: []mapping.Entry{
				{Identifiers: []mapping.Identifier{{System: "urn:x", Value: "1"}}},
				{Identifiers: []mapping.Identifier{{System: "urn:y", Value: "2"}}},
			},
		}, nil
	}
	known := resources{tokens: map[string]string{
		"Practitioner?identifier=urn:x|1": "one", "Practitioner?identifier=urn:y|2": "one",
	}}
	s := run(t, hl7Message, known, 0, two)[0]
	if len(s.Writes) != 1 {
		t.Fatalf("%d writes, want one", len(s.Writes))
	}
	if p := body(t, s.Writes[0]); p["gender"] != "female" || p["birthDate"] != "1970-01-01" {
		t.Errorf("practitioner = %v, want both entries", p)
	}
}
