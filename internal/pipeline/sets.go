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

// endings say of a resource that its sender lists it no longer. None of them
// says why: the sender did not.
var endings = map[string]string{
	"RelatedPerson":      `{"resourceType":"RelatedPerson","active":false}`,
	"AllergyIntolerance": `{"resourceType":"AllergyIntolerance","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"inactive"}]}}`,
	"Condition":          `{"resourceType":"Condition","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"inactive"}]}}`,
	"Coverage":           `{"resourceType":"Coverage","status":"cancelled"}`,
}

// beginnings are the elements of endings that go when the resource is listed
// again and the message does not say them itself.
var beginnings = map[string]string{"RelatedPerson": "active", "Condition": "clinicalStatus"}

const ended = "ended" // note in the ledger of a resource

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
			to := w.byKey[keys[i]]
			if _, of := to.ledger.Note(ended); of == (mapping.Origin{}) || l.late || to.resource == nil {
				continue
			}
			to.ledger.DropNote(ended)
			w.enter(to)
			if name := beginnings[to.key.Type]; name != "" {
				blank, _ := r4.New(to.key.Type)
				to.take(mapping.Said{Resource: blank, Nulls: []string{name}, Origin: w.result.Origin})
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
			if err := w.end(to, of); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *work) end(to *pending, of mapping.Origin) error {
	text := endings[to.key.Type]
	if text == "" || to.resource == nil {
		return nil
	}
	r, err := r4.Unmarshal([]byte(text))
	if err != nil {
		return err
	}
	w.enter(to)
	to.take(mapping.Said{Resource: r, Origin: of})
	to.touched = to.ledger.SetNote(ended, ended, of) || to.touched
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
