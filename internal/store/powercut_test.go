package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
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

// hospital sends, delivers, and remembers what it was promised.
type hospital struct {
	t           *testing.T
	dir         string
	synchronous string
	disk        *powertest.Disk
	rnd         *rand.Rand

	mu        sync.Mutex
	next      int
	acked     map[string]message.ID // by control id
	delivered map[message.ID]bool   // settled, and told so
}

func newHospital(t *testing.T, synchronous string) *hospital {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	disk := powertest.New(t.TempDir(), seed)
	disk.SyncTime = 200 * time.Microsecond
	return &hospital{t: t, dir: t.TempDir(), synchronous: synchronous, disk: disk, rnd: rand.New(rand.NewPCG(seed, 2)),
		acked: map[string]message.ID{}, delivered: map[message.ID]bool{}}
}

func (h *hospital) open() *store.Store {
	h.t.Helper()
	// A log of 60 pages means that most cuts come near a checkpoint.
	o := store.Tight(store.Options{VFS: h.disk.Power()}, 60, 0)
	s, err := store.Open(context.Background(), h.dir, store.Lower(o, h.synchronous))
	if err != nil {
		h.t.Fatalf("open: %v", err)
	}
	return s
}

const hospitalLanes = 5

// work sends and delivers until so many changes were made to the disk, and then
// the power is cut in the middle of it.
func (h *hospital) work(changes int, how powertest.Forget) {
	s := h.open()
	off := h.disk.CutAfter(changes, how)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() { h.send(ctx, s) })
		wait.Go(func() { h.deliver(ctx, s) })
	}
	<-off
	s.Close() // only its memory and its lock; its files are dead
	wait.Wait()
}

// send accepts messages. The last call of each sender may be cut off.
func (h *hospital) send(ctx context.Context, s *store.Store) {
	for ctx.Err() == nil {
		h.mu.Lock()
		h.next++
		i := h.next
		h.mu.Unlock()
		m := adt(i)
		m.Lane = fmt.Sprint(i % hospitalLanes)
		r, err := s.Accept(ctx, m)
		if err != nil {
			return
		}
		h.mu.Lock()
		h.acked[m.ControlID] = r.ID
		h.mu.Unlock()
	}
}

// deliver makes one resource of each message and counts its lane up. Both fail
// if it is done twice.
func (h *hospital) deliver(ctx context.Context, s *store.Store) {
	for {
		m, err := s.Claim(ctx, "fhir")
		if err != nil {
			return
		}
		writes, err := h.effect(ctx, s, m)
		if err != nil {
			return
		}
		err = s.Settle(ctx, store.Settlement{ID: m.ID, Destination: "fhir", To: message.Delivered, Writes: writes})
		if err != nil {
			if fault.KindOf(err) == fault.Conflict {
				h.t.Errorf("message %s had its effect before", m.ControlID)
			}
			return
		}
		h.mu.Lock()
		h.delivered[m.ID] = true
		h.mu.Unlock()
	}
}

func (h *hospital) effect(ctx context.Context, s *store.Store, m message.Message) ([]store.Write, error) {
	count := 0
	lane, err := s.Read(ctx, "Basic", "lane-"+m.Lane)
	if err == nil {
		count = lane.Version
	} else if fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	bodies := []string{
		fmt.Sprintf(`{"resourceType":"Basic","id":"%s","identifier":[{"system":"urn:control","value":"%s"}],"code":{"text":"message"}}`, m.ControlID, m.ControlID),
		fmt.Sprintf(`{"resourceType":"Basic","id":"lane-%s","identifier":[{"system":"urn:last","value":"%s"}],"code":{"text":"lane"}}`, m.Lane, m.ID),
	}
	var writes []store.Write
	for i, body := range bodies {
		r, err := r4.Unmarshal([]byte(body))
		if err != nil {
			return nil, err
		}
		writes = append(writes, store.Write{Type: "Basic", ID: r.ResourceID(), Expect: i * count, Body: []byte(body), Index: search.Extract(r)})
	}
	return writes, nil
}

// check reopens and counts what was promised and is not there.
func (h *hospital) check() (lost int) {
	s := h.open()
	defer s.Close()
	h.mu.Lock()
	defer h.mu.Unlock()
	for control, id := range h.acked {
		d, err := s.Message(context.Background(), id)
		if err != nil || d.ControlID != control {
			lost++
		} else if h.delivered[id] && d.State != message.Delivered {
			lost++
		}
	}
	return lost
}

// drain delivers what is left and looks at the effect of everything.
func (h *hospital) drain() {
	h.disk.SyncTime = 0
	s := h.open()
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() { h.deliver(ctx, s) })
	}
	for {
		counts, err := s.Counts(ctx)
		if err != nil {
			h.t.Fatal(err)
		}
		if counts[message.Received]+counts[message.Claimed]+counts[message.Retrying] == 0 || h.t.Failed() {
			break
		}
		time.Sleep(time.Millisecond)
	}
	cancel()
	wait.Wait()
	counts, _ := s.Counts(context.Background())
	inLane := map[string]int{}
	all := 0
	for f := (store.MessageFilter{Limit: 1000}); ; {
		list, err := s.Messages(context.Background(), f)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, m := range list {
			all++
			inLane[m.Lane]++
			r, err := s.Read(context.Background(), "Basic", m.ControlID)
			if m.State != message.Delivered || err != nil || r.Version != 1 {
				h.t.Errorf("message %s is %s with version %d of its resource, %v", m.ControlID, m.State, r.Version, err)
			}
			ids, err := s.FindToken(context.Background(), "Basic", "identifier", "urn:control", m.ControlID)
			if err != nil || !slices.Equal(ids, []string{m.ControlID}) {
				h.t.Errorf("message %s is found as %v, %v", m.ControlID, ids, err)
			}
			delete(h.acked, m.ControlID)
		}
		if len(list) < f.Limit {
			break
		}
		f.Before = list[len(list)-1].ID
	}
	if len(h.acked) > 0 {
		h.t.Errorf("%d acknowledged messages are in no list: %v", len(h.acked), slices.Collect(maps.Keys(h.acked)))
	}
	for lane, n := range inLane {
		if r, err := s.Read(context.Background(), "Basic", "lane-"+lane); err != nil || r.Version != n {
			h.t.Errorf("lane %s counts %d effects of %d messages, %v", lane, r.Version, n, err)
		}
	}
	if counts[message.Delivered] != all {
		h.t.Errorf("%d count as delivered, %d are", counts[message.Delivered], all)
	}
	if err := s.Close(); err != nil {
		h.t.Error(err)
	}
	h.intact()
}

// intact asks SQLite itself.
func (h *hospital) intact() {
	db, err := sqlite3.Open("file:" + h.dir + "/pons.db?vfs=" + h.disk.Power())
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	stmt, _, err := db.Prepare("PRAGMA integrity_check")
	if err != nil {
		h.t.Fatal(err)
	}
	defer stmt.Close()
	if !stmt.Step() || stmt.ColumnText(0) != "ok" {
		h.t.Errorf("the database is damaged: %s %v", stmt.ColumnText(0), stmt.Err())
	}
}
