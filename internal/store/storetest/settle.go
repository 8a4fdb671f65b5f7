package storetest

import (
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/store"
)

const patient = `{"resourceType":"Patient","id":"%s","identifier":[{"system":"urn:mrn","value":"%s"}],"name":[{"family":"%s"}]}`

var settleTests = map[string]func(*testing.T, *bench){
	"writes, state and steps become true together": func(t *testing.T, b *bench) {
		b.accept(msg("p1", "1"))
		m := b.claim()
		steps := []message.Step{
			{Name: "mapped", At: b.clock.Add(time.Millisecond), Note: "2 resources"},
			{Name: "delivered", At: b.clock.Add(2 * time.Millisecond), Note: "with\ttab and\nline"},
		}
		err := b.Settle(t.Context(), store.Settlement{ID: m.ID, Destination: "fhir", To: message.Delivered, Steps: steps,
			Writes: []store.Write{write(t, 0, patient, "a", "1", "Smith"), write(t, 0, patient, "b", "2", "Jones")}})
		if err != nil {
			t.Fatal(err)
		}
		b.reopen()
		b.noClaim()
		d, err := b.Message(t.Context(), m.ID)
		if err != nil || d.State != message.Delivered || !d.Settled.Equal(b.clock) {
			t.Errorf("Message: %+v, %v", d.MessageInfo, err)
		}
		if want := []store.ResourceRef{{Type: "Patient", ID: "a", Version: 1}, {Type: "Patient", ID: "b", Version: 1}}; !reflect.DeepEqual(d.Produced, want) {
			t.Errorf("produced %v, want %v", d.Produced, want)
		}
		steps[1].Note = "with tab and line"
		if len(d.Steps) != 4 || !reflect.DeepEqual(d.Steps[2:], steps) || d.Steps[0].Name != "received" || !d.Steps[0].At.Equal(m.Received) {
			t.Errorf("steps %v", d.Steps)
		}
		if r, err := b.Read(t.Context(), "Patient", "b"); err != nil || r.Version != 1 {
			t.Errorf("Read: %+v, %v", r, err)
		}
	},
	"a conflict leaves nothing behind and the lane held": func(t *testing.T, b *bench) {
		b.write(write(t, 0, patient, "a", "1", "Smith"))
		b.accept(msg("p1", "1"))
		b.accept(msg("p1", "2"))
		m := b.claim()
		fresh := write(t, 0, patient, "new", "9", "New")
		for name, stale := range map[string]store.Write{
			"exists":  write(t, 0, patient, "a", "1", "Smith"),
			"older":   write(t, 2, patient, "a", "1", "Smith"),
			"unknown": write(t, 1, patient, "z", "1", "Smith"),
		} {
			wantKind(t, name, b.trySettle(m, message.Delivered, fresh, stale), fault.Conflict)
			_, err := b.Read(t.Context(), "Patient", "new")
			wantKind(t, name+": Read of the write before it", err, fault.NotFound)
			if ids, _ := b.FindToken(t.Context(), "Patient", "identifier", "urn:mrn", "9"); len(ids) > 0 {
				t.Errorf("%s: the index kept %v", name, ids)
			}
		}
		b.noClaim()
		d, _ := b.Message(t.Context(), m.ID)
		if d.State != message.Claimed || len(d.Produced) > 0 || len(d.Steps) != 2 {
			t.Errorf("after conflicts: %+v", d)
		}
		if counts, _ := b.Counts(t.Context()); counts[message.Received] != 1 || counts[message.Claimed] != 1 || counts[message.Delivered] != 0 {
			t.Errorf("counts %v", counts)
		}
		b.settle(m, message.Delivered, fresh, write(t, 1, patient, "a", "1", "Smythe"))
		if next := b.claim(); next.ControlID != "2" {
			t.Errorf("claimed %s, want 2", next.ControlID)
		}
	},
	"an identifier belongs to one": func(t *testing.T, b *bench) {
		token := search.Entry{Param: "identifier", Kind: search.Token, System: "urn:mrn", Code: "1"}
		first := write(t, 0, patient, "a", "1", "Smith")
		first.Unique = []search.Entry{token}
		b.write(first)
		other := write(t, 0, patient, "b", "1", "Smith")
		other.Unique = []search.Entry{token}
		_, err := b.Write(t.Context(), []store.Write{other})
		wantKind(t, "second holder", err, fault.Conflict)
		first.Expect = 1
		b.write(first) // itself is no other
		elsewhere := write(t, 0, `{"resourceType":"Patient","id":"c","identifier":[{"system":"urn:other","value":"1"}]}`)
		elsewhere.Unique = []search.Entry{{Param: "identifier", Kind: search.Token, System: "urn:other", Code: "1"}}
		b.write(elsewhere)
		bare := write(t, 0, `{"resourceType":"Patient","id":"d","identifier":[{"value":"1"}]}`)
		bare.Unique = []search.Entry{{Param: "identifier", Kind: search.Token, Code: "1"}}
		b.write(bare)
		b.write(store.Write{Type: "Patient", ID: "a", Expect: 2, Deleted: true})
		b.write(other) // the holder is deleted
	},
	"two creators at the same moment": func(t *testing.T, b *bench) {
		var wait sync.WaitGroup
		var mu sync.Mutex
		done, refused := 0, 0
		for i := range 12 {
			wait.Go(func() {
				w := write(t, 0, patient, fmt.Sprint("id", i), "1", "Smith")
				w.Unique = []search.Entry{{Param: "identifier", Kind: search.Token, System: "urn:mrn", Code: "1"}}
				_, err := b.Write(t.Context(), []store.Write{w})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					done++
				case fault.KindOf(err) == fault.Conflict:
					refused++
				default:
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if done != 1 || refused != 11 {
			t.Errorf("%d created and %d refused, want 1 and 11", done, refused)
		}
	},
	"a bad one does not disturb its group": func(t *testing.T, b *bench) {
		const n = 60
		for i := range n {
			b.accept(msg(fmt.Sprint("p", i), fmt.Sprint(i)))
		}
		var wait sync.WaitGroup
		for range n {
			m := b.claim()
			wait.Go(func() {
				var i int
				fmt.Sscan(m.ControlID, &i)
				expect := 0
				if i%3 == 0 {
					expect = 5
				}
				err := b.trySettle(m, message.Delivered, write(t, 0, patient, "x"+m.ControlID, m.ControlID, "X"), write(t, expect, patient, m.ControlID, m.ControlID, "X"))
				if (err != nil) != (expect == 5) || err != nil && fault.KindOf(err) != fault.Conflict {
					t.Errorf("message %d: %v", i, err)
				}
			})
		}
		wait.Wait()
		if counts, _ := b.Counts(t.Context()); counts[message.Delivered] != n*2/3 || counts[message.Claimed] != n/3 {
			t.Errorf("counts %v", counts)
		}
		for i := range n {
			_, err := b.Read(t.Context(), "Patient", fmt.Sprint("x", i))
			if (err == nil) != (i%3 != 0) {
				t.Errorf("resource of message %d: %v", i, err)
			}
		}
	},
	"only the claimer may settle": func(t *testing.T, b *bench) {
		id := b.accept(msg("p1", "1")).ID
		err := b.Settle(t.Context(), store.Settlement{ID: id, Destination: "fhir", To: message.Delivered})
		wantKind(t, "unclaimed", err, fault.Internal)
		m := b.claim()
		wantKind(t, "to claimed", b.trySettle(m, message.Claimed), fault.Internal)
		b.settle(m, message.Delivered)
		wantKind(t, "twice", b.trySettle(m, message.Delivered), fault.Internal)
	},
}
