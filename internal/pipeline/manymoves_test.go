package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/pipeline"
	"github.com/ponshealth/pons/internal/store"
	"github.com/ponshealth/pons/mapping"
)

const (
	manyOld   = 2500 // resources of the patient who is merged into the other one
	manyNew   = 300  // and of the other one
	mostMoves = 1000 // in one transaction, as docs/identity-and-time.md says
)

// house is a store, with the messages of one lane that were sent to it.
type house struct {
	t     *testing.T
	dir   string
	store *store.Store
	m     *mapping.Mapper
	sent  int

	writes   []int // of each settlement
	stopAt   int   // settlement after which the power goes; 0: none
	gone     bool
	old, new string
}

var errPower = errors.New("the power is gone")

func (h *house) Claim(ctx context.Context, destination string) (message.Message, error) {
	return h.store.Claim(ctx, destination)
}

func (h *house) Settle(ctx context.Context, s store.Settlement) error {
	if h.gone {
		return errPower
	}
	if err := h.store.Settle(ctx, s); err != nil {
		return err
	}
	if s.To == message.Dead {
		h.t.Errorf("refused: %+v", s.Cause)
	}
	h.writes = append(h.writes, len(s.Writes))
	if h.stopAt--; h.stopAt == 0 {
		h.gone = true
		return errPower
	}
	return nil
}

