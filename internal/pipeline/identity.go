package pipeline

import (
	"context"
	"iter"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/mapping"
)

// resolve gives every resource of a result the id under which the store knows
// it already by one of its business identifiers, and turns the references
// between the entries of the Bundle (urn:uuid) into those of the store
// (Type/id). Identifiers are tried in the order of the result, so the one that
// the mapping trusts most decides. An identifier without a system says nothing
// beyond its sender and is not looked for.
func (p *Pipeline) resolve(ctx context.Context, result *mapping.Result) error {
	stored := make(map[string]string, len(result.Bundle.Entry))
	for i, entry := range result.Bundle.Entry {
		r := entry.Resource
		id, err := p.known(ctx, r.ResourceType(), result.Entries[i].Identifiers)
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

func (p *Pipeline) known(ctx context.Context, typ string, identifiers []mapping.Identifier) (string, error) {
	for _, id := range identifiers {
		if id.System == "" {
			continue
		}
		found, err := p.Resources.FindToken(ctx, typ, "identifier", id.System, id.Value)
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			return found[0], nil
		}
	}
	return "", nil
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
