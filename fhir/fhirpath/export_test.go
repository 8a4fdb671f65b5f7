package fhirpath

import "github.com/ponshealth/pons/fhir/r4"

// Inferred is what a check knows of the result of an expression.
type Inferred struct {
	Types     map[string]bool // by Item.TypeName; an abstract one stands for all
	Any, Many bool
}

// Infer checks an expression and returns what is known of its result.
func Infer(e *Expression, on *r4.Type) (Inferred, error) {
	c := checker{input: ofTypes(on)}
	s, err := c.infer(e.tree, c.input)
	if err != nil {
		return Inferred{}, locate(e.text, err)
	}
	i := Inferred{Types: map[string]bool{}, Any: s.any || s.abstract(), Many: s.many}
	for _, t := range s.fhir {
		i.Types["FHIR."+t.Name] = true
	}
	for _, k := range s.system {
		i.Types["System."+kindNames[k]] = true
	}
	return i, nil
}
