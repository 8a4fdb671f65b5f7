package pipeline

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/store"
	"github.com/ponshealth/pons/mapping"
)

// finder finds the resources of one message that the store knows already by one
// of their business identifiers. Identifiers are tried in the order of the
// message, so the one that the mapping trusts most decides. An identifier without
// a system says nothing beyond its sender and is not looked for.
//
// To try again after a conflict is of use only if another message came between.
// If another resource has had one of the identifiers all along, because it came
// in through the FHIR server or the message itself brings two of them together,
// the conflict would be there for ever. So then all identifiers are looked at. Of
// patients nobody but a person can say which is meant, unless they were merged.
// Of anything else the first is taken, and the identifiers of others are not
// claimed for it.
type finder struct {
	ctx       context.Context
	resources Resources
	again     bool
	foreign   map[token]bool // those that others have
	err       error
}

type token struct {
	typ string
	mapping.Identifier
}

// known is what the mapping asks; see [mapping.Known].
func (f *finder) known(typ string, identifiers []mapping.Identifier) (id string) {
	var before string
	for f.err == nil {
		l := look{finder: f, foreign: map[token]bool{}}
		id = l.at(typ, identifiers)
		switch {
		case f.err != nil:
		case l.several == "":
			maps.Copy(f.foreign, l.foreign)
			return id
		case l.several == before:
			kind := fault.Conflict
			if f.again {
				kind = fault.Unsupported
			}
			f.err = fault.New(kind, "Patient.identifier", "several patients have the identifiers of this message; they must be corrected first")
		default:
			// Another message may have united or parted them between one reading and the
			// next: they are several only if they are so twice, and have not changed.
			before = l.several
		}
	}
	return ""
}

// A look is one look at who has some identifiers.
type look struct {
	*finder
	foreign map[token]bool
	several string // patients that are not one, and their versions
}

func (l *look) at(typ string, identifiers []mapping.Identifier) (id string) {
	for _, i := range identifiers {
		if i.System == "" {
			continue
		}
		holders, err := l.resources.FindToken(l.ctx, typ, "identifier", i.System, i.Value)
		if err != nil {
			l.err = err
			return ""
		}
		all := holders
		if id != "" && !slices.Contains(holders, id) {
			all = append([]string{id}, holders...)
		}
		if len(all) > 1 && typ == "Patient" {
			first := l.prior(all)
			if l.err != nil || l.several != "" {
				return ""
			}
			if id == "" {
				id = first
			}
		}
		if id == "" && len(holders) > 0 {
			id = holders[0]
		}
		if slices.ContainsFunc(holders, func(h string) bool { return h != id }) {
			l.foreign[token{typ, i}] = true
		}
		if id != "" && !l.again {
			return id
		}
	}
	return id
}

// prior is the one of several patients with one identifier whose record it was
// before they were merged. If they were not, they are noted as several.
func (l *look) prior(ids []string) string {
	keys := make([]store.Key, len(ids))
	for i, id := range ids {
		keys[i] = store.Key{Type: "Patient", ID: id}
	}
	found, err := l.resources.ReadMany(l.ctx, keys)
	if err != nil {
		l.err = err
		return ""
	}
	into := map[string]string{} // who was merged into whom
	for key, stored := range found {
		if r, err := r4.Unmarshal(stored.Body); err == nil {
			into[key.ID] = replacedBy(r)
		}
	}
	var last, first string
	for _, id := range ids {
		end := id
		for range maxChain {
			if into[end] == "" || !slices.Contains(ids, into[end]) {
				break
			}
			end = into[end]
		}
		if last == "" {
			last = end
		}
		if end != last {
			for _, k := range keys {
				l.several += fmt.Sprintf("%s/%d ", k.ID, found[k].Version)
			}
			return ""
		}
		if first == "" && !slices.ContainsFunc(ids, func(other string) bool { return into[other] == id }) {
			first = id
		}
	}
	return first
}

// maxChain is how many merges are followed, one after the other.
const maxChain = 100

// replacedBy is the id of the patient that r was merged into, or "".
func replacedBy(r r4.Resource) string {
	p, ok := r.(*r4.Patient)
	if !ok {
		return ""
	}
	for i := range p.Link {
		if l := &p.Link[i]; l.Type == "replaced-by" && l.Other != nil {
			if _, id, ok := cutReference(l.Other.Reference); ok {
				return id
			}
		}
	}
	return ""
}

// references yields every Reference below v, a pointer to an r4 struct.
func references(v any) iter.Seq[*r4.Reference] {
	return func(yield func(*r4.Reference) bool) { walk(v, yield) }
}

func walk(v any, yield func(*r4.Reference) bool) bool {
	if ref, ok := v.(*r4.Reference); ok {
		return yield(ref)
	}
	t := r4.TypeOf(v)
	if t == nil {
		return true
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		if !f.Choice && f.Types[0].Kind == r4.KindPrimitive {
			continue
		}
		for child := range f.Values(v) {
			if !walk(child, yield) {
				return false
			}
		}
	}
	return true
}
