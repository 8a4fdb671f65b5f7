package fhirpath_test

import (
	"fmt"
	"time"

	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/r4"
)

func Example() {
	patient := &r4.Patient{
		BirthDate: "1974-12-25",
		Name: []r4.HumanName{
			{Use: "official", Family: "Chalmers", Given: []string{"Peter", "James"}},
			{Use: "usual", Given: []string{"Jim"}},
		},
	}
	official := fhirpath.MustCompile("name.where(use = 'official').given.first()")
	given, err := official.Evaluate(nil, patient)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, item := range given {
		fmt.Println(item.TypeName(), item.Value())
	}
	// Output: FHIR.string Peter
}

// An element of the result is the element of the resource: to change it is to
// change that.
func ExampleItem_Place() {
	patient := &r4.Patient{Name: []r4.HumanName{{Given: []string{"Peter", "James"}}}}
	given, err := fhirpath.MustCompile("name.given[1]").Evaluate(nil, patient)
	if err != nil {
		fmt.Println(err)
		return
	}
	parent, field, index, _ := given[0].Place()
	field.Remove(parent, index)
	fmt.Println(patient.Name[0].Given)
	// Output: [Peter]
}

// CompileFor finds what can never work, or not on all data, before there is any.
func ExampleCompileFor() {
	on := r4.TypeByName("Patient")
	for _, expr := range []string{
		"name.first().family.startsWith('C')",
		"name.famly",
		"name.family.startsWith('C')",
		"birthDate + 1",
	} {
		_, err := fhirpath.CompileFor(expr, on)
		fmt.Println(err)
	}
	// Output:
	// <nil>
	// fhirpath: 1:6: no element famly in HumanName
	// fhirpath: 1:13: there may be several items where one is expected
	// fhirpath: 1:11: date and System.Integer, which + does not take together
}

// An invariant holds or does not.
func ExampleExpression_True() {
	period := fhirpath.MustCompile("start.hasValue().not() or end.hasValue().not() or (start <= end)")
	for _, p := range []*r4.Period{
		{Start: "2024-05-17", End: "2024-05-18"},
		{Start: "2024-05-17", End: "2024-05-16"},
		{Start: "2024-05-17", End: "2024-05"}, // perhaps
	} {
		holds, err := period.True(nil, p)
		fmt.Println(holds, err)
	}
	// Output:
	// true <nil>
	// false <nil>
	// true <nil>
}

// Variables, the time and what lies outside of the resource come with the
// environment.
func ExampleEnv() {
	observation := &r4.Observation{
		Status:    "final",
		Effective: r4.DateTime("2024-05-17T08:30:00Z"),
		Value:     &r4.Quantity{Value: "7.2", Unit: "kg", System: "http://unitsofmeasure.org", Code: "kg"},
	}
	env := &fhirpath.Env{
		Now:  time.Date(2024, 5, 17, 9, 0, 0, 0, time.UTC),
		Vars: map[string]fhirpath.Collection{"least": {fhirpath.Integer(7)}},
	}
	recent := fhirpath.MustCompile("effective > now() - 1 hour and value.value > %least and value < 8000 'g'")
	c, err := recent.Evaluate(env, observation)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c[0].Value())
	// Output: true
}
