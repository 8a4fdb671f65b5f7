package store_test

import (
	"context"
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
