package r4

import (
	"reflect"
	"sync/atomic"
	"unsafe"
)

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

	lines   string         // of the table
	choices []choiceSetter // one for each choice in them
	read    bool           // the lines are read; guarded by tables.mu
	ready   atomic.Bool    // and those of all types that the fields lead to

	number int                 // among all types
	null   any                 // a nil pointer to the struct
	goType reflect.Type        // the struct; nil for primitives and abstract types
	goList reflect.Type        // a slice of the struct
	ptr    reflect.Type        // pointer to it; of a primitive: its type in a choice
	size   uintptr             // of the struct
	extras uintptr             // offset of the field extras
	names  []string            // by field, in JSON; "" for a choice
	heads  []head              // by field
	steps  []step              // by field
	probes []probe             // by field
	slots  map[string]slot     // by JSON name
	prim   prim                // which primitive
	shape  func(string) string // of a primitive: see primitiveOf
}

// A Field describes one element of a type.
type Field struct {
	Name     string   // element name; of a choice its base, such as "value"
	Types    []*Type  // its type; several for a choice
	Min, Max int      // how often; Max -1 means without limit
	Choice   bool     // value[x]
	List     bool     // may repeat
	Summary  bool     // part of the summary form
	Modifier bool     // may change the meaning of what holds it
	Binding  *Binding // of coded elements; nil if none
	Targets  []string // of Reference and canonical: the types that may be meant; "Resource" is any

	owner  *Type
	index  uint8
	rep    rep
	aside  bool         // a type of it may have an id and extensions in extras
	offset uint32       // in the owner's struct
	set    choiceSetter // of a choice
	keys   []memberKey  // for each type
}

// A Binding ties a coded element to a value set.
type Binding struct {
	Strength string // required, extensible, preferred or example
	ValueSet string // canonical URL, with |version if the definition has one
}

// slot is what a JSON name means in a type.
type slot struct {
	field  uint8 // index in Type.Fields
	choice uint8 // index in Field.Types
	base   bool  // the bare base name of a choice, which is no JSON name
}

// TypeByName returns the type of that name, nil if there is none. Backbone
// elements go by their path: "Patient.contact".
func TypeByName(name string) *Type {
	t := table()
	return t.ready(t.byName[name])
}

// TypeOf returns the type of v: a pointer to a generated struct, or a primitive
// as it stands in a choice ([String], [Date], [Bool], ...). It returns nil for
// anything else, also for a plain string, which could be of many types.
func TypeOf(v any) *Type {
	if v == nil {
		return nil
	}
	t := table()
	return t.ready(t.byGo[reflect.TypeOf(v)])
}

// Field finds an element by its name in JSON. For one of a choice, such as
// "valueQuantity", typ is the type that the name chooses; for the bare base
// name of a choice, such as "value", it is nil; otherwise it is the element's
// only type.
func (t *Type) Field(name string) (f *Field, typ *Type, ok bool) {
	s, ok := t.slots[name]
	if !ok {
		return nil, nil, false
	}
	f = &t.Fields[s.field]
	if s.base {
		return f, nil, true
	}
	return f, f.Types[s.choice], true
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
	if t.Kind == KindPrimitive {
		problem = t.checkText(text)
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

// primIndex returns the index of a primitive type in f.Types, -1 if it is not there.
func (f *Field) primIndex(p prim) int {
	for i, t := range f.Types {
		if t.Kind == KindPrimitive && t.prim == p {
			return i
		}
	}
	return -1
}

// memberKey holds the two names that an element may go by in a JSON object,
// ready to be written: `"_name":"name":"`. It is one text because there are many,
// and all that the collector of garbage has to look at costs time.
type memberKey string

func newMemberKey(name string) memberKey { return memberKey(`"_` + name + `":"` + name + `":"`) }

func (k memberKey) aside() string { return string(k[:len(k)/2]) }             // "_name":
func (k memberKey) value() string { return string(k[len(k)/2 : len(k)-1]) }   // "name":
func (k memberKey) open() string  { return string(k[len(k)/2:]) }             // "name":"
func (k memberKey) head() string  { return string(k[len(k)/2+1 : len(k)-1]) } // name":
func (k memberKey) name() string  { return string(k[len(k)/2+1 : len(k)-3]) } // name

// A head finds the name of a field in a document: its bits are the first eight
// bytes of the name, the quote and the colon after it, as far as mask goes. No
// bytes are those of a choice, which has no name of its own.
type head struct {
	bits, mask uint64
	name       string // with quote and colon
}

func newHead(k memberKey) head {
	h := head{name: k.head()}
	for i := range min(len(h.name), 8) {
		h.bits |= uint64(h.name[i]) << (8 * i)
		h.mask |= 0xff << (8 * i)
	}
	return h
}

// memory returns the field at p, its address in a struct, as reflect sees it.
func (f *Field) memory(p unsafe.Pointer) reflect.Value {
	return reflect.NewAt(f.owner.goType.Field(int(f.index)).Type, p).Elem()
}
