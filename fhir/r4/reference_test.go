package r4_test

import (
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

func TestParseRef(t *testing.T) {
	for text, want := range map[string]r4.RefParts{
		"Patient/123":                      {Type: "Patient", ID: "123"},
		"Patient/123/_history/2":           {Type: "Patient", ID: "123", Version: "2"},
		"https://example.org/fhir/List/a":  {Base: "https://example.org/fhir", Type: "List", ID: "a"},
		"http://h:80/a/b/List/a":           {Base: "http://h:80/a/b", Type: "List", ID: "a"},
		"http://h/List/a/_history/b-1.c#d": {Base: "http://h", Type: "List", ID: "a", Version: "b-1.c", Fragment: "d"},
		"#a":                               {Fragment: "a"},
		"#":                                {},
		"urn:uuid:04121321-4af5-424c-a0e1-ed3aab1c349d": {URI: "urn:uuid:04121321-4af5-424c-a0e1-ed3aab1c349d"},
		"urn:oid:1.2.3#x":                        {URI: "urn:oid:1.2.3", Fragment: "x"},
		"http://example.org/ValueSet/x|1.0":      {URI: "http://example.org/ValueSet/x", Version: "1.0"},
		"http://example.org/other/x":             {URI: "http://example.org/other/x"},
		"http://example.org/Patient?identifier=": {URI: "http://example.org/Patient?identifier="},
		"http://example.org/x?a=/Patient/1":      {URI: "http://example.org/x?a=/Patient/1"},
		"ftp://example.org/Patient/1":            {URI: "ftp://example.org/Patient/1"},
	} {
		got, ok := r4.ParseRef(text)
		if !ok || got != want {
			t.Errorf("%s: %+v %v, want %+v", text, got, ok, want)
		}
		if got.String() != text {
			t.Errorf("%s comes together as %s", text, got)
		}
		if got.Relative() != (want.Type != "" && want.Base == "") || got.Contained() != (text[0] == '#') {
			t.Errorf("%s: relative %v, contained %v", text, got.Relative(), got.Contained())
		}
	}
	for _, text := range []string{
		"", "Patient", "Patient/", "/Patient/1", "Patient/a_b", "Person/123/_history/", "Patient/123/_history", "Patients/1", "patient/1",
		"Patient?identifier=a|b", "Resource/1", "DomainResource/1", "HumanName/1", "fhir/Patient/1", " Patient/1", "Patient/1 ",
		"Patient/" + string(make([]byte, 65)), "//example.org/Patient/1", "no colon", "_history/1", "?a:b",
	} {
		if got, ok := r4.ParseRef(text); ok {
			t.Errorf("%q is taken for %+v", text, got)
		}
	}
	var none *r4.Reference
	if _, ok := none.Parts(); ok {
		t.Error("no reference has parts")
	}
}

// The official example shows each way to refer to another entry
// (FHIR R4 bundle-references.json).
func TestResolveInBundle(t *testing.T) {
	b := parse(t, `{"resourceType":"Bundle","type":"collection","entry":[
		{"fullUrl":"http://example.org/fhir/Patient/23","resource":{"resourceType":"Patient","id":"23"}},
		{"fullUrl":"urn:uuid:04121321-4af5-424c-a0e1-ed3aab1c349d","resource":{"resourceType":"Patient","language":"en"}},
		{"fullUrl":"http://example.org/fhir/Observation/123","resource":{"resourceType":"Observation","id":"123"}},
		{"fullUrl":"http://example.org/fhir-2/Observation/14","resource":{"resourceType":"Observation","id":"14",
			"contained":[{"resourceType":"Device","id":"d"}]}},
		{"fullUrl":"http://example.org/fhir/Group/1","resource":{"resourceType":"Group","id":"1","meta":{"versionId":"1"}}},
		{"fullUrl":"http://example.org/fhir/Group/1","resource":{"resourceType":"Group","id":"1","meta":{"versionId":"2"}}},
		{"resource":{"resourceType":"Observation","id":"no-url"}},
		{"fullUrl":"urn:uuid:b0a5e4277-83c4-4adb-87e2-e3efe3369b6f","resource":{"resourceType":"Observation","id":"urn"}},
		{"fullUrl":"http://example.org/fhir/Bundle/b","resource":{"resourceType":"Bundle","id":"b","type":"collection","entry":[
			{"fullUrl":"http://example.org/fhir/List/in","resource":{"resourceType":"List","id":"in"}},
			{"fullUrl":"http://example.org/fhir/Patient/23","resource":{"resourceType":"Patient","id":"inner"}}]}},
		{"response":{"status":"200"}}
		]}`).(*r4.Bundle)
	x := r4.ReferencesIn(b)
	at := func(path string) r4.Resource {
		n, ok := r4.Find(b, path)
		if !ok {
			t.Fatal(path)
		}
		return n.Value.(r4.Resource)
	}
	for _, c := range []struct{ from, reference, want string }{
		{"entry[2].resource", "Patient/23", "entry[0].resource"},
		{"entry[2].resource", "http://example.org/fhir/Patient/23", "entry[0].resource"},
		{"entry[2].resource", "urn:uuid:04121321-4af5-424c-a0e1-ed3aab1c349d", "entry[1].resource"},
		{"entry[2].resource", "http://example.org/fhir-2/Observation/14", "entry[3].resource"},
		{"entry[2].resource", "http://example.org/fhir-2/Observation/14#d", "entry[3].resource.contained[0]"},
		{"entry[2].resource", "Observation/14", ""},
		{"entry[3].resource", "Patient/23", ""}, // under another base
		{"entry[3].resource", "#d", "entry[3].resource.contained[0]"},
		{"entry[3].resource", "#e", ""},
		{"entry[3].resource.contained[0]", "#", "entry[3].resource"},
		{"entry[3].resource.contained[0]", "#d", "entry[3].resource.contained[0]"},
		{"entry[3].resource.contained[0]", "Observation/14", "entry[3].resource"},
		{"entry[2].resource", "Group/1/_history/2", "entry[5].resource"},
		{"entry[2].resource", "http://example.org/fhir/Group/1/_history/1", "entry[4].resource"},
		{"entry[2].resource", "Group/1/_history/3", ""},
		{"entry[2].resource", "Group/1", ""},    // it is not known which
		{"entry[6].resource", "Patient/23", ""}, // no fullUrl, no base
		{"entry[7].resource", "Patient/23", ""}, // the base of a URN
		{"entry[2].resource", "Patient?name=", ""},
		{"entry[8].resource.entry[0].resource", "Patient/23", "entry[8].resource.entry[1].resource"},
		{"entry[8].resource.entry[0].resource", "Observation/123", "entry[2].resource"},
		{"entry[2].resource", "List/in", ""},
		{"entry[8].resource", "Patient/23", "entry[0].resource"},
	} {
		r, ok := x.Resolve(at(c.from), c.reference)
		if ok != (c.want != "") || ok && r != at(c.want) {
			t.Errorf("%s from %s: %v %v, want %s", c.reference, c.from, r, ok, c.want)
		}
	}
	for _, from := range []r4.Resource{&r4.Patient{}, (*r4.Patient)(nil)} {
		if _, ok := x.Resolve(from, "#"); ok {
			t.Error("resolved from a resource that is not there")
		}
	}
	if r, ok := x.Resolve(nil, "#"); !ok || r != r4.Resource(b) {
		t.Error("no resource is the outermost")
	}
	if _, ok := r4.ReferencesIn(nil).Resolve(nil, "#"); ok {
		t.Error("resolved in nothing")
	}
}

func TestContain(t *testing.T) {
	p := &r4.Patient{Contained: []r4.Resource{&r4.Basic{ID: "2"}}}
	var refs []string
	for _, r := range []r4.Resource{&r4.Organization{}, &r4.Organization{ID: "org"}, &r4.Practitioner{}} {
		ref, err := r4.Contain(p, r)
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, ref.Reference)
		if got, ok := r4.ReferencesIn(p).Resolve(p, ref.Reference); !ok || got != r {
			t.Errorf("%s leads to %v", ref.Reference, got)
		}
	}
	if refs[0] != "#3" || refs[1] != "#org" || refs[2] != "#4" {
		t.Errorf("references %q", refs)
	}
	for what, c := range map[string][2]r4.Resource{
		"the same id":         {p, &r4.Group{ID: "org"}},
		"contains none":       {&r4.Bundle{}, &r4.Group{}},
		"nothing to contain":  {p, nil},
		"nobody who contains": {nil, &r4.Group{}},
	} {
		if ref, err := r4.Contain(c[0], c[1]); err == nil {
			t.Errorf("%s: %v", what, ref)
		}
	}
}

// FuzzParseRef: what is taken apart and put together again has the same parts.
func FuzzParseRef(f *testing.F) {
	for _, text := range []string{"Patient/1", "https://example.org/fhir/Patient/1/_history/2#a", "#a", "urn:uuid:x|1", "/Patient/1", "a:b#", "http://h//List/a"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, ok := r4.ParseRef(text)
		if !ok {
			return
		}
		again, ok := r4.ParseRef(p.String())
		if !ok || again != p {
			t.Fatalf("%q is %+v, and then %+v", text, p, again)
		}
	})
}
