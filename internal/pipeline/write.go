package pipeline

import (
	"context"
	"fmt"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/fault"
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
	byKey := map[string]*pending{}
	var order []*pending
	for i, entry := range result.Bundle.Entry {
		in := entry.Resource
		key := in.ResourceType() + "/" + in.ResourceID()
		to, seen := byKey[key]
		if !seen {
			var err error
			if to, err = p.stored(ctx, in.ResourceType(), in.ResourceID()); err != nil {
				return nil, err
			}
			byKey[key] = to
			order = append(order, to)
		}
		to.take(in, result.Entries[i])
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

// stored reads what the store knows of a resource.
func (p *Pipeline) stored(ctx context.Context, typ, id string) (*pending, error) {
	known, err := p.Resources.Read(ctx, typ, id)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return &pending{}, nil
	case err != nil:
		return nil, err
	case known.Deleted:
		return &pending{expect: known.Version}, nil
	}
	r, err := r4.Unmarshal(known.Body)
	if err != nil {
		return nil, fmt.Errorf("stored %s: %w", typ, err)
	}
	unversioned(r)
	return &pending{resource: r, expect: known.Version}, nil
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
