package pipeline

import (
	"context"
	"fmt"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/store"
	"github.com/ponshealth/pons/mapping"
)

// pending is a resource of one message on its way to the store. Several entries
// of a Bundle may turn out to be one stored resource.
type pending struct {
	resource r4.Resource
	expect   int // version that the store holds now, 0 for none
	changed  bool
	unique   []search.Entry
}

// writes resolves the resources of a result against the store, merges each into
// what is known, and returns those that change something. again: see attempt.
func (p *Pipeline) writes(ctx context.Context, m message.Message, result *mapping.Result, again bool) ([]store.Write, error) {
	if err := p.resolve(ctx, result, again); err != nil {
		return nil, err
	}
	keys := make([]store.Key, len(result.Bundle.Entry))
	for i, entry := range result.Bundle.Entry {
		keys[i] = store.Key{Type: entry.Resource.ResourceType(), ID: entry.Resource.ResourceID()}
	}
	known, err := p.Resources.ReadMany(ctx, keys)
	if err != nil {
		return nil, err
	}
	byKey := make(map[store.Key]*pending, len(keys))
	var order []*pending
	for i, entry := range result.Bundle.Entry {
		to, seen := byKey[keys[i]]
		if !seen {
			if to, err = begin(known[keys[i]]); err != nil {
				return nil, err
			}
			byKey[keys[i]] = to
			order = append(order, to)
		}
		to.take(entry.Resource, result.Entries[i])
	}
	var writes []store.Write
	for _, w := range order {
		if !w.changed {
			continue
		}
		body, err := r4.Marshal(w.resource)
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", w.resource.ResourceType(), err)
		}
		writes = append(writes, store.Write{
			Type:    w.resource.ResourceType(),
			ID:      w.resource.ResourceID(),
			Expect:  w.expect,
			Body:    body,
			Index:   search.Extract(w.resource),
			Unique:  w.unique,
			Message: m.ID,
		})
	}
	return writes, nil
}

// begin starts from what the store knows of a resource, which is nothing if the
// version is 0.
func begin(known store.Resource) (*pending, error) {
	w := &pending{expect: known.Version}
	if known.Version == 0 || known.Deleted {
		return w, nil
	}
	r, err := r4.Unmarshal(known.Body)
	if err != nil {
		return nil, fmt.Errorf("stored %s: %w", known.Type, err)
	}
	unversioned(r)
	w.resource = r
	return w, nil
}

// unversioned takes out of a stored resource what the store puts in on reading.
func unversioned(r r4.Resource) {
	meta := r.ResourceMeta()
	if meta == nil {
		return
	}
	meta.VersionID, meta.LastUpdated = "", ""
	if r4.Equal(meta, &r4.Meta{}) {
		r.SetResourceMeta(nil)
	}
}

// take merges what the message says of the resource into what is known.
func (w *pending) take(in r4.Resource, entry mapping.Entry) {
	if w.resource == nil {
		w.resource, w.changed = in, true
	} else {
		merged, changed := mapping.Merge(w.resource, in, entry.Nulls)
		w.resource, w.changed = merged, w.changed || changed
	}
	for _, id := range entry.Identifiers {
		if id.System == "" {
			continue
		}
		w.unique = append(w.unique, search.Entry{Param: "identifier", Kind: search.Token, System: id.System, Code: id.Value})
	}
}
