package r4

import (
	"reflect"
	"slices"
	"unsafe"
)

// SetPrimitive sets the field in parent to the primitive that text says; to a
// list it appends. typ chooses the type of a choice and does not matter
// elsewhere. The error is an *[Error] without the value: when text has not the
// format of the type, or when the field holds no primitive of that type.
func (f *Field) SetPrimitive(parent any, typ *Type, text string) error {
	p := f.in(parent)
	c := f.typeIndex(typ)
	switch {
	case p == nil:
		return &Error{At: f.Name, Problem: "not a field of this parent"}
	case c < 0 || f.Types[c].Kind != KindPrimitive:
		return &Error{At: f.Name, Problem: "holds no such primitive"}
	}
	if problem := f.Types[c].checkText(text); problem != "" {
		return &Error{At: f.Name, Problem: problem}
	}
	f.put(parent, p, c, text)
	return nil
}

// put stores a text of its c-th type in the field at p of parent.
func (f *Field) put(parent any, p unsafe.Pointer, c int, text string) {
	switch f.rep {
	case repString, repDecimal:
		*(*string)(p) = text
	case repBool:
		*(*Bool)(p) = BoolOf(text == "true")
	case repInt:
		*(*Int)(p) = IntOf(atoi(text))
	case repChoice:
		f.choose(parent, c)
		f.set(p, inChoice(f.Types[c], text))
	case repStrings, repDecimals:
		*(*[]string)(p) = append(*(*[]string)(p), text)
	case repInts:
		*(*[]Int)(p) = append(*(*[]Int)(p), IntOf(atoi(text)))
	}
}

// choose drops what a choice holds of another type than number c.
func (f *Field) choose(parent any, c int) {
	if f.aside {
		x := *f.owner.extrasOf(pointerOf(parent))
		if at, ok := x.find(f.index, 0); ok && int(x.list[at].choice) != c {
			x.drop(f.index)
		}
	}
	if t := f.TypeAt(parent); t != nil && t != f.Types[c] {
		f.memory(f.in(parent)).SetZero()
	}
}

// Make returns a pointer to the complex element of the field in parent. To a
// list it appends a new one; otherwise it returns the one that is there or makes
// it. typ chooses the type of a choice; what the choice holds of another type is
// replaced. It returns nil when the field holds no such complex type.
//
// Appending may move a list in memory: pointers to its elements from before are
// stale afterwards and must be fetched again with [Field.At].
func (f *Field) Make(parent any, typ *Type) any {
	p := f.in(parent)
	c := f.typeIndex(typ)
	if p == nil || c < 0 || f.Types[c].goType == nil {
		return nil
	}
	switch f.rep {
	case repStruct:
		if *(*unsafe.Pointer)(p) == nil {
			*(*unsafe.Pointer)(p) = f.Types[0].alloc()
		}
	case repStructs:
		reflect.NewAt(f.Types[0].goType, f.grow(p)).Elem().SetZero()
	case repChoice:
		f.choose(parent, c)
		if *(*unsafe.Pointer)(p) == nil {
			f.set(p, f.Types[c].New())
		}
	default:
		return nil
	}
	return f.At(parent, f.len(p)-1)
}

// MakeElement returns the id and extensions of primitive i of the field in
// parent, made if they are not there. i is 0 unless the field is a list; i equal
// to the length of the list appends an entry without a value. typ chooses the
// type of a choice. It returns nil when there is no such primitive.
func (f *Field) MakeElement(parent any, typ *Type, i int) *Element {
	p := f.in(parent)
	c := f.typeIndex(typ)
	if p == nil || c < 0 || !f.hasExtras(c) || i < 0 || !f.List && i > 0 || f.List && i > f.len(p) {
		return nil
	}
	if f.rep == repChoice {
		f.choose(parent, c)
	}
	if f.List && i == f.len(p) {
		f.pad(p, i+1)
	}
	px := f.owner.extrasOf(pointerOf(parent))
	at, ok := (*px).find(f.index, i)
	if ok {
		return (*px).list[at].elem
	}
	x, elem := addExtra(px)
	x.list = slices.Insert(x.list, at, extra{field: f.index, choice: uint8(c), index: int32(i), elem: elem})
	return elem
}

// pad makes the list of primitives at p at least n long with absent values.
func (f *Field) pad(p unsafe.Pointer, n int) {
	for f.len(p) < n {
		switch f.rep {
		case repStrings, repDecimals:
			*(*[]string)(p) = append(*(*[]string)(p), "")
		case repInts:
			*(*[]Int)(p) = append(*(*[]Int)(p), Int{})
		default:
			return
		}
	}
}

// SetResource sets the field in parent to r; to a list it appends.
func (f *Field) SetResource(parent any, r Resource) error {
	p := f.in(parent)
	switch {
	case p == nil:
		return &Error{At: f.Name, Problem: "not a field of this parent"}
	case f.rep == repResource:
		*(*Resource)(p) = r
	case f.rep == repResources:
		*(*[]Resource)(p) = append(*(*[]Resource)(p), r)
	default:
		return &Error{At: f.Name, Problem: "holds no resource"}
	}
	return nil
}

// Clear removes all that the field holds in parent.
func (f *Field) Clear(parent any) {
	p := f.in(parent)
	if p == nil {
		return
	}
	f.memory(p).SetZero()
	if f.aside {
		(*f.owner.extrasOf(pointerOf(parent))).drop(f.index)
	}
}

// Remove takes value i out of the field in parent. Without a list it is [Field.Clear].
func (f *Field) Remove(parent any, i int) {
	p := f.in(parent)
	switch {
	case p == nil || i < 0 || i >= max(f.len(p), 1):
		return
	case !f.List:
		f.Clear(parent)
		return
	}
	v := f.memory(p)
	n := v.Len()
	kept := reflect.MakeSlice(v.Type(), 0, n-1)
	v.Set(reflect.AppendSlice(reflect.AppendSlice(kept, v.Slice(0, i)), v.Slice(i+1, n)))
	if !f.aside {
		return
	}
	x := *f.owner.extrasOf(pointerOf(parent))
	if x == nil {
		return
	}
	x.list = slices.DeleteFunc(x.list, func(e extra) bool { return e.field == f.index && int(e.index) == i })
	for k := range x.list {
		if e := &x.list[k]; e.field == f.index && int(e.index) > i {
			e.index--
		}
	}
}
