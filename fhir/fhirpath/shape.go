package fhirpath

import (
	"slices"

	"github.com/ponshealth/pons/fhir/r4"
)

// A shape is what is known of a collection before anything is evaluated.
type shape struct {
	fhir      []*r4.Type // the types of FHIR that its items may have
	system    []kind     // and those of System
	any       bool       // or any type: nothing is known
	many      bool       // there may be several items
	unordered bool       // in an order that is not defined
}

var anything = shape{any: true}

func ofKind(k ...kind) shape          { return shape{system: k} }
func ofTypes(t ...*r4.Type) shape     { return shape{fhir: t} }
func (s shape) single() shape         { s.many, s.unordered = false, false; return s }
func (s shape) nothing() bool         { return !s.any && len(s.fhir) == 0 && len(s.system) == 0 }
func (s shape) repeated(b bool) shape { s.many = s.many || b; return s }

// or is the shape of what may be one or the other.
func (s shape) or(o shape) shape {
	s.fhir = slices.Clone(s.fhir)
	for _, t := range o.fhir {
		if !slices.Contains(s.fhir, t) {
			s.fhir = append(s.fhir, t)
		}
	}
	s.system = slices.Clone(s.system)
	for _, k := range o.system {
		if !slices.Contains(s.system, k) {
			s.system = append(s.system, k)
		}
	}
	s.any = s.any || o.any
	s.many = s.many || o.many
	s.unordered = s.unordered || o.unordered
	return s
}

// kinds returns the System types that the items may have or turn into.
func (s shape) kinds() []kind {
	all := slices.Clone(s.system)
	for _, t := range s.fhir {
		k := systemKindOf(t)
		if t.Name == "Quantity" || t.Base == "Quantity" {
			k = kindQuantity
		}
		if k != kindNone && !slices.Contains(all, k) {
			all = append(all, k)
		}
	}
	return all
}

// may says whether an item may be or turn into one of the types.
func (s shape) may(want ...kind) bool {
	if s.any || s.nothing() || s.abstract() {
		return true
	}
	return slices.ContainsFunc(s.kinds(), func(k kind) bool { return slices.Contains(want, k) })
}

// abstract says whether a type is one that others are built on, and that says
// nothing of what the item has.
func (s shape) abstract() bool { return slices.ContainsFunc(s.fhir, isAbstract) }

func isAbstract(t *r4.Type) bool { return t.Kind != r4.KindPrimitive && t.New() == nil }

// child returns the shape of the children of a name; ok is false when no item
// can have such. Where the type is not known, so is the number of children: that
// is left to the evaluation.
func (s shape) child(name string) (c shape, ok bool, err error) {
	if s.any || s.nothing() {
		return shape{any: true, many: s.many, unordered: s.unordered}, true, nil
	}
	byChoice := false
	for _, t := range s.fhir {
		of := t
		if t.Kind == r4.KindPrimitive {
			if name == "value" {
				c, ok = c.or(ofKind(systemKindOf(t))), true
				continue
			}
			of = elementType()
		}
		f, choice, found := of.Field(name)
		if !found && isAbstract(t) {
			c.any, ok = true, true
		}
		if !found {
			continue
		}
		if f.Choice && choice != nil {
			byChoice = true
			continue
		}
		c, ok = c.or(shape{fhir: f.Types, many: f.List}), true
	}
	if slices.Contains(s.system, kindQuantity) && (name == "value" || name == "unit") {
		c, ok = c.or(ofKind(kindDecimal, kindString)), true
	}
	if slices.Contains(s.system, kindTypeInfo) {
		c, ok = c.or(ofKind(kindString)), true
	}
	if !ok && byChoice {
		return c, false, problem("a choice goes by its name without the type, as in Observation.value")
	}
	c.many = c.many || s.many
	c.unordered = s.unordered
	return c, ok, nil
}
