package fhirpath

import "github.com/ponshealth/pons/fhir/r4"

// The functions that FHIR adds (FHIR R4 fhirpath.html#functions).
var fhirFunctions = map[string]function{
	"extension":  valued(1, 1, extension),
	"hasValue":   plain(hasValue),
	"getValue":   plain(getValue),
	"resolve":    plain(resolve),
	"htmlChecks": plain(htmlChecks),
	"memberOf":   valued(1, 1, memberOf),
	"subsumes": valued(1, 1, func(m *machine, in Collection, args []Collection) (Collection, error) {
		return subsumes(m, in, args[0])
	}),
	"subsumedBy": valued(1, 1, func(m *machine, in Collection, args []Collection) (Collection, error) {
		return subsumes(m, args[0], in)
	}),
	"conformsTo":        valued(1, 1, conformsTo),
	"elementDefinition": plain(elementDefinition),
	"slice":             valued(2, 2, slice),
	"checkModifiers":    valued(0, 16, checkModifiers),
}

var extensions = &step{name: "extension"}

// extension gives the extensions with a URL.
func extension(m *machine, in Collection, args []Collection) (Collection, error) {
	url, ok, err := stringOf(args[0])
	if err != nil || !ok {
		return nil, err
	}
	c, err := extensions.all(m, in)
	if err != nil {
		return nil, err
	}
	out := c[:0]
	for _, i := range c {
		if e, ok := i.value.(*r4.Extension); ok && e.URL == url {
			out = append(out, i)
		}
	}
	return out, nil
}

func hasValue(_ *machine, in Collection) (Collection, error) {
	return boolean(len(in) == 1 && in[0].kind != kindComplex && (in[0].kind != kindPrimitive || in[0].text != "")), nil
}

func getValue(m *machine, in Collection) (Collection, error) {
	if len(in) != 1 || in[0].kind == kindComplex {
		return nil, nil
	}
	i, ok := in[0].toSystem()
	if !ok {
		return nil, nil
	}
	return m.single(i)
}

// memberOf asks whether a coded item is in a value set.
func memberOf(m *machine, in Collection, args []Collection) (Collection, error) {
	return askOf(in, args, m.env.MemberOf, "memberOf needs a terminology, and there is none")
}

// conformsTo asks whether an item conforms to a profile.
func conformsTo(m *machine, in Collection, args []Collection) (Collection, error) {
	return askOf(in, args, m.env.ConformsTo, "conformsTo needs a validator, and there is none")
}

// askOf asks about one item and the URL in the argument.
func askOf(in Collection, args []Collection, ask func(Item, string) (bool, error), nobody string) (Collection, error) {
	url, ok, err := stringOf(args[0])
	switch {
	case err != nil || !ok || len(in) == 0:
		return nil, err
	case len(in) > 1:
		return nil, severalItems
	case ask == nil:
		return nil, problem(nobody)
	}
	is, err := ask(in[0], url)
	if err != nil {
		return nil, err
	}
	return boolean(is), nil
}

func subsumes(m *machine, a, b Collection) (Collection, error) {
	switch {
	case len(a) == 0 || len(b) == 0:
		return nil, nil
	case len(a) > 1 || len(b) > 1:
		return nil, severalItems
	case m.env.Subsumes == nil:
		return nil, problem("subsumption needs a terminology, and there is none")
	}
	is, err := m.env.Subsumes(a[0], b[0])
	if err != nil {
		return nil, err
	}
	return boolean(is), nil
}

// elementDefinition gives the definitions of the items in the input.
func elementDefinition(m *machine, in Collection) (Collection, error) {
	if len(in) > 0 && m.env.ElementDefinition == nil {
		return nil, problem("elementDefinition needs definitions, and there are none")
	}
	out, err := m.list(len(in))
	for k := 0; k < len(in) && err == nil; k++ {
		if d, ok := m.env.ElementDefinition(in[k]); ok && d != nil {
			i, _ := Of(d)
			out = append(out, i)
		}
		err = m.step(1)
	}
	return out, err
}

// slice gives the items that are in a slice of a profile.
func slice(m *machine, in Collection, args []Collection) (Collection, error) {
	structure, okS, errS := stringOf(args[0])
	name, okN, errN := stringOf(args[1])
	switch {
	case errS != nil:
		return nil, errS
	case errN != nil:
		return nil, errN
	case !okS || !okN || len(in) == 0:
		return nil, nil
	case m.env.InSlice == nil:
		return nil, problem("slice needs a validator, and there is none")
	}
	out, err := m.list(len(in))
	if err != nil {
		return nil, err
	}
	for k := range in {
		is, err := m.env.InSlice(in[k], structure, name)
		if err != nil {
			return nil, err
		}
		if is {
			out = append(out, in[k])
		}
	}
	return out, m.step(len(in))
}

var modifiers = &step{name: "modifierExtension"}

// checkModifiers gives its input when that has no other modifier extensions than
// the ones named.
func checkModifiers(m *machine, in Collection, args []Collection) (Collection, error) {
	known := map[string]bool{}
	for _, arg := range args {
		for k := range arg {
			url, _, err := stringOf(arg[k : k+1])
			if err != nil {
				return nil, err
			}
			known[url] = true
		}
	}
	c, err := modifiers.all(m, in)
	if err != nil {
		return nil, err
	}
	for _, i := range c {
		if e, ok := i.value.(*r4.Extension); ok && !known[e.URL] {
			return nil, problem("a modifier extension that is not known")
		}
	}
	return in, nil
}
