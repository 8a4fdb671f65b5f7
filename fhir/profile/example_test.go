package profile_test

import (
	"errors"
	"fmt"
	"log"
	"testing/fstest"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/r4"
)

// The official definitions are part of the program.
func ExampleBase() {
	d, err := profile.Base().StructureDefinition("http://hl7.org/fhir/StructureDefinition/bodyweight")
	if err != nil {
		log.Fatal(err)
	}
	for i := range d.Snapshot.Element {
		if e := &d.Snapshot.Element[i]; e.ID == "Observation.value[x]:valueQuantity.unit" {
			least, _ := e.Min.Get()
			fmt.Println(e.ID, least, e.Max)
		}
	}
	// Output: Observation.value[x]:valueQuantity.unit 1 1
}

// A profile from a folder comes without a snapshot and leaves with one.
func ExampleRegistry_AddDir() {
	folder := fstest.MapFS{"girl.json": {Data: []byte(`{
		"resourceType": "StructureDefinition", "url": "http://example.org/Girl", "name": "Girl", "status": "draft",
		"kind": "resource", "abstract": false, "type": "Patient", "derivation": "constraint",
		"baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
		"differential": {"element": [{"id": "Patient.gender", "path": "Patient.gender", "min": 1, "fixedCode": "female"}]}}`)}}

	r := profile.New(profile.Base())
	if err := r.AddDir(folder); err != nil {
		log.Fatal(err)
	}
	d, err := r.StructureDefinition("http://example.org/Girl")
	if err != nil {
		log.Fatal(err)
	}
	for i := range d.Snapshot.Element {
		if e := &d.Snapshot.Element[i]; e.Path == "Patient.gender" {
			fmt.Println(len(d.Snapshot.Element), e.Max, e.Fixed, e.Binding.Strength, e.Short)
		}
	}
	// Output: 45 1 female required male | female | other | unknown
}

// An error says which definition is meant and what is wrong with it.
func ExampleRegistry_StructureDefinition() {
	r := profile.New(profile.Base())
	r.Add(&r4.StructureDefinition{
		URL: "http://example.org/Odd", Type: "Patient", Derivation: "constraint",
		BaseDefinition: "http://hl7.org/fhir/StructureDefinition/Patient",
		Differential: &r4.StructureDefinitionDifferential{Element: []r4.ElementDefinition{
			{ID: "Patient.gender", Path: "Patient.gender", Max: "2"},
			{ID: "Patient.hair", Path: "Patient.hair", Min: r4.IntOf(1)},
		}},
	})
	_, err := r.StructureDefinition("http://example.org/Odd")
	fmt.Println(err)

	_, err = r.StructureDefinition("http://example.org/None")
	fmt.Println(errors.Is(err, profile.ErrUnknown), err)
	// Output:
	// http://example.org/Odd#Patient.gender: allows 2 of it, its base at most 1
	// http://example.org/Odd#Patient.hair: there is no such element in the base
	// true http://example.org/None: no StructureDefinition of this URL
}

// Snapshot works without a Registry as well.
func ExampleSnapshot() {
	base, err := profile.Base().StructureDefinition("Observation")
	if err != nil {
		log.Fatal(err)
	}
	weight := &r4.StructureDefinition{
		URL: "http://example.org/Weight", Type: "Observation", Derivation: "constraint",
		Differential: &r4.StructureDefinitionDifferential{Element: []r4.ElementDefinition{
			{Path: "Observation.valueQuantity.unit", Min: r4.IntOf(1)},
		}},
	}
	made, err := profile.Snapshot(weight, base, profile.Base().StructureDefinition)
	if err != nil {
		log.Fatal(err)
	}
	for i := range made.Snapshot.Element {
		if e := &made.Snapshot.Element[i]; e.Path == "Observation.value[x].unit" {
			fmt.Println(e.ID)
		}
	}
	// Output: Observation.value[x]:valueQuantity.unit
}
