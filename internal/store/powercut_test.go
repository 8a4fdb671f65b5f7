package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/store"
	"github.com/ponshealth/pons/internal/store/powertest"
)

// TestPowerCuts cuts the power twenty times under load. All that was
// acknowledged must be there, in order, and have its effect once.
func TestPowerCuts(t *testing.T) {
	h := newHospital(t, "FULL")
	for i := range 20 {
		forget := []powertest.Forget{powertest.All, powertest.Some, powertest.Some}[i%3]
		h.work(200+h.rnd.IntN(1500), forget)
		if lost := h.check(); lost > 0 {
			t.Fatalf("cut %d lost %d acknowledged messages or deliveries", i+1, lost)
		}
	}
	acked, confirmed := len(h.acked), len(h.delivered)
	h.drain()
	t.Logf("%d messages acknowledged and %d deliveries confirmed before the cuts, %d fsyncs", acked, confirmed, h.disk.Syncs())
	if acked < 200 || confirmed < 100 {
		t.Errorf("too little work to prove anything")
	}
}

// TestPowerCutsAreSeen shows that the test above can fail: with synchronous at
// NORMAL, or on a disk that lies, acknowledged messages are lost.
func TestPowerCutsAreSeen(t *testing.T) {
	for name, set := range map[string]func(*hospital){
		"synchronous NORMAL":  func(h *hospital) { h.synchronous = "NORMAL" },
		"a disk without sync": func(h *hospital) { h.disk.Lies = true },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHospital(t, "FULL")
			h.open().Close() // tables that are there, so that messages are what is lost
			set(h)
			lost := 0
			for range 20 {
				h.work(500, powertest.All)
				if lost = h.check(); lost > 0 {
					break
				}
			}
			if lost == 0 {
				t.Fatal("nothing was lost: this test cannot see a loss")
			}
			t.Logf("lost %d of %d", lost, len(h.acked))
		})
	}
}

// TestKill is the same with a machine that lives on.
func TestKill(t *testing.T) {
	h := newHospital(t, "FULL")
	for range 10 {
		h.work(100+h.rnd.IntN(1000), powertest.Nothing)
		if lost := h.check(); lost > 0 {
			t.Fatalf("lost %d", lost)
		}
	}
	h.drain()
}

// TestPowerCutWhileOpening cuts it in the middle of the first start, when
// tables are made, and of later ones, when the log is read again.
func TestPowerCutWhileOpening(t *testing.T) {
	h := newHospital(t, "FULL")
	opened := 0
	for range 40 {
		o := store.Tight(store.Options{VFS: h.disk.Power()}, 60, 0)
		h.disk.CutAfter(1+h.rnd.IntN(200), powertest.Some)
		s, err := store.Open(context.Background(), h.dir, o)
		if err == nil {
			_, err = s.Accept(context.Background(), adt(opened))
			s.Close()
		}
		if err == nil {
			h.acked[adt(opened).ControlID] = 0
			opened++
		}
		h.disk.Cut(powertest.Some)
	}
	t.Logf("%d of 40 starts came far enough", opened)
	s := h.open()
	list, err := s.Messages(t.Context(), store.MessageFilter{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		delete(h.acked, m.ControlID)
	}
	if len(h.acked) > 0 {
		t.Errorf("lost %d", len(h.acked))
	}
	s.Close()
	h.intact()
}

// TestFailedSync: after an fsync that failed nobody hears that anything is
// safe, until the store is opened again.
func TestFailedSync(t *testing.T) {
	h := newHospital(t, "FULL")
	s := h.open()
	first := adt(1)
	if _, err := s.Accept(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if s.Err() != nil {
		t.Errorf("a sound store says %v", s.Err())
	}
	h.disk.FailSyncs(errors.New("the disk is ill"))
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			if r, err := s.Accept(t.Context(), adt(10+i)); err == nil {
				t.Errorf("acknowledged as %+v without fsync", r)
			}
		})
	}
	wait.Wait()
	select {
	case <-s.Broken():
	default:
		t.Error("the store does not say that it is broken")
	}
	if s.Err() == nil {
		t.Error("and not why")
	}
	h.disk.FailSyncs(nil)
	if _, err := s.Accept(t.Context(), adt(20)); err == nil {
		t.Error("acknowledged after a failed fsync, before reopening")
	}
	if r, err := s.Accept(t.Context(), first); err == nil {
		t.Errorf("answered a resend after a failed fsync: %+v", r)
	}
	s.Close()
	s = h.open()
	defer s.Close()
	if r, err := s.Accept(t.Context(), first); err != nil || !r.Duplicate {
		t.Errorf("after reopening: %+v, %v", r, err)
	}
	if _, err := s.Accept(t.Context(), adt(20)); err != nil {
		t.Error(err)
	}
}

// TestFullDisk: without room the sender is told to come again, and can once
// there is room.
func TestFullDisk(t *testing.T) {
	h := newHospital(t, "FULL")
	s := h.open()
	defer func() { s.Close() }()
	if _, err := s.Accept(t.Context(), adt(1)); err != nil {
		t.Fatal(err)
	}
	h.disk.Fill(true)
	refused := 0
	for i := range 20 {
		if _, err := s.Accept(t.Context(), adt(10+i)); err != nil {
			if fault.KindOf(err) != fault.Busy {
				t.Fatalf("%v is %s, want busy", err, fault.KindOf(err))
			}
			refused++
		}
	}
	if refused == 0 {
		t.Fatal("the disk was never full")
	}
	h.disk.Fill(false)
	if _, err := s.Accept(t.Context(), adt(100)); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if s.Err() != nil {
		t.Errorf("a full disk broke the store: %v", s.Err())
	}
}
