package patch_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/patch"
	"github.com/ponshealth/pons/fhir/r4"
)

// ops reads operations in the short form of testdata/fhirpath-cases.json.
func ops(t testing.TB, short string) *r4.Parameters {
	t.Helper()
	var diff []map[string]json.RawMessage
	if err := json.Unmarshal([]byte(short), &diff); err != nil {
		t.Fatal(err)
	}
	return parameters(t, diff)
}

const observation = `{"resourceType":"Observation","id":"o","status":"final","code":{"text":"c"},"valueQuantity":{"value":1.50,"unit":"mg"},
"component":[{"code":{"text":"d"},"valueString":"e"}]}`

func TestFHIRPath(t *testing.T) {
	for _, c := range []struct{ name, doc, ops, want string }{
		{"a choice by its value", observation, `[{"type":"replace","path":"Observation.value","valueString":"x"}]`, `"valueString":"x","component"`},
		{"a choice by its name", `{"resourceType":"Patient","id":"a"}`, `[{"type":"add","path":"Patient","name":"deceasedBoolean","valueBoolean":true}]`, `"deceasedBoolean":true`},
		{"a choice by its base name", `{"resourceType":"Patient","id":"a"}`, `[{"type":"add","path":"Patient","name":"deceased","valueDateTime":"2020-01"}]`, `"deceasedDateTime":"2020-01"`},
		{"a decimal keeps its digits", observation, `[{"type":"replace","path":"Observation.value.value","valueDecimal":2.500}]`, `"value":2.500`},
		{
			"parts within parts", observation, `[{"type":"add","path":"Observation","name":"component","part":[{"name":"code","part":[{"name":"coding","part":[{"name":"code","valueCode":"1"}]},{"name":"coding","valueCoding":{"code":"2"}}]},{"name":"value","valueInteger":5}]}]`,
			`{"code":{"coding":[{"code":"1"},{"code":"2"}]},"valueInteger":5}]`,
		},
		{"a choice in parts", observation, `[{"type":"add","path":"Observation","name":"component","part":[{"name":"valueQuantity","part":[{"name":"value","valueDecimal":1}]}]}]`, `{"valueQuantity":{"value":1}}]`},
		{"replace in a list", observation, `[{"type":"replace","path":"Observation.component[0]","part":[{"name":"valueString","valueString":"f"}]}]`, `"component":[{"valueString":"f"}]`},
		{"string for a code", patient, `[{"type":"add","path":"Patient","name":"gender","valueString":"female"}]`, `"gender":"female"`},
		{"date for a dateTime", patient, `[{"type":"add","path":"Patient.name[0]","name":"period","part":[{"name":"start","valueDate":"2020-01-01"}]}]`, `"period":{"start":"2020-01-01"}`},
		{"uri for a canonical", patient, `[{"type":"add","path":"Patient.meta","name":"profile","valueUri":"http://example.org/p"}]`, `"profile":["http://example.org/p"]`},
		{"insert a primitive", patient, `[{"type":"insert","path":"Patient.name[0].given","index":1,"valueString":"B"}]`, `"given":["Anna","B","Maria"],"_given":[null,null,{"id":"m"}]`},
		{"move a primitive", patient, `[{"type":"move","path":"Patient.name[0].given","source":1,"destination":0}]`, `"given":["Maria","Anna"],"_given":[{"id":"m"}]`},
		{"replace a primitive in a list", patient, `[{"type":"replace","path":"Patient.name[0].given[1]","valueString":"B"}]`, `"given":["Anna","B"]}`},
		{"delete a primitive in a list", patient, `[{"type":"delete","path":"Patient.name[0].given.first()"}]`, `"given":["Maria"],"_given":[{"id":"m"}]`},
		{"insert into an empty list", patient, `[{"type":"insert","path":"Patient.telecom","index":0,"valueContactPoint":{"value":"1"}}]`, `"telecom":[{"value":"1"}]`},
		{"a list of the resource itself", patient, `[{"type":"insert","path":"name","index":0,"valueHumanName":{"text":"x"}}]`, `"name":[{"text":"x"},`},
		{"an extension of a primitive", patient, `[{"type":"add","path":"Patient.active","name":"extension","part":[{"name":"url","valueUri":"http://example.org/e"},{"name":"value","valueCode":"c"}]}]`, `"_active":{"extension":[{"url":"http://example.org/e","valueCode":"c"}]}`},
		{"only an extension", patient, `[{"type":"add","path":"Patient","name":"gender","_valueCode":{"extension":[{"url":"http://example.org/e","valueCode":"c"}]}}]`, `"_gender":{"extension"`},
		{"a value with its extension", patient, `[{"type":"replace","path":"Patient.birthDate","valueDate":"1999","_valueDate":{"id":"b"}}]`, `"birthDate":"1999","_birthDate":{"id":"b"}`},
		{"a contained resource", patient, `[{"type":"add","path":"Patient","name":"contained","resource":{"resourceType":"Basic","id":"b","code":{"text":"x"}}}]`, `"contained":[{"resourceType":"Basic"`},
		{"into a contained resource", `{"resourceType":"Patient","id":"a","contained":[{"resourceType":"Basic","id":"b"}]}`, `[{"type":"add","path":"Patient.contained[0]","name":"created","valueDate":"2020"}]`, `"created":"2020"`},
		{"delete what is not there", patient, `[{"type":"delete","path":"Patient.photo"}]`, `"active":true`},
		{"a condition", patient, `[{"type":"replace","path":"Patient.name.where(family = 'Muster').given.where($this='Anna')","valueString":"B"}]`, `"given":["B","Maria"]`},
	} {
		p, err := patch.ParseFHIRPath(ops(t, c.ops))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		out, err := applied(t, resource(t, c.doc), p, patch.Options{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if b, _ := r4.Marshal(out); !strings.Contains(string(b), c.want) {
			t.Errorf("%s: %s", c.name, b)
		}
	}
}

func TestFHIRPathErrors(t *testing.T) {
	for _, c := range []struct {
		ops  string
		kind patch.Kind
		at   int
		says string
	}{
		{`[{"type":"frob","path":"Patient"}]`, patch.Malformed, 0, "no such operation"},
		{`[{"type":"delete"}]`, patch.Malformed, 0, "path"},
		{`[{"type":"delete","path":"Patient.("}]`, patch.Malformed, 0, "no FHIRPath"},
		{`[{"type":"delete","path":"Patient.name","index":1}]`, patch.Malformed, 0, "does not have"},
		{`[{"type":"add","path":"Patient","valueDate":"2020"}]`, patch.Malformed, 0, "name"},
		{`[{"type":"insert","path":"Patient.name","valueHumanName":{"text":"x"}}]`, patch.Malformed, 0, "index"},
		{`[{"type":"insert","path":"Patient.name","index":-1,"valueHumanName":{"text":"x"}}]`, patch.Malformed, 0, "index"},
		{`[{"type":"insert","path":"Patient.name[0]","index":0,"valueHumanName":{"text":"x"}}]`, patch.Malformed, 0, "name of a list"},
		{`[{"type":"move","path":"Patient.name","source":0}]`, patch.Malformed, 0, "destination"},
		{`[{"type":"delete","path":"Patient.photo"},{"type":"delete","path":"Patient.name.given"}]`, patch.Failed, 1, "more than one"},
		{`[{"type":"delete","path":"Patient"}]`, patch.Failed, 0, "no element"},
		{`[{"type":"replace","path":"Patient","part":[{"name":"active","valueBoolean":true}]}]`, patch.Failed, 0, "no element"},
		{`[{"type":"replace","path":"'a'","valueString":"b"}]`, patch.Failed, 0, "no element"},
		{`[{"type":"replace","path":"Patient.gender","valueCode":"male"}]`, patch.Failed, 0, "finds nothing"},
		{`[{"type":"add","path":"Patient","name":"active","valueBoolean":true}]`, patch.Failed, 0, "already"},
		{`[{"type":"add","path":"Patient","name":"multipleBirth","valueBoolean":true}]`, patch.Failed, 0, "already"},
		{`[{"type":"add","path":"Patient","name":"foo","valueBoolean":true}]`, patch.Failed, 0, "no element of that name"},
		{`[{"type":"add","path":"Patient","name":"gender","valueInteger":1}]`, patch.Failed, 0, "type"},
		{`[{"type":"add","path":"Patient","name":"gender","valueString":" male"}]`, patch.Failed, 0, "fit"},
		{`[{"type":"add","path":"Patient","name":"telecom","valueHumanName":{"text":"x"}}]`, patch.Failed, 0, "type"},
		{`[{"type":"add","path":"Patient","name":"telecom"}]`, patch.Malformed, 0, "value"},
		{`[{"type":"replace","path":"Patient.birthDate","valueDateTime":"2020-01-01T00:00:00Z"}]`, patch.Failed, 0, "type"},
		{`[{"type":"add","path":"Patient","name":"contact","part":[{"name":"foo","valueString":"x"}]}]`, patch.Failed, 0, "names no element"},
		{`[{"type":"add","path":"Patient","name":"contact","part":[{"name":"gender","valueCode":"male"},{"name":"gender","valueCode":"male"}]}]`, patch.Failed, 0, "twice"},
		{`[{"type":"add","path":"Patient","name":"name","resource":{"resourceType":"Basic"}}]`, patch.Failed, 0, "type"},
		{`[{"type":"insert","path":"Patient.name","index":2,"valueHumanName":{"text":"x"}}]`, patch.Failed, 0, "no such place"},
		{`[{"type":"insert","path":"Patient.active","index":0,"valueBoolean":true}]`, patch.Failed, 0, "no list"},
		{`[{"type":"move","path":"Patient.name","source":1,"destination":0}]`, patch.Failed, 0, "no such place"},
		{`[{"type":"replace","path":"Patient.id","valueId":"b"}]`, patch.Invalid, -1, "id"},
	} {
		p, err := patch.ParseFHIRPath(ops(t, c.ops))
		if err == nil {
			_, err = applied(t, resource(t, patient), p, patch.Options{})
		}
		var e *patch.Error
		if !errors.As(err, &e) || e.Kind != c.kind || e.Operation != c.at || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.ops, err)
		}
	}
	for _, doc := range []string{
		`{"resourceType":"Parameters","parameter":[{"name":"frob"}]}`,
		`{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"delete"},{"name":"type","valueCode":"delete"}]}]}`,
	} {
		if _, err := patch.ParseFHIRPath(resource(t, doc).(*r4.Parameters)); err == nil {
			t.Errorf("%s: no error", doc)
		}
	}
}

