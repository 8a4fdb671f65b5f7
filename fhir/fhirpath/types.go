package fhirpath

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// typeInfo is what type() gives (N1, "Reflection").
type typeInfo struct{ namespace, name, base string }

// typeTest is a compiled type specifier: Quantity, FHIR.Patient, System.String.
type typeTest struct {
	fhir   string // a type of FHIR; "" if it cannot be one
	system kind   // a type of System; kindNone if it cannot be one
}

// typeOf resolves a type specifier. Without namespace a type of FHIR comes
// before one of System (N1, "Types": the model's first).
func typeOf(name string) (typeTest, error) {
	namespace, rest, qualified := strings.Cut(name, ".")
	if !qualified {
		if r4.TypeByName(name) != nil {
			return typeTest{fhir: name}, nil
		}
		if k := systemByName(name); k != kindNone {
			return typeTest{system: k}, nil
		}
		return typeTest{}, problem("a type that does not exist")
	}
	switch namespace {
	case "System":
		return typeTest{system: systemByName(rest)}, nil
	case "FHIR":
		if r4.TypeByName(rest) != nil {
			return typeTest{fhir: rest}, nil
		}
	default:
		if r4.TypeByName(name) != nil { // Patient.contact
			return typeTest{fhir: name}, nil
		}
	}
	return typeTest{}, problem("a type that does not exist")
}

func systemByName(name string) kind {
	for k := kindBoolean; k <= kindQuantity; k++ {
		if kindNames[k] == name {
			return k
		}
	}
	return kindNone
}

// holds says whether the item is of the type or of one built on it.
func (t typeTest) holds(i *Item) bool {
	if i.system() {
		return t.system != kindNone && i.kind == t.system
	}
	return t.fhir != "" && isA(i.typ, t.fhir)
}

// compileType compiles is and as.
func compileType(t *tree, left eval) (eval, error) {
	test, err := typeOf(t.name)
	if err != nil {
		return nil, t.at.place(err)
	}
	apply := typeIs
	if t.op == opAs {
		apply = typeAs
	}
	at := t.at
	return func(m *machine, this Collection) (Collection, error) {
		in, err := left(m, this)
		if err != nil {
			return nil, err
		}
		c, err := apply(m, test, in)
		if err != nil {
			return nil, at.place(err)
		}
		return c, nil
	}, nil
}

func typeIs(_ *machine, t typeTest, in Collection) (Collection, error) {
	switch len(in) {
	case 0:
		return nil, nil
	case 1:
		return boolean(t.holds(&in[0])), nil
	}
	return nil, severalItems
}

func typeAs(m *machine, t typeTest, in Collection) (Collection, error) {
	if len(in) > 1 && !m.lenient {
		return nil, severalItems
	}
	return ofType(m, t, in)
}

func ofType(m *machine, t typeTest, in Collection) (Collection, error) {
	if err := m.step(len(in)); err != nil {
		return nil, err
	}
	out, err := m.list(len(in))
	if err != nil {
		return nil, err
	}
	for k := range in {
		if i, ok := t.cast(&in[k]); ok {
			out = append(out, i)
		}
	}
	return out, nil
}

// cast returns what as and ofType make of an item. Unlike for is, the primitives of
// FHIR are independent of each other, a code is no string, but turn into the types
// of System that they stand for (FHIR R4 fhirpath.html#types and #functions).
func (t typeTest) cast(i *Item) (Item, bool) {
	switch {
	case i.kind == kindPrimitive && t.system == kindNone:
		return *i, t.fhir == i.typ.Name || t.fhir == "Element"
	case !i.system() && t.system != kindNone:
		s, ok := i.toSystem()
		return s, ok && s.kind == t.system
	}
	return *i, t.holds(i)
}

// specifier returns the type that an argument names: Quantity, FHIR.Quantity.
func specifier(t *tree) (string, bool) {
	if t.op != opMember {
		return "", false
	}
	of := t.kids[0]
	if of == nil {
		return t.name, true
	}
	if of.op == opMember && of.kids[0] == nil {
		return of.name + "." + t.name, true
	}
	return "", false
}
