// Package storetest holds the promises of the store as tests. Every database
// engine runs the same suite.
package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/store"
)

// Open opens the store in dir, new or as it was left. The suite closes it.
type Open func(t testing.TB, dir string, now func() time.Time) *store.Store

// Run checks everything.
func Run(t *testing.T, open Open) {
	for _, group := range []struct {
		name  string
		tests map[string]func(*testing.T, *bench)
	}{
		{"accept", acceptTests}, {"lanes", laneTests}, {"settle", settleTests},
		{"resources", resourceTests}, {"state", stateTests}, {"search", searchTests}, {"pages", pageTests},
	} {
		for name, test := range group.tests {
			t.Run(group.name+"/"+name, func(t *testing.T) {
				b := &bench{t: t, dir: t.TempDir(), openStore: open, clock: time.Date(2025, 4, 13, 9, 30, 0, 0, time.UTC)}
				b.reopen()
				defer b.close()
				test(t, b)
			})
		}
	}
}

// bench is a store under test.
type bench struct {
	t         *testing.T
	dir       string
	openStore Open
	*store.Store
	clock time.Time // what the store takes for now
}

func (b *bench) reopen() {
	b.close()
	b.Store = b.openStore(b.t, b.dir, func() time.Time { return b.clock })
}

func (b *bench) close() {
	if b.Store == nil {
		return
	}
	if err := b.Store.Close(); err != nil {
		b.t.Errorf("Close: %v", err)
	}
	b.Store = nil
}

// msg is a message of a lane with a control id.
func msg(lane, control string) message.Message {
	return message.Message{
		Channel: "adt", Lane: lane, Received: time.Date(2025, 4, 13, 9, 29, 59, 123456000, time.UTC), Peer: "10.0.0.1:999",
		ControlID: control, SendingApp: "APP", SendingFac: "FAC", Type: "ADT^A01", Version: "2.5",
		Body: []byte("MSH|^~\\&|APP|FAC|||20250413||ADT^A01|" + control + "|P|2.5\rPID|1||" + lane + "\r"),
		Ack:  []byte("MSA|AA|" + control), AckCode: "AA", Destination: "fhir",
	}
}

func (b *bench) accept(m message.Message) store.Receipt {
	b.t.Helper()
	r, err := b.Accept(b.t.Context(), m)
	if err != nil {
		b.t.Fatalf("Accept: %v", err)
	}
	return r
}

// claim takes the next message, which must be there.
func (b *bench) claim() message.Message {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 5*time.Second)
	defer cancel()
	m, err := b.Claim(ctx, "fhir")
	if err != nil {
		b.t.Fatalf("Claim: %v", err)
	}
	return m
}

// noClaim checks that nothing can be worked on.
func (b *bench) noClaim() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 20*time.Millisecond)
	defer cancel()
	if m, err := b.Claim(ctx, "fhir"); err == nil {
		b.t.Fatalf("Claim gave %s, want nothing", m.ControlID)
	}
}

func (b *bench) settle(m message.Message, to message.State, writes ...store.Write) {
	b.t.Helper()
	if err := b.trySettle(m, to, writes...); err != nil {
		b.t.Fatalf("Settle %s as %s: %v", m.ControlID, to, err)
	}
}

func (b *bench) trySettle(m message.Message, to message.State, writes ...store.Write) error {
	return b.Settle(b.t.Context(), store.Settlement{ID: m.ID, Destination: "fhir", To: to, Writes: writes, RetryAt: b.clock})
}

// write makes a store.Write of a resource as JSON.
func write(t testing.TB, expect int, format string, args ...any) store.Write {
	t.Helper()
	body := []byte(fmt.Sprintf(format, args...))
	r, err := r4.Unmarshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return store.Write{Type: r.ResourceType(), ID: r.ResourceID(), Expect: expect, Body: body, Index: search.Extract(r)}
}

func (b *bench) write(w ...store.Write) []store.Resource {
	b.t.Helper()
	out, err := b.Write(b.t.Context(), w)
	if err != nil {
		b.t.Fatalf("Write: %v", err)
	}
	return out
}

func wantKind(t testing.TB, what string, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want {
		t.Errorf("%s: %v (%s), want %s", what, err, fault.KindOf(err), want)
	}
}
