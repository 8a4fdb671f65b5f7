package r4_test

import (
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
)

func TestConstruct(t *testing.T) {
	for want, v := range map[string]any{
		`{"family":"Smith","given":["John","Paul"]}`: new(r4.Name("Smith", "John", "Paul")),
		`{"given":["Ada"]}`:                          new(r4.Name("", "Ada")),
		`{"system":"u","value":"1"}`:                 new(r4.Ident("u", "1")),
		`{"coding":[{"system":"http://loinc.org","code":"15074-8","display":"Glucose"}]}`:     new(r4.Concept("http://loinc.org", "15074-8", "Glucose")),
		`{"value":6.30,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}`: new(r4.QuantityOf("6.30", "mmol/L")),
		`{"reference":"Patient/1"}`: new(r4.Ref("Patient", "1")),
		`{"reference":"Group/g"}`:   new(r4.RefTo(&r4.Group{ID: "g"})),
		`{}`:                        new(r4.RefTo(&r4.Group{})),
		`{"type":"Patient","identifier":{"system":"u","value":"1"}}`: new(r4.RefBy("Patient", r4.Ident("u", "1"))),
	} {
		expectJSON(t, v, want)
	}
	if r4.RefTo(nil).Reference != "" {
		t.Error("a reference to nothing")
	}
}

// The texts have the format that FHIR gives their types.
func TestTimes(t *testing.T) {
	for _, zone := range []*time.Location{time.UTC, time.FixedZone("", 5*3600+1800)} {
		at := time.Date(2024, 2, 29, 23, 59, 59, 999_999_999, zone)
		for name, text := range map[string]string{"date": r4.DateOf(at), "dateTime": r4.DateTimeOf(at), "instant": r4.InstantOf(at)} {
			if err := r4.TypeByName(name).Check(text); err != nil {
				t.Errorf("%s %s: %v", name, text, err)
			}
		}
	}
	at := time.Date(2024, 5, 17, 10, 0, 0, 123_456_789, time.FixedZone("", 3600))
	if d, dt, i := r4.DateOf(at), r4.DateTimeOf(at), r4.InstantOf(at); d != "2024-05-17" || dt != "2024-05-17T10:00:00+01:00" || i != "2024-05-17T10:00:00.123+01:00" {
		t.Error(d, dt, i)
	}
}

func TestCodes(t *testing.T) {
	c := &r4.CodeableConcept{Coding: []r4.Coding{{Code: "x"}, {System: "s"}, {System: "s", Code: "a"}, {System: "s", Code: "b"}}}
	var none *r4.CodeableConcept
	if c.CodeIn("s") != "a" || c.CodeIn("") != "x" || c.CodeIn("t") != "" || none.CodeIn("s") != "" {
		t.Error("CodeIn")
	}
	if !c.Has("s", "b") || c.Has("s", "x") || !c.Has("", "x") || c.Has("s", "") || none.Has("s", "a") {
		t.Error("Has")
	}
	ids := []r4.Identifier{{System: "a", Value: "0", Use: "old"}, {System: "a"}, {System: "b", Value: "2"}, {System: "a", Value: "1"}}
	if r4.IdentifierIn(ids, "a") != "1" || r4.IdentifierIn(ids, "c") != "" {
		t.Error("IdentifierIn")
	}
}

func TestAs(t *testing.T) {
	o := &r4.Observation{Value: &r4.Quantity{Code: "g"}}
	if q := r4.As[*r4.Quantity](o.Value); q == nil || q.Code != "g" {
		t.Error(q)
	}
	if r4.As[*r4.CodeableConcept](o.Value) != nil || r4.As[r4.String](o.Value) != "" || r4.As[*r4.Quantity](nil) != nil {
		t.Error("another type gives a value")
	}
	o.Value = nil
	if r4.As[*r4.Quantity](o.Value) != nil {
		t.Error("nothing gives a value")
	}
	if p := r4.As[*r4.Patient](r4.Resource(&r4.Patient{ID: "a"})); p == nil || p.ID != "a" {
		t.Error("a resource by its type")
	}
}

func TestExtensions(t *testing.T) {
	p := &r4.Patient{BirthDate: "1985"}
	r4.AddExtension(p, "a", r4.String("1"))
	r4.AddExtension(p, "b", r4.Integer(2)).ID = "kept"
	r4.AddExtension(p, "a", r4.String("3"))
	r4.AddExtension(p, "b", nil)
	expectJSON(t, p, `{"resourceType":"Patient","extension":[{"url":"a","valueString":"1"},{"id":"kept","url":"b","valueInteger":2},`+
		`{"url":"a","valueString":"3"},{"url":"b"}],"birthDate":"1985"}`)
	n := 0
	for e := range r4.Extensions(p, "a") {
		if n++; e.URL != "a" {
			t.Error(e.URL)
		}
	}
	if n != 2 || r4.GetExtension(p, "a") != &p.Extension[0] || r4.GetExtension(p, "c") != nil {
		t.Error("not found where they are")
	}
	if r4.ExtensionValue[r4.Integer](p, "b") != 2 || r4.ExtensionValue[r4.String](p, "b") != "" || r4.ExtensionValue[r4.String](p, "c") != "" {
		t.Error("values")
	}
	r4.SetExtension(p, "b", r4.True)
	r4.AddExtension(r4.SetExtension(p, "c", nil), "in", r4.Code("x"))
	if n := r4.RemoveExtension(p, "a"); n != 2 {
		t.Error("removed", n)
	}
	expectJSON(t, p, `{"resourceType":"Patient","extension":[{"id":"kept","url":"b","valueBoolean":true},`+
		`{"extension":[{"url":"in","valueCode":"x"}],"url":"c"}],"birthDate":"1985"}`)
	if r4.ExtensionValue[r4.Code](r4.GetExtension(p, "c"), "in") != "x" {
		t.Error("an extension in an extension")
	}
	if r4.RemoveExtension(p, "b") != 1 || r4.RemoveExtension(p, "b") != 0 || r4.RemoveExtension(p, "c") != 1 || p.Extension != nil {
		t.Error("something is left", p.Extension)
	}
}

func TestPrimitiveExtensions(t *testing.T) {
	p := &r4.Patient{Name: []r4.HumanName{r4.Name("x", "a", "b")}}
	e := r4.MakePrimitiveElement(&p.Name[0], "given", 1)
	r4.SetExtension(e, "u", r4.True)
	expectJSON(t, p, `{"resourceType":"Patient","name":[{"family":"x","given":["a","b"],"_given":[null,{"extension":[{"url":"u","valueBoolean":true}]}]}]}`)
	if !r4.ExtensionValue[r4.Bool](r4.PrimitiveElement(&p.Name[0], "given", 1), "u").True() {
		t.Error("not found")
	}
	r4.RemoveExtension(e, "u")
	expectJSON(t, p, `{"resourceType":"Patient","name":[{"family":"x","given":["a","b"]}]}`)
	// where there are none
	for _, in := range []any{nil, (*r4.Element)(nil), (*r4.Patient)(nil), r4.PrimitiveElement(p, "birthDate", 0), &r4.Bundle{}, r4.String("a"), 5} {
		if r4.GetExtension(in, "u") != nil || r4.AddExtension(in, "u", r4.True) != nil || r4.SetExtension(in, "u", r4.True) != nil || r4.RemoveExtension(in, "u") != 0 {
			t.Errorf("%T has extensions", in)
		}
	}
}
