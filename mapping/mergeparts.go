package mapping

import (
	"reflect"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// listKey returns what tells the entries of a list apart, nil if the list is
// replaced as a whole.
func listKey(f *r4.Field, path string) func(any) string {
	if !f.List || f.Types[0].Kind == r4.KindPrimitive {
		return nil
	}
	if key := byKey[path]; key != nil {
		return key
	}
	return byKey[f.Types[0].Name]
}

// saysLess reports whether a single value of src is in that of dst already: the
// same primitive, the beginning of its date, or the true of a choice of which
// dst has the time or number (Patient.deceased, multipleBirth).
func saysLess(f *r4.Field, dst, src any) bool {
	text, known := f.Text(src, 0), f.Text(dst, 0)
	is, was := f.TypeAt(src), f.TypeAt(dst)
	switch e := f.Element(src, 0); {
	case text == "" || e != nil && !onlyURL(e.Extension, originalText):
		return false
	case e != nil:
		return is == was && lessPrecise(is, text, known)
	case is == was:
		return text == known || lessPrecise(is, text, known)
	}
	return f.Choice && is.Name == "boolean" && text == "true" && was.Kind == r4.KindPrimitive
}

// filled reports whether the field holds a value or what stands for one.
func filled(f *r4.Field, parent any) bool {
	return f.Len(parent) > 0 || f.Element(parent, 0) != nil
}

// saysNothing reports whether src has only the word that nothing is known.
func saysNothing(f *r4.Field, src any, path string) bool {
	if f.List && f.Len(src) > 1 {
		return false
	}
	if text := f.Text(src, 0); text != "" {
		return text == empty[path]
	}
	if e := f.Element(src, 0); e != nil && f.Len(src) == 0 {
		return onlyAbsent(e.Extension)
	}
	v := f.At(src, 0)
	if c, ok := v.(*r4.Coding); ok && c.System == nullFlavor {
		return true
	}
	t := r4.TypeOf(v)
	if t == nil || t.Kind == r4.KindResource {
		return false
	}
	ext, _, ok := t.Field("extension")
	if !ok {
		return false
	}
	within := false // parts that are required, and say so themselves
	for i := range t.Fields {
		g := &t.Fields[i]
		if g.Name == ext.Name || !filled(g, v) {
			continue
		}
		if !saysNothing(g, v, path+"."+g.Name) {
			return false
		}
		within = true
	}
	var list []r4.Extension
	for e := range ext.Values(v) {
		list = append(list, *e.(*r4.Extension))
	}
	return onlyAbsent(list) || within && len(list) == 0
}

func onlyAbsent(list []r4.Extension) bool { return onlyURL(list, dataAbsent) }

func onlyURL(list []r4.Extension, url string) bool {
	for i := range list {
		if list[i].URL != url {
			return false
		}
	}
	return len(list) > 0
}

// copyAll gives dst, whose field is empty, the values of src. src is given up:
// the two share what is below.
func copyAll(f *r4.Field, dst, src any) {
	n := max(f.Len(src), 1)
	for i := range n {
		if v := f.At(src, i); v != nil && f.TypeAt(src) != nil && f.TypeAt(src).Kind != r4.KindPrimitive {
			put(f, dst, v)
			continue
		}
		if text := f.Text(src, i); text != "" {
			// It had the format of the type where it comes from.
			_ = f.SetPrimitive(dst, f.TypeAt(src), text)
		}
		if e := f.Element(src, i); e != nil {
			if d := f.MakeElement(dst, f.TypeAt(src), i); d != nil {
				*d = *e
			}
		}
	}
}

// put sets a complex value or resource, or appends it to a list.
func put(f *r4.Field, dst, value any) {
	if r, ok := value.(r4.Resource); ok {
		_ = f.SetResource(dst, r) // its field took it before
		return
	}
	p := f.Make(dst, r4.TypeOf(value))
	reflect.ValueOf(p).Elem().Set(reflect.ValueOf(value).Elem())
}

// remove deletes the element at a path of [Entry.Nulls]: names with dots, an
// extension with its URL behind a colon, which ends the path.
func remove(parent any, path string) {
	if owned[path] || path == "identifier" {
		return
	}
	t := r4.TypeOf(parent)
	if t == nil {
		return
	}
	if name, url, ok := strings.Cut(path, ":"); ok && !strings.Contains(name, ".") {
		removeExtension(parent, name, url)
		return
	}
	name, rest, deeper := strings.Cut(path, ".")
	f, _, ok := t.Field(name)
	if !ok {
		return
	}
	if !deeper {
		f.Clear(parent)
		return
	}
	if e := f.Element(parent, 0); e != nil {
		if n, url, ok := strings.Cut(rest, ":"); ok && n == "extension" {
			if e.Extension = without(e.Extension, url); e.Extension == nil && e.ID == "" {
				typ, text := f.TypeAt(parent), f.Text(parent, 0)
				f.Clear(parent)
				if text != "" {
					_ = f.SetPrimitive(parent, typ, text)
				}
			}
		}
		return
	}
	if v := f.At(parent, 0); r4.TypeOf(v) != nil {
		remove(v, rest)
		if r4.Equal(v, r4.TypeOf(v).New()) {
			f.Clear(parent) // an element without parts is not valid
		}
	}
}

func removeExtension(parent any, name, url string) {
	f, _, ok := r4.TypeOf(parent).Field(name)
	if !ok {
		return
	}
	for i := f.Len(parent) - 1; i >= 0; i-- {
		if e, ok := f.At(parent, i).(*r4.Extension); ok && e.URL == url {
			f.Remove(parent, i)
		}
	}
}

func without(list []r4.Extension, url string) []r4.Extension {
	var rest []r4.Extension
	for _, e := range list {
		if e.URL != url {
			rest = append(rest, e)
		}
	}
	return rest
}
