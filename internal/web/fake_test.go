package web_test

import (
	"context"
	"embed"
	"slices"
	"sync"
	"time"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/web"
)

//go:embed testdata/*
var testdata embed.FS

func file(name string) []byte {
	b, err := testdata.ReadFile("testdata/" + name)
	if err != nil {
		panic(err)
	}
	return b
}

// now is the moment at which all tests look.
var now = time.Date(2025, 4, 13, 9, 50, 0, 0, time.UTC)

// fake is a store in memory. The zero value is empty.
type fake struct {
	mu        sync.Mutex
	messages  []web.Detail // in order of arrival
	resources map[web.Ref][]byte
	replayed  []string
	err       error // what every call answers, when set
	replayErr error
	ids       message.IDs
}

// add takes a message as received at a time, moves its steps there, and gives
// it its id.
func (f *fake) add(at time.Time, d web.Detail) message.ID {
	later := at.Sub(d.Message.Received)
	d.Steps = slices.Clone(d.Steps)
	for i := range d.Steps {
		d.Steps[i].At = d.Steps[i].At.Add(later)
	}
	if !d.Settled.IsZero() {
		d.Settled = d.Settled.Add(later)
	}
	d.Message.ID, d.Message.Received = f.ids.Next(at), at
	f.messages = append(f.messages, d)
	return d.Message.ID
}

func (f *fake) Messages(_ context.Context, q web.Filter) ([]web.Info, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []web.Info // oldest first
	for _, d := range f.messages {
		id := d.Message.ID
		if (len(q.States) == 0 || slices.Contains(q.States, d.State)) && (q.Type == "" || q.Type == d.Message.Type) &&
			(q.Before == 0 || id < q.Before) && (q.After == 0 || id > q.After) {
			info := d.Info
			info.Message.Body = nil
			found = append(found, info)
		}
	}
	if !q.Oldest {
		slices.Reverse(found)
	}
	return found[:min(len(found), q.Limit)], f.err
}

func (f *fake) Message(_ context.Context, id message.ID) (web.Detail, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range f.messages {
		if d.Message.ID == id {
			return d, f.err
		}
	}
	return web.Detail{}, fault.New(fault.NotFound, "message", "no such message")
}

func (f *fake) Counts(context.Context) (map[message.State]int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	counts := map[message.State]int{}
	for _, d := range f.messages {
		counts[d.State]++
	}
	return counts, f.err
}

func (f *fake) Resource(_ context.Context, ref web.Ref) ([]byte, error) {
	if b, ok := f.resources[ref]; ok {
		return b, nil
	}
	return nil, fault.New(fault.NotFound, "version", "no such version")
}

func (f *fake) Replay(_ context.Context, id message.ID, destination string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.replayed = append(f.replayed, id.String()+" "+destination)
	if f.replayErr != nil {
		return f.replayErr
	}
	for i := range f.messages {
		if m := &f.messages[i]; m.Message.ID == id {
			m.State, m.Settled = message.Received, time.Time{}
		}
	}
	return f.err
}

var (
	patientRef      = web.Ref{Type: "Patient", ID: "6f1c2a52-9c1b-8d1e-a3b4-0d9a7c55e101", Version: 1}
	encounterRef    = web.Ref{Type: "Encounter", ID: "b2c97e10-44c1-8a53-9f2e-5a3d1b7c9e02", Version: 1}
	practitionerRef = web.Ref{Type: "Practitioner", ID: "1d0e5a7c-3b9f-8c20-b1aa-77b2c3d4e503", Version: 1}
	goneRef         = web.Ref{Type: "Location", ID: "gone", Version: 1202}
)

func resources() map[web.Ref][]byte {
	return map[web.Ref][]byte{
		patientRef: file("patient.json"), encounterRef: file("encounter.json"), practitionerRef: file("practitioner.json"),
	}
}

func ack(code, id string) []byte {
	return []byte("MSH|^~\\&|PONS|HERE|X|Y|20250413093000||ACK|A" + id + "|P|2.5\rMSA|" + code + "|" + id + "\r")
}

// admission is a message that went all the way.
func admission() web.Detail {
	at := time.Date(2025, 4, 13, 9, 30, 0, 114_000_000, time.UTC)
	return web.Detail{
		Info: web.Info{
			Message: message.Message{
				Received: at,
				Channel:  "default", Lane: "NHS|9000000009", Peer: "10.20.1.7:51514", ControlID: "MSG001",
				SendingApp: "SENDING_APP", SendingFac: "SENDING_FAC", Type: "ADT^A01", Version: "2.5",
				Body: file("admission.hl7"), Ack: ack("AA", "MSG001"), AckCode: "AA", Destination: "fhir",
			},
			State: message.Delivered, Settled: at.Add(45 * time.Millisecond),
		},
		Steps: []message.Step{
			{Name: "received", At: at},
			{Name: "acknowledged", At: at.Add(2 * time.Millisecond), Note: "AA, after the bytes were on disk"},
			{Name: "mapped", At: at.Add(41 * time.Millisecond), Note: "4 resources"},
			{Name: "delivered", At: at.Add(45 * time.Millisecond), Note: "3 created, 1 unchanged"},
		},
		Produced: []web.Ref{patientRef, encounterRef, practitionerRef, goneRef},
	}
}

// badDate is a message that needs a person.
func badDate() web.Detail {
	d := admission()
	d.Message.Body, d.Message.Type, d.Message.ControlID = file("baddate.hl7"), "ADT^A08", "PAS-20931"
	d.Message.SendingApp, d.Message.SendingFac, d.Message.Version = "PAS", "NORTH", "2.5.1"
	d.Message.Attempts, d.State = 1, message.Dead
	d.Cause = message.Cause{Kind: "invalid", At: "PID-7", Text: "is not a date: February has no day 31"}
	d.Steps = append(d.Steps[:2:2], message.Step{Name: "dead", At: d.Steps[1].At.Add(time.Second), Note: "it cannot be mapped"})
	d.Produced = nil
	return d
}

// labResults is a message with several OBX, waiting for another try.
func labResults() web.Detail {
	d := badDate()
	d.Message.Body, d.Message.Type, d.Message.ControlID = file("results.hl7"), "ORU^R01", "LAB-77120"
	d.Message.SendingApp = "LAB^2.16.840.1.113883.3.99^ISO"
	d.State, d.Settled, d.RetryAt = message.Retrying, time.Time{}, now.Add(12*time.Second)
	d.Steps[2] = message.Step{Name: "retrying", At: d.Steps[2].At, Note: "the store is busy"}
	d.Cause = message.Cause{Kind: "busy", At: "OBX(3)-5", Text: "the store is busy"}
	return d
}
