package patch

import (
	"reflect"
	"slices"

	"github.com/ponshealth/pons/fhir/r4"
)

// put sets a single field of parent, which is empty, to the value of a part, or
// appends the value to a list. typ is the type that a name like "valueQuantity"
// chose, nil if the value chooses.
func put(parent any, f *r4.Field, typ *r4.Type, part *r4.ParametersParameter) *Error {
	extra := aside(part)
	switch {
	case part.Resource != nil:
		if part.Value != nil || len(part.Part) > 0 || f.Types[0].Kind != r4.KindResource {
			return failed(wrongType)
		}
		if err := f.SetResource(parent, r4.Clone(part.Resource)); err != nil {
			return failed(wrongType)
		}
		return nil
	case len(part.Part) > 0:
		if part.Value != nil {
			return failed("a part has a value and parts")
		}
		return putParts(parent, f, typ, part.Part)
	case part.Value == nil && extra == nil:
		return failed("the value is missing")
	case part.Value == nil:
		return putPrimitive(parent, f, typ, nil, extra)
	}
	of := r4.TypeOf(part.Value)
	if of == nil {
		return failed(wrongType)
	}
	if of.Kind == r4.KindPrimitive {
		return putPrimitive(parent, f, typ, part.Value, extra)
	}
	for _, t := range types(f, typ) {
		if t == of {
			fill(f.Make(parent, t), r4.Clone(part.Value))
			return nil
		}
	}
	return failed(wrongType)
}

const wrongType = "the value is not of the type of the element"

// types are those that a value may have.
func types(f *r4.Field, typ *r4.Type) []*r4.Type {
	if typ != nil {
		return []*r4.Type{typ}
	}
	return f.Types
}

// fill copies the struct that from points to into that of to.
func fill(to, from any) { reflect.ValueOf(to).Elem().Set(reflect.ValueOf(from).Elem()) }

// aside returns id and extensions of a primitive value.
func aside(part *r4.ParametersParameter) *r4.Element {
	f, _, _ := r4.TypeOf(part).Field("value")
	return f.Element(part, 0)
}

// putPrimitive puts a primitive, of which value or extra may be nil.
func putPrimitive(parent any, f *r4.Field, typ *r4.Type, value any, extra *r4.Element) *Error {
	var of string
	if value != nil {
		of = r4.TypeOf(value).Name
	}
	t := suits(types(f, typ), of)
	if t == nil {
		return failed(wrongType)
	}
	i := 0
	if f.List {
		i = f.Len(parent)
	}
	if value != nil {
		text, _ := r4.Text(value)
		if err := f.SetPrimitive(parent, t, text); err != nil {
			return &Error{Kind: Failed, Problem: "the value does not fit", Err: err}
		}
	}
	if extra != nil {
		e := f.MakeElement(parent, t, i)
		if e == nil {
			return failed(wrongType)
		}
		*e = *r4.Clone(extra)
	}
	return nil
}

// suits finds the type for a primitive value of type of ("" for one without
// value): its own; or, where there is no choice, one whose values it can have.
// Parameters has no xhtml, so a string stands for it (the published cases).
func suits(types []*r4.Type, of string) *r4.Type {
	for _, t := range types {
		if t.Kind == r4.KindPrimitive && (t.Name == of || of == "") {
			return t
		}
	}
	if len(types) != 1 || types[0].Kind != r4.KindPrimitive {
		return nil
	}
	t := types[0]
	if family(t.Name) == family(of) || t.Name == "dateTime" && of == "date" {
		return t
	}
	return nil
}

// family is the type that others specialize (datatypes.html#primitive).
func family(primitive string) string {
	switch primitive {
	case "code", "id", "markdown", "xhtml":
		return "string"
	case "url", "canonical", "oid", "uuid":
		return "uri"
	case "positiveInt", "unsignedInt":
		return "integer"
	}
	return primitive
}

// putParts makes an element of parts, each of which is one of its elements.
func putParts(parent any, f *r4.Field, typ *r4.Type, parts []r4.ParametersParameter) *Error {
	if typ == nil {
		if f.Choice {
			return failed("the name of a choice must say its type when parts give the value")
		}
		typ = f.Types[0]
	}
	v := f.Make(parent, typ)
	if v == nil {
		return failed(wrongType)
	}
	for i := range parts {
		part := &parts[i]
		child, chosen, ok := typ.Field(part.Name)
		switch {
		case !ok:
			return failed("a part names no element of the type")
		case !child.List && present(v, child):
			return failed("a part gives an element twice")
		}
		if err := put(v, child, chosen, part); err != nil {
			return err
		}
	}
	return nil
}

// rotate moves one item of a list to another place; those between make room.
func rotate(parent any, f *r4.Field, from, to int) *Error {
	if from == to {
		return nil
	}
	t := f.Types[0]
	if t.Kind == r4.KindPrimitive || t.Kind == r4.KindResource {
		list := takeList(parent, f)
		moved := list[from]
		return putList(parent, f, slices.Insert(slices.Delete(list, from, from+1), to, moved))
	}
	moved, step := t.New(), +1
	if to < from {
		step = -1
	}
	fill(moved, f.At(parent, from))
	for ; from != to; from += step {
		fill(f.At(parent, from), f.At(parent, from+step))
	}
	fill(f.At(parent, to), moved)
	return nil
}

// item is one of a list of primitives or resources, taken out of it.
type item struct {
	resource any
	text     string
	extra    *r4.Element
}

func takeList(parent any, f *r4.Field) []item {
	list := make([]item, f.Len(parent))
	for i := range list {
		if f.Types[0].Kind == r4.KindResource {
			list[i].resource = f.At(parent, i)
			continue
		}
		list[i].text = f.Text(parent, i)
		if e := f.Element(parent, i); e != nil {
			own := *e
			list[i].extra = &own
		}
	}
	return list
}

// putList makes the items the list.
func putList(parent any, f *r4.Field, list []item) *Error {
	f.Clear(parent)
	for i := range list {
		it := &list[i]
		var err error
		if r, ok := it.resource.(r4.Resource); ok {
			err = f.SetResource(parent, r)
		} else if it.text != "" {
			err = f.SetPrimitive(parent, f.Types[0], it.text)
		}
		if err != nil {
			return &Error{Kind: Failed, Problem: "the list does not stay valid", Err: err}
		}
		if it.extra != nil {
			*f.MakeElement(parent, f.Types[0], i) = *it.extra
		}
	}
	return nil
}
