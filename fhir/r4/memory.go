package r4

import (
	"reflect"
	"unsafe"
)

// This file is the only one that reads and writes structs by offset. The
// offsets come from reflect (see Type.bind), and every pointer that enters is
// checked to be of the descriptor's own type (see Field.in). Tests with -race
// check the arithmetic as well.

// The layout of strings and slices is taken for that of machines of 64 bits;
// on others this does not compile.
const _ = uint(unsafe.Sizeof(uintptr(0)) - 8)

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

// A step is what writing needs of a field, close together in memory.
type step struct {
	offset uint32 // of the field in the struct
	rep    rep
	key    string // of its first type: "name":
	open   string // with the quote after it
	elem   *Type  // its first type
	probe  probe
}

// A probe is where to see whether a field is there.
type probe struct {
	mask   uint64 // has the bits of which some are set then
	offset uint32 // of the aligned word in the struct
}

func (f *Field) step() step {
	k := f.keys[0]
	s := step{offset: f.offset, rep: f.rep, key: k.value(), open: k.open(), elem: f.Types[0]}
	mask, at := ^uint64(0), f.offset
	switch f.rep {
	case repStruct, repChoice, repResource: // a pointer comes first
	case repBool:
		mask = byteMask(at)
	case repInt:
		at += uint32(unsafe.Offsetof(Int{}.present))
		mask = byteMask(at)
	default: // the length of strings and slices
		at += uint32(unsafe.Offsetof(slice{}.len))
	}
	s.probe = probe{mask, at &^ 7}
	return s
}

// word is not 0 if the struct at p has the field.
func (q *probe) word(p unsafe.Pointer) uint64 { return *(*uint64)(unsafe.Add(p, q.offset)) & q.mask }

// absent says whether the struct at p lacks the field.
func (s *step) absent(p unsafe.Pointer) bool { return s.probe.word(p) == 0 }

// byteMask returns a word whose byte at an offset in a struct is all ones.
func byteMask(offset uint32) (w uint64) {
	(*[8]byte)(unsafe.Pointer(&w))[offset&7] = 0xff
	return w
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
// Ids of elements, the url of an extension (both are attributes in XML) and the
// XHTML of a narrative have none (FHIR R4 json.html, extensibility.html).
func (f *Field) hasExtras(c int) bool {
	t := f.Types[c]
	attribute := f.Name == "id" || f.Name == "url" && f.owner.Name == "Extension"
	return t.Kind == KindPrimitive && !attribute && t.prim != primXHTML
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

// bytesOf returns the bytes of s to be read only.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

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

// goType is a type of the table in Go.
type goType struct {
	zero any // a nil pointer to the struct; of a primitive: a value as in a choice
	list any // a nil pointer to a slice of it
}

// grow appends a struct to the slice of structs at p and returns its address.
// The struct is empty unless the slice was cut shorter before.
func (f *Field) grow(p unsafe.Pointer) unsafe.Pointer {
	s := (*slice)(p)
	switch {
	case s.cap == 0: // most lists have one
		s.data, s.cap = f.Types[0].alloc(), 1
	case s.len == s.cap:
		reflect.NewAt(f.Types[0].goList, p).Elem().Grow(max(2, s.len))
	}
	s.len++
	return f.element(p, s.len-1)
}

// alloc makes an empty struct of the type.
func (t *Type) alloc() unsafe.Pointer { return reflect.New(t.goType).UnsafePointer() }

// pointerTo returns the struct of type t at p as a Go pointer in an interface.
func pointerTo(t *Type, p unsafe.Pointer) any {
	v := t.null
	(*[2]unsafe.Pointer)(unsafe.Pointer(&v))[1] = p
	return v
}
