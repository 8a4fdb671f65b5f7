package profile_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/r4"
)

const fhir = "http://hl7.org/fhir/StructureDefinition/"

func TestBase(t *testing.T) {
	d, err := profile.Base().StructureDefinition(fhir + "Patient")
	if err != nil {
		t.Fatal(err)
	}
	if d.Type != "Patient" || d.Version != "4.0.1" || len(d.Snapshot.Element) != 45 {
		t.Errorf("%s %s with %d elements", d.Type, d.Version, len(d.Snapshot.Element))
	}
	for _, name := range []string{"Patient", fhir + "Patient|4.0.1", fhir + "Patient|4.0", fhir + "Patient|4.0.0"} {
		if again, err := profile.Base().StructureDefinition(name); err != nil || again != d {
			t.Errorf("%s: %v, not the same definition", name, err)
		}
	}
	for _, name := range []string{"Nothing", fhir + "Patient|3.0.1", fhir + "Patient|5.0", "", "|", "#"} {
		_, err := profile.Base().StructureDefinition(name)
		if _, ok := errors.AsType[*profile.Error](err); !ok || !errors.Is(err, profile.ErrUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBaseAll reads everything that is embedded.
func TestBaseAll(t *testing.T) {
	n := 0
	for url := range profile.Base().StructureDefinitions() {
		d, err := profile.Base().StructureDefinition(url)
		if err != nil || d.URL != url || d.Snapshot == nil {
			t.Errorf("%s: %v", url, err)
		}
		n++
	}
	for url := range profile.Base().ValueSets() {
		if v, err := profile.Base().ValueSet(url); err != nil || v.URL != url {
			t.Errorf("%s: %v", url, err)
		}
		n++
	}
	for url := range profile.Base().CodeSystems() {
		if s, err := profile.Base().CodeSystem(url); err != nil || s.URL != url && !strings.HasPrefix(s.URL, url+"|") {
			t.Errorf("%s: %v", url, err)
		}
		n++
	}
	if n != 655+1316+1059 {
		t.Errorf("%d definitions", n)
	}
}

func TestAdd(t *testing.T) {
	r := profile.New(profile.Base())
	const url = "http://example.org/ValueSet/a"
	for _, version := range []string{"1.9.0", "1.10.0", "1.2.0"} {
		if err := r.Add(&r4.ValueSet{URL: url, Version: version}); err != nil {
			t.Fatal(err)
		}
	}
	for ask, want := range map[string]string{"": "1.10.0", "|1.9.0": "1.9.0", "|1.2": "1.2.0"} {
		if v, err := r.ValueSet(url + ask); err != nil || v.Version != want {
			t.Errorf("%q: %v %v", ask, v, err)
		}
	}
	if _, err := r.ValueSet(url + "|2.0.0"); !errors.Is(err, profile.ErrUnknown) {
		t.Error(err)
	}
	if _, err := r.ValueSet("http://hl7.org/fhir/ValueSet/administrative-gender"); err != nil {
		t.Error(err)
	}
	if err := r.Add(&r4.Patient{}); err == nil {
		t.Error("a Patient was added")
	}
	if err := r.Add(&r4.StructureDefinition{URL: fhir + "Patient", FhirVersion: "5.0.0", Kind: "resource", Derivation: "specialization"}); err == nil {
		t.Error("Patient of R5 was added")
	}
	if err := r.Add(&r4.ValueSet{}); err == nil {
		t.Error("a ValueSet without URL was added")
	}
	if err := profile.Base().Add(&r4.ValueSet{URL: url}); err == nil {
		t.Error("Base took a definition")
	}
}
