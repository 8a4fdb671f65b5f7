package message_test

import (
	"sync"
	"testing"
	"time"

	"github.com/ponshealth/pons/internal/message"
)

func TestIDsAlwaysGrow(t *testing.T) {
	var ids message.IDs
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	first := ids.Next(now)
	again := ids.Next(now)
	back := ids.Next(now.Add(-time.Hour)) // a clock that was set back
	later := ids.Next(now.Add(time.Second))
	if !(first < again && again < back && back < later) {
		t.Errorf("ids do not grow: %v %v %v %v", first, again, back, later)
	}
	if !later.Time().Equal(now.Add(time.Second)) {
		t.Errorf("Time = %v, want a second past noon", later.Time())
	}
	ids.Seen(later + 10)
	if next := ids.Next(now); next <= later+10 {
		t.Errorf("id %v is not above one that was seen", next)
	}
}

func TestIDsAreUniqueAcrossGoroutines(t *testing.T) {
	var ids message.IDs
	var mu sync.Mutex
	seen := map[message.ID]bool{}
	now := time.Now()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				id := ids.Next(now)
				mu.Lock()
				seen[id] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(seen) != 8000 {
		t.Errorf("%d different ids, want 8000", len(seen))
	}
}

func TestIDText(t *testing.T) {
	var ids message.IDs
	a := ids.Next(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	b := ids.Next(time.Date(2041, 3, 1, 12, 0, 0, 0, time.UTC))
	if !(a.String() < b.String()) || len(a.String()) != 13 {
		t.Errorf("text does not sort as the ids do: %s %s", a, b)
	}
	for _, id := range []message.ID{0, 1, 31, 32, a, b} {
		if back, err := message.ParseID(id.String()); err != nil || back != id {
			t.Errorf("ParseID(%s) = %v, %v", id, back, err)
		}
	}
	for _, bad := range []string{"", "0", "00000000000000", "000000000000u", "zzzzzzzzzzzzz", "0000000000é0"} {
		if id, err := message.ParseID(bad); err == nil {
			t.Errorf("ParseID(%q) = %v, want an error", bad, id)
		}
	}
}

func TestLifeOfAMessage(t *testing.T) {
	for _, s := range message.States() {
		if back, err := message.ParseState(s.String()); err != nil || back != s {
			t.Errorf("ParseState(%q) = %v, %v", s, back, err)
		}
		if s.Settled() && !s.May(message.Received) {
			t.Errorf("a %v message cannot be replayed", s)
		}
		if s.May(s) {
			t.Errorf("%v may follow itself", s)
		}
	}
	for _, step := range []struct {
		from, to message.State
		want     bool
	}{
		{message.Received, message.Claimed, true},
		{message.Claimed, message.Delivered, true},
		{message.Claimed, message.Retrying, true},
		{message.Retrying, message.Claimed, true},
		{message.Claimed, message.Received, true},    // released at shutdown
		{message.Received, message.Delivered, false}, // never without being worked on
		{message.Dead, message.Delivered, false},
		{message.Delivered, message.Dead, false},
	} {
		if got := step.from.May(step.to); got != step.want {
			t.Errorf("%v to %v: %v, want %v", step.from, step.to, got, step.want)
		}
	}
	if _, err := message.ParseState("lost"); err == nil {
		t.Error("a state called lost is known")
	}
}