// TestFHIRPathNoValues: an error shows the path without its literals.
func TestFHIRPathNoValues(t *testing.T) {
	p, err := patch.ParseFHIRPath(ops(t, `[{"type":"replace","path":"Patient.name.where(family='Sec\\'ret' or text=\"Secret\" or period.start=@1970-01-02).text","valueString":"Secret"}]`))
	if err == nil {
		_, err = patch.Apply(resource(t, patient), p, patch.Options{})
	}
	if err == nil || strings.Contains(err.Error(), "ret") || strings.Contains(err.Error(), "1970") {
		t.Error(err)
	}
}

// TestFHIRPathWork: many operations on long lists, and paths that look at
// everything, end soon.
func TestFHIRPathWork(t *testing.T) {
	long := resource(t, `{"resourceType":"Patient","name":[`+strings.Repeat(`{"text":"a"},`, 20000)+`{"text":"b"}]}`)
	for _, op := range []string{
		`{"type":"insert","path":"Patient.name","index":0,"valueHumanName":{"text":"x"}}`,
		`{"type":"move","path":"Patient.name","source":20000,"destination":0}`,
		`{"type":"delete","path":"Patient.descendants().where(descendants().where($this = 'b').exists()).where(id = 'x')"}`,
	} {
		p, err := patch.ParseFHIRPath(ops(t, `[`+strings.Repeat(op+",", 899)+op+`]`))
		if err == nil {
			_, err = patch.Apply(long, p, patch.Options{})
		}
		var e *patch.Error
		if !errors.As(err, &e) || e.Operation < 0 {
			t.Errorf("%s: %v", op, err)
		}
	}
	var e *patch.Error
	if _, err := patch.ParseFHIRPath(&r4.Parameters{Parameter: make([]r4.ParametersParameter, 1001)}); !errors.As(err, &e) || e.Kind != patch.TooLarge {
		t.Error(err)
	}
}
