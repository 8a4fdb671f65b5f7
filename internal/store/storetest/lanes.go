package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/store"
)

var laneTests = map[string]func(*testing.T, *bench){
	"one lane in order, one at a time": func(t *testing.T, b *bench) {
		for i := range 5 {
			b.accept(msg("p1", fmt.Sprint(i)))
		}
		for i := range 5 {
			m := b.claim()
			if m.ControlID != fmt.Sprint(i) {
				t.Fatalf("claimed %s, want %d", m.ControlID, i)
			}
			b.noClaim()
			b.settle(m, message.Delivered)
		}
		b.noClaim()
	},
	"what is pending at one destination": func(t *testing.T, b *bench) {
		first, second := b.accept(msg("p1", "1")).ID, b.accept(msg("p1", "2")).ID
		other := msg("p1", "3")
		other.Destination = "elsewhere"
		b.accept(other)
		b.accept(msg("p2", "4"))
		b.claim()
		b.settle(b.claim(), message.Delivered) // 4, for 1 holds the lane of 2
		b.reopen()
		got, err := b.Pending(t.Context(), "fhir")
		if err != nil || len(got) != 2 || got[0] != first || got[1] != second {
			t.Errorf("pending %v, %v; want %v and %v", got, err, first, second)
		}
		if none, err := b.Pending(t.Context(), "nowhere"); err != nil || len(none) != 0 {
			t.Errorf("pending nowhere: %v, %v", none, err)
		}
	},
	"lanes beside each other": func(t *testing.T, b *bench) {
		b.accept(msg("p1", "1"))
		b.accept(msg("p2", "2"))
		b.accept(msg("p1", "3"))
		first, second := b.claim(), b.claim()
		if first.ControlID != "1" || second.ControlID != "2" {
			t.Fatalf("claimed %s and %s, want 1 and 2", first.ControlID, second.ControlID)
		}
		b.noClaim()
		b.settle(second, message.Delivered)
		b.noClaim()
		b.settle(first, message.Filtered)
		if m := b.claim(); m.ControlID != "3" {
			t.Errorf("claimed %s, want 3", m.ControlID)
		}
	},
	"a retry holds its lane only": func(t *testing.T, b *bench) {
		b.accept(msg("p1", "1"))
		b.accept(msg("p1", "2"))
		b.accept(msg("p2", "3"))
		m := b.claim()
		at := b.clock.Add(time.Minute)
		retry := store.Settlement{ID: m.ID, Destination: "fhir", To: message.Retrying, RetryAt: at, Cause: message.Cause{Kind: "busy", Text: "no room"}}
		if err := b.Settle(t.Context(), retry); err != nil {
			t.Fatal(err)
		}
		b.settle(b.claim(), message.Delivered) // 3
		b.noClaim()
		b.reopen()
		b.noClaim()
		d, _ := b.Message(t.Context(), m.ID)
		if d.State != message.Retrying || !d.RetryAt.Equal(at) || d.Cause != retry.Cause || d.Attempts != 1 {
			t.Errorf("after reopening: %+v", d.MessageInfo)
		}
		b.clock = at
		again := b.claim()
		if again.ID != m.ID || again.Attempts != 1 {
			t.Fatalf("claimed %s after %d attempts, want 1 after 1", again.ControlID, again.Attempts)
		}
		retry.RetryAt = b.clock.Add(time.Minute)
		if err := b.Settle(t.Context(), retry); err != nil {
			t.Fatal(err)
		}
		b.clock = retry.RetryAt
		if again = b.claim(); again.Attempts != 2 {
			t.Errorf("%d attempts, want 2", again.Attempts)
		}
		b.settle(again, message.Dead)
		if next := b.claim(); next.ControlID != "2" || next.Attempts != 0 {
			t.Errorf("claimed %s after %d attempts, want 2 after none", next.ControlID, next.Attempts)
		}
	},
	"a waiting claim sees an earlier retry": func(t *testing.T, b *bench) {
		b.accept(msg("p1", "1"))
		b.accept(msg("p2", "2"))
		first, second := b.claim(), b.claim()
		got := make(chan message.Message, 1)
		go func() {
			m, _ := b.Claim(t.Context(), "fhir")
			got <- m
		}()
		// The clock of the store stands still; only its timers run.
		settle := func(m message.Message, after time.Duration) {
			w := store.Settlement{ID: m.ID, Destination: "fhir", To: message.Retrying, RetryAt: b.clock.Add(after)}
			if err := b.Settle(t.Context(), w); err != nil {
				t.Fatal(err)
			}
		}
		settle(first, time.Hour)
		settle(second, 0)
		if m := <-got; m.ID != second.ID {
			t.Errorf("claimed %s, want 2", m.ControlID)
		}
	},
	"release": func(t *testing.T, b *bench) {
		b.accept(msg("p1", "1"))
		b.accept(msg("p1", "2"))
		b.Release(b.claim().ID, "fhir")
		m := b.claim()
		if m.ControlID != "1" {
			t.Errorf("claimed %s, want 1", m.ControlID)
		}
		b.settle(m, message.Received)
		if m = b.claim(); m.ControlID != "1" {
			t.Errorf("claimed %s, want 1", m.ControlID)
		}
	},
	"a claim does not outlive the process": func(t *testing.T, b *bench) {
		for i := range 4 {
			b.accept(msg(fmt.Sprint("p", i%2), fmt.Sprint(i)))
		}
		b.claim()
		b.settle(b.claim(), message.Delivered)
		b.claim()
		b.reopen()
		if first, second := b.claim(), b.claim(); first.ControlID != "0" || second.ControlID != "3" {
			t.Errorf("claimed %s and %s, want 0 and 3", first.ControlID, second.ControlID)
		}
		b.noClaim()
	},
	"destinations are apart": func(t *testing.T, b *bench) {
		m := msg("p1", "1")
		m.Destination = "elsewhere"
		b.accept(m)
		b.noClaim()
		got, err := b.Claim(t.Context(), "elsewhere")
		if err != nil || got.ControlID != "1" || got.Destination != "elsewhere" {
			t.Errorf("Claim: %+v, %v", got, err)
		}
	},
	"replay": func(t *testing.T, b *bench) {
		first := b.accept(msg("p1", "1")).ID
		b.settle(b.claim(), message.Dead)
		b.accept(msg("p1", "2"))
		if err := b.Replay(t.Context(), first, "fhir"); err != nil {
			t.Fatal(err)
		}
		wantKind(t, "replay of what waits", b.Replay(t.Context(), first, "fhir"), fault.Invalid)
		wantKind(t, "replay of nothing", b.Replay(t.Context(), first+1000, "fhir"), fault.NotFound)
		wantKind(t, "replay elsewhere", b.Replay(t.Context(), first, "nowhere"), fault.NotFound)
		m := b.claim()
		if m.ID != first || m.Attempts != 0 {
			t.Fatalf("claimed %s after %d attempts, want 1 after none: the older comes first", m.ControlID, m.Attempts)
		}
		b.settle(m, message.Delivered)
		if m = b.claim(); m.ControlID != "2" {
			t.Errorf("claimed %s, want 2", m.ControlID)
		}
		// A replay behind a claimed one of the same lane has to wait for it.
		if err := b.Replay(t.Context(), first, "fhir"); err != nil {
			t.Fatal(err)
		}
		b.noClaim()
		b.settle(m, message.Delivered)
		if m = b.claim(); m.ID != first {
			t.Errorf("claimed %s, want 1", m.ControlID)
		}
		d, _ := b.Message(t.Context(), first)
		if n := len(d.Steps); n < 3 || d.Steps[2].Name != "replayed" {
			t.Errorf("steps: %+v", d.Steps)
		}
	},
	"many workers keep the order of every lane": func(t *testing.T, b *bench) {
		const lanes, messages, workers = 7, 400, 6
		last, seen := make([]int, lanes), 0
		var mu sync.Mutex
		held := map[string]bool{}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var wait sync.WaitGroup
		for range workers {
			wait.Go(func() {
				for {
					m, err := b.Claim(ctx, "fhir")
					if errors.Is(err, context.Canceled) {
						return
					}
					var lane, n int
					fmt.Sscanf(m.ControlID, "%d-%d", &lane, &n)
					mu.Lock()
					if held[m.Lane] {
						t.Errorf("lane %d was given out twice", lane)
					}
					held[m.Lane] = true
					if last[lane] != n-1 {
						t.Errorf("lane %d: %d after %d", lane, n, last[lane])
					}
					fails := rand.IntN(10) == 0
					if !fails {
						last[lane] = n
						seen++
					}
					finished := seen == messages
					delete(held, m.Lane) // before it is free
					mu.Unlock()
					w := store.Settlement{ID: m.ID, Destination: "fhir", To: message.Delivered}
					if fails {
						w.To, w.RetryAt = message.Retrying, b.clock
					}
					if err := b.Settle(t.Context(), w); err != nil {
						t.Error(err)
					}
					if finished {
						stop()
					}
				}
			})
		}
		next := make([]int, lanes)
		for i := range messages {
			lane := i % lanes
			next[lane]++
			b.accept(msg(fmt.Sprint("p", lane), fmt.Sprintf("%d-%d", lane, next[lane])))
		}
		wait.Wait()
		if counts, _ := b.Counts(t.Context()); counts[message.Delivered] != messages || counts[message.Received] != 0 {
			t.Errorf("counts: %v", counts)
		}
	},
}
