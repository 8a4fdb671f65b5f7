package terminology_test

import (
	"fmt"
	"log"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/terminology"
)

// A code is in a value set, or is not, or that cannot be told here.
func ExampleMemory_ValidateCode() {
	t := terminology.New(profile.Base())
	for _, x := range []struct{ set, system, code string }{
		{"http://hl7.org/fhir/ValueSet/administrative-gender", "", "female"},
		{"http://hl7.org/fhir/ValueSet/administrative-gender", "", "F"},
		{"http://hl7.org/fhir/ValueSet/condition-code", "http://snomed.info/sct", "73211009"},
	} {
		r, err := t.ValidateCode(x.set, x.system, x.code, "")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %v (%s)\n", x.code, r.Answer, r.Reason)
	}
	// Output:
	// female: in ()
	// F: not in ()
	// 73211009: cannot tell (the content of the code system http://snomed.info/sct is not here)
}

// The display that came with a code may be another code's.
func ExampleMemory_ValidateCode_display() {
	t := terminology.New(profile.Base())
	r, err := t.ValidateCode("", "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", "M", "divorced")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Answer, r.WrongDisplay, r.Display)
	// Output: in true Married
}

// Encounter classes are below a concept that groups them.
func ExampleMemory_Subsumes() {
	t := terminology.New(profile.Base())
	fmt.Println(t.Subsumes("http://terminology.hl7.org/CodeSystem/v3-ActCode", "_ActEncounterCode", "EMER"))
	// Output: subsumes
}

// The codes that a field may hold, for a list on a screen.
func ExampleMemory_Expand() {
	t := terminology.New(profile.Base())
	all, err := t.Expand("http://hl7.org/fhir/ValueSet/administrative-gender", 10)
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range all {
		fmt.Println(c.Code, c.Display)
	}
	// Output:
	// male Male
	// female Female
	// other Other
	// unknown Unknown
}
