package pipeline

import (
	"slices"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/store"
	"github.com/ponshealth/pons/mapping"
)

// Notes in the ledger of a patient: when the last word was that it is one with
// another one, and that it is not. The newer one counts, in any order.
const (
	linkNote   = "linked "
	unlinkNote = "unlinked "
)

// links looks through the links that the message gives a patient. What it unlinks
// (A37) waits for unlink; what was unlinked since the message was written is left
// out.
func (w *work) links(p *r4.Patient, k store.Key, byURL map[string]string) {
	self := w.byKey[k]
	before := len(p.Link)
	p.Link = slices.DeleteFunc(p.Link, func(l r4.PatientLink) bool {
		if l.Other == nil || byURL[l.Other.Reference] == "" {
			return false
		}
		other := byURL[l.Other.Reference]
		if w.result.Unlink {
			w.unlinks = append(w.unlinks, merged{k.ID, other})
			return true
		}
		_, since := self.ledger.Note(unlinkNote + "Patient/" + other)
		if since.Newer(w.result.Origin) {
			return true
		}
		if _, was := self.ledger.Note(linkNote + "Patient/" + other); !was.Newer(w.result.Origin) {
			w.linked = append(w.linked, merged{k.ID, other})
		}
		return false
	})
	if len(p.Link) < before {
		p.Active = (&r4.Patient{}).Active // MRG says that the record is used no more
	}
}

// unlink takes back links and merges between the patients of the message.
func (w *work) unlink() error {
	for _, l := range w.linked {
		p := w.byKey[store.Key{Type: "Patient", ID: l.from}]
		p.touched = p.ledger.SetNote(linkNote+"Patient/"+l.into, "linked", w.result.Origin) || p.touched
	}
	for _, l := range w.unlinks {
		p, err := w.get(store.Key{Type: "Patient", ID: l.from})
		if err != nil {
			return err
		}
		other, err := w.get(store.Key{Type: "Patient", ID: l.into})
		if err != nil {
			return err
		}
		ref := "Patient/" + l.into
		_, since := p.ledger.Note(unlinkNote + ref)
		if since.Newer(w.result.Origin) {
			continue
		}
		goesOn := since == w.result.Origin // this message has parted them, and may have had too much to move
		w.enter(p)
		p.touched = p.ledger.SetNote(unlinkNote+ref, "unlinked", w.result.Origin) || p.touched
		if _, since := p.ledger.Note(linkNote + ref); since.Newer(w.result.Origin) {
			continue
		}
		wasMerged := replacedBy(p.resource) == l.into
		patient := r4.Clone(p.resource).(*r4.Patient)
		patient.Link = slices.DeleteFunc(patient.Link, func(k r4.PatientLink) bool { return k.Other != nil && k.Other.Reference == ref })
		if len(patient.Link) == 0 {
			patient.Link = nil
		}
		if !r4.Equal(patient, p.resource) {
			p.resource, p.changed = patient, true
		}
		if wasMerged {
			p.take(mapping.Said{Resource: &r4.Patient{}, Nulls: []string{"active"}, Origin: w.result.Origin})
			delete(w.into, l.from)
			w.part(p, other)
		}
		if wasMerged || goesOn {
			if err := w.moveBack(p, other); err != nil {
				return err
			}
		}
	}
	return nil
}

// part takes out of a patient what came to it from another one by their merge.
func (w *work) part(p, other *pending) {
	w.enter(other)
	r, changed := other.ledger.Disjoin(other.resource, p.resource.(*r4.Patient), p.ledger, w.result.Origin)
	other.resource, other.changed, other.touched = r, other.changed || changed, true
}

// moveBack gives a patient back what the merge with another one took to that one.
func (w *work) moveBack(p, other *pending) error {
	from, into := "Patient/"+p.key.ID, "Patient/"+other.key.ID
	return w.referrers(other.key.ID, func(to *pending) bool {
		was, _ := to.ledger.Note(movedFrom)
		if was != from || !w.move(to, into, from) {
			return false
		}
		to.ledger.DropNote(movedFrom)
		return true
	})
}
