package storetest

import (
	"slices"
	"testing"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/store"
)

var stateTests = map[string]func(*testing.T, *bench){
	"a state is kept beside the resource": func(t *testing.T, b *bench) {
		key := store.Key{Type: "Patient", ID: "a"}
		state := func() string {
			t.Helper()
			found, err := b.ReadMany(t.Context(), []store.Key{key})
			if err != nil || len(found) != 1 {
				t.Fatalf("ReadMany: %v, %v", found, err)
			}
			return string(found[key].State)
		}
		w := write(t, 0, patient, "a", "1", "A")
		w.State = []byte("one")
		b.write(w)
		if got := state(); got != "one" {
			t.Errorf("state %q after it was made", got)
		}
		b.write(write(t, 1, patient, "a", "1", "B")) // as the FHIR server writes
		b.reopen()
		if got := state(); got != "one" {
			t.Errorf("state %q after a write without one", got)
		}
		w = write(t, 2, patient, "a", "1", "C")
		w.State, w.Was = []byte("two"), []byte("one")
		b.write(w)
		b.write(store.Write{Type: "Patient", ID: "a", Expect: 3, StateOnly: true, State: []byte("three"), Was: []byte("two")})
		if r, err := b.Read(t.Context(), "Patient", "a"); err != nil || r.Version != 3 {
			t.Errorf("version %d, %v; a state alone makes none", r.Version, err)
		}
		if got := state(); got != "three" {
			t.Errorf("state %q, want three", got)
		}
	},
	"a state that moved on is a conflict": func(t *testing.T, b *bench) {
		w := write(t, 0, patient, "a", "1", "A")
		w.State = []byte("one")
		b.write(w)
		stale := write(t, 1, patient, "a", "1", "B")
		stale.State, stale.Was = []byte("two"), []byte("zero")
		_, err := b.Write(t.Context(), []store.Write{stale})
		wantKind(t, "another state", err, fault.Conflict)
		for name, w := range map[string]store.Write{
			"another state":   {Expect: 1, Was: []byte("zero")},
			"no state":        {Expect: 1},
			"another version": {Expect: 2, Was: []byte("one")},
		} {
			w.Type, w.ID, w.StateOnly, w.State = "Patient", "a", true, []byte("two")
			_, err := b.Write(t.Context(), []store.Write{w})
			wantKind(t, name, err, fault.Conflict)
		}
		if r, err := b.Read(t.Context(), "Patient", "a"); err != nil || r.Version != 1 {
			t.Errorf("version %d, %v", r.Version, err)
		}
	},
	"who refers to a resource": func(t *testing.T, b *bench) {
		b.write(write(t, 0, patient, "a", "1", "A"), write(t, 0, patient, "b", "2", "B"),
			write(t, 0, `{"resourceType":"Encounter","id":"e","status":"unknown","class":{"code":"IMP"},"subject":{"reference":"Patient/a"}}`),
			write(t, 0, `{"resourceType":"AllergyIntolerance","id":"x","patient":{"reference":"Patient/a"},"recorder":{"reference":"Patient/a"}}`),
			write(t, 0, `{"resourceType":"Encounter","id":"f","status":"unknown","class":{"code":"IMP"},"subject":{"reference":"Patient/b"}}`))
		b.write(store.Write{Type: "Encounter", ID: "f", Expect: -1, Deleted: true})
		for id, want := range map[string][]store.Key{"a": {{Type: "AllergyIntolerance", ID: "x"}, {Type: "Encounter", ID: "e"}}, "b": nil} {
			got, err := b.Referrers(t.Context(), "Patient", id)
			slices.SortFunc(got, func(a, b store.Key) int { return len(b.Type) - len(a.Type) })
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %v, %v; want %v", id, got, err, want)
			}
		}
	},
}
