package validate_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

// FuzzValidate asks of any document that validating it ends, with an outcome
// that is a resource, not larger than it may be, and the same each time.
func FuzzValidate(f *testing.F) {
	files, _ := filepath.Glob("testdata/faults/*.json")
	for _, file := range append(files, "testdata/patient.json") {
		doc, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(doc)
	}
	for _, doc := range []string{
		`<Patient xmlns="http://hl7.org/fhir"><gender value="male"/><active value="yes"/><name><family value="a"/></name></Patient>`,
		`{"resourceType":"Bundle","type":"document","entry":[{"fullUrl":"http://a/Composition/1","resource":{"resourceType":"Composition","subject":{"reference":"Patient/1"},"section":[{"section":[{"entry":[{"reference":"#"}]}]}]}}]}`,
		`{"resourceType":"List","contained":[{"resourceType":"Patient","id":"a","link":[{"other":{"reference":"#a"}}]}],"subject":{"reference":"#a"}}`,
		`{"resourceType":"Parameters","parameter":[{"name":"a","part":[{"name":"b","resource":{"resourceType":"Parameters"}}]}]}`,
		`{"resourceType":"StructureDefinition","derivation":"constraint","baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","differential":{"element":[{"path":"Patient.name","slicing":{"rules":"open"}}]}}`,
		`{"resourceType":"Questionnaire","item":[{"item":[{"linkId":"a","enableWhen":[{},{}]}]}]}`,
		`{"resourceType":"ValueSet","compose":{"include":[{"system":"http://snomed.info/sct","concept":[{"code":"1"}]}]}}`,
		`{"resourceType":"Observation","meta":{"profile":["http://hl7.org/fhir/StructureDefinition/bp"]},"component":[{"valueQuantity":{"code":"m"}}]}`,
	} {
		f.Add([]byte(doc))
	}
	v := baseValidator()
	f.Fuzz(func(t *testing.T, doc []byte) {
		first := v.Validate(context.Background(), doc)
		if n := len(first.Issue); n == 0 || n > 2001 {
			t.Fatalf("%d issues", n)
		}
		out, err := r4.Marshal(first)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r4.Unmarshal(out); err != nil {
			t.Fatalf("the outcome is no resource: %v", err)
		}
		if again, _ := r4.Marshal(v.Validate(context.Background(), doc)); !bytes.Equal(out, again) {
			t.Errorf("another outcome for the same document:\n%s\n%s", out, again)
		}
	})
}
