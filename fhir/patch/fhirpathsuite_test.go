package patch_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/ponshealth/pons/fhir/patch"
	"github.com/ponshealth/pons/fhir/r4"
)

// fhirpathSuite: testdata/fhirpath-cases.json holds the two examples of
// fhirpatch.html and the cases that HL7 publishes for it, in JSON and short: the
// parts of each operation as members. Of the last published case input and
// output contradict one another (another extension, an element that an addition
// to its child makes), so it stands as what the specification's rules give.
func fhirpathSuite(t *testing.T) *suite {
	s := &suite{title: "FHIRPath Patch", source: "fhirpatch.html and its published cases"}
	b, err := os.ReadFile("testdata/fhirpath-cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name          string
		Input, Output json.RawMessage
		Diff          []map[string]json.RawMessage
	}
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		s.run(c.Name, fhirpathCase(t, c.Input, parameters(t, c.Diff), c.Output))
	}
	return s
}

func fhirpathCase(t *testing.T, input []byte, diff *r4.Parameters, want []byte) error {
	var got r4.Resource
	p, err := patch.ParseFHIRPath(diff)
	if err == nil {
		got, err = applied(t, resource(t, string(input)), p, patch.Options{})
	}
	switch {
	case want == nil && err == nil:
		return errors.New("no error")
	case want == nil:
		return nil
	case err != nil:
		return err
	}
	if !r4.Equal(got, resource(t, string(want))) {
		b, _ := r4.Marshal(got)
		return fmt.Errorf("%s, not %s", b, want)
	}
	return nil
}

// parameters makes the resource of operations in the short form: members type,
// path and name are text, index, source and destination numbers, and any other
// is the part "value" as Parameters has it: {"valueDate": "1930-01-01"}.
func parameters(t testing.TB, diff []map[string]json.RawMessage) *r4.Parameters {
	t.Helper()
	type part = map[string]any
	doc := map[string]any{"resourceType": "Parameters"}
	var all []part
	for _, o := range diff {
		var parts []part
		value := part{"name": "value"}
		for name, v := range o {
			switch name {
			case "type":
				parts = append(parts, part{"name": name, "valueCode": v})
			case "path", "name":
				parts = append(parts, part{"name": name, "valueString": v})
			case "index", "source", "destination":
				parts = append(parts, part{"name": name, "valueInteger": v})
			default:
				value[name] = v
			}
		}
		if len(value) > 1 {
			parts = append(parts, value)
		}
		all = append(all, part{"name": "operation", "part": parts})
	}
	if all != nil {
		doc["parameter"] = all
	}
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return resource(t, string(b)).(*r4.Parameters)
}
