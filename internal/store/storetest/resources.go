package storetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/store"
)

// meta reads the meta of a body as a client would.
func meta(t *testing.T, body []byte) (version, updated string, profiles int) {
	t.Helper()
	var r struct {
		Meta struct {
			VersionID   string   `json:"versionId"`
			LastUpdated string   `json:"lastUpdated"`
			Profile     []string `json:"profile"`
		} `json:"meta"`
	}
	if err := json.Unmarshal(body, &r); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return r.Meta.VersionID, r.Meta.LastUpdated, len(r.Meta.Profile)
}

var resourceTests = map[string]func(*testing.T, *bench){
	"many at once": func(t *testing.T, b *bench) {
		var keys []store.Key
		for i := range 40 { // more than one statement reads
			id := fmt.Sprint("p", i)
			b.write(write(t, 0, patient, id, id, "Smith"))
			keys = append(keys, store.Key{Type: "Patient", ID: id}, store.Key{Type: "Encounter", ID: id}, store.Key{Type: "Patient", ID: "no" + id})
		}
		b.write(store.Write{Type: "Patient", ID: "p7", Expect: 1, Deleted: true})
		found, err := b.ReadMany(t.Context(), keys)
		if err != nil || len(found) != 40 {
			t.Fatalf("%d found, %v; want the 40 that there are", len(found), err)
		}
		for k, r := range found {
			one, err := b.Read(t.Context(), k.Type, k.ID)
			if err != nil || one.Version != r.Version || one.Deleted != r.Deleted || string(one.Body) != string(r.Body) ||
				r.Type != k.Type || r.ID != k.ID || !one.Updated.Equal(r.Updated) {
				t.Errorf("%v: %+v, %v; Read says %+v", k, r, err, one)
			}
		}
		if found, err := b.ReadMany(t.Context(), nil); err != nil || len(found) != 0 {
			t.Errorf("of none: %v, %v", found, err)
		}
	},
	"a life": func(t *testing.T, b *bench) {
		_, err := b.Read(t.Context(), "Patient", "a")
		wantKind(t, "before", err, fault.NotFound)
		made := b.write(write(t, 0, patient, "a", "1", "Smith"))
		if made[0].Version != 1 || !made[0].Updated.Equal(b.clock) {
			t.Errorf("created %+v", made[0])
		}
		b.clock = b.clock.Add(1500 * time.Microsecond)
		b.write(write(t, 1, patient, "a", "1", "Smythe"))
		b.write(store.Write{Type: "Patient", ID: "a", Expect: 2, Deleted: true})
		b.write(write(t, -1, patient, "a", "1", "Back"))
		b.reopen()

		r, err := b.Read(t.Context(), "Patient", "a")
		if err != nil || r.Version != 4 || r.Deleted || !strings.Contains(string(r.Body), `"Back"`) {
			t.Errorf("Read: %+v, %v", r, err)
		}
		if v, at, _ := meta(t, r.Body); v != "4" || at != "2025-04-13T09:30:00.001Z" {
			t.Errorf("meta %s of %s", v, at)
		}
		for version, family := range map[int]string{1: "Smith", 2: "Smythe", 4: "Back"} {
			r, err := b.ReadVersion(t.Context(), "Patient", "a", version)
			if err != nil || r.Version != version || !strings.Contains(string(r.Body), family) {
				t.Errorf("version %d: %+v, %v", version, r, err)
			}
			if v, _, _ := meta(t, r.Body); v != fmt.Sprint(version) {
				t.Errorf("version %d says it is %s", version, v)
			}
		}
		if r, err := b.ReadVersion(t.Context(), "Patient", "a", 3); err != nil || !r.Deleted || r.Body != nil {
			t.Errorf("the deleted version: %+v, %v", r, err)
		}
		for _, v := range []int{0, 5, -1} {
			_, err = b.ReadVersion(t.Context(), "Patient", "a", v)
			wantKind(t, fmt.Sprint("version ", v), err, fault.NotFound)
		}
		h, err := b.History(t.Context(), "Patient", "a", 3, 0)
		if err != nil || len(h) != 3 || h[0].Version != 4 || h[1].Version != 3 || h[2].Version != 2 {
			t.Errorf("History: %+v, %v", h, err)
		}
		if h, err = b.History(t.Context(), "Patient", "a", 3, 2); err != nil || len(h) != 1 || h[0].Version != 1 {
			t.Errorf("older History: %+v, %v", h, err)
		}
		if h, err = b.History(t.Context(), "Patient", "nobody", 3, 0); err != nil || len(h) != 0 {
			t.Errorf("History of nobody: %+v, %v", h, err)
		}
	},
	"deleted": func(t *testing.T, b *bench) {
		b.write(write(t, 0, patient, "a", "1", "Smith"))
		out := b.write(store.Write{Type: "Patient", ID: "a", Expect: -1, Deleted: true})
		if !out[0].Deleted || out[0].Version != 2 || out[0].Body != nil {
			t.Errorf("delete gave %+v", out[0])
		}
		if r, err := b.Read(t.Context(), "Patient", "a"); err != nil || !r.Deleted || r.Version != 2 {
			t.Errorf("Read: %+v, %v", r, err)
		}
		if ids, _ := b.FindToken(t.Context(), "Patient", "identifier", "urn:mrn", "1"); len(ids) != 0 {
			t.Errorf("still found: %v", ids)
		}
		_, err := b.Write(t.Context(), []store.Write{{Type: "Patient", ID: "nobody", Expect: -1, Deleted: true}})
		wantKind(t, "delete of nothing", err, fault.NotFound)
		out = b.write(write(t, 0, patient, "b", "2", "Short"), store.Write{Type: "Patient", ID: "b", Expect: -1, Deleted: true})
		if out[1].Version != 2 {
			t.Errorf("made and deleted at once: version %d", out[1].Version)
		}
		_, err = b.Write(t.Context(), []store.Write{write(t, 0, patient, "a", "1", "Smith")})
		wantKind(t, "new over a deleted one", err, fault.Conflict)
	},
	"the same id in two types": func(t *testing.T, b *bench) {
		b.write(write(t, 0, patient, "a", "1", "Smith"), write(t, 0, `{"resourceType":"Practitioner","id":"a"}`))
		for _, typ := range []string{"Patient", "Practitioner"} {
			if r, err := b.Read(t.Context(), typ, "a"); err != nil || !strings.Contains(string(r.Body), typ) {
				t.Errorf("%s: %+v, %v", typ, r, err)
			}
		}
	},
	"a meta of its own is kept": func(t *testing.T, b *bench) {
		out := b.write(write(t, 0, `{"resourceType":"Patient","id":"a","meta":{"profile":["http://example.org/p"]},"active":true}`))
		r, err := b.Read(t.Context(), "Patient", "a")
		if err != nil || string(r.Body) != string(out[0].Body) {
			t.Errorf("Read %s, but Write gave %s", r.Body, out[0].Body)
		}
		if v, at, profiles := meta(t, r.Body); v != "1" || at == "" || profiles != 1 {
			t.Errorf("meta in %s", r.Body)
		}
	},
	"bodies that are refused": func(t *testing.T, b *bench) {
		for _, body := range []string{``, `{`, `[]`, `"x"`, `{"resourceType":"Patient"} {}`, `{"meta":[]}`, `{"meta":null}`,
			`{"meta":{"versionId":"1"}}`, `{"meta":{"profile":[],"lastUpdated":"2020"}}`} {
			_, err := b.Write(t.Context(), []store.Write{{Type: "Patient", ID: "a", Body: []byte(body)}})
			wantKind(t, body, err, fault.Invalid)
		}
	},
	"a list of writes is one": func(t *testing.T, b *bench) {
		_, err := b.Write(t.Context(), []store.Write{write(t, 0, patient, "a", "1", "A"), write(t, 7, patient, "b", "2", "B")})
		wantKind(t, "Write", err, fault.Conflict)
		_, err = b.Read(t.Context(), "Patient", "a")
		wantKind(t, "Read", err, fault.NotFound)
		out := b.write(write(t, 0, patient, "a", "1", "A"), write(t, 1, patient, "a", "1", "B"), write(t, -1, patient, "a", "3", "C"))
		if out[2].Version != 3 {
			t.Errorf("three writes of one resource end at version %d", out[2].Version)
		}
		if ids, _ := b.FindToken(t.Context(), "Patient", "identifier", "urn:mrn", "1"); len(ids) != 0 {
			t.Errorf("the index knows the version before: %v", ids)
		}
	},
	"an update moves the index": func(t *testing.T, b *bench) {
		b.write(write(t, 0, patient, "a", "1", "Smith"))
		for i, step := range []struct{ value, found, gone string }{{"2", "2", "1"}, {"3", "3", "2"}, {"1", "1", "3"}} {
			b.write(write(t, i+1, patient, "a", step.value, "Smith"))
			if ids, err := b.FindToken(t.Context(), "Patient", "identifier", "urn:mrn", step.found); err != nil || len(ids) != 1 {
				t.Errorf("%s: %v, %v", step.found, ids, err)
			}
			if ids, _ := b.FindToken(t.Context(), "Patient", "identifier", "urn:mrn", step.gone); len(ids) != 0 {
				t.Errorf("%s is still found", step.gone)
			}
		}
	},
	"time of change never goes back": func(t *testing.T, b *bench) {
		first := b.write(write(t, 0, patient, "a", "1", "A"))
		b.clock = b.clock.Add(-time.Hour)
		second := b.write(write(t, 0, patient, "b", "2", "B"))
		if second[0].Updated.Before(first[0].Updated) {
			t.Errorf("%v after %v", second[0].Updated, first[0].Updated)
		}
	},
}
