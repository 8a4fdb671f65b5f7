package pipeline

import (
	"slices"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/store"
	"github.com/ponshealth/pons/mapping"
)

// movedAway is the note, in the ledger of a patient or of a resource of his, of the patient
// to whom it was moved (A43, A44).
const movedAway = "moved away "

// moves finds out what the message moves: from the patient of the slot Patient[2] to that of
// Patient[1] before it (HL7 v2.9 3.5.2.1.3). Nobody is merged: whose number it was is another
// person, who goes on to use it.
func (w *work) moves(keys []store.Key) ([]merged, error) {
	if w.result.Move == "" {
		return nil, nil
	}
	var all []merged
	named := map[string][]mapping.Identifier{} // in MRG-1
	targets, into := 0, ""
	for i := range w.result.Entries {
		switch w.result.Entries[i].Slot {
		case "Patient[1]":
			targets, into = targets+1, w.last(keys[i].ID)
		case "Patient[2]":
			all = append(all, merged{keys[i].ID, into})
			named[keys[i].ID] = append(named[keys[i].ID], w.result.Entries[i].Identifiers...)
		}
	}
	if targets > 1 && targets != len(all) {
		return nil, fault.New(fault.Unsupported, "MRG-1", "several moves of one message have a patient in common; send them one by one")
	}
	all = slices.DeleteFunc(all, func(m merged) bool { return m.from == m.into || m.into == "" })
	for _, m := range all {
		if w.into[m.from] != "" {
			return nil, fault.New(fault.Unsupported, "MRG-1", "the patient was merged into another one before: what was his alone is not known any more")
		}
		if w.result.Move == "*" && w.otherNumber(m.from, named[m.from]) {
			return nil, fault.New(fault.Unsupported, "MRG-1", "the patient has other numbers too: what came under which is not written, so that only a person can say what moves")
		}
	}
	return all, nil
}

// otherNumber reports whether a patient has a number of his own that is none of those named.
func (w *work) otherNumber(id string, named []mapping.Identifier) bool {
	patient, ok := w.byKey[store.Key{Type: "Patient", ID: id}].resource.(*r4.Patient)
	return ok && slices.ContainsFunc(patient.Identifier, func(i r4.Identifier) bool {
		one := mapping.Identifier{System: i.System, Value: i.Value}
		weak := i.Type != nil && slices.ContainsFunc(i.Type.Coding, func(c r4.Coding) bool { return slices.Contains(w.result.Weak, c.Code) })
		return i.System != "" && i.Use != "old" && !weak && !slices.Contains(named, one)
	})
}

// movedAway is the reference to the patient whose entry i is now, if what the message files
// under a patient was moved since: all that was under him, or this resource.
func (w *work) movedAway(i int, patient string) string {
	r := w.result.Bundle.Entry[i].Resource
	id, ok := strings.CutPrefix(patient, "Patient/")
	if !ok || staysWith[r.ResourceType()] {
		return ""
	}
	self := w.byKey[store.Key{Type: r.ResourceType(), ID: r.ResourceID()}]
	for _, to := range []*pending{w.byKey[store.Key{Type: "Patient", ID: id}], self} {
		if to == nil {
			continue
		}
		if into, since := to.ledger.Note(movedAway + patient); into != "" && since.Newer(w.result.Origin) {
			return "Patient/" + w.last(into)
		}
	}
	return ""
}

// relocate makes what moves refer to the patient to whom it moves. What was said since the
// message was written stays where it is.
func (w *work) relocate(moves []merged, keys []store.Key) error {
	for _, m := range moves {
		from, into := "Patient/"+m.from, "Patient/"+m.into
		if w.result.Move != "*" {
			for _, k := range keys {
				if k.Type == w.result.Move {
					w.shift(w.byKey[k], from, into)
					w.noteMove(w.byKey[k], from, m.into)
				}
			}
			continue
		}
		p, err := w.get(store.Key{Type: "Patient", ID: m.from})
		if err != nil {
			return err
		}
		w.noteMove(p, from, m.into)
		if err := w.referrers(m.from, func(to *pending) bool { return w.shift(to, from, into) }); err != nil {
			return err
		}
	}
	return nil
}

// noteMove keeps in a ledger where something is now, for older messages that come late.
func (w *work) noteMove(to *pending, from, into string) {
	if _, since := to.ledger.Note(movedAway + from); since.Newer(w.result.Origin) {
		return
	}
	w.enter(to)
	to.touched = to.ledger.SetNote(movedAway+from, into, w.result.Origin) || to.touched
}

// shift changes the references of a resource to one patient into those to another one, in
// the elements on which nobody had a newer word than this message. It reports whether there
// were any.
func (w *work) shift(to *pending, from, into string) bool {
	resource := r4.Clone(to.resource)
	t := r4.TypeOf(resource)
	for i := range t.Fields {
		f := &t.Fields[i]
		if to.ledger.Since(t.Name + "." + f.Name).Newer(w.result.Origin) {
			continue
		}
		for v := range f.Values(resource) {
			walk(v, func(ref *r4.Reference) bool {
				if ref.Reference == from {
					ref.Reference = into
				}
				return true
			})
		}
	}
	if account, ok := resource.(*r4.Account); ok { // it had both for a moment
		var once []r4.Reference
		for _, s := range account.Subject {
			if !slices.ContainsFunc(once, func(o r4.Reference) bool { return o.Reference == s.Reference }) {
				once = append(once, s)
			}
		}
		account.Subject = once
	}
	if r4.Equal(resource, to.resource) {
		return false
	}
	w.enter(to)
	to.resource, to.changed, to.touched = resource, true, true
	return true
}
