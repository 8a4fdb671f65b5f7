package profile

import (
	"slices"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// merge puts what a differential says of an element over what the base says,
// after a look at what it may not say.
func (g *generator) merge(n *node, d *r4.ElementDefinition, id string) {
	fresh := n.def.Path == "" && n.def.Max == "" && len(n.def.Type) == 0
	if !fresh {
		g.checkCardinality(n, d, id)
		g.checkTypes(n, d, id)
	}
	g.overlay(&n.def, d)
	if len(n.def.Type) == 0 { // what has a type has no other content
		n.def.ContentReference = or(d.ContentReference, n.def.ContentReference)
	}
	if len(d.Type) > 0 {
		n.def.Type = d.Type
	}
	n.def.Binding = bound(n)
	if d.Slicing != nil {
		n.def.Slicing = mergeSlicing(n.def.Slicing, d.Slicing)
	}
	if d.Min.Present() {
		n.def.Min = d.Min
	}
	n.def.Max = or(d.Max, n.def.Max)
	n.def.SliceIsConstraining = orBool(d.SliceIsConstraining, n.def.SliceIsConstraining)
}

func constraintKey(c r4.ElementDefinitionConstraint) string { return c.Key }

func (g *generator) checkCardinality(n *node, d *r4.ElementDefinition, id string) {
	was, had := n.def.Min.Get()
	now, has := d.Min.Get()
	if had && has && now < was {
		g.report(id, "allows %d of it, its base asks for at least %d", now, was)
	}
	if larger(d.Max, n.max) {
		g.report(id, "allows %s of it, its base at most %s", d.Max, n.max)
	}
}

// checkTypes reports a type that the base does not allow. An element of an
// abstract type, such as contained, may be of any type, and the types of
// FHIRPath stand for primitives and the other way round: Extension.url is a
// System.String for some and a uri for others.
func (g *generator) checkTypes(n *node, d *r4.ElementDefinition, id string) {
	if len(n.def.Type) == 0 || g.grows {
		return
	}
	for i := range d.Type {
		code := d.Type[i].Code
		if !slices.ContainsFunc(n.def.Type, func(t r4.ElementDefinitionType) bool {
			return t.Code == code || t.Code == "" || code == "" || abstract(t.Code) || system(t.Code) && lower(code) || lower(t.Code) && system(code)
		}) {
			g.report(id, "is of type %s, which its base does not allow", code)
		}
	}
}

func system(code string) bool { return strings.HasPrefix(code, systemType) }

// lower tells whether a name is that of a primitive type.
func lower(code string) bool { return code[0] >= 'a' && code[0] <= 'z' && !strings.Contains(code, ":") }

func abstract(code string) bool {
	switch strings.TrimPrefix(code, "http://hl7.org/fhir/StructureDefinition/") {
	case "Resource", "DomainResource", "Element", "BackboneElement", "Base", "*":
		return true
	}
	return false
}

// overlay puts everything over the base but cardinality, types and slicing.
func (g *generator) overlay(n, d *r4.ElementDefinition) {
	n.Label = or(d.Label, n.Label)
	n.Short = text(n.Short, d.Short)
	n.Definition = text(n.Definition, d.Definition)
	n.Comment = text(n.Comment, d.Comment)
	n.Requirements = text(n.Requirements, d.Requirements)
	n.MeaningWhenMissing = text(n.MeaningWhenMissing, d.MeaningWhenMissing)
	n.OrderMeaning = text(n.OrderMeaning, d.OrderMeaning)
	n.IsModifierReason = or(d.IsModifierReason, n.IsModifierReason)
	n.Alias = union(n.Alias, d.Alias, func(s string) string { return s })
	n.Condition = union(n.Condition, d.Condition, func(s string) string { return s })
	n.Code = union(n.Code, d.Code, func(c r4.Coding) string { return c.System + "|" + c.Code })
	n.Mapping = union(n.Mapping, d.Mapping, func(m r4.ElementDefinitionMapping) string { return m.Identity + "|" + m.Map })
	n.Example = union(n.Example, d.Example, func(e r4.ElementDefinitionExample) string { return e.Label })
	n.Representation = union(n.Representation, d.Representation, func(s string) string { return s })
	n.Extension = union(n.Extension, d.Extension, func(e r4.Extension) string { return e.URL })
	n.ModifierExtension = union(n.ModifierExtension, d.ModifierExtension, func(e r4.Extension) string { return e.URL })
	n.Constraint = union(n.Constraint, g.sourced(d.Constraint), constraintKey)
	if d.DefaultValue != nil {
		n.DefaultValue = d.DefaultValue
	}
	if d.Fixed != nil {
		n.Fixed = d.Fixed
	}
	if d.Pattern != nil {
		n.Pattern = d.Pattern
	}
	if d.MinValue != nil {
		n.MinValue = d.MinValue
	}
	if d.MaxValue != nil {
		n.MaxValue = d.MaxValue
	}
	if d.MaxLength.Present() {
		n.MaxLength = d.MaxLength
	}
	n.MustSupport = orBool(d.MustSupport, n.MustSupport)
	n.IsModifier = orBool(d.IsModifier, n.IsModifier)
	n.IsSummary = orBool(d.IsSummary, n.IsSummary)
	if d.Binding != nil {
		n.Binding = mergeBinding(n.Binding, d.Binding)
	}
	if n.Base == nil {
		n.Base = d.Base
	}
}

// sourced names the definition that a constraint comes from, for those who meet
// it in a snapshot further up.
func (g *generator) sourced(all []r4.ElementDefinitionConstraint) []r4.ElementDefinitionConstraint {
	if g.of.URL == "" {
		return all
	}
	out := slices.Clone(all)
	for i := range out {
		out[i].Source = or(out[i].Source, g.of.URL)
	}
	return out
}

// bound is the binding of an element, which is left out when none of the types
// that it has by now can be bound (ElementDefinition, rule eld-11).
func bound(n *node) *r4.ElementDefinitionBinding {
	if len(n.def.Type) == 0 {
		return n.def.Binding
	}
	for i := range n.def.Type {
		switch n.def.Type[i].Code {
		case "code", "Coding", "CodeableConcept", "Quantity", "Duration", "string", "uri", "":
			return n.def.Binding
		}
	}
	return nil
}

func mergeBinding(base, d *r4.ElementDefinitionBinding) *r4.ElementDefinitionBinding {
	if base == nil {
		return d
	}
	out := *base
	out.Strength = or(d.Strength, base.Strength)
	out.Description = or(d.Description, base.Description)
	out.Extension = union(base.Extension, d.Extension, func(e r4.Extension) string { return e.URL })
	if d.ValueSet != "" && d.ValueSet != base.ValueSet {
		out.ValueSet = d.ValueSet
		out.Description = d.Description // that of the base told of another value set
	}
	return &out
}

func mergeSlicing(base, d *r4.ElementDefinitionSlicing) *r4.ElementDefinitionSlicing {
	if base == nil {
		return d
	}
	out := *base
	out.Rules = or(d.Rules, base.Rules)
	out.Description = or(d.Description, base.Description)
	out.Ordered = orBool(d.Ordered, base.Ordered)
	out.Discriminator = union(base.Discriminator, d.Discriminator, func(x r4.ElementDefinitionSlicingDiscriminator) string {
		return x.Type + " " + x.Path
	})
	return &out
}

// union is the base's list with what the other adds; one of the same key takes
// the place of the base's.
func union[T any](base, more []T, key func(T) string) []T {
	if len(more) == 0 {
		return base
	}
	out := slices.Clone(base)
	places := make(map[string]int, len(out)+len(more))
	for i, b := range out {
		places[key(b)] = i
	}
	for _, m := range more {
		k := key(m)
		if i, ok := places[k]; ok {
			out[i] = m
			continue
		}
		places[k] = len(out)
		out = append(out, m)
	}
	return out
}

// text is the text of a differential, or the base's with what follows the three
// dots put behind it (ElementDefinition, the documentation elements).
func text(base, d string) string {
	if rest, ok := strings.CutPrefix(d, "..."); ok && base != "" {
		return base + "\n" + strings.TrimSpace(rest)
	}
	return or(d, base)
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func orBool(a, b r4.Bool) r4.Bool {
	if a.Present() {
		return a
	}
	return b
}
