package r4

import (
	"iter"
	"unsafe"
)

// Len returns how many values the field has in parent, a pointer to the struct
// that the field belongs to: 0 or 1 unless it is a list. In a list of
// primitives an entry that has only extensions counts; elsewhere it does not.
// Another type of parent has none.
func (f *Field) Len(parent any) int {
	p := f.in(parent)
	if p == nil {
		return 0
	}
	return f.len(p)
}

func (f *Field) len(p unsafe.Pointer) int {
	present := false
	switch f.rep {
	case repString, repDecimal:
		present = *(*string)(p) != ""
	case repBool:
		present = (*Bool)(p).Present()
	case repInt:
		present = (*Int)(p).present
	case repStruct, repChoice, repResource:
		present = *(*unsafe.Pointer)(p) != nil
	case repStrings, repInts, repDecimals, repStructs, repResources:
		return (*slice)(p).len
	}
	if present {
		return 1
	}
	return 0
}

// At returns value i of the field in parent, nil when it has none. A complex
// element comes as a pointer into parent; a resource as a [Resource]; a choice
// as what it holds, such as *Quantity or [String]; a primitive as it is stored:
// string, [Bool], [Int] or [Decimal].
func (f *Field) At(parent any, i int) any {
	p := f.in(parent)
	if p == nil || i < 0 || i >= f.len(p) {
		return nil
	}
	switch f.rep {
	case repString:
		return *(*string)(p)
	case repBool:
		return *(*Bool)(p)
	case repInt:
		return *(*Int)(p)
	case repDecimal:
		return *(*Decimal)(p)
	case repStruct:
		return pointerTo(f.Types[0], *(*unsafe.Pointer)(p))
	case repChoice:
		return loadChoice(p)
	case repResource:
		return *(*Resource)(p)
	case repStrings:
		return (*(*[]string)(p))[i]
	case repInts:
		return (*(*[]Int)(p))[i]
	case repDecimals:
		return (*(*[]Decimal)(p))[i]
	case repStructs:
		return pointerTo(f.Types[0], f.element(p, i))
	case repResources:
		return (*(*[]Resource)(p))[i]
	}
	return nil
}

// Values yields the values of the field in parent as [Field.At] returns them,
// without the entries of a list of primitives that have only extensions.
func (f *Field) Values(parent any) iter.Seq[any] {
	return func(yield func(any) bool) {
		list := f.List && f.rep.primitive()
		for i := range f.Len(parent) {
			if list && f.Text(parent, i) == "" {
				continue
			}
			if v := f.At(parent, i); v != nil && !yield(v) {
				return
			}
		}
	}
}

// Text returns the text of primitive i of the field in parent: "true", "12",
// "1985-03-15". It is "" when there is none, and for what is no primitive.
func (f *Field) Text(parent any, i int) string {
	p := f.in(parent)
	if p == nil || i < 0 || i >= f.len(p) {
		return ""
	}
	return f.textOf(p, i)
}

// textOf is Text for the field at p, whose value i is there.
func (f *Field) textOf(p unsafe.Pointer, i int) string {
	switch f.rep {
	case repString, repDecimal:
		return *(*string)(p)
	case repBool:
		return (*Bool)(p).String()
	case repInt:
		return (*Int)(p).String()
	case repChoice:
		text, _ := Text(loadChoice(p))
		return text
	case repStrings, repDecimals:
		return (*(*[]string)(p))[i]
	case repInts:
		return (*(*[]Int)(p))[i].String()
	}
	return ""
}

// TypeAt returns the type of what the field holds in parent, nil when it holds
// nothing. For a choice it is the type chosen; for a resource that of the first.
func (f *Field) TypeAt(parent any) *Type {
	p := f.in(parent)
	switch {
	case p == nil || f.len(p) == 0:
		return nil
	case f.rep == repChoice || f.rep == repResource || f.rep == repResources:
		return TypeOf(f.At(parent, 0))
	}
	return f.Types[0]
}

// Element returns the id and extensions of primitive i of the field in parent,
// nil when it has none.
func (f *Field) Element(parent any, i int) *Element {
	if f.in(parent) == nil || !f.aside {
		return nil
	}
	x := *f.owner.extrasOf(pointerOf(parent))
	if at, ok := x.find(f.index, i); ok {
		return x.list[at].elem
	}
	return nil
}
