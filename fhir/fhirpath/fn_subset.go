package fhirpath

// Subsetting (N1, "Subsetting").
var subsetFunctions = map[string]function{
	"first": plain(func(_ *machine, in Collection) (Collection, error) { return in[:min(1, len(in))], nil }),
	"last":  plain(func(_ *machine, in Collection) (Collection, error) { return in[max(0, len(in)-1):], nil }),
	"tail":  plain(func(_ *machine, in Collection) (Collection, error) { return in[min(1, len(in)):], nil }),
	"single": plain(func(_ *machine, in Collection) (Collection, error) {
		if len(in) > 1 {
			return nil, severalItems
		}
		return in, nil
	}),
	"skip": valued(1, 1, func(_ *machine, in Collection, args []Collection) (Collection, error) {
		n, ok, err := integerOf(args[0])
		if err != nil || !ok {
			return nil, err
		}
		return in[min(max(n, 0), len(in)):], nil
	}),
	"take": valued(1, 1, func(_ *machine, in Collection, args []Collection) (Collection, error) {
		n, ok, err := integerOf(args[0])
		if err != nil || !ok {
			return nil, err
		}
		return in[:min(max(n, 0), len(in))], nil
	}),
	"intersect": valued(1, 1, func(m *machine, in Collection, args []Collection) (Collection, error) {
		c, err := keep(m, in, args[0], true)
		if err != nil {
			return nil, err
		}
		return distinct(m, c)
	}),
	"exclude": valued(1, 1, func(m *machine, in Collection, args []Collection) (Collection, error) {
		return keep(m, in, args[0], false)
	}),
}

// keep returns the items of in that are in other, or are not.
func keep(m *machine, in, other Collection, want bool) (Collection, error) {
	s := newSet(len(other))
	for k := range other {
		s.add(&other[k])
	}
	out, err := m.list(len(in))
	if err != nil {
		return nil, err
	}
	for k := range in {
		found, err := s.has(m, other, &in[k])
		if err != nil {
			return nil, err
		}
		if found == want {
			out = append(out, in[k])
		}
	}
	return out, nil
}

// Combining (N1, "Combining").
var combineFunctions = map[string]function{
	"union": valued(1, 1, func(m *machine, in Collection, args []Collection) (Collection, error) {
		return union(m, in, args[0])
	}),
	"combine": valued(1, 1, func(m *machine, in Collection, args []Collection) (Collection, error) {
		c, err := m.join(nil, in)
		if err != nil {
			return nil, err
		}
		return m.join(c, args[0])
	}),
}

// Types (N1, "Types", and ofType of "Filtering and projection").
var typeFunctions = map[string]function{
	"is":     typeFunction(typeIs),
	"as":     typeFunction(typeAs),
	"ofType": typeFunction(ofType),
	"type": plain(func(m *machine, in Collection) (Collection, error) {
		out, err := m.list(len(in))
		for k := 0; k < len(in) && err == nil; k++ {
			info := &typeInfo{"System", kindNames[in[k].kind], "System.Any"}
			if t := in[k].typ; t != nil {
				info = &typeInfo{"FHIR", t.Name, ""}
				if t.Base != "" {
					info.base = "FHIR." + t.Base
				}
			}
			out = append(out, Item{kind: kindTypeInfo, value: info})
			err = m.step(1)
		}
		return out, err
	}),
}

func typeFunction(f func(m *machine, t typeTest, in Collection) (Collection, error)) function {
	return function{least: 1, most: 1, build: func(t *tree, _ []eval) (apply, error) {
		name, ok := specifier(t.kids[1])
		if !ok {
			return nil, problem("something else where a type is expected")
		}
		test, err := typeOf(name)
		if err != nil {
			return nil, err
		}
		return func(m *machine, _, in Collection) (Collection, error) { return f(m, test, in) }, nil
	}}
}
