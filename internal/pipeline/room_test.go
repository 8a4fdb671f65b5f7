package pipeline

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func TestWeight(t *testing.T) {
	small := weightOf([]byte("MSH|^~\\&|\rPID|1\r"))
	if small <= 0 || small > maxRoom/1000 {
		t.Errorf("a small message weighs %d of %d", small, maxRoom)
	}
	for name, body := range map[string]string{
		"a large document": "MSH|^~\\&|\rOBX|1|ED|" + strings.Repeat("A", 32<<20),
		"many segments":    strings.Repeat("NTE|1\r", 1<<20),
		"many lines":       strings.Repeat("NTE|1\n", 1<<20),
	} {
		if w := weightOf([]byte(body)); w <= maxRoom/4 || w > maxRoom {
			t.Errorf("%s weighs %d of %d", name, w, maxRoom)
		}
	}
}

func TestRoomIsNeverOverfull(t *testing.T) {
	var r room
	var mu sync.Mutex
	in, most := 0, 0
	count := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		in += n
		most = max(most, in)
	}
	var wg sync.WaitGroup
	for i := range 64 {
		n := maxRoom / (1 + i%5)
		wg.Go(func() {
			for range 20 {
				if err := r.enter(context.Background(), n); err != nil {
					t.Error(err)
					return
				}
				count(n)
				runtime.Gosched()
				count(-n)
				r.leave(n)
			}
		})
	}
	wg.Wait()
	if most > maxRoom || r.taken != 0 {
		t.Errorf("at most %d of %d at once, %d at the end", most, maxRoom, r.taken)
	}
}

func TestRoomGivesUpWithItsContext(t *testing.T) {
	var r room
	if err := r.enter(t.Context(), maxRoom); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- r.enter(ctx, 1) }()
	stop()
	if err := <-done; err == nil {
		t.Error("entered a full room")
	}
	r.leave(maxRoom)
	if err := r.enter(t.Context(), 1); err != nil || r.taken != 1 {
		t.Errorf("%v, %d taken; want room for the next", err, r.taken)
	}
}
