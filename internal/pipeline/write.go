package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/store"
	"github.com/ponshealth/pons/mapping"
)

// work is one message on its way into the store: what is known of the resources
// that it touches, and what it makes of them.
type work struct {
	ctx    context.Context
	p      *Pipeline
	result *mapping.Result
	find   *finder
	byKey  map[store.Key]*pending
	order  []*pending        // in which they are written
	into   map[string]string // patients that were merged into others, now or before
	from   map[int]string    // entries that refer to the survivor of a merge, and who is named

	linked, unlinks []merged // by this message

	moved int  // resources that refer to another patient now
	more  bool // there are more, for another transaction
}

// pending is a resource of one message on its way to the store. Several entries
// of a Bundle may turn out to be one stored resource.
type pending struct {
	key      store.Key
	resource r4.Resource // nil: not known
	ledger   *mapping.Ledger
	was      []byte // the ledger as stored
	expect   int    // version that the store holds now, 0 for none
	changed  bool   // the resource
	touched  bool   // the ledger
	ordered  bool
	unique   []search.Entry
}

// writes merges the resources of a result into what is known, and returns those
// that change something.
func (w *work) writes(id message.ID) ([]store.Write, error) {
	entries := w.result.Bundle.Entry
	keys := make([]store.Key, len(entries))
	for i := range entries {
		keys[i] = store.Key{Type: entries[i].Resource.ResourceType(), ID: entries[i].Resource.ResourceID()}
	}
	if err := w.load(keys); err != nil {
		return nil, err
	}
	merges, err := w.survivors(keys)
	if err != nil {
		return nil, err
	}
	moves, err := w.moves(keys)
	if err != nil {
		return nil, err
	}
	w.refer()
	sets, err := w.beginSets(keys)
	if err != nil {
		return nil, err
	}
	for i := range entries {
		to := w.byKey[keys[i]]
		w.enter(to)
		to.take(w.said(i))
		if from := w.from[i]; from != "" {
			to.touched = to.ledger.SetNote(movedFrom, from, w.result.Origin) || to.touched
		}
		w.claim(to, w.result.Entries[i].Identifiers)
	}
	for _, step := range []func() error{
		w.unlink,
		func() error { return w.endSets(sets) },
		func() error { return w.leftOut(keys) },
		func() error { return w.share(keys) },
		func() error { return w.repoint(merges) },
		func() error { return w.relocate(moves, keys) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	w.guard(id)
	var writes []store.Write
	for _, to := range w.order {
		write, some, err := to.write(id)
		if err != nil {
			return nil, err
		}
		if some {
			writes = append(writes, write)
		}
	}
	return writes, nil
}

// guard lets nobody merge a patient of the message unseen: what refers to him was
// made for one who is not merged. Whoever merges him writes his resource, and this
// his ledger, so that one of the two meets a conflict and looks again.
func (w *work) guard(id message.ID) {
	news := slices.ContainsFunc(w.order, func(to *pending) bool { return to.changed && to.key.Type != "Patient" })
	for _, to := range w.order {
		if news && to.key.Type == "Patient" && !to.changed && !to.touched {
			to.touched = to.ledger.SetNote("guard", id.String(), w.result.Origin)
		}
	}
}

// said is what the message says of entry i.
func (w *work) said(i int) mapping.Said {
	e := &w.result.Entries[i]
	return mapping.Said{Resource: w.result.Bundle.Entry[i].Resource, Nulls: e.Nulls, Fill: e.Fill, Origin: w.result.Origin}
}

// load reads what is known of resources that have not been read yet.
func (w *work) load(keys []store.Key) error {
	var missing []store.Key
	for _, k := range keys {
		if w.byKey[k] == nil {
			w.byKey[k] = &pending{key: k, ledger: &mapping.Ledger{}}
			missing = append(missing, k)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	known, err := w.p.Resources.ReadMany(w.ctx, missing)
	if err != nil {
		return err
	}
	for _, k := range missing {
		if r, ok := known[k]; ok {
			if err := w.byKey[k].begin(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// get is load for one.
func (w *work) get(k store.Key) (*pending, error) {
	err := w.load([]store.Key{k})
	return w.byKey[k], err
}

// enter puts a resource among those that may be written.
func (w *work) enter(to *pending) {
	if !to.ordered {
		to.ordered = true
		w.order = append(w.order, to)
	}
}

// begin starts from what the store knows of a resource.
func (to *pending) begin(known store.Resource) (err error) {
	to.expect, to.was = known.Version, known.State
	if known.Version == 0 || known.Deleted {
		return nil
	}
	if to.resource, err = r4.Unmarshal(known.Body); err != nil {
		return fmt.Errorf("stored %s: %w", known.Type, err)
	}
	unversioned(to.resource)
	if to.ledger, err = mapping.ParseLedger(known.State); err != nil {
		return fault.Wrap(fault.Internal, known.Type, fmt.Errorf("state of a stored resource: %w", err))
	}
	return nil
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

// take merges what is said of the resource into what is known.
func (to *pending) take(s mapping.Said) {
	before := to.resource
	hidden := to.isEnded()
	if hidden { // what messages say of it lies below
		to.resource = r4.Clone(before)
		show(to.resource, true)
	}
	merged, changed, touched := to.ledger.Take(to.resource, s)
	if hidden {
		merged = r4.Clone(merged)
		show(merged, false)
		changed = !r4.Equal(merged, before)
	}
	to.resource, to.changed, to.touched = merged, to.changed || changed, to.touched || touched
	to.resource.SetResourceID(to.key.ID)
}

// claim makes identifiers those of the resource alone.
func (w *work) claim(to *pending, identifiers []mapping.Identifier) {
	if to.key.Type == "Patient" && w.into[to.key.ID] != "" {
		return // the survivor has them too
	}
	for _, id := range identifiers {
		if id.System == "" || w.find.foreign[token{to.key.Type, id}] {
			continue
		}
		to.unique = append(to.unique, search.Entry{Param: "identifier", Kind: search.Token, System: id.System, Code: id.Value})
	}
}

// Of whom and what many messages speak at once a ledger is only kept when there
// is news: people and places of the house. And of what only one message speaks
// there is none.
var (
	shared  = map[string]bool{"Practitioner": true, "PractitionerRole": true, "Organization": true, "Location": true, "Device": true, "Medication": true}
	perMail = map[string]bool{"Provenance": true, "MessageHeader": true}
)

// write is the change of a resource, if there is one.
func (to *pending) write(id message.ID) (w store.Write, some bool, err error) {
	typ := to.key.Type
	if !to.changed && (!to.touched || shared[typ] || perMail[typ]) || to.resource == nil {
		return w, false, nil
	}
	w = store.Write{Type: typ, ID: to.key.ID, Expect: to.expect, Message: id}
	if !perMail[typ] {
		w.State, w.Was = to.ledger.AppendText(nil), to.was
	}
	if !to.changed {
		w.StateOnly = true
		return w, true, nil
	}
	if w.Body, err = r4.Marshal(to.resource); err != nil {
		return w, false, fmt.Errorf("write %s: %w", typ, err)
	}
	w.Index, w.Unique = search.Extract(to.resource), to.unique
	return w, true, nil
}

// cutReference splits Type/id.
func cutReference(ref string) (typ, id string, ok bool) {
	typ, id, ok = strings.Cut(ref, "/")
	return typ, id, ok && typ != "" && id != "" && !strings.Contains(id, "/")
}
