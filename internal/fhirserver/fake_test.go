package fhirserver_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/store"
)

// memory is a store in memory. What it finds is what Criterion.Matches says.
type memory struct {
	mu        sync.Mutex
	resources map[string][]store.Resource // versions, by "Type/id"
	index     map[string][]search.Entry   // of the current version
	clock     *clock
	conflicts int   // before how many of the next writes somebody else writes the same
	broken    error // what every call answers, if not nil
}

func newMemory() *memory {
	return &memory{resources: map[string][]store.Resource{}, index: map[string][]search.Entry{}, clock: newClock()}
}

// clock stands until it is told to tick.
type clock struct{ t time.Time }

func newClock() *clock { return &clock{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time { return c.t }
func (c *clock) tick()          { c.t = c.t.Add(time.Second) }

func (m *memory) Read(_ context.Context, typ, id string) (store.Resource, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	versions := m.resources[typ+"/"+id]
	switch {
	case m.broken != nil:
		return store.Resource{}, m.broken
	case len(versions) == 0:
		return store.Resource{}, fault.New(fault.NotFound, typ, "not known")
	}
	return versions[len(versions)-1], nil
}

func (m *memory) ReadVersion(_ context.Context, typ, id string, version int) (store.Resource, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	versions := m.resources[typ+"/"+id]
	if version > len(versions) {
		return store.Resource{}, fault.New(fault.NotFound, typ, "not known")
	}
	return versions[version-1], nil
}

func (m *memory) History(_ context.Context, typ, id string, count, before int) ([]store.Resource, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	versions := slices.Clone(m.resources[typ+"/"+id])
	slices.Reverse(versions)
	versions = slices.DeleteFunc(versions, func(r store.Resource) bool { return before > 0 && r.Version >= before })
	return versions[:min(count, len(versions))], nil
}

func (m *memory) Write(_ context.Context, writes []store.Write) ([]store.Resource, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return nil, m.broken
	}
	w := writes[0] // the server writes one at a time
	key := w.Type + "/" + w.ID
	if m.conflicts > 0 { // somebody writes just before
		m.conflicts--
		if len(w.Unique) > 0 { // the same content under an id of its own
			other := w
			other.ID = "other"
			other.Body = bytes.Replace(w.Body, []byte(w.ID), []byte(other.ID), 1)
			m.add(other, w.Type+"/other")
		} else {
			m.add(w, key)
		}
	}
	version := len(m.resources[key])
	if w.Expect >= 0 && w.Expect != version || m.taken(w, key) {
		return nil, fault.New(fault.Conflict, "", "the version moved on")
	}
	return []store.Resource{m.add(w, key)}, nil
}

func (m *memory) add(w store.Write, key string) store.Resource {
	r := store.Resource{Type: w.Type, ID: w.ID, Version: len(m.resources[key]) + 1, Updated: m.clock.now(), Deleted: w.Deleted}
	if !w.Deleted {
		r.Body = withMeta(w.Body, r)
		m.index[key] = w.Index
	} else {
		delete(m.index, key)
	}
	m.resources[key] = append(m.resources[key], r)
	return r
}

// taken tells whether another resource holds a unique token of w.
func (m *memory) taken(w store.Write, key string) bool {
	for other, entries := range m.index {
		for _, u := range w.Unique {
			if other != key && slices.Contains(entries, u) {
				return true
			}
		}
	}
	return false
}

// withMeta does what the real store does when it reads.
func withMeta(body []byte, r store.Resource) []byte {
	res, err := r4.Unmarshal(body)
	if err != nil {
		panic(err)
	}
	meta := cmp.Or(res.ResourceMeta(), &r4.Meta{})
	if meta.VersionID != "" || meta.LastUpdated != "" {
		panic("the body says what the store has to say")
	}
	meta.VersionID, meta.LastUpdated = strconv.Itoa(r.Version), r.Updated.Format("2006-01-02T15:04:05.000Z")
	res.SetResourceMeta(meta)
	body, err = r4.Marshal(res)
	if err != nil {
		panic(err)
	}
	if !json.Valid(body) || !bytes.Contains(body, []byte(`"id":"`+r.ID+`"`)) {
		panic("the body does not hold its id")
	}
	return body
}

func (m *memory) entries(r store.Resource) []search.Entry {
	return append(slices.Clone(m.index[r.Type+"/"+r.ID]), search.LastUpdated(r.Updated))
}

func (m *memory) Search(_ context.Context, q *search.Query) (store.Page, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return store.Page{}, m.broken
	}
	var found []store.Resource
	for _, key := range slices.Sorted(maps.Keys(m.index)) {
		versions := m.resources[key]
		r := versions[len(versions)-1]
		entries := m.entries(r)
		if r.Type == q.Type && (q.IDs == nil || slices.Contains(q.IDs, r.ID)) &&
			!slices.ContainsFunc(q.Criteria, func(c search.Criterion) bool { return !c.Matches(entries) }) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b store.Resource) int {
		for _, by := range q.Sort {
			if order := by.Compare(m.entries(a), m.entries(b)); order != 0 {
				return order
			}
		}
		return b.Updated.Compare(a.Updated) // newest first
	})
	page := store.Page{Total: -1}
	if q.Total {
		page.Total = len(found)
	}
	if q.CountOnly {
		return page, nil
	}
	start, _ := strconv.Atoi(q.Cursor)
	end := min(start+q.Count, len(found))
	if end < len(found) {
		page.Next = strconv.Itoa(end)
	}
	page.Resources = found[start:end]
	return page, nil
}
