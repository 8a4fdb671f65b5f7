package r4

import (
	"iter"
	"slices"
)

// The functions here work on the extensions of anything that has some: a
// pointer to a resource, to an element, to an *[Extension] (which may hold
// others), and to the *[Element] that holds those of a primitive:
//
//	r4.GetExtension(r4.PrimitiveElement(patient, "birthDate", 0), url)
//	r4.SetExtension(r4.MakePrimitiveElement(patient, "birthDate", 0), url, value)
//
// Modifier extensions are not looked at: what they are for, no program may pass
// over them, so a look for one by its URL would not do (FHIR R4
// extensibility.html#modifierExtension).

// GetExtension returns the first extension of in with the URL, a pointer into
// its list; nil when there is none, also when in is nil or has no extensions.
func GetExtension(in any, url string) *Extension {
	for e := range Extensions(in, url) {
		return e
	}
	return nil
}

// Extensions yields all extensions of in with the URL, as pointers into its list.
func Extensions(in any, url string) iter.Seq[*Extension] {
	return func(yield func(*Extension) bool) {
		list := extensionsOf(in)
		if list == nil {
			return
		}
		for i := range *list {
			if e := &(*list)[i]; e.URL == url && !yield(e) {
				return
			}
		}
	}
}

// ExtensionValue returns the value of the first extension of in with the URL, if
// it is a T, and else the zero T (see [As]).
//
//	born := r4.ExtensionValue[r4.DateTime](r4.PrimitiveElement(patient, "birthDate", 0), url)
func ExtensionValue[T any](in any, url string) T {
	if e := GetExtension(in, url); e != nil {
		return As[T](e.Value)
	}
	var none T
	return none
}

// AddExtension appends an extension to in and returns it, to add others to it or
// an id. value is nil for one that holds others. The result is nil when in has
// no extensions ([Bundle], for one). It may move the list: pointers into it from
// before are stale.
func AddExtension(in any, url string, value Value) *Extension {
	list := extensionsOf(in)
	if list == nil {
		return nil
	}
	*list = append(*list, Extension{URL: url, Value: value})
	return &(*list)[len(*list)-1]
}

// SetExtension gives the extension with the URL that value: the first one there
// is, which keeps its id but loses extensions inside it, or a new one. Others
// with the same URL are removed. It returns the extension like [AddExtension].
func SetExtension(in any, url string, value Value) *Extension {
	list := extensionsOf(in)
	if list == nil {
		return nil
	}
	i := slices.IndexFunc(*list, func(e Extension) bool { return e.URL == url })
	if i < 0 {
		return AddExtension(in, url, value)
	}
	(*list)[i] = Extension{ID: (*list)[i].ID, URL: url, Value: value}
	rest := slices.DeleteFunc((*list)[i+1:], func(e Extension) bool { return e.URL == url })
	*list = (*list)[:i+1+len(rest)]
	return &(*list)[i]
}

// RemoveExtension removes all extensions of in with the URL and returns how many
// there were.
func RemoveExtension(in any, url string) int {
	list := extensionsOf(in)
	if list == nil {
		return 0
	}
	before := len(*list)
	*list = slices.DeleteFunc(*list, func(e Extension) bool { return e.URL == url })
	if len(*list) == 0 {
		*list = nil
	}
	return before - len(*list)
}

// extensionsOf returns the list of extensions in a struct, nil if it has none.
func extensionsOf(in any) *[]Extension {
	t := TypeOf(in)
	if t == nil || t.goType == nil {
		return nil
	}
	f, _, ok := t.Field("extension")
	if !ok {
		return nil
	}
	return (*[]Extension)(f.in(in))
}
