package pipeline

import (
	"context"
	"iter"
	"slices"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/mapping"
)

// resolve gives every resource of a result the id under which the store knows
// it already by one of its business identifiers, and turns the references
// between the entries of the Bundle (urn:uuid) into those of the store
// (Type/id). Identifiers are tried in the order of the result, so the one that
// the mapping trusts most decides. An identifier without a system says nothing
// beyond its sender and is not looked for.
func (p *Pipeline) resolve(ctx context.Context, result *mapping.Result, again bool) error {
	stored := make(map[string]string, len(result.Bundle.Entry))
	for i, entry := range result.Bundle.Entry {
		r := entry.Resource
		id, err := p.known(ctx, r.ResourceType(), &result.Entries[i], again)
		if err != nil {
			return err
		}
		if id != "" {
			r.SetResourceID(id)
		}
		stored[entry.FullURL] = r.ResourceType() + "/" + r.ResourceID()
	}
	for _, entry := range result.Bundle.Entry {
		for ref := range references(entry.Resource) {
			if to, ok := stored[ref.Reference]; ok {
				ref.Reference = to
			}
		}
	}
	return nil
}

// known finds the resource that has an identifier of e, or returns "".
//
// To try again after a conflict is of use only if another message came between.
// If another resource has had one of the identifiers all along, because it came
// in through the FHIR server or the message itself brings two of them together,
// the conflict would be there for ever. So then all identifiers are looked at. Of
// patients nobody but a person can say which is meant. Of anything else the first
// is taken, and the identifiers of others are not claimed for it.
func (p *Pipeline) known(ctx context.Context, typ string, e *mapping.Entry, again bool) (id string, err error) {
	var own []mapping.Identifier
	for _, i := range e.Identifiers {
		if i.System == "" {
			continue
		}
		holders, err := p.Resources.FindToken(ctx, typ, "identifier", i.System, i.Value)
		if err != nil {
			return "", err
		}
		if id == "" && len(holders) > 0 {
			id = holders[0]
		}
		switch others := slices.ContainsFunc(holders, func(h string) bool { return h != id }); {
		case others && typ == "Patient":
			return "", fault.New(fault.Unsupported, "Patient.identifier", "several patients have the identifiers of this message; they must be corrected first")
		case !others:
			own = append(own, i)
		}
		if id != "" && !again {
			return id, nil
		}
	}
	if again {
		e.Identifiers = own
	}
	return id, nil
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
