package pipeline

import (
	"slices"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/store"
)

// A merged is a patient and the one that it is merged into by this message.
type merged struct{ from, into string }

// survivors finds out which patients of the message were merged into others, and
// which ones it merges itself: an entry says so by a link of type replaced-by
// (HL7 v2.9 3.6, the MRG segment).
func (w *work) survivors(keys []store.Key) ([]merged, error) {
	byURL := map[string]string{}
	for i, e := range w.result.Bundle.Entry {
		byURL[e.FullURL] = keys[i].ID
	}
	var all []merged
	for i, e := range w.result.Bundle.Entry {
		p, ok := e.Resource.(*r4.Patient)
		if !ok {
			continue
		}
		if err := w.follow(keys[i].ID); err != nil {
			return nil, err
		}
		w.links(p, keys[i], byURL)
		for l := range p.Link {
			if link := &p.Link[l]; link.Type == "replaced-by" && link.Other != nil {
				m := merged{keys[i].ID, byURL[link.Other.Reference]}
				switch known := w.into[m.from]; {
				case m.into == "":
					continue
				case m.from == m.into:
					w.renumber(keys[i].ID, keys)
				case known != "" && known != m.into && w.last(known) != w.last(m.into):
					return nil, fault.New(fault.Unsupported, "MRG-1", "the patient was merged into another one before")
				default:
					all = append(all, m)
				}
				break
			}
		}
	}
	for _, m := range all {
		if err := w.follow(m.into); err != nil {
			return nil, err
		}
		if w.last(m.into) == m.from {
			return nil, fault.New(fault.Unsupported, "MRG-1", "the patients were merged the other way round before")
		}
		w.into[m.from] = m.into
	}
	return all, nil
}

// follow reads the patients that one was merged into, one after the other.
func (w *work) follow(id string) error {
	for range maxChain {
		p, err := w.get(store.Key{Type: "Patient", ID: id})
		if err != nil || p.resource == nil {
			return err
		}
		next := replacedBy(p.resource)
		if next == "" || w.into[id] == next {
			return nil
		}
		w.into[id] = next
		id = next
	}
	return nil
}

// last is the patient that stands for one now.
func (w *work) last(id string) string {
	for range maxChain {
		next := w.into[id]
		if next == "" {
			break
		}
		id = next
	}
	return id
}

// renumber is for two numbers of one patient: none is merged, and the number of
// before is an old one.
func (w *work) renumber(id string, keys []store.Key) {
	for i, e := range w.result.Bundle.Entry {
		p, ok := e.Resource.(*r4.Patient)
		if !ok || keys[i].ID != id {
			continue
		}
		prior := false
		for l := range p.Link {
			prior = prior || p.Link[l].Type == "replaced-by"
		}
		p.Link = nil
		if !prior {
			continue
		}
		*p = r4.Patient{ID: p.ID, Identifier: p.Identifier}
		for k := range p.Identifier {
			p.Identifier[k].Use = "old"
		}
	}
}

// refer turns the references between the entries of the Bundle (urn:uuid) into
// those of the store (Type/id): to a patient that was merged as those to the one
// that it was merged into. What is about the message itself, and the links of
// patients, name the one that it names.
func (w *work) refer() {
	stored, meant := map[string]string{}, map[string]string{}
	for _, e := range w.result.Bundle.Entry {
		typ, id := e.Resource.ResourceType(), e.Resource.ResourceID()
		stored[e.FullURL], meant[e.FullURL] = typ+"/"+id, typ+"/"+id
		if typ == "Patient" {
			meant[e.FullURL] = typ + "/" + w.last(id)
		}
	}
	for i, e := range w.result.Bundle.Entry {
		to := meant
		if staysWith[e.Resource.ResourceType()] {
			to = stored
		}
		for ref := range references(e.Resource) {
			r, ok := to[ref.Reference]
			if !ok {
				continue
			}
			if elsewhere := w.movedAway(i, stored[ref.Reference]); elsewhere != "" {
				ref.Reference = elsewhere
				continue
			}
			if was := stored[ref.Reference]; was != r {
				w.from[i] = was
			}
			ref.Reference = r
		}
	}
}

// staysWith are the types that go on to refer to a patient that was merged.
var staysWith = map[string]bool{"Patient": true, "Provenance": true, "MessageHeader": true}

// share tells the patients that others were merged into what is said of those:
// what is as new as the merge as if it were said of them, what is older to fill
// what they lack.
func (w *work) share(keys []store.Key) error {
	for _, k := range keys {
		if k.Type != "Patient" {
			continue
		}
		for id := k.ID; w.into[id] != ""; id = w.into[id] {
			from, err := w.get(store.Key{Type: "Patient", ID: id})
			if err != nil {
				return err
			}
			to, err := w.get(store.Key{Type: "Patient", ID: w.into[id]})
			if err != nil {
				return err
			}
			if from.resource == nil || to.resource == nil {
				break
			}
			w.enter(to)
			r, changed, touched := to.ledger.Join(to.resource, from.resource.(*r4.Patient), from.ledger)
			to.resource, to.changed, to.touched = r, to.changed || changed, to.touched || touched
		}
	}
	return nil
}

// repoint makes what refers to a merged patient refer to the survivor.
func (w *work) repoint(merges []merged) error {
	for _, m := range merges {
		from, into := "Patient/"+m.from, "Patient/"+w.last(m.from)
		if err := w.referrers(m.from, func(to *pending) bool { return w.move(to, from, into) }); err != nil {
			return err
		}
	}
	return nil
}

// maxMoves is how many resources one transaction makes refer to another patient. A patient
// may have any number. With the first ones the patients themselves are written, which
// decides the merge; then the message stays where it is in its lane and is worked again,
// until no more is left: what is done already it finds done, also after a crash.
const maxMoves = 1000

// referrers calls move for what refers to a patient, until maxMoves were moved.
func (w *work) referrers(id string, move func(*pending) bool) error {
	keys, err := w.p.Resources.Referrers(w.ctx, "Patient", id)
	if err != nil {
		return err
	}
	keys = slices.DeleteFunc(keys, func(k store.Key) bool { return staysWith[k.Type] })
	for some := range slices.Chunk(keys, 100) {
		if w.moved >= maxMoves {
			w.more = true
			return nil
		}
		if err := w.load(some); err != nil {
			return err
		}
		for _, k := range some {
			to := w.byKey[k]
			if to.resource != nil && move(to) {
				w.moved++
			} else if !to.ordered {
				delete(w.byKey, k) // there may be many
			}
		}
	}
	return nil
}

// move changes references, and reports whether there were any. The ledger notes from where,
// for who wants to undo it.
func (w *work) move(to *pending, from, into string) bool {
	moved := false
	for ref := range references(to.resource) {
		if ref.Reference == from {
			ref.Reference, moved = into, true
		}
	}
	if moved {
		to.ledger.SetNote(movedFrom, from, w.result.Origin)
		to.changed, to.touched = true, true
		w.enter(to)
	}
	return moved
}

// movedFrom is the note of the patient whose a resource was.
const movedFrom = "moved from"
