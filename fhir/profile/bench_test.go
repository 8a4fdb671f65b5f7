package profile_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

// BenchmarkColdPatient reads the definition of Patient as the first thing that a
// program asks for. Each turn begins in a state where nothing is unpacked.
func BenchmarkColdPatient(b *testing.B) {
	for b.Loop() {
		profile.Forget()
		if _, err := profile.Base().StructureDefinition("Patient"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWarmPatient asks for a definition that was read before.
func BenchmarkWarmPatient(b *testing.B) {
	for b.Loop() {
		if _, err := profile.Base().StructureDefinition(fhir + "Patient"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkJSONPatient is the baseline of BenchmarkColdPatient: encoding/json on
// the same definition, without index and unpacking.
func BenchmarkJSONPatient(b *testing.B) {
	d, err := profile.Base().StructureDefinition("Patient")
	if err != nil {
		b.Fatal(err)
	}
	text, err := r4.Marshal(d)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSnapshot makes the snapshot of the blood pressure profile of US Core.
func BenchmarkSnapshot(b *testing.B) {
	text, err := os.ReadFile(shared + "/us-core/StructureDefinition-us-core-blood-pressure.json")
	if err != nil {
		b.Skip("SKIPPED: US Core is not there")
	}
	r := profile.New(profile.Base())
	if err := r.AddDir(os.DirFS(shared + "/us-core")); err != nil {
		b.Fatal(err)
	}
	res, err := r4.Unmarshal(text)
	if err != nil {
		b.Fatal(err)
	}
	d := res.(*r4.StructureDefinition)
	base, err := r.StructureDefinition(d.BaseDefinition)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := profile.Snapshot(d, base, r.StructureDefinition); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAddPackage reads a package of 680 profiles and extensions with their
// snapshots.
func BenchmarkAddPackage(b *testing.B) {
	paths, err := pack.FetchGuides(b.Context())
	if err != nil {
		b.Skip("SKIPPED: ", err)
	}
	text, err := os.ReadFile(paths["hl7.fhir.uv.extensions.r4 5.3.0-ballot-tc1"])
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if err := profile.New(profile.Base()).AddPackage(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}
