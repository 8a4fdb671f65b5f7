package validate_test

import (
	"context"
	"fmt"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/terminology"
	"github.com/ponshealth/pons/fhir/validate"
)

func Example() {
	v, err := validate.New(validate.Options{
		Definitions: profile.Base(),
		Terminology: terminology.New(profile.Base()),
	})
	if err != nil {
		panic(err)
	}
	outcome := v.Validate(context.Background(), []byte(`{
		"resourceType": "Patient",
		"text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">A patient</div>"},
		"gender": "f",
		"contact": [{"gender": "male"}]
	}`))
	for _, i := range outcome.Issue {
		fmt.Printf("%s %s: %s\n", i.Severity, i.Expression[0], i.Details.Text)
	}
	fmt.Println(validate.Valid(outcome))
	// Output:
	// error Patient.gender: not in the value set http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1, from which a code is required
	// error Patient.contact[0]: pat-1: SHALL at least contain a contact's details or a reference to an organization
	// false
}

func ExampleValidator_ValidateResource() {
	v, err := validate.New(validate.Options{Definitions: profile.Base()})
	if err != nil {
		panic(err)
	}
	o := &r4.Observation{
		Status:    "final",
		Code:      &r4.CodeableConcept{Coding: []r4.Coding{{System: "http://loinc.org", Code: "8867-4"}}},
		Subject:   &r4.Reference{Reference: "Patient/1"},
		Effective: r4.DateTime("2024-05-01"),
		Value:     &r4.Quantity{Value: "72", Unit: "beats/min", System: "http://unitsofmeasure.org", Code: "/s"},
	}
	outcome := v.ValidateResource(context.Background(), o, "http://hl7.org/fhir/StructureDefinition/heartrate")
	for _, i := range outcome.Issue {
		if i.Severity == "error" {
			fmt.Printf("%s: %s\n", i.Expression[0], i.Details.Text)
		}
	}
	// Output:
	// Observation: Observation.category: at least 1 required, found 0
	// Observation: slice Observation.category:VSCat: at least 1 required, found 0
	// Observation.value.code: not the fixed value
}

func ExampleValidator_MustSupport() {
	v, err := validate.New(validate.Options{Definitions: profile.Base()})
	if err != nil {
		panic(err)
	}
	o := &r4.Observation{Status: "final", Code: &r4.CodeableConcept{Text: "Body weight"}}
	list, err := v.MustSupport(o, "http://hl7.org/fhir/StructureDefinition/bodyweight")
	if err != nil {
		panic(err)
	}
	for _, s := range list[:4] {
		fmt.Println(s.ID, s.Present)
	}
	// Output:
	// Observation.status 1
	// Observation.category 0
	// Observation.category:VSCat 0
	// Observation.category:VSCat.coding 0
}
