package profile

import "github.com/ponshealth/pons/fhir/r4"

// make makes the snapshot of an entry that came without one.
func (r *Registry) make(e *entry) (*r4.StructureDefinition, error) {
	d := e.resource().(*r4.StructureDefinition)
	return nil, &Error{At: d.URL, Problem: "has no snapshot"}
}
