package r4

import (
	"reflect"
	"strings"
	"unsafe"
)

// A SummaryForm is a value of the parameter _summary (FHIR R4
// search.html#summary).
type SummaryForm string

// The forms of _summary.
const (
	SummaryFalse SummaryForm = "false" // everything
	SummaryTrue  SummaryForm = "true"  // the elements that the definition marks
	SummaryText  SummaryForm = "text"  // id, meta, text and what is mandatory
	SummaryData  SummaryForm = "data"  // everything but text
	SummaryCount SummaryForm = "count" // of a Bundle: no entries
)

// Summarize returns r as a form of _summary shows it, with the tag SUBSETTED in
// its meta; r itself is not changed. What the result keeps whole it shares with
// r, so [Clone] it before changing it below the top.
//
//   - [SummaryTrue] keeps the elements marked as summary (Field.Summary), within
//     them again those marked, and everything that is mandatory. An element is
//     kept whole when its type marks nothing (extensions, narratives), when it is
//     only mandatory, or when nothing of it would be left (a code that holds
//     nothing but its data-absent-reason). Primitives without a value keep their
//     extensions, others lose them. The resources in a Bundle are summarized too.
//   - [SummaryText] and [SummaryData] look at the top only. The first keeps
//     id, meta, text and what is mandatory there.
//   - [SummaryCount] is of a Bundle: its total and links without the entries.
//     Nothing is tagged, for no resource is there.
//   - [SummaryFalse] is r.
//
// implicitRules and modifier extensions always stay, those at the top too, which
// the definitions do not mark: without them, what is kept may mean something
// else. The error, for another form and for a count of what is no Bundle, is an
// *[Error].
func Summarize(r Resource, form SummaryForm) (Resource, error) {
	t := TypeOf(r)
	if t == nil || pointerOf(r) == nil {
		return nil, &Error{Problem: "not a pointer to a type of R4"}
	}
	p := pointerOf(r)
	switch form {
	case SummaryFalse:
		return r, nil
	case SummaryTrue:
		return t.summary(p).(Resource), nil
	case SummaryText:
		return t.subset(p, func(f *Field) bool { return f.always() || f.Name == "text" }), nil
	case SummaryData:
		return t.subset(p, func(f *Field) bool { return f.Name != "text" }), nil
	case SummaryCount:
		if t.Name != "Bundle" {
			return nil, &Error{At: t.Name, Problem: "a count is of a Bundle"}
		}
		return As[Resource](pointerTo(t, t.part(p, func(f *Field) bool { return f.Name != "entry" }))), nil
	}
	return nil, &Error{Problem: "unknown form of _summary"}
}

// SelectElements returns r with the named elements only, as the parameter
// _elements asks (FHIR R4 search.html#elements), with the tag SUBSETTED in its
// meta. Names are those of elements at the top; a choice goes by "value",
// "value[x]" or "valueQuantity", which all mean the same. What is mandatory, id,
// meta, implicitRules and modifier extensions are always kept.
//
// r itself is not changed; the result shares what it keeps with it. A name that
// the type does not have is an *[Error].
func SelectElements(r Resource, names ...string) (Resource, error) {
	t := TypeOf(r)
	if t == nil || pointerOf(r) == nil {
		return nil, &Error{Problem: "not a pointer to a type of R4"}
	}
	var wanted uint64
	for _, name := range names {
		f, _, ok := t.Field(strings.TrimSuffix(name, "[x]"))
		if !ok {
			return nil, &Error{At: t.Name, Problem: "unknown element to select"}
		}
		wanted |= 1 << f.index
	}
	return t.subset(pointerOf(r), func(f *Field) bool { return f.always() || wanted&(1<<f.index) != 0 }), nil
}

// always says whether each projection keeps the field.
func (f *Field) always() bool {
	switch f.Name {
	case "id", "meta", "implicitRules", "modifierExtension":
		return true
	}
	return f.Min > 0
}

