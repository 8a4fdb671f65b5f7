package storetest

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/store"
)

var acceptTests = map[string]func(*testing.T, *bench){
	"numbers of a sender": func(t *testing.T, b *bench) {
		want := func(channel, link string, next int64, last string) {
			t.Helper()
			got, err := b.Sequence(t.Context(), channel, link)
			if err != nil || got.Next != next || string(got.Last) != last {
				t.Errorf("%s %s: %+v, %v; want %d %q", channel, link, got, err, next, last)
			}
		}
		want("adt", "LAB", store.AnyNumber, "")
		for _, q := range []store.Sequence{{Next: 7, Last: []byte("six")}, {Next: 8, Last: []byte("seven")}} {
			if err := b.SetSequence(t.Context(), "adt", "LAB", q); err != nil {
				t.Fatal(err)
			}
		}
		b.reopen()
		want("adt", "LAB", 8, "seven")
		want("adt", "RIS", store.AnyNumber, "")
		want("orders", "LAB", store.AnyNumber, "")
		if err := b.SetSequence(t.Context(), "adt", "LAB", store.Sequence{Next: store.AnyNumber}); err != nil {
			t.Fatal(err)
		}
		want("adt", "LAB", store.AnyNumber, "")
	},
	"all of a message is kept": func(t *testing.T, b *bench) {
		m := msg("p1", "1")
		m.Body = append(m.Body, 0, 0xFF, 0xFE, '\n')
		id := b.accept(m).ID
		b.reopen()
		m.ID, m.Received = id, m.Received.UTC()
		got := b.claim()
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", m) {
			t.Errorf("claimed\n%+v, want\n%+v", got, m)
		}
		if at := id.Time(); !at.Equal(b.clock) {
			t.Errorf("id is of %v, want %v", at, b.clock)
		}
	},
	"ids grow, also after reopening with the clock set back": func(t *testing.T, b *bench) {
		first := b.accept(msg("p1", "1")).ID
		b.clock = b.clock.Add(-3600e9)
		second := b.accept(msg("p1", "2")).ID
		b.reopen()
		if third := b.accept(msg("p1", "3")).ID; first >= second || second >= third {
			t.Errorf("ids %s, %s, %s do not grow", first, second, third)
		}
	},
	"a resend is answered as before and not queued": func(t *testing.T, b *bench) {
		first := b.accept(msg("p1", "1"))
		for range 2 {
			again := msg("p1", "1")
			again.Peer, again.Ack = "elsewhere", []byte("other answer")
			r := b.accept(again)
			if !r.Duplicate || r.ID != first.ID || string(r.Ack) != "MSA|AA|1" || r.Reused {
				t.Errorf("resend: %+v", r)
			}
			b.reopen()
		}
		b.settle(b.claim(), message.Delivered)
		if r := b.accept(msg("p1", "1")); !r.Duplicate {
			t.Error("a resend after delivery was taken as new")
		}
		b.noClaim()
	},
	"what is not a resend": func(t *testing.T, b *bench) {
		b.accept(msg("p1", "1"))
		change := map[string]func(*message.Message){
			"channel":  func(m *message.Message) { m.Channel = "other" },
			"app":      func(m *message.Message) { m.SendingApp = "OTHER" },
			"facility": func(m *message.Message) { m.SendingFac = "OTHER" },
			"control":  func(m *message.Message) { m.ControlID = "2" },
		}
		for name, f := range change {
			m := msg("p1", "1")
			f(&m)
			if r := b.accept(m); r.Duplicate || r.Reused {
				t.Errorf("other %s: %+v", name, r)
			}
		}
		m := msg("p1", "1")
		m.Body = append(m.Body, "PV1|1\r"...)
		r := b.accept(m)
		if r.Duplicate || !r.Reused {
			t.Errorf("other content: %+v, want reused", r)
		}
		if r := b.accept(m); !r.Duplicate || r.Reused {
			t.Errorf("other content again: %+v, want duplicate", r)
		}
		d, err := b.Message(t.Context(), r.ID)
		if err != nil || !d.ReusedID {
			t.Errorf("the message does not say that its id was reused: %v", err)
		}
	},
	"without a control id nothing is a resend": func(t *testing.T, b *bench) {
		for range 2 {
			if r := b.accept(msg("p1", "")); r.Duplicate || r.Reused {
				t.Errorf("%+v", r)
			}
		}
	},
	"dead on arrival": func(t *testing.T, b *bench) {
		m := msg("p1", "1")
		m.AckCode, m.Ack = "AE", []byte("MSA|AE|1")
		cause := message.Cause{Kind: "invalid", At: "MSH-9", Text: "no type"}
		dead, err := b.AcceptDead(t.Context(), m, cause)
		if err != nil || dead.Duplicate {
			t.Fatalf("AcceptDead: %+v, %v", dead, err)
		}
		b.noClaim()
		b.reopen()
		b.noClaim()
		d, err := b.Message(t.Context(), dead.ID)
		if err != nil || d.State != message.Dead || d.Cause != cause || !bytes.Equal(d.Body, m.Body) || d.AckCode != "AE" {
			t.Errorf("Message: %+v, %v", d, err)
		}
		if r, _ := b.AcceptDead(t.Context(), m, cause); !r.Duplicate || string(r.Ack) != "MSA|AE|1" {
			t.Errorf("refused again: %+v, want the same answer", r)
		}
		// The reason is gone: what was refused may be sent again.
		if r := b.accept(msg("p1", "1")); r.Duplicate || r.Reused {
			t.Errorf("accepted after it was refused: %+v", r)
		}
		if got := b.claim(); got.ControlID != "1" {
			t.Error("it was not queued")
		}
	},
	"resends at the same moment": func(t *testing.T, b *bench) {
		const senders, messages = 8, 40
		var wait sync.WaitGroup
		var mu sync.Mutex
		fresh := map[string][]message.ID{}
		same := map[string]map[message.ID]bool{}
		for range senders {
			wait.Go(func() {
				for i := range messages {
					m := msg("p1", fmt.Sprint(i))
					r, err := b.Accept(t.Context(), m)
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					if !r.Duplicate {
						fresh[m.ControlID] = append(fresh[m.ControlID], r.ID)
					}
					if same[m.ControlID] == nil {
						same[m.ControlID] = map[message.ID]bool{}
					}
					same[m.ControlID][r.ID] = true
					mu.Unlock()
				}
			})
		}
		wait.Wait()
		for control, ids := range fresh {
			if len(ids) != 1 || len(same[control]) != 1 {
				t.Errorf("message %s was taken as new %d times under %d ids", control, len(ids), len(same[control]))
			}
		}
		if counts, _ := b.Counts(t.Context()); counts[message.Received] != messages {
			t.Errorf("%d are queued, want %d", counts[message.Received], messages)
		}
	},
	"a huge message is refused": func(t *testing.T, b *bench) {
		m := msg("p1", "1")
		m.Body = make([]byte, store.MaxBody+1)
		_, err := b.Accept(t.Context(), m)
		wantKind(t, "Accept", err, fault.TooLarge)
	},
	"after Close": func(t *testing.T, b *bench) {
		s := b.Store
		b.close()
		_, err := s.Accept(t.Context(), msg("p1", "1"))
		wantKind(t, "Accept", err, fault.Busy)
		_, err = s.Claim(t.Context(), "fhir")
		wantKind(t, "Claim", err, fault.Busy)
	},
}
