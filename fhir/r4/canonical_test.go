package r4_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

func TestCanonicalForms(t *testing.T) {
	const doc = `{"resourceType":"Patient","id":"a","meta":{"versionId":"2"},"implicitRules":"u","_implicitRules":{"id":"r"},
		"text":{"status":"generated","div":"<div>a  b</div>"},"contained":[{"resourceType":"Basic","meta":{"source":"s"},"text":{"status":"empty","div":"<div/>"},"id":"c"}],
		"active":true,"name":[{"given":["A",null],"_given":[null,{"id":"x"}],"family":"q\"\\\n "}],"birthDate":"1985","_birthDate":{"id":"b"},"multipleBirthInteger":1}`
	const contained = `"contained":[{"id":"c","meta":{"source":"s"},"resourceType":"Basic","text":{"div":"<div/>","status":"empty"}}],`
	const rest = `"multipleBirthInteger":1,"name":[{"_given":[null,{"id":"x"}],"family":"q\"\\\n ","given":["A",null]}],"resourceType":"Patient"`
	const start = `{"_birthDate":{"id":"b"},"_implicitRules":{"id":"r"},"active":true,"birthDate":"1985",` + contained + `"id":"a","implicitRules":"u",`
	const text = `"text":{"div":"<div>a  b</div>","status":"generated"}`
	r := parse(t, doc)
	before := r4.Clone(r)
	for form, want := range map[r4.CanonicalForm]string{
		r4.CanonicalFull:      start + `"meta":{"versionId":"2"},` + rest + `,` + text + `}`,
		r4.CanonicalData:      start + `"meta":{"versionId":"2"},` + rest + `}`,
		r4.CanonicalStatic:    start + rest + `}`,
		r4.CanonicalNarrative: `{"id":"a","resourceType":"Patient",` + text + `}`,
	} {
		got, err := r4.MarshalCanonical(r, form)
		if err != nil || string(got) != want {
			t.Errorf("%s (%v)\ngot  %s\nwant %s", form, err, got, want)
		}
	}
	if !r4.Equal(r, before) {
		t.Error("the resource was changed")
	}
	b := parse(t, `{"resourceType":"Bundle","id":"b","type":"document","meta":{"source":"x"},"entry":[{"resource":`+doc+`}]}`)
	got, err := r4.MarshalCanonical(b, r4.CanonicalDocument)
	if want := `{"entry":[{"resource":` + start + `"meta":{"versionId":"2"},` + rest + `,` + text + `}}],"resourceType":"Bundle","type":"document"}`; err != nil || string(got) != want {
		t.Errorf("document (%v)\ngot  %s\nwant %s", err, got, want)
	}
}

func TestCanonicalRefused(t *testing.T) {
	for what, c := range map[string]struct {
		r    r4.Resource
		form r4.CanonicalForm
	}{
		"form":        {&r4.Patient{}, "x"},
		"no Bundle":   {&r4.Patient{}, r4.CanonicalDocument},
		"nil":         {nil, r4.CanonicalFull},
		"nil pointer": {(*r4.Patient)(nil), r4.CanonicalFull},
		"no decimal":  {&r4.Observation{Value: &r4.Quantity{Value: "x"}}, r4.CanonicalFull},
	} {
		var e *r4.Error
		if got, err := r4.MarshalCanonical(c.r, c.form); !errors.As(err, &e) {
			t.Errorf("%s: %s (%v)", what, got, err)
		}
	}
}

// encoding/json sorts the members of a map in the same way.
func TestCanonicalSorted(t *testing.T) {
	for name, doc := range testdata(t) {
		if problem := sortsAll(doc); problem != "" {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

func sortsAll(doc []byte) string {
	r, err := r4.Unmarshal(doc)
	if err != nil {
		return err.Error()
	}
	got, err := r4.MarshalCanonical(r, r4.CanonicalFull)
	if err != nil {
		return err.Error()
	}
	v, err := parseAny(doc)
	if err != nil {
		return err.Error()
	}
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err.Error()
	}
	if !bytes.Equal(got, bytes.TrimSpace(want.Bytes())) {
		return "members are not in order"
	}
	return ""
}
