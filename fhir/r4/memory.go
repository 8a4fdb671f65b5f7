package r4

import (
	"reflect"
	"unsafe"
)

// This file is the only one that reads and writes structs by offset. The
// offsets come from reflect (see Type.bind), and every pointer that enters is
// checked to be of the descriptor's own type (see Field.in).

// rep says how a field lies in memory and thereby how it is read and written.
type rep uint8

const (
	repNone rep = iota // of abstract types
	repString
	repBool
	repInt
	repDecimal
	repStruct
	repChoice
	repResource
	repStrings
	repInts
	repDecimals
	repStructs
	repResources
)

// repOf derives the representation from the definition.
func repOf(f *Field) rep {
	t := f.Types[0]
	one, many := repString, repStrings
	switch {
	case f.Choice:
		return repChoice
	case t.Kind == KindResource:
		one, many = repResource, repResources
	case t.Kind != KindPrimitive:
		one, many = repStruct, repStructs
	case t.prim == primBoolean:
		one, many = repBool, repNone // R4 has no list of booleans
	case t.prim == primDecimal:
		one, many = repDecimal, repDecimals
	case t.prim == primInteger || t.prim == primPositiveInt || t.prim == primUnsignedInt:
		one, many = repInt, repInts
	}
	if f.List {
		return many
	}
	return one
}

// primitive says whether the field holds primitives only.
func (r rep) primitive() bool {
	switch r {
	case repString, repBool, repInt, repDecimal, repStrings, repInts, repDecimals:
		return true
	}
	return false
}

// hasExtras says whether the c-th type of f may have an id and extensions aside.
// Ids of elements and the XHTML of a narrative have none (FHIR R4 json.html).
func (f *Field) hasExtras(c int) bool {
	t := f.Types[c]
	return t.Kind == KindPrimitive && f.Name != "id" && t.prim != primXHTML
}

// slice is the memory of any slice.
type slice struct {
	data     unsafe.Pointer
	len, cap int
}

// choiceSetter stores v in the choice field at p; it returns false when v is
// no type of that choice.
type choiceSetter func(p unsafe.Pointer, v any) bool

func assign[T any](p unsafe.Pointer, v any) bool {
	x, ok := v.(T)
	if ok {
		*(*T)(p) = x
	}
	return ok
}

// pointerOf returns the pointer that v holds. v must hold a pointer.
func pointerOf(v any) unsafe.Pointer {
	return (*[2]unsafe.Pointer)(unsafe.Pointer(&v))[1]
}

// in returns the address of the field in parent, nil when parent is not a
// pointer to the field's own struct, or a nil one.
func (f *Field) in(parent any) unsafe.Pointer {
	if f.owner.goType == nil || reflect.TypeOf(parent) != f.owner.ptr {
		return nil
	}
	base := pointerOf(parent)
	if base == nil {
		return nil
	}
	return unsafe.Add(base, f.offset)
}

// loadChoice reads a choice field. All interfaces with methods lie alike, so
// one of them can stand for all; reflect does the same.
func loadChoice(p unsafe.Pointer) any {
	if *(*unsafe.Pointer)(p) == nil {
		return nil
	}
	return any(*(*Value)(p))
}

// element returns the address of element i of the slice of structs at p.
func (f *Field) element(p unsafe.Pointer, i int) unsafe.Pointer {
	return unsafe.Add((*slice)(p).data, uintptr(i)*f.Types[0].size)
}

// grow appends an empty struct to the slice of structs at p and returns its address.
func (f *Field) grow(p unsafe.Pointer) unsafe.Pointer {
	n := (*slice)(p).len
	v := reflect.NewAt(f.goType, p).Elem()
	if n == (*slice)(p).cap {
		v.Grow(1)
	}
	v.SetLen(n + 1)
	v.Index(n).SetZero()
	return f.element(p, n)
}

// alloc makes an empty struct of the type.
func (t *Type) alloc() unsafe.Pointer { return reflect.New(t.goType).UnsafePointer() }

// pointerTo returns the struct of type t at p as a Go pointer in an interface.
func pointerTo(t *Type, p unsafe.Pointer) any { return reflect.NewAt(t.goType, p).Interface() }
