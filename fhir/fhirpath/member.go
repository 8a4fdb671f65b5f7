package fhirpath

import (
	"sync/atomic"

	"github.com/ponshealth/pons/fhir/r4"
)

// compileMember compiles a name. Where a path begins, the name may also be that
// of the type of what it applies to, which then is itself: Patient.name.
func compileMember(t *tree) (eval, error) {
	of := t.kids[0]
	s := &step{name: t.name}
	at := t.at
	if of == nil {
		typeName := t.name[0] >= 'A' && t.name[0] <= 'Z'
		return func(m *machine, this Collection) (Collection, error) {
			if typeName && len(this) == 1 && this[0].kind == kindComplex && isA(this[0].typ, t.name) {
				return this, nil
			}
			c, err := s.all(m, this)
			if err != nil {
				return nil, at.place(err)
			}
			return c, nil
		}, nil
	}
	left, err := compile(of)
	if err != nil {
		return nil, err
	}
	return func(m *machine, this Collection) (Collection, error) {
		in, err := left(m, this)
		if err != nil {
			return nil, err
		}
		c, err := s.all(m, in)
		if err != nil {
			return nil, at.place(err)
		}
		return c, nil
	}, nil
}

// isA says whether a type is the named one or built on it.
func isA(t *r4.Type, name string) bool {
	for t != nil {
		if t.Name == name {
			return true
		}
		if t.Base == name {
			return true
		}
		if t.Base == "" {
			return false
		}
		t = r4.TypeByName(t.Base)
	}
	return false
}

// step goes from elements to their children of one name.
type step struct {
	name string
	last atomic.Pointer[found] // of the type met first, which mostly is the only one
}

// found is what a name means in a type; field is nil when it means nothing.
type found struct {
	typ    *r4.Type
	field  *r4.Field
	choice *r4.Type // that the name chooses: valueQuantity
}

func (s *step) find(t *r4.Type) found {
	if f := s.last.Load(); f != nil && f.typ == t {
		return *f
	}
	f := found{typ: t}
	field, choice, ok := t.Field(s.name)
	if ok {
		f.field = field
		if field.Choice {
			f.choice = choice
		}
	}
	if s.last.Load() == nil {
		first := f
		s.last.CompareAndSwap(nil, &first)
	}
	return f
}

// all returns the children of all items.
func (s *step) all(m *machine, in Collection) (Collection, error) {
	if err := m.step(1 + len(in)); err != nil {
		return nil, err
	}
	out, err := m.list(len(in))
	if err != nil {
		return nil, err
	}
	for k := range in {
		if out, err = s.of(m, out, &in[k]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// of appends the children of one item to out.
func (s *step) of(m *machine, out Collection, i *Item) (Collection, error) {
	parent, t := i.value, i.typ
	switch i.kind {
	case kindComplex:
	case kindPrimitive:
		if s.name == "value" {
			if v, ok := i.toSystem(); ok {
				return m.add(out, v)
			}
			return out, nil
		}
		e := i.aside()
		if e == nil {
			return out, nil
		}
		parent, t = e, elementType()
	case kindQuantity, kindTypeInfo:
		if v, ok := i.part(s.name); ok {
			return m.add(out, v)
		}
		return out, nil
	default:
		return out, nil
	}
	f := s.find(t)
	if f.field == nil {
		return out, nil
	}
	return addChildren(m, out, parent, f.field, f.choice)
}

// addChildren appends what a field holds in parent; with choice only what is of
// that type.
func addChildren(m *machine, out Collection, parent any, f *r4.Field, choice *r4.Type) (Collection, error) {
	n := elements(parent, f)
	if n > 1 {
		if err := m.step(n); err != nil {
			return nil, err
		}
	}
	for k := range n {
		var err error
		if out, err = m.room(out); err != nil {
			return nil, err
		}
		i := &out[:len(out)+1][len(out)]
		if i.set(parent, f, k) && (choice == nil || i.typ == choice) {
			out = out[:len(out)+1]
		}
	}
	return out, nil
}

// aside returns the id and extensions of a primitive, nil if it has none.
func (i *Item) aside() *r4.Element {
	if i.field == nil {
		return nil
	}
	return i.field.Element(i.parent, int(i.index))
}

func elementType() *r4.Type { return r4.TypeOf((*r4.Element)(nil)) }

// part returns a part of a value of System.
func (i *Item) part(name string) (Item, bool) {
	switch v := i.value.(type) {
	case *Quantity:
		switch name {
		case "value":
			return decimalItem(v.value), true
		case "unit":
			return String(v.unit), v.unit != ""
		}
	case *typeInfo:
		switch name {
		case "namespace":
			return String(v.namespace), true
		case "name":
			return String(v.name), true
		case "baseType":
			return String(v.base), v.base != ""
		}
	}
	return Item{}, false
}
