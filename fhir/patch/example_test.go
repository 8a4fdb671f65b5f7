package patch_test

import (
	"errors"
	"fmt"

	"github.com/ponshealth/pons/fhir/patch"
	"github.com/ponshealth/pons/fhir/r4"
)

func show(r r4.Resource, err error) {
	if err != nil {
		fmt.Println(err)
		return
	}
	b, _ := r4.Marshal(r)
	fmt.Println(string(b))
}

func ExampleParseJSON() {
	p, err := patch.ParseJSON([]byte(`[
		{"op": "test", "path": "/active", "value": true},
		{"op": "replace", "path": "/active", "value": false}
	]`))
	if err != nil {
		fmt.Println(err)
		return
	}
	show(patch.Apply(&r4.Patient{ID: "a", Active: r4.True}, p, patch.Options{}))
	// Output: {"resourceType":"Patient","id":"a","active":false}
}

func ExampleParseFHIRPath() {
	part := func(name string, v r4.Value) r4.ParametersParameter {
		return r4.ParametersParameter{Name: name, Value: v}
	}
	p, err := patch.ParseFHIRPath(&r4.Parameters{Parameter: []r4.ParametersParameter{{
		Name: "operation",
		Part: []r4.ParametersParameter{
			part("type", r4.Code("add")),
			part("path", r4.String("Patient")),
			part("name", r4.String("birthDate")),
			part("value", r4.Date("1930-01-01")),
		},
	}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	show(patch.Apply(&r4.Patient{ID: "a"}, p, patch.Options{}))
	// Output: {"resourceType":"Patient","id":"a","birthDate":"1930-01-01"}
}

func ExampleParseXML() {
	p, err := patch.ParseXML([]byte(`<diff xmlns:f="http://hl7.org/fhir">
		<replace sel="f:Patient/f:active/@value">false</replace>
	</diff>`))
	if err != nil {
		fmt.Println(err)
		return
	}
	show(patch.Apply(&r4.Patient{ID: "a", Active: r4.True}, p, patch.Options{}))
	// Output: {"resourceType":"Patient","id":"a","active":false}
}

// With a version, a patch is refused when somebody else was faster.
func ExampleApply() {
	p, _ := patch.ParseJSON([]byte(`[{"op": "add", "path": "/active", "value": true}]`))
	r := &r4.Patient{ID: "a", Meta: &r4.Meta{VersionID: "4"}}
	_, err := patch.Apply(r, p, patch.Options{Version: `W/"3"`})
	var e *patch.Error
	if errors.As(err, &e) {
		fmt.Println(e.Kind, "-", err)
	}
	// Output: stale - patch: the resource has another version
}

// A patch is done as a whole or not at all.
func ExampleError() {
	p, _ := patch.ParseJSON([]byte(`[
		{"op": "add", "path": "/active", "value": true},
		{"op": "remove", "path": "/name/0"}
	]`))
	r := &r4.Patient{ID: "a"}
	_, err := patch.Apply(r, p, patch.Options{})
	fmt.Println(err)
	fmt.Println(r.Active.Present())
	// Output:
	// patch: operation 1 (remove /name/0): there is no such place
	// false
}