func (h *house) open() {
	h.t.Helper()
	var err error
	if h.store, err = store.Open(h.t.Context(), h.dir, store.Options{Now: func() time.Time { return noon }, Readers: 1}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) send(text string) {
	h.t.Helper()
	h.sent++
	body := []byte(strings.ReplaceAll(text, "\n", "\r"))
	m, err := hl7.Parse(body)
	if err != nil {
		h.t.Fatal(err)
	}
	head := m.Header()
	if _, err := h.store.Accept(h.t.Context(), message.Message{
		Channel: "adt", Lane: "one", Received: noon, ControlID: head.ControlID, Type: head.Type + "^" + head.Event,
		Body: body, Destination: "fhir", Ack: []byte("A"), AckCode: "AA",
	}); err != nil {
		h.t.Fatal(err)
	}
}

// run works until nothing is pending, or until the power goes.
func (h *house) run() error {
	ctx, stop := context.WithTimeout(h.t.Context(), 60*time.Second)
	defer stop()
	p := &pipeline.Pipeline{
		Destination: "fhir", Queue: h, Resources: h.store, Converter: h.m, Workers: 1,
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return noon },
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	for {
		select {
		case err := <-ended:
			return err
		case <-time.After(10 * time.Millisecond):
			if left, err := h.store.Pending(ctx, "fhir"); err == nil && len(left) == 0 {
				stop()
			}
		}
	}
}

// patient is the id of the patient whose own number this is.
func (h *house) patient(number string) string {
	h.t.Helper()
	ids, err := h.store.FindToken(h.t.Context(), "Patient", "identifier", "https://hosp.example/mrn", number)
	if err != nil || len(ids) == 0 {
		h.t.Fatal(number, ids, err)
	}
	return ids[0]
}

// observe stores results of a patient, as if messages had brought them.
func (h *house) observe(patient, prefix string, n int) {
	h.t.Helper()
	var writes []store.Write
	for i := range n {
		o := &r4.Observation{ID: prefix + strconv.Itoa(i), Status: "final", Code: &r4.CodeableConcept{Text: "x"}, Subject: &r4.Reference{Reference: "Patient/" + patient}}
		body, err := r4.Marshal(o)
		if err != nil {
			h.t.Fatal(err)
		}
		writes = append(writes, store.Write{Type: "Observation", ID: o.ID, Body: body, Index: search.Extract(o)})
	}
	if _, err := h.store.Write(h.t.Context(), writes); err != nil {
		h.t.Fatal(err)
	}
}

// count is how many results each of the two patients has.
func (h *house) count() (old, survivor int) {
	h.t.Helper()
	var keys []store.Key
	for i := range manyOld {
		keys = append(keys, store.Key{Type: "Observation", ID: "old-" + strconv.Itoa(i)})
	}
	for i := range manyNew {
		keys = append(keys, store.Key{Type: "Observation", ID: "new-" + strconv.Itoa(i)})
	}
	found, err := h.store.ReadMany(h.t.Context(), keys)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, r := range found {
		switch {
		case bytes.Contains(r.Body, []byte("Patient/"+h.old)):
			old++
		case bytes.Contains(r.Body, []byte("Patient/"+h.new)):
			survivor++
		}
	}
	return old, survivor
}

// inactive reports whether the prior patient says that he was merged.
func (h *house) inactive() bool {
	r, err := h.store.Read(h.t.Context(), "Patient", h.old)
	return err == nil && bytes.Contains(r.Body, []byte("replaced-by")) && bytes.Contains(r.Body, []byte(`"active":false`))
}

const manyHead = "MSH|^~\\&|PAS|RXX|P|RXX|2026030108%02d00+0000||%s|%d|P|2.5\nEVN||2026030108%02d00+0000\n"

func adt(n int, event, rest string) string { return fmt.Sprintf(manyHead, n, event, n, n) + rest }

// A patient may have any number of resources. A merge moves them some at a time, goes on
// where it was when the power comes back, and can be taken back the same way.
func TestMergeOfMany(t *testing.T) {
	for _, cut := range []int{0, 1, 2} {
		t.Run(fmt.Sprintf("power gone after %d", cut), func(t *testing.T) {
			t.Parallel()
			dir, err := os.MkdirTemp(quickDir(), "many")
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(dir)
			h := &house{t: t, dir: dir}
			if h.m, err = mapping.New(mapping.Options{Namespaces: map[string]string{"HOSP": "https://hosp.example/mrn"}, IDKey: []byte("many")}); err != nil {
				t.Fatal(err)
			}
			h.open()
			defer func() { h.store.Close() }()
			h.send(adt(1, "ADT^A28", "PID|1||OLD^^^HOSP^MR||Jones^Anne||19850315|F"))
			h.send(adt(2, "ADT^A28", "PID|1||NEW^^^HOSP^MR||Smith^Ann||19850316|F"))
			h.run()
			h.old, h.new = h.patient("OLD"), h.patient("NEW")
			h.observe(h.old, "old-", manyOld)
			h.observe(h.new, "new-", manyNew)

			h.work(adt(3, "ADT^A40^ADT_A39", "PID|1||NEW^^^HOSP^MR||Smith^Ann||19850316|F\nMRG|OLD^^^HOSP^MR"), cut, func() {
				if !h.inactive() {
					t.Error("results are moved, and the patient is not merged")
				}
			})
			if old, survivor := h.count(); old != 0 || survivor != manyOld+manyNew || !h.inactive() {
				t.Errorf("after the merge %d and %d, merged %t", old, survivor, h.inactive())
			}

			h.work(adt(4, "ADT^A37", "PID|1||NEW^^^HOSP^MR||Smith^Ann\nPID|2||OLD^^^HOSP^MR||Jones^Anne"), cut, func() {
				if h.inactive() {
					t.Error("results are moved back, and the patient is still merged")
				}
			})
			if old, survivor := h.count(); old != manyOld || survivor != manyNew || h.inactive() {
				t.Errorf("after the merge was taken back %d and %d, merged %t", old, survivor, h.inactive())
			}
		})
	}
}

// work delivers a message, with a cut of the power in between, and looks at the settlements.
func (h *house) work(text string, cut int, between func()) {
	h.t.Helper()
	h.send(text)
	h.writes, h.stopAt = nil, cut
	err := h.run()
	if (err != nil) != (cut > 0) {
		h.t.Fatalf("run: %v", err)
	}
	if cut > 0 {
		between()
		if err := h.store.Close(); err != nil {
			h.t.Fatal(err)
		}
		h.open()
		if old, survivor := h.count(); old+survivor != manyOld+manyNew || old == 0 || survivor == 0 {
			h.t.Errorf("after %d settlements %d and %d", cut, old, survivor)
		}
		h.gone = false
		if err := h.run(); err != nil {
			h.t.Fatal(err)
		}
	}
	if len(h.writes) != manyOld/mostMoves+1 {
		h.t.Errorf("%d settlements of %v writes", len(h.writes), h.writes)
	}
	for _, n := range h.writes {
		if n > mostMoves+120 { // those of one step of a hundred, and of the message itself
			h.t.Errorf("one settlement of %d writes", n)
		}
	}
}
