package r4_test

import (
	"errors"
	"fmt"

	"github.com/ponshealth/pons/fhir/r4"
)

func Example() {
	r, err := r4.Unmarshal([]byte(`{
		"resourceType": "Patient",
		"name": [{"family": "Smith", "given": ["John", "Paul"]}],
		"deceasedBoolean": false
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	patient := r.(*r4.Patient)
	fmt.Println(patient.Name[0].Family, patient.Name[0].Given)

	patient.BirthDate = "1985-03-15"
	patient.Deceased = nil
	out, err := r4.Marshal(patient)
	fmt.Println(string(out), err)
	// Output:
	// Smith [John Paul]
	// {"resourceType":"Patient","name":[{"family":"Smith","given":["John","Paul"]}],"birthDate":"1985-03-15"} <nil>
}

// A choice holds a pointer to a datatype or a primitive by its type.
func Example_choice() {
	for _, o := range []r4.Observation{
		{Value: &r4.Quantity{Value: "6.30", Unit: "mmol/L"}},
		{Value: r4.String("trace")},
		{Value: r4.Integer(0)},
		{},
	} {
		switch v := o.Value.(type) {
		case *r4.Quantity:
			fmt.Println(v.Value, v.Unit)
		case r4.String:
			fmt.Println("text:", v)
		case nil:
			fmt.Println("no value")
		default:
			fmt.Printf("%T %v\n", v, v)
		}
	}
	// Output:
	// 6.30 mmol/L
	// text: trace
	// r4.Integer 0
	// no value
}

// False and 0 are values, so Bool and Int tell them from absence.
func Example_presence() {
	var p r4.Patient
	fmt.Println(p.Active.Present(), p.Active == r4.False)
	p.Active = r4.False
	p.Telecom = []r4.ContactPoint{{Value: "555 1234", Rank: r4.IntOf(1)}}
	rank, ok := p.Telecom[0].Rank.Get()
	fmt.Println(p.Active.Present(), p.Active.True(), rank, ok)
	// Output:
	// false false
	// true false 1 true
}

// An error names the element and never shows what stood there.
func ExampleError() {
	_, err := r4.Unmarshal([]byte(`{
		"resourceType": "Patient",
		"contact": [{"name": {"familyName": "Smith"}}]
	}`))
	var e *r4.Error
	if errors.As(err, &e) {
		fmt.Println(e.At, e.Line, e.Problem)
	}
	// Output: Patient.contact[0].name.familyName 3 unknown element
}

func ExampleMakePrimitiveElement() {
	p := &r4.Patient{BirthDate: "1985-03-15"}
	e := r4.MakePrimitiveElement(p, "birthDate", 0)
	e.Extension = append(e.Extension, r4.Extension{
		URL:   "http://hl7.org/fhir/StructureDefinition/patient-birthTime",
		Value: r4.DateTime("1985-03-15T04:30:00Z"),
	})
	out, err := r4.Marshal(p)
	fmt.Println(string(out), err)
	// Output: {"resourceType":"Patient","birthDate":"1985-03-15","_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":"1985-03-15T04:30:00Z"}]}} <nil>
}

// Code that knows the types only at run time goes by the descriptors.
func ExampleField() {
	r, _ := r4.New("Patient")
	name, humanName, _ := r4.TypeOf(r).Field("name")
	n := name.Make(r, humanName)

	family, str, _ := humanName.Field("family")
	fmt.Println(family.SetPrimitive(n, str, "Smith"))

	birthDate, date, _ := r4.TypeOf(r).Field("birthDate")
	fmt.Println(birthDate.SetPrimitive(r, date, "15/03/1985"))

	for v := range name.Values(r) {
		fmt.Println(family.Text(v, 0))
	}
	// Output:
	// <nil>
	// birthDate: not a date (YYYY, YYYY-MM or YYYY-MM-DD)
	// Smith
}

func ExampleTypeByName() {
	contact := r4.TypeByName("Patient.contact")
	for _, f := range contact.Fields {
		if f.Binding != nil {
			fmt.Println(f.Name, f.Binding.Strength, f.Binding.ValueSet)
		}
	}
	// Output:
	// relationship extensible http://hl7.org/fhir/ValueSet/patient-contactrelationship
	// gender required http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1
}

func ExampleClone() {
	p := &r4.Patient{Name: []r4.HumanName{{Family: "Smith"}}}
	c := r4.Clone(p)
	fmt.Println(r4.Equal(p, c))
	c.Name[0].Family = "Jones"
	fmt.Println(p.Name[0].Family, r4.Equal(p, c))
	// Output:
	// true
	// Smith false
}
