package r4

import (
	"reflect"
	"slices"
	"unsafe"
)

// Equal says whether two pointers to generated structs, or two resources, hold
// the same: the same type and in each element the same values in the same
// order, also the ids and extensions of primitives. Decimals are compared by
// their text: 1.0 is not 1.00. An empty list equals an absent one; an element
// that holds nothing does not equal an absent one, though neither is written.
// Anything else than such pointers is not equal, except two nils.
func Equal(a, b any) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	t := TypeOf(a)
	if t == nil || t != TypeOf(b) {
		return false
	}
	if t.Kind == KindPrimitive {
		return a == b
	}
	return t.equal(pointerOf(a), pointerOf(b))
}

func (t *Type) equal(a, b unsafe.Pointer) bool {
	if a == b || a == nil || b == nil {
		return a == b
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		if !f.equal(unsafe.Add(a, f.offset), unsafe.Add(b, f.offset)) {
			return false
		}
	}
	return t.extras == 0 || equalExtras(*t.extrasOf(a), *t.extrasOf(b))
}

func (f *Field) equal(a, b unsafe.Pointer) bool {
	switch f.rep {
	case repString, repDecimal:
		return *(*string)(a) == *(*string)(b)
	case repBool:
		return *(*Bool)(a) == *(*Bool)(b)
	case repInt:
		return *(*Int)(a) == *(*Int)(b)
	case repStruct:
		return f.Types[0].equal(*(*unsafe.Pointer)(a), *(*unsafe.Pointer)(b))
	case repChoice:
		return Equal(loadChoice(a), loadChoice(b))
	case repResource:
		return Equal(*(*Resource)(a), *(*Resource)(b))
	case repStrings, repDecimals:
		return slices.Equal(*(*[]string)(a), *(*[]string)(b))
	case repInts:
		return slices.Equal(*(*[]Int)(a), *(*[]Int)(b))
	case repResources:
		return slices.EqualFunc(*(*[]Resource)(a), *(*[]Resource)(b), func(x, y Resource) bool { return Equal(x, y) })
	}
	n := (*slice)(a).len
	if n != (*slice)(b).len {
		return false
	}
	for i := range n {
		if !f.Types[0].equal(f.element(a, i), f.element(b, i)) {
			return false
		}
	}
	return true
}

func equalExtras(a, b *extras) bool {
	if a == nil || b == nil {
		return (a == nil || len(a.list) == 0) && (b == nil || len(b.list) == 0)
	}
	return slices.EqualFunc(a.list, b.list, func(x, y extra) bool {
		return x.compare(y) == 0 && x.choice == y.choice && Equal(x.elem, y.elem)
	})
}

// Clone returns a deep copy of v, a pointer to a generated struct or a
// resource: nothing that can be changed is shared, only the bytes of strings,
// which cannot. Anything else comes back as it is. A structure that holds itself
// cannot be copied.
func Clone[T any](v T) T {
	t := TypeOf(v)
	if t == nil || t.goType == nil || pointerOf(v) == nil {
		return v
	}
	c, _ := pointerTo(t, t.clone(pointerOf(v))).(T)
	return c
}

// clone copies the struct at p.
func (t *Type) clone(p unsafe.Pointer) unsafe.Pointer {
	v := reflect.New(t.goType)
	v.Elem().Set(reflect.NewAt(t.goType, p).Elem())
	t.unshare(v.UnsafePointer())
	return v.UnsafePointer()
}

// unshare replaces all that a shallow copy at p shares by copies.
func (t *Type) unshare(p unsafe.Pointer) {
	for i := range t.Fields {
		f := &t.Fields[i]
		f.unshare(unsafe.Add(p, f.offset))
	}
	if t.extras == 0 {
		return
	}
	if px := t.extrasOf(p); *px != nil {
		list := slices.Clone((*px).list)
		for i := range list {
			list[i].elem = Clone(list[i].elem)
		}
		*px = &extras{list: list}
	}
}

func (f *Field) unshare(p unsafe.Pointer) {
	switch f.rep {
	case repStruct:
		if v := *(*unsafe.Pointer)(p); v != nil {
			*(*unsafe.Pointer)(p) = f.Types[0].clone(v)
		}
	case repChoice:
		if v := loadChoice(p); v != nil {
			f.set(p, Clone(v))
		}
	case repResource:
		*(*Resource)(p) = Clone(*(*Resource)(p))
	case repStrings, repDecimals:
		*(*[]string)(p) = slices.Clone(*(*[]string)(p))
	case repInts:
		*(*[]Int)(p) = slices.Clone(*(*[]Int)(p))
	case repResources:
		list := slices.Clone(*(*[]Resource)(p))
		for i := range list {
			list[i] = Clone(list[i])
		}
		*(*[]Resource)(p) = list
	case repStructs:
		if (*slice)(p).len == 0 {
			return
		}
		v := f.memory(p)
		v.Set(reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v))
		for i := range (*slice)(p).len {
			f.Types[0].unshare(f.element(p, i))
		}
	}
}
