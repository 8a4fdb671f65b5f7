package fhirpath

import (
	"github.com/cockroachdb/apd/v3"

	"github.com/ponshealth/pons/fhir/r4"
)

// Collection is the input and the result of every expression: items in order,
// possibly none, possibly one twice.
type Collection []Item

// An Item is one value: an element of a FHIR resource, or a value of the System
// types of FHIRPath. It is small and is handed around by value. An element is
// not copied: the item points into its resource. The zero Item is nothing.
type Item struct {
	kind   kind
	index  int32    // in field
	num    int64    // Boolean and Integer
	text   string   // String, and every FHIR primitive
	value  any      // pointer to a struct of r4; *apd.Decimal; *moment; *Quantity; *typeInfo
	typ    *r4.Type // of FHIR
	parent any      // pointer to the struct that has field
	field  *r4.Field
}

type kind uint8

const (
	kindNone      kind = iota
	kindComplex        // FHIR datatypes with elements, backbone elements, resources
	kindPrimitive      // FHIR primitives
	kindBoolean        // from here on types of System
	kindInteger
	kindDecimal
	kindString
	kindDate
	kindDateTime
	kindTime
	kindQuantity
	kindTypeInfo // what type() gives
)

var kindNames = [...]string{
	kindBoolean: "Boolean", kindInteger: "Integer", kindDecimal: "Decimal", kindString: "String",
	kindDate: "Date", kindDateTime: "DateTime", kindTime: "Time", kindQuantity: "Quantity",
	kindTypeInfo: "SimpleTypeInfo",
}

// system says whether the item has a type of System.
func (i *Item) system() bool { return i.kind >= kindBoolean }

// Type returns the FHIR type of an element, nil for System types.
func (i Item) Type() *r4.Type { return i.typ }

// TypeName returns the type with its namespace: "FHIR.HumanName", "System.String".
func (i Item) TypeName() string {
	switch {
	case i.kind == kindNone:
		return ""
	case i.system():
		return "System." + kindNames[i.kind]
	}
	return "FHIR." + i.typ.Name
}

// Place says where an element stands: value number index of field f in the
// struct that parent points to. ok is false for computed values and for the
// input itself unless that was made by [Element].
func (i Item) Place() (parent any, f *r4.Field, index int, ok bool) {
	return i.parent, i.field, int(i.index), i.field != nil
}

// Text returns the value of a primitive or of a System type as text, such as
// toString() makes it; "" for what has no value or is complex.
func (i Item) Text() string {
	s, _ := i.toText()
	return s
}

// Value returns an element as a pointer to its struct of package r4, a FHIR
// primitive as its type in a choice ([r4.String], [r4.Code], [r4.Date],
// [r4.Bool], [r4.Integer], [r4.Decimal], ...), a System value as the nearest of
// these, and a System quantity as [Quantity]. It is nil for nothing and for a
// primitive that has only extensions.
func (i Item) Value() any {
	switch i.kind {
	case kindComplex:
		return i.value
	case kindPrimitive:
		return primitiveValue(i.typ.Name, i.text)
	case kindBoolean:
		return r4.BoolOf(i.num != 0)
	case kindInteger:
		return r4.Integer(int32(i.num))
	case kindDecimal:
		return r4.Decimal(i.Text())
	case kindString, kindTypeInfo:
		return r4.String(i.Text())
	case kindDate:
		return r4.Date(i.Text())
	case kindDateTime:
		return r4.DateTime(i.Text())
	case kindTime:
		return r4.Time(i.Text())
	case kindQuantity:
		return *i.value.(*Quantity)
	}
	return nil
}

// Element returns value number index of field f in the struct that parent
// points to: a primitive with its id and extensions, which a mere value would
// lack. The zero Item means that there is none.
func Element(parent any, f *r4.Field, index int) Item {
	i, _ := elementAt(parent, f, index)
	return i
}

// elementAt is Element; ok is false when there is nothing.
func elementAt(parent any, f *r4.Field, index int) (i Item, ok bool) {
	if !i.set(parent, f, index) {
		return Item{}, false
	}
	return i, true
}

// set makes i the element at a place; it returns false when there is nothing.
func (i *Item) set(parent any, f *r4.Field, index int) bool {
	*i = Item{parent: parent, field: f, index: int32(index)}
	t := f.Types[0]
	if f.Choice {
		if t = f.TypeAt(parent); t == nil {
			return i.absentChoice()
		}
	}
	i.typ = t
	if t.Kind == r4.KindPrimitive {
		i.kind, i.text = kindPrimitive, f.Text(parent, index)
		return i.text != "" || f.Element(parent, index) != nil
	}
	if i.value = f.At(parent, index); i.value == nil {
		return false
	}
	i.kind = kindComplex
	if t.Kind == r4.KindResource {
		i.typ = r4.TypeOf(i.value)
	}
	return i.typ != nil
}

// absentChoice is a choice that has no value, but perhaps extensions, which
// only a primitive can have without one.
func (i *Item) absentChoice() bool {
	if i.field.Element(i.parent, 0) == nil {
		return false
	}
	n, ok := r4.Find(i.parent, i.field.Name)
	if !ok || n.Type == nil || n.Type.Kind != r4.KindPrimitive {
		return false
	}
	i.kind, i.typ = kindPrimitive, n.Type
	return true
}

// elements returns how many values a field has at most, those with extensions
// only included.
func elements(parent any, f *r4.Field) int {
	if f.List {
		return f.Len(parent)
	}
	return 1
}

// Boolean returns a System.Boolean.
func Boolean(v bool) Item {
	if v {
		return Item{kind: kindBoolean, num: 1}
	}
	return Item{kind: kindBoolean}
}

// Integer returns a System.Integer.
func Integer(v int32) Item { return Item{kind: kindInteger, num: int64(v)} }

// String returns a System.String.
func String(v string) Item { return Item{kind: kindString, text: v} }

// Decimal returns a System.Decimal; its text is that of a decimal of FHIR.
func Decimal(text string) (Item, error) {
	d, err := parseDecimal(text)
	if err != nil {
		return Item{}, pos(0).place(err)
	}
	return decimalItem(d), nil
}

func decimalItem(d *apd.Decimal) Item { return Item{kind: kindDecimal, value: d} }
func momentItem(m *moment) Item       { return Item{kind: m.kind, value: m} }
func quantityItem(q *Quantity) Item   { return Item{kind: kindQuantity, value: q} }

// Of returns the item of a value: a pointer to a struct of package r4, one of
// its primitives as they stand in a choice, a string, bool or int, or an Item. ok
// is false for anything else.
func Of(v any) (i Item, ok bool) {
	switch v := v.(type) {
	case Item:
		return v, v.kind != kindNone
	case string:
		return String(v), true
	case bool:
		return Boolean(v), true
	case int:
		return Integer(int32(v)), int(int32(v)) == v
	case Quantity:
		return quantityItem(&v), true
	}
	t := r4.TypeOf(v)
	switch {
	case t == nil:
		return Item{}, false
	case t.Kind == r4.KindPrimitive:
		text, ok := r4.Text(v)
		return Item{kind: kindPrimitive, typ: t, text: text}, ok
	}
	return Item{kind: kindComplex, typ: t, value: v}, !isNil(v)
}
