package terminology_test

import (
	"testing"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/terminology"
)

var benchmarks = []struct{ name, set, system, code string }{
	{"gender", vs + "administrative-gender", "", "female"},
	{"listed", vs + "iso3166-1-2", "urn:iso:std:iso:3166", "GB"},
	{"hierarchy", th + "v3-ActEncounterCode", v3 + "ActCode", "AMB"},
	{"imported", vs + "all-types", "", "Patient"},
	{"language", vs + "all-languages", "", "en-GB"},
	{"unit", vs + "ucum-units", "http://unitsofmeasure.org", "mm[Hg]"},
	{"cannot", vs + "observation-codes", "http://loinc.org", "8867-4"},
}

// BenchmarkValidateCode asks for codes of value sets that were asked before.
func BenchmarkValidateCode(b *testing.B) {
	m := terminology.New(profile.Base())
	for _, x := range benchmarks {
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.ValidateCode(x.set, x.system, x.code, ""); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMap is the baseline of BenchmarkValidateCode: one look into a map.
func BenchmarkMap(b *testing.B) {
	type coded struct{ system, code string }
	m := map[coded]bool{{"urn:iso:std:iso:3166", "GB"}: true, {"urn:iso:std:iso:3166", "DE"}: true}
	for b.Loop() {
		if !m[coded{"urn:iso:std:iso:3166", "GB"}] {
			b.Fatal()
		}
	}
}

// BenchmarkCold asks a new service, which has to read the definitions of the
// value set and its code system.
func BenchmarkCold(b *testing.B) {
	x := benchmarks[2]
	for b.Loop() {
		if _, err := terminology.New(profile.Base()).ValidateCode(x.set, x.system, x.code, ""); err != nil {
			b.Fatal(err)
		}
	}
}
