package pipeline

import (
	"slices"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/store"
	"github.com/ponshealth/pons/mapping"
)

// A listing is a set of the message (see [mapping.Set]) beside the newest one of
// the same sender that the owner's ledger has.
type listing struct {
	owner   *pending
	name    string // of the note in the ledger
	members []string
	before  []string // the newest one so far
	of      mapping.Origin
	late    bool // the newest one so far is newer than the message
}

// ended is the note in the ledger of a resource that its senders list no longer.
const ended = "ended"

// mayEnd are the types of which that says something.
var mayEnd = map[string]bool{"RelatedPerson": true, "AllergyIntolerance": true, "Condition": true, "Coverage": true}

// show makes a resource say whether its senders list it. Why they do not they
// did not say: it is neither wrong nor healed, only not in force.
func show(r r4.Resource, listed bool) {
	status := func(system, none string) *r4.CodeableConcept {
		code := "inactive"
		if listed {
			if code = none; code == "" {
				return nil
			}
		}
		return &r4.CodeableConcept{Coding: []r4.Coding{{System: system, Code: code}}}
	}
	switch r := r.(type) {
	case *r4.RelatedPerson:
		if r.Active = r4.False; listed {
			r.Active = 0
		}
	case *r4.AllergyIntolerance:
		r.ClinicalStatus = status("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active")
	case *r4.Condition:
		if v := r.VerificationStatus; v != nil && len(v.Coding) > 0 && v.Coding[0].Code == "entered-in-error" {
			return // con-5: an error has no clinical status
		}
		r.ClinicalStatus = status("http://terminology.hl7.org/CodeSystem/condition-clinical", "")
	case *r4.Coverage:
		if r.Status = "cancelled"; listed {
			r.Status = "active"
		}
	}
}

// isEnded reports whether the senders of a resource list it no longer.
func (to *pending) isEnded() bool {
	text, _ := to.ledger.Note(ended)
	return text != "" && to.resource != nil
}

// list notes whether the senders of a resource list it.
func (to *pending) list(listed bool, of mapping.Origin) {
	if to.resource == nil || !mayEnd[to.key.Type] || to.isEnded() == !listed {
		return
	}
	if listed {
		to.ledger.DropNote(ended)
	} else {
		to.ledger.SetNote(ended, ended, of)
	}
	to.resource = r4.Clone(to.resource)
	show(to.resource, listed)
	to.changed, to.touched = true, true
}

// beginSets compares the sets of the message with those before, and takes back
// the end of what is listed again.
func (w *work) beginSets(keys []store.Key) ([]listing, error) {
	var all []listing
	for _, s := range w.result.Sets {
		l := listing{owner: w.byKey[keys[s.Owner]], name: "set " + s.Name + "@" + w.result.Origin.Source}
		for _, i := range s.Members {
			l.members = append(l.members, keys[i].Type+"/"+keys[i].ID)
		}
		var text string
		text, l.of = l.owner.ledger.Note(l.name)
		l.before = strings.Fields(text)
		l.late = l.of.Newer(w.result.Origin)
		for _, i := range s.Members {
			if to := w.byKey[keys[i]]; !l.late && to.isEnded() {
				w.enter(to)
				to.list(true, w.result.Origin)
			}
		}
		all = append(all, l)
	}
	return all, nil
}

// endSets ends what the newest set of a sender leaves out and no other sender
// lists.
func (w *work) endSets(all []listing) error {
	for _, l := range all {
		gone, newest, of := l.before, l.members, w.result.Origin
		if l.late {
			gone, newest, of = l.members, l.before, l.of
		}
		if !l.late && l.owner.ledger.SetNote(l.name, strings.Join(l.members, " "), of) {
			l.owner.touched = true
		}
		kind, _, _ := strings.Cut(l.name, "@")
		for _, ref := range gone {
			typ, id, ok := cutReference(ref)
			if !ok || slices.Contains(newest, ref) || l.owner.ledger.NotedElsewhere(kind+"@", l.name, ref) {
				continue
			}
			to, err := w.get(store.Key{Type: typ, ID: id})
			if err != nil {
				return err
			}
			if to.resource != nil {
				w.enter(to)
				to.list(false, of)
			}
		}
	}
	return nil
}

// leftOut cancels the results that a final report leaves out though it had listed
// them and they are not final: the laboratory took them out, or counts its lines
// (OBX-4) anew.
func (w *work) leftOut(keys []store.Key) error {
	for _, k := range keys {
		to := w.byKey[k]
		report, ok := to.resource.(*r4.DiagnosticReport)
		if !ok {
			continue
		}
		refs, by := to.ledger.LeftOut(report)
		for _, ref := range refs {
			typ, id, _ := cutReference(ref)
			if typ != "Observation" {
				continue
			}
			result, err := w.get(store.Key{Type: typ, ID: id})
			if err != nil {
				return err
			}
			if o, ok := result.resource.(*r4.Observation); ok && (o.Status == "registered" || o.Status == "preliminary") {
				by.Resource = &r4.Observation{Status: "cancelled"}
				w.enter(result)
				result.take(by)
			}
		}
	}
	return nil
}
