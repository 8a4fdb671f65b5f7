package patch_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"testing"

	"github.com/ponshealth/pons/fhir/patch"
	"github.com/ponshealth/pons/fhir/r4"
)

// known is that an error is one of this package.
func known(t *testing.T, err error) {
	t.Helper()
	var e *patch.Error
	if !errors.As(err, &e) || e.Problem == "" {
		t.Fatalf("%v", err)
	}
}

// FuzzJSON: a result is JSON, one of tests only is the document itself, and of a
// resource what applied says holds.
func FuzzJSON(f *testing.F) {
	for _, ops := range []string{
		`[{"op":"add","path":"/name/-","value":{"text":"B"}},{"op":"remove","path":"/name/0"}]`,
		`[{"op":"copy","from":"/name","path":"/contact"},{"op":"move","from":"/name/0/given/1","path":"/name/0/given/0"}]`,
		`[{"op":"test","path":"/a~1b","value":1.0},{"op":"test","path":"","value":null}]`,
		`[{"op":"replace","path":"","value":{"resourceType":"Patient","id":"a"}}]`,
		`[{"op":"remove","path":"/name/0/_given/1/id"}]`,
	} {
		f.Add([]byte(patient), []byte(ops))
		f.Add([]byte(`{"a":[1,{"b":"\u00e9"}],"":null}`), []byte(ops))
	}
	f.Fuzz(func(t *testing.T, doc, ops []byte) {
		p, err := patch.ParseJSON(ops)
		if err != nil {
			known(t, err)
			return
		}
		got, err := p.Document(doc)
		switch {
		case err != nil:
			known(t, err)
		case !json.Valid(got):
			t.Fatalf("not JSON: %q", got)
		case onlyTests(ops) && !bytes.Equal(canonical(got), canonical(doc)):
			t.Fatalf("tests changed the document: %q", got)
		}
		r, err := r4.Unmarshal(doc)
		if err != nil {
			return
		}
		out, err := applied(t, r, p, patch.Options{})
		if err == nil && onlyTests(ops) && !r4.Equal(out, r) {
			t.Fatal("tests changed the resource")
		}
	})
}

func onlyTests(ops []byte) bool {
	var list []struct{ Op string }
	if json.Unmarshal(ops, &list) != nil {
		return false
	}
	for _, o := range list {
		if o.Op != "test" {
			return false
		}
	}
	return true
}

// FuzzXML: a result is XML, and of a resource what applied says holds.
func FuzzXML(f *testing.F) {
	for _, ops := range []string{
		`<add sel="f:Patient/f:name" pos="before"><name xmlns="http://hl7.org/fhir"><text value="B"/></name></add>`,
		`<replace sel="f:Patient/f:name[f:family/@value='Muster' and f:given]/f:given[2]/@value">M</replace>`,
		`<remove sel="*/f:name[1]" ws="both"/><add sel="id('a')" type="@id">x</add>`,
		`<add sel="a" type="namespace::p">urn:p</add><replace sel="a/comment()[1]"><!--x--></replace>`,
		`<remove sel="a/text()"/><replace sel="a/processing-instruction('i')"><?j?></replace>`,
	} {
		f.Add([]byte(patient), diff(ops))
		f.Add([]byte(`<a xmlns:q="urn:q"><!-- c --> t<?i x?><q:b id="a"/></a>`), diff(ops))
	}
	f.Fuzz(func(t *testing.T, doc, ops []byte) {
		p, err := patch.ParseXML(ops)
		if err != nil {
			known(t, err)
			return
		}
		got, err := p.Document(doc)
		if err != nil {
			known(t, err)
		} else {
			wellFormed(t, got)
		}
		if r, err := r4.Unmarshal(doc); err == nil {
			_, _ = applied(t, r, p, patch.Options{})
		}
	})
}

func wellFormed(t *testing.T, doc []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(doc))
	for {
		_, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("not XML: %v: %q", err, doc)
		}
	}
}

// FuzzFHIRPath: what applied says holds, and a patch of no operations is the
// identity.
func FuzzFHIRPath(f *testing.F) {
	for _, short := range []string{
		`[]`,
		`[{"type":"add","path":"Patient","name":"contact","part":[{"name":"name","valueHumanName":{"text":"x"}}]}]`,
		`[{"type":"insert","path":"Patient.name[0].given","index":1,"valueString":"B"},{"type":"move","path":"Patient.name[0].given","source":1,"destination":0}]`,
		`[{"type":"replace","path":"Patient.multipleBirth","valueBoolean":false},{"type":"delete","path":"Patient.name.given.where($this='Anna')"}]`,
		`[{"type":"add","path":"Patient.active","name":"extension","part":[{"name":"url","valueUri":"u"},{"name":"value","valueCode":"c"}]}]`,
	} {
		b, err := r4.Marshal(ops(f, short))
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(patient), b)
		f.Add([]byte(observation), b)
	}
	f.Fuzz(func(t *testing.T, doc, params []byte) {
		r, err := r4.Unmarshal(doc)
		if err != nil {
			return
		}
		v, err := r4.Unmarshal(params)
		if err != nil {
			return
		}
		given, ok := v.(*r4.Parameters)
		if !ok {
			return
		}
		p, err := patch.ParseFHIRPath(given)
		if err != nil {
			known(t, err)
			return
		}
		out, err := applied(t, r, p, patch.Options{})
		if p.Len() == 0 && (err != nil || !r4.Equal(out, r)) {
			t.Fatalf("no operation, and %v", err)
		}
	})
}
