package source_test

import (
	"bytes"
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/source"
	"github.com/ponshealth/pons/mllp"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// fake is a store in memory. It keeps the promises of source.Store.
type fake struct {
	mu       sync.Mutex
	accepted []message.Message
	dead     []message.Message
	causes   []message.Cause
	fail     func(message.Message) error // nil: never
	deadFail error
	ids      message.IDs
}

func (f *fake) Accept(_ context.Context, m message.Message) (source.Receipt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		if err := f.fail(m); err != nil {
			return source.Receipt{}, err
		}
	}
	var r source.Receipt
	for _, old := range f.accepted {
		if old.Channel == m.Channel && old.SendingApp == m.SendingApp && old.SendingFac == m.SendingFac && old.ControlID == m.ControlID {
			if bytes.Equal(old.Body, m.Body) {
				return source.Receipt{ID: old.ID, Duplicate: true, Ack: old.Ack}, nil
			}
			r.Reused = true
		}
	}
	m.ID = f.ids.Next(noon)
	f.accepted = append(f.accepted, m)
	r.ID = m.ID
	return r, nil
}

func (f *fake) AcceptDead(_ context.Context, m message.Message, c message.Cause) (source.Receipt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.deadFail != nil {
		return source.Receipt{}, f.deadFail
	}
	m.ID = f.ids.Next(noon)
	f.dead, f.causes = append(f.dead, m), append(f.causes, c)
	return source.Receipt{ID: m.ID}, nil
}

var somebody = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 4711}

func newMLLP(st source.Store) *source.MLLP {
	return &source.MLLP{Channel: "adt", Destination: "fhir", Charset: "windows-1252", Store: st, Now: func() time.Time { return noon }}
}

func handle(t *testing.T, s *source.MLLP, b mllp.Block) string {
	t.Helper()
	if b.Peer == nil {
		b.Peer = somebody
	}
	reply, err := s.Handle(t.Context(), b)
	if err != nil && err != mllp.ErrNotCommitted {
		t.Fatalf("Handle: %v", err)
	}
	return string(reply)
}

// committed tells whether the source says that a block is in safe storage.
func committed(t *testing.T, s *source.MLLP, b mllp.Block) bool {
	t.Helper()
	b.Peer = somebody
	_, err := s.Handle(t.Context(), b)
	return err == nil
}

// codes returns "AA 1" and the like: MSA-1, MSA-2 and the error codes of each
// answer in a reply.
func codes(t *testing.T, reply string) (all []string) {
	t.Helper()
	for _, piece := range hl7.Split([]byte(reply)) {
		m, err := hl7.Parse(piece)
		if err != nil {
			t.Fatalf("answer cannot be parsed: %v\n%q", err, reply)
		}
		s := m.Get("MSA-1") + " " + string(mustFirst(t, m, "MSA").Field(2).Raw())
		for e := range m.All("ERR") {
			s += " " + e.Field(3).String() + "@" + strings.ReplaceAll(string(e.Field(2).Raw()), "^", "-")
			if e.Field(3).Empty() { // up to 2.4
				s += e.Field(1).Component(4).String()
			}
		}
		all = append(all, s)
	}
	return all
}

func mustFirst(t *testing.T, m *hl7.Message, name string) hl7.Segment {
	t.Helper()
	s, ok := m.First(name)
	if !ok {
		t.Fatalf("no %s in %q", name, m.Bytes())
	}
	return s
}

const admission = "MSH|^~\\&|LAB|HOSP|PONS|MAIN|20260301||ADT^A01^ADT_A01|1|P|2.5\rPID|1||4711^^^HOSP^MR||Doe^John\r"
