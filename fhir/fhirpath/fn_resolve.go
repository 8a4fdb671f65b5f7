package fhirpath

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// resolve gives the resources that references and URIs lead to: contained ones,
// entries of the same Bundle, and what Env.Resolve finds. What leads nowhere is
// left out.
func resolve(m *machine, in Collection) (Collection, error) {
	out, err := m.list(len(in))
	if err != nil {
		return nil, err
	}
	for k := range in {
		if err := m.step(1); err != nil {
			return nil, err
		}
		ref := referenceOf(&in[k])
		if ref == "" {
			continue
		}
		i, ok, err := m.target(ref)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, i)
		}
	}
	return out, nil
}

// referenceOf returns the text of a Reference, a URI or a string.
func referenceOf(i *Item) string {
	if r, ok := i.value.(*r4.Reference); ok {
		return r.Reference
	}
	s, _ := i.str()
	return s
}

func (m *machine) target(ref string) (i Item, ok bool, err error) {
	root, err := m.given(m.env.RootResource)
	if err == nil && m.env.RootResource == nil && m.env.Resource != nil {
		root, err = m.given(m.env.Resource)
	}
	if err != nil {
		return Item{}, false, err
	}
	if id, local := strings.CutPrefix(ref, "#"); local {
		return m.contained(root, id)
	}
	if i, ok, err = m.entry(root, ref); ok || err != nil {
		return i, ok, err
	}
	if m.env.Resolve != nil {
		if r, found := m.env.Resolve(ref); found && r != nil {
			i, ok = Of(r)
		}
	}
	return i, ok, nil
}

// contained finds a contained resource by its id; # alone is the container.
func (m *machine) contained(root Collection, id string) (Item, bool, error) {
	if len(root) != 1 {
		return Item{}, false, nil
	}
	if id == "" {
		return root[0], true, nil
	}
	f, _, ok := fieldOf(&root[0], "contained")
	if !ok {
		return Item{}, false, nil
	}
	n := f.Len(root[0].value)
	for k := range n {
		if r, isResource := f.At(root[0].value, k).(r4.Resource); isResource && r.ResourceID() == id {
			i, ok := elementAt(root[0].value, f, k)
			return i, ok, m.step(k)
		}
	}
	return Item{}, false, m.step(n)
}

// entry finds a resource of a Bundle by its full URL, or by its type and id
// behind the base of that (FHIR R4 bundle.html#references).
func (m *machine) entry(root Collection, ref string) (Item, bool, error) {
	if len(root) != 1 {
		return Item{}, false, nil
	}
	bundle, ok := root[0].value.(*r4.Bundle)
	if !ok {
		return Item{}, false, nil
	}
	ref, _, _ = strings.Cut(ref, "/_history/")
	absolute := strings.Contains(ref, ":")
	for k := range bundle.Entry {
		e := &bundle.Entry[k]
		if e.Resource == nil {
			continue
		}
		if e.FullURL == ref || !absolute && strings.HasSuffix(e.FullURL, "/"+ref) ||
			!absolute && e.Resource.ResourceType()+"/"+e.Resource.ResourceID() == ref {
			i, ok := Of(e.Resource)
			return i, ok, m.step(k)
		}
	}
	return Item{}, false, m.step(len(bundle.Entry))
}

func fieldOf(i *Item, name string) (*r4.Field, *r4.Type, bool) {
	if i.typ == nil || i.kind != kindComplex {
		return nil, nil, false
	}
	return i.typ.Field(name)
}
