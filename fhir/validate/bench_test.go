package validate_test

import (
	"context"
	"encoding/json"
	"os"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/validate"
)

// BenchmarkPatient validates a patient as a hospital sends it: against the base
// definitions, as a document, and against UKCore-Patient. The baseline is
// encoding/json, which reads the same document into maps.
func BenchmarkPatient(b *testing.B) {
	doc, err := os.ReadFile("testdata/patient.json")
	if err != nil {
		b.Fatal(err)
	}
	res, err := r4.Unmarshal(doc)
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	v := baseValidator()
	if o := v.Validate(ctx, doc); !validate.Valid(o) {
		b.Fatal(errorsOf(o))
	}
	b.Run("base", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v.ValidateResource(ctx, res)
		}
	})
	b.Run("document", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(doc)))
		for b.Loop() {
			v.Validate(ctx, doc)
		}
	})
	b.Run("UK Core", func(b *testing.B) {
		uk := coreValidator()
		if uk == nil {
			b.Skip("SKIPPED: " + sharedProfiles + " is not here")
		}
		uk.ValidateResource(ctx, res, profileOf["uk-patient"])
		b.ReportAllocs()
		for b.Loop() {
			uk.ValidateResource(ctx, res, profileOf["uk-patient"])
		}
	})
	b.Run("baseline encoding_json", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(doc)))
		for b.Loop() {
			var m map[string]any
			if err := json.Unmarshal(doc, &m); err != nil {
				b.Fatal(err)
			}
		}
	})
}