// subset returns a tagged resource with the fields that keep wants.
func (t *Type) subset(p unsafe.Pointer, keep func(f *Field) bool) Resource {
	return tagged(As[Resource](pointerTo(t, t.part(p, keep))))
}

// tagged gives r, which is new but may share its meta, the tag SUBSETTED.
func tagged(r Resource) Resource {
	const system, code = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "SUBSETTED"
	var m Meta
	if old := r.ResourceMeta(); old != nil {
		m = *old
	}
	for i := range m.Tag {
		if m.Tag[i].System == system && m.Tag[i].Code == code {
			return r
		}
	}
	m.Tag = append(m.Tag[:len(m.Tag):len(m.Tag)], Coding{System: system, Code: code, Display: "subsetted"})
	r.SetResourceMeta(&m)
	return r
}

// summary returns the summary of the struct at p as a pointer to a new struct, or
// to the old one where that is kept whole.
func (t *Type) summary(p unsafe.Pointer) any {
	if !t.marksSummary() {
		return pointerTo(t, p)
	}
	made := t.alloc()
	t.summarize(made, p)
	v := pointerTo(t, made)
	if t.Kind == KindResource {
		return tagged(v.(Resource))
	}
	if reflect.ValueOf(v).Elem().IsZero() {
		return pointerTo(t, p)
	}
	return v
}

// marksSummary says whether any of the type's own elements is of the summary.
func (t *Type) marksSummary() bool {
	for i := range t.Fields {
		if f := &t.Fields[i]; f.Summary && f.Name != "modifierExtension" {
			return true
		}
	}
	return false
}

// summarize puts the summary of the struct at p into the empty one at made.
func (t *Type) summarize(made, p unsafe.Pointer) {
	var kept []extra
	asides := t.asidesAt(p)
	for i := range t.Fields {
		var of []extra
		if len(asides) > 0 && int(asides[0].field) == i {
			of, asides = cutField(asides)
		}
		f := &t.Fields[i]
		at := unsafe.Add(p, f.offset)
		switch {
		case f.Summary:
			f.summarize(unsafe.Add(made, f.offset), at)
		case f.Min > 0 || f.Name == "modifierExtension":
			f.memory(unsafe.Add(made, f.offset)).Set(f.memory(at))
		default:
			continue
		}
		for _, e := range of {
			if int(e.index) >= f.len(at) || f.textOf(at, int(e.index)) == "" || !f.Summary {
				kept = append(kept, e)
			}
		}
	}
	if len(kept) > 0 {
		*t.extrasOf(made) = &extras{list: kept}
	}
}

// summarize puts the summary of the field at p into the empty one at made.
func (f *Field) summarize(made, p unsafe.Pointer) {
	switch f.rep {
	case repStruct:
		if v := *(*unsafe.Pointer)(p); v != nil {
			*(*unsafe.Pointer)(made) = pointerOf(f.Types[0].summary(v))
		}
	case repStructs:
		for i := range (*slice)(p).len {
			from := f.Types[0].summary(f.element(p, i))
			reflect.NewAt(f.Types[0].goType, f.grow(made)).Elem().Set(reflect.ValueOf(from).Elem())
		}
	case repChoice:
		v := loadChoice(p)
		if t := TypeOf(v); t != nil && t.goType != nil && pointerOf(v) != nil {
			v = t.summary(pointerOf(v))
		}
		if v != nil {
			f.set(made, v)
		}
	case repResource:
		*(*Resource)(made) = summaryOf(*(*Resource)(p))
	case repResources:
		for _, r := range *(*[]Resource)(p) {
			*(*[]Resource)(made) = append(*(*[]Resource)(made), summaryOf(r))
		}
	default:
		f.memory(made).Set(f.memory(p))
	}
}

func summaryOf(r Resource) Resource {
	t := TypeOf(r)
	if t == nil || pointerOf(r) == nil {
		return r
	}
	return As[Resource](t.summary(pointerOf(r)))
}
