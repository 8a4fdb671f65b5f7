package fhirpath

import "strings"

// Systems of codes that have a variable of their own (FHIR R4 fhirpath.html#vars).
var constants = map[string]string{
	"ucum":  ucumSystem,
	"sct":   "http://snomed.info/sct",
	"loinc": "http://loinc.org",
}

// variable compiles %name. A name that is not defined is found out when the
// expression runs, for the caller may define it.
func variable(t *tree) eval {
	name, at := t.name, t.at
	if text, ok := constants[name]; ok {
		return constant(text)
	}
	if rest, ok := strings.CutPrefix(name, "vs-"); ok {
		return constant("http://hl7.org/fhir/ValueSet/" + rest)
	}
	if rest, ok := strings.CutPrefix(name, "ext-"); ok {
		return constant("http://hl7.org/fhir/StructureDefinition/" + rest)
	}
	return func(m *machine, _ Collection) (Collection, error) {
		if c, ok := m.env.Vars[name]; ok {
			return c, nil
		}
		switch name {
		case "context":
			return m.input, nil
		case "resource":
			return m.given(m.env.Resource)
		case "rootResource":
			if m.env.RootResource == nil {
				return m.given(m.env.Resource)
			}
			return m.given(m.env.RootResource)
		}
		return nil, at.fail("a variable that is not defined")
	}
}

func constant(text string) eval {
	c := Collection{String(text)}
	return func(*machine, Collection) (Collection, error) { return c, nil }
}

// given returns what the caller says a variable is, or the input.
func (m *machine) given(v any) (Collection, error) {
	if v == nil {
		return m.input, nil
	}
	i, ok := Of(v)
	if !ok {
		return nil, nil
	}
	return m.single(i)
}
