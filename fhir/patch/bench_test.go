package patch_test

import (
	"encoding/json"
	"testing"

	"github.com/ponshealth/pons/fhir/patch"
	"github.com/ponshealth/pons/fhir/r4"
)

// BenchmarkApply changes one element of a patient. The baseline is what a patch
// by hand over encoding/json does with the same resource: to a map, one
// assignment, and back to the resource.
func BenchmarkApply(b *testing.B) {
	r := resource(b, patient)
	b.Run("baseline-encoding-json", func(b *testing.B) {
		for b.Loop() {
			doc, _ := r4.Marshal(r)
			var m map[string]any
			if err := json.Unmarshal(doc, &m); err != nil {
				b.Fatal(err)
			}
			m["birthDate"] = "1971-02-03"
			doc, _ = json.Marshal(m)
			if _, err := r4.Unmarshal(doc); err != nil {
				b.Fatal(err)
			}
		}
	})
	jsonPatch, err := patch.ParseJSON([]byte(`[{"op":"replace","path":"/birthDate","value":"1971-02-03"}]`))
	if err != nil {
		b.Fatal(err)
	}
	path, err := patch.ParseFHIRPath(ops(b, `[{"type":"replace","path":"Patient.birthDate","valueDate":"1971-02-03"}]`))
	if err != nil {
		b.Fatal(err)
	}
	xmlPatch, err := patch.ParseXML(diff(`<replace sel="f:Patient/f:birthDate/@value">1971-02-03</replace>`))
	if err != nil {
		b.Fatal(err)
	}
	for name, p := range map[string]patch.Patch{"json": jsonPatch, "fhirpath": path, "xml": xmlPatch} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := patch.Apply(r, p, patch.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
