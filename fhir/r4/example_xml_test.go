package r4_test

import (
	"errors"
	"fmt"

	"github.com/ponshealth/pons/fhir/r4"
)

func ExampleUnmarshalXML() {
	r, err := r4.UnmarshalXML([]byte(`
<Patient xmlns="http://hl7.org/fhir">
  <name>
    <family value="Berg"/>
    <given value="Ana"/>
  </name>
  <birthDate value="1974-12-25"/>
</Patient>`))
	if err != nil {
		fmt.Println(err)
		return
	}
	json, err := r4.Marshal(r)
	fmt.Println(string(json), err)
	// Output: {"resourceType":"Patient","name":[{"family":"Berg","given":["Ana"]}],"birthDate":"1974-12-25"} <nil>
}

func ExampleMarshalXMLIndent() {
	xml, err := r4.MarshalXMLIndent(&r4.Observation{
		Status: "final",
		Code:   &r4.CodeableConcept{Text: "Weight"},
		Value:  &r4.Quantity{Value: "72.50", Unit: "kg"},
	})
	fmt.Print(string(xml), err)
	// Output:
	// <?xml version="1.0" encoding="UTF-8"?>
	// <Observation xmlns="http://hl7.org/fhir">
	//   <status value="final"/>
	//   <code>
	//     <text value="Weight"/>
	//   </code>
	//   <valueQuantity>
	//     <value value="72.50"/>
	//     <unit value="kg"/>
	//   </valueQuantity>
	// </Observation>
	// <nil>
}

func ExampleParseLenient() {
	d, err := r4.ParseLenient([]byte(`{
  "resourceType": "Patient",
  "birthDate": "soon",
  "shoeSize": 42,
  "name": [{"family": "Berg" "given": "Ana"}]
}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range d.Problems {
		fmt.Println(p)
	}
	for _, u := range d.Unknown {
		fmt.Printf("%s has %s: %s\n", u.At, u.Name, u.Source)
	}
	line, column, _ := d.Position("Patient.name[0].given[0]")
	fmt.Println("given name at line", line, "column", column)
	fmt.Println(d.Resource.(*r4.Patient).Name[0].Given)
	// Output:
	// Patient.birthDate: not a date (YYYY, YYYY-MM or YYYY-MM-DD) (line 3)
	// Patient.shoeSize: unknown element (line 4)
	// Patient.name[0]: a comma is missing (line 5)
	// Patient.name[0].given: must be an array (line 5)
	// Patient has shoeSize: 42
	// given name at line 5 column 30
	// [Ana]
}

// Strict reading stops at the first problem; its error finds the others.
func ExampleError_All() {
	_, err := r4.UnmarshalXML([]byte(`<Patient xmlns="http://hl7.org/fhir"><gendre value="male"/><active value="yes"/></Patient>`))
	var e *r4.Error
	if errors.As(err, &e) {
		for _, p := range e.All() {
			fmt.Println(p.Kind, "-", p)
		}
	}
	// Output:
	// unknown element - Patient.gendre: unknown element (line 1)
	// format - Patient.active: not a boolean (line 1)
}
