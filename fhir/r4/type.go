package r4

import "reflect"

// Kind is the class of a type.
type Kind uint8

// Kinds of types.
const (
	KindPrimitive Kind = iota // string, date, boolean
	KindComplex               // HumanName, Quantity
	KindBackbone              // Patient.contact, Timing.repeat
	KindResource              // Patient
)

// A Type describes one type of R4. It is shared and must not be changed.
type Type struct {
	Name   string  // "string", "HumanName", "Patient", or the path of a backbone element: "Patient.contact"
	Kind   Kind    //
	Base   string  // the type it is built on: "Element", "BackboneElement", "DomainResource", "Quantity", ...
	Fields []Field // its elements in the order of the definition, with those of its bases

	goType reflect.Type        // the struct; nil for primitives and abstract types
	ptr    reflect.Type        // pointer to it; of a primitive: its type in a choice
	size   uintptr             // of the struct
	extras uintptr             // offset of the field extras
	names  []string            // by field, in JSON; "" for a choice
	slots  map[string]slot     // by JSON name
	prim   prim                // which primitive
	check  func(string) string // of a primitive: the problem with a text, "" if none
}

// A Field describes one element of a type.
type Field struct {
	Name     string   // element name; of a choice its base, such as "value"
	Types    []*Type  // its type; several for a choice
	Choice   bool     // value[x]
	List     bool     // may repeat
	Min, Max int      // how often; Max -1 means without limit
	Summary  bool     // part of the summary form
	Modifier bool     // may change the meaning of what holds it
	Binding  *Binding // of coded elements; nil if none
	Targets  []string // of Reference and canonical: the types that may be meant; "Resource" is any

	owner   *Type
	index   int
	rep     rep
	aside   bool         // a type of it may have an id and extensions in extras
	offset  uintptr      // in the owner's struct
	goType  reflect.Type // of the struct's field
	set     choiceSetter // of a choice
	keys    []string     // `"name":` for each type of Types
	extKeys []string     // `"_name":` likewise
}

// A Binding ties a coded element to a value set.
type Binding struct {
	Strength string // required, extensible, preferred or example
	ValueSet string // canonical URL, with |version if the definition has one
}

// slot is what a JSON name means in a type.
type slot struct {
	field  *Field
	choice uint8 // index in field.Types
	ext    bool  // the name begins with "_"
	base   bool  // the bare base name of a choice, which is no JSON name
}

// TypeByName returns the type of that name, nil if there is none. Backbone
// elements go by their path: "Patient.contact".
func TypeByName(name string) *Type { return table().byName[name] }

// TypeOf returns the type of v: a pointer to a generated struct, or a primitive
// as it stands in a choice ([String], [Date], [Bool], ...). It returns nil for
// anything else, also for a plain string, which could be of many types.
func TypeOf(v any) *Type {
	if v == nil {
		return nil
	}
	return table().byGo[reflect.TypeOf(v)]
}

// Field finds an element by its name in JSON. For one of a choice, such as
// "valueQuantity", typ is the type that the name chooses; for the bare base
// name of a choice, such as "value", it is nil; otherwise it is the element's
// only type.
func (t *Type) Field(name string) (f *Field, typ *Type, ok bool) {
	s, ok := t.slots[name]
	switch {
	case !ok || s.ext:
		return nil, nil, false
	case s.base:
		return s.field, nil, true
	}
	return s.field, s.field.Types[s.choice], true
}

// New returns a pointer to an empty struct of the type; nil for a primitive
// and for an abstract type.
func (t *Type) New() any {
	if t.goType == nil {
		return nil
	}
	return reflect.New(t.goType).Interface()
}

// Check says whether text is a value of the primitive t in the format that FHIR
// R4 gives it (datatypes.html#primitive). The error is an *[Error] without the
// value. A type that is not primitive has no text: every text is refused.
func (t *Type) Check(text string) error {
	problem := "not a primitive type"
	if t.check != nil {
		problem = t.check(text)
	}
	if problem == "" {
		return nil
	}
	return &Error{Problem: problem}
}

// typeIndex returns the index of want in f.Types, -1 if it is not there.
// Without a choice, want does not matter.
func (f *Field) typeIndex(want *Type) int {
	if !f.Choice {
		return 0
	}
	for i, t := range f.Types {
		if t == want {
			return i
		}
	}
	return -1
}
