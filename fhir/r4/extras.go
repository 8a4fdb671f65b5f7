package r4

import (
	"cmp"
	"slices"
	"unsafe"
)

// extras holds the ids and extensions of a struct's primitives, sorted by field
// and index. Few structs have any.
type extras struct {
	list  []extra
	first [1]extra // where list begins, for most need no more
}

// addExtra returns a new Element and the extras at px to list it in, which are made
// if there are none; then both lie in one piece of memory.
func addExtra(px **extras) (*extras, *Element) {
	if *px != nil {
		return *px, &Element{}
	}
	both := &struct {
		extras
		Element
	}{}
	both.list = both.first[:0]
	*px = &both.extras
	return *px, &both.Element
}

type extra struct {
	field  uint8 // index in Type.Fields
	choice uint8 // index in Field.Types
	index  int32 // in a list
	elem   *Element
}

func (e extra) compare(o extra) int {
	return cmp.Or(cmp.Compare(e.field, o.field), cmp.Compare(e.index, o.index))
}

// extrasOf returns the address of the extras of the struct at p.
func (t *Type) extrasOf(p unsafe.Pointer) **extras { return (**extras)(unsafe.Add(p, t.extras)) }

// find returns the entry of a field's primitive at an index.
func (x *extras) find(field uint8, index int) (at int, ok bool) {
	if x == nil {
		return 0, false
	}
	return slices.BinarySearchFunc(x.list, extra{field: field, index: int32(index)}, extra.compare)
}

// asidesAt returns the extras of the struct at p.
func (t *Type) asidesAt(p unsafe.Pointer) []extra {
	if t.extras == 0 {
		return nil
	}
	if x := *t.extrasOf(p); x != nil {
		return x.list
	}
	return nil
}

// cutField cuts off the entries of the first field in list.
func cutField(list []extra) (of, rest []extra) {
	n := 1
	for n < len(list) && list[n].field == list[0].field {
		n++
	}
	return list[:n], list[n:]
}

// drop removes the entries of one field.
func (x *extras) drop(field uint8) {
	if x != nil {
		x.list = slices.DeleteFunc(x.list, func(e extra) bool { return e.field == field })
	}
}

// PrimitiveElement returns the id and extensions of a primitive: of the element
// by its JSON name in the struct that parent points to, and of its value number
// i if it is a list (0 if not). It returns nil when there are none.
//
//	r4.PrimitiveElement(&patient, "birthDate", 0)
func PrimitiveElement(parent any, name string, i int) *Element {
	f, _, ok := fieldOf(parent, name)
	if !ok {
		return nil
	}
	return f.Element(parent, i)
}

// MakePrimitiveElement is like [PrimitiveElement], but makes what is not there.
// A choice needs its full name, such as "valueString". It returns nil when
// parent has no such primitive.
func MakePrimitiveElement(parent any, name string, i int) *Element {
	f, t, ok := fieldOf(parent, name)
	if !ok {
		return nil
	}
	return f.MakeElement(parent, t, i)
}

func fieldOf(parent any, name string) (*Field, *Type, bool) {
	t := TypeOf(parent)
	if t == nil {
		return nil, nil, false
	}
	return t.Field(name)
}
