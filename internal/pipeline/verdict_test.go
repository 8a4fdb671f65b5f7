package pipeline

import (
	"testing"
	"time"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
)

// TestVerdict walks every kind of failure: only what time can mend is tried
// again, and nothing is dropped.
func TestVerdict(t *testing.T) {
	want := map[fault.Kind]message.State{fault.Busy: message.Retrying, fault.Conflict: message.Retrying}
	for _, k := range fault.Kinds() {
		to, listed := want[k]
		if !listed {
			to = message.Dead
		}
		got := verdict(fault.New(k, "", "trouble"), maxAttempts-1)
		if got != to {
			t.Errorf("%v: %v, want %v", k, got, to)
		}
		if !message.Claimed.May(got) {
			t.Errorf("%v: a claimed message may not become %v", k, got)
		}
	}
	if got := verdict(fault.New(fault.Conflict, "", "trouble"), maxAttempts); got != message.Dead {
		t.Errorf("a conflict that does not pass: %v, want dead", got)
	}
	if got := verdict(fault.New(fault.Busy, "", "trouble"), 1000); got != message.Retrying {
		t.Errorf("a store that is busy for long: %v, want retrying", got)
	}
	if got := verdict(nil, 0); got != message.Delivered {
		t.Errorf("no failure: %v, want delivered", got)
	}
}

func TestRetryAfterGrowsToACap(t *testing.T) {
	for attempts, least := range map[int]time.Duration{0: time.Second, 1: 2 * time.Second, 5: 32 * time.Second, 9: lastRetry, 1000: lastRetry} {
		for range 100 {
			if wait := retryAfter(attempts); wait < least || wait >= least+least/4 {
				t.Fatalf("attempt %d waits %v, want %v and up to a quarter more", attempts, wait, least)
			}
		}
	}
}
