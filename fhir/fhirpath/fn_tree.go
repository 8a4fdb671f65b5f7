package fhirpath

// Tree navigation (N1, "Tree navigation").
var treeFunctions = map[string]function{
	"children":    plain(children),
	"descendants": plain(descendants),
}

func children(m *machine, in Collection) (Collection, error) {
	var out Collection
	var err error
	for k := range in {
		if out, err = childrenOf(m, out, &in[k]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// childrenOf appends the children of an item in the order of its definition. The
// value of a primitive is none of them.
func childrenOf(m *machine, out Collection, i *Item) (Collection, error) {
	parent, t := i.value, i.typ
	switch i.kind {
	case kindComplex:
	case kindPrimitive:
		e := i.aside()
		if e == nil {
			return out, m.step(1)
		}
		parent, t = e, elementType()
	default:
		return out, nil
	}
	if err := m.step(1 + len(t.Fields)/4); err != nil {
		return nil, err
	}
	var err error
	for k := range t.Fields {
		f := &t.Fields[k]
		if out, err = addChildren(m, out, parent, f, nil); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// descendants goes down level by level. Equal ones are all there: an element is
// not another because it has the same value.
func descendants(m *machine, in Collection) (Collection, error) {
	out, err := children(m, in)
	for k := 0; err == nil && k < len(out); k++ {
		i := out[k]
		out, err = childrenOf(m, out, &i)
	}
	return out, err
}
