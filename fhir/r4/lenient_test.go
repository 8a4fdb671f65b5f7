package r4_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

// What lenient reading finds in JSON, each as "line:column kind At: problem", and
// what it keeps: the resource, and what that cannot hold.
var lenientJSON = []struct {
	name, doc string
	problems  []string
	resource  string
	unknown   []string // "At.Name=Source"
}{
	{
		"missing comma", `{"resourceType":"Patient","name":[{"family":"A" "given":["B" "C"]}]}`,
		[]string{"1:49 syntax Patient.name[0]: a comma is missing", "1:62 syntax Patient.name[0]: a comma is missing"},
		`{"resourceType":"Patient","name":[{"family":"A","given":["B","C"]}]}`, nil,
	},
	{
		"too many commas", `{,"resourceType":"Patient",,"name":[{"given":["B",],},]}`,
		[]string{
			"1:2 syntax Patient: a comma too many", "1:28 syntax Patient: a comma too many",
			"1:51 syntax Patient.name[0]: a comma before the end of an array",
			"1:53 syntax Patient.name[0]: a comma before the end of an object",
			"1:55 syntax Patient: a comma before the end of an array",
		},
		`{"resourceType":"Patient","name":[{"given":["B"]}]}`, nil,
	},
	{
		"comments", "// a\n{\"resourceType\":\"Patient\",/* b\n */\"id\":\"a\"} // c",
		[]string{"1:1 comment : a comment, which JSON does not have", "2:27 comment Patient: a comment, which JSON does not have", "3:14 comment : a comment, which JSON does not have"},
		`{"resourceType":"Patient","id":"a"}`, nil,
	},
	{
		"no quotes", `{resourceType:Patient,gender:'male',"birthDate":2020}`,
		[]string{
			"1:2 syntax Patient: no quotes around a name", "1:15 syntax Patient: no quotes around a string",
			"1:23 syntax Patient: no quotes around a name", "1:30 syntax Patient.gender: single quotes around a string",
			"1:49 shape Patient.birthDate: must be a string",
		},
		`{"resourceType":"Patient","gender":"male","birthDate":"2020"}`, nil,
	},
	{
		"quote missing", "{\"resourceType\":\"Patient\",\n\"id\":\"a,\n\"gender\":\"male\"}",
		[]string{"2:9 syntax Patient.id: a quote is missing at the end of a line"},
		`{"resourceType":"Patient","id":"a","gender":"male"}`, nil,
	},
	{
		"brackets", `{"resourceType":"Patient","name":[{"given":["B"},{"family":"C"]}`,
		[]string{"1:48 syntax Patient.name[0]: the end of an array is missing", "1:63 syntax Patient.name[1]: the end of an object is missing"},
		`{"resourceType":"Patient","name":[{"given":["B"]},{"family":"C"}]}`, nil,
	},
	{
		"cut off", `{"resourceType":"Patient","name":[{"family":"B"`,
		[]string{"1:48 syntax Patient.name[0]: the document ends too early"},
		`{"resourceType":"Patient","name":[{"family":"B"}]}`, nil,
	},
	{
		"garbage", `{"resourceType":"Patient",#"id":"a","gender":@,"active":true} {}`,
		[]string{"1:27 syntax Patient: not JSON", "1:46 syntax Patient: not JSON", "1:63 syntax : more after the end of the resource"},
		`{"resourceType":"Patient","id":"a","active":true}`, nil,
	},
	{
		"escapes", `{"resourceType":"Patient","name":[{"family":"a\xb\ud800c"}]}`,
		[]string{"1:47 syntax Patient.name[0].family: bad escape in a string", "1:50 syntax Patient.name[0].family: bad escape in a string"},
		`{"resourceType":"Patient","name":[{"family":"a\\xb` + "\ufffd" + `c"}]}`, nil,
	},
	{
		"unknown elements", `{"resourceType":"Patient","nam":[{"x":1}],"name":[{"familie":"B"}],"_id":{"id":"x"},"odd name":1}`,
		[]string{
			"1:27 unknown element Patient.nam: unknown element", "1:52 unknown element Patient.name[0].familie: unknown element",
			"1:68 unknown element Patient._id: unknown element", "1:85 unknown element Patient: unknown element",
		},
		`{"resourceType":"Patient"}`,
		[]string{`Patient.nam=[{"x":1}]`, `Patient.name[0].familie="B"`, `Patient._id={"id":"x"}`, `Patient.odd name=1`},
	},
	{
		"twice", `{"resourceType":"Patient","id":"a","id":"b","deceasedBoolean":true,"deceasedDateTime":"2020","resourceType":"Patient"}`,
		[]string{"1:36 twice Patient.id: twice in one object", "1:68 twice Patient.deceased: more than one value", "1:94 twice Patient.resourceType: twice in one object"},
		`{"resourceType":"Patient","id":"a","deceasedBoolean":true}`,
		[]string{`Patient.id="b"`, `Patient.deceasedDateTime="2020"`, `Patient.resourceType="Patient"`},
	},
	{
		"shapes", `{"resourceType":"Patient","active":"true","name":{"family":"A","given":"B"},"maritalStatus":[{"text":"m"}],"multipleBirthInteger":"2","birthDate":true,"photo":[7],"communication":[null,{"preferred":true}]}`,
		[]string{
			"1:36 shape Patient.active: must be true or false", "1:50 shape Patient.name: must be an array", "1:72 shape Patient.name[0].given: must be an array",
			"1:93 shape Patient.maritalStatus: must be an object", "1:131 shape Patient.multipleBirth: must be a number", "1:147 shape Patient.birthDate: must be a string",
			"1:161 shape Patient.photo[0]: must be an object", "1:181 shape Patient.communication[0]: must be an object",
		},
		`{"resourceType":"Patient","active":true,"name":[{"family":"A","given":["B"]}],"maritalStatus":{"text":"m"},"multipleBirthInteger":2,"communication":[{"preferred":true}]}`,
		[]string{"Patient.birthDate=true", "Patient.photo=7", "Patient.communication=null"},
	},
	{
		"formats", `{"resourceType":"Observation","id":"a b","issued":"today","valueQuantity":{"value":1.},"component":[{"valueInteger":1.5},{"valueInteger":2}]}`,
		[]string{
			"1:36 format Observation.id: an id has letters, digits, - and . only", "1:51 format Observation.issued: not an instant (YYYY-MM-DDThh:mm:ss with a zone)",
			"1:84 format Observation.value.value: not a number as JSON writes it", "1:117 format Observation.component[0].value: not an integer of 32 bits",
		},
		`{"resourceType":"Observation","id":"a b","issued":"today","component":[{"valueInteger":2}]}`,
		[]string{"Observation.value.value=1.", "Observation.component[0].valueInteger=1.5"},
	},
	{
		"empty", `{"resourceType":"Patient","name":[],"gender":"","maritalStatus":{},"contact":[{"name":{}}]}`,
		[]string{
			"1:34 empty Patient.name: empty array", "1:46 empty Patient.gender: empty string",
			"1:65 empty Patient.maritalStatus: empty object", "1:87 empty Patient.contact[0].name: empty object",
		},
		`{"resourceType":"Patient"}`, []string{`Patient.gender=""`},
	},
	{
		"pairs", `{"resourceType":"Patient","name":[{"given":["a",null,3],"_given":[null,null,null,{"id":"x"}]}],"deceasedBoolean":true,"_deceasedDateTime":{"id":"a"}}`,
		[]string{
			"1:1 pairing Patient.deceased: value and extension are of two types", "1:35 pairing Patient.name[0].given[1]: neither value nor extension",
			"1:54 shape Patient.name[0].given[2]: must be a string",
		},
		`{"resourceType":"Patient","name":[{"given":["a",null,"3",null],"_given":[null,null,null,{"id":"x"}]}],"deceasedBoolean":true}`, nil,
	},
	{
		"resources", `{"resourceType":"Bundle","entry":[{"resource":{"id":"a"}},{"resource":{"resourceType":"Nothing"}},{"resource":{"id":"b","resourceType":"Basic"}},{"resource":5}]}`,
		[]string{
			"1:47 resource type Bundle.entry[0].resource: resourceType is missing", "1:87 resource type Bundle.entry[1].resource: unknown resource type",
			"1:158 shape Bundle.entry[3].resource: must be an object",
		},
		`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Basic","id":"b"}}]}`,
		[]string{`Bundle.entry[0].resource={"id":"a"}`, `Bundle.entry[1].resource={"resourceType":"Nothing"}`, `Bundle.entry[3].resource=5`},
	},
}

func TestLenientJSON(t *testing.T) {
	for _, c := range lenientJSON {
		t.Run(c.name, func(t *testing.T) { testLenient(t, c.doc, c.problems, c.resource, c.unknown) })
	}
}

func testLenient(t *testing.T, doc string, problems []string, resource string, unknown []string) {
	t.Helper()
	d, err := r4.ParseLenient([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, p := range d.Problems {
		found = append(found, fmt.Sprintf("%d:%d %s %s: %s", p.Line, p.Column, p.Kind, p.At, p.Problem))
	}
	slices.Sort(found)
	want := slices.Sorted(slices.Values(problems))
	if !slices.Equal(found, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(found, "\n"), strings.Join(want, "\n"))
	}
	if out, err := r4.Marshal(d.Resource); err != nil || string(out) != resource {
		t.Errorf("resource %s (%v)\nwant %s", out, err, resource)
	}
	var kept []string
	for _, u := range d.Unknown {
		if !slices.ContainsFunc(d.Problems, func(p *r4.Error) bool { return p.Kind == u.Kind }) {
			t.Errorf("%s.%s is kept for %q, which was not told", u.At, u.Name, u.Kind)
		}
		kept = append(kept, u.At+"."+u.Name+"="+u.Source)
	}
	if !slices.Equal(kept, unknown) {
		t.Errorf("kept %q, want %q", kept, unknown)
	}
}

// The same for XML.
func TestLenientXML(t *testing.T) {
	for _, c := range []struct {
		name, doc string
		problems  []string
		resource  string
		unknown   []string
	}{
		{
			"several", "<Patient xmlns=\"http://hl7.org/fhir\">\n<birthDate value=\"soon\" a=\"b\"/>\n<gender value=\"male\"/>\n<nam><family value=\"A\"/></nam>\n<active value=\"yes\"/>text\n</Patient>",
			[]string{
				"2:12 format Patient.birthDate: not a date (YYYY, YYYY-MM or YYYY-MM-DD)", "2:25 unknown element Patient.birthDate.a: unknown attribute",
				"3:1 order Patient.gender: must stand before what is before it", "4:1 unknown element Patient.nam: unknown element",
				"5:1 order Patient.active: must stand before what is before it", "5:9 format Patient.active: not a boolean", "5:22 shape Patient: text between elements",
			},
			`{"resourceType":"Patient","gender":"male","birthDate":"soon"}`,
			[]string{"Patient.birthDate.a=b", `Patient.nam=<nam><family value="A"/></nam>`, "Patient.active.value=yes"},
		},
		{
			"tags", `<Patient xmlns="http://hl7.org/fhir"><name><family value=A/><given value="B"></name><gender value="ma&le"></gendre></gender></b></Patient>`,
			[]string{
				"1:58 syntax Patient.name[0]: no quotes around the value of an attribute", "1:78 syntax Patient.name[0].given[0]: the end tag of another element",
				"1:102 syntax Patient: & that begins no reference", "1:107 syntax Patient.gender: the end tag of another element", "1:125 syntax Patient: the end tag of another element",
			},
			`{"resourceType":"Patient","name":[{"family":"A","given":["B"]}],"gender":"ma&le"}`, nil,
		},
		{
			"end tags missing", `<Patient xmlns="http://hl7.org/fhir"><id value="a"><language value="b"><name><family value="A"><given value="B"><given value="C"></name><birthDate value="2020"></Patient>`,
			[]string{
				"1:52 syntax Patient.id: the end tag is missing", "1:72 syntax Patient.language: the end tag is missing",
				"1:96 syntax Patient.name[0].family: the end tag is missing", "1:113 syntax Patient.name[0].given[0]: the end tag is missing",
				"1:130 syntax Patient.name[0].given[1]: the end tag of another element", "1:161 syntax Patient.birthDate: the end tag of another element",
			},
			`{"resourceType":"Patient","id":"a","language":"b","name":[{"family":"A","given":["B","C"]}],"birthDate":"2020"}`, nil,
		},
		{
			"namespaces", `<Patient xmlns="urn:x"><id value="a"/><b:c xmlns:b="urn:b" d="e"/><name xmlns="http://hl7.org/fhir"><family value="B"/></name></Patient>`,
			[]string{"1:1 namespace Patient: not in the namespace of FHIR", "1:39 namespace Patient.c: not in the namespace of FHIR"},
			`{"resourceType":"Patient","id":"a","name":[{"family":"B"}]}`, []string{`Patient.c=<b:c xmlns:b="urn:b" d="e"/>`},
		},
		{
			"twice", `<Patient xmlns="http://hl7.org/fhir"><id value="a"/><id value="b"/><contained><Basic/><Group/></contained><contained><Nothing/></contained></Patient>`,
			[]string{
				"1:53 twice Patient.id: twice in one object", "1:87 twice Patient.contained[0]: more than one resource",
				"1:118 resource type Patient.contained[1]: unknown resource type",
			},
			`{"resourceType":"Patient","id":"a","contained":[{"resourceType":"Basic"}]}`,
			[]string{`Patient.id=<id value="b"/>`, `Patient.contained[0].Group=<Group/>`, `Patient.contained[1].Nothing=<Nothing/>`},
		},
		{
			"entities", `<!DOCTYPE a [<!ENTITY b "<c>">]><Patient xmlns="http://hl7.org/fhir"><id value="&b;"/><text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml">&b;</div></text></Patient>`,
			[]string{
				"1:1 entity : a document type definition", "1:81 entity Patient: an entity that is not one of XML itself",
				"1:74 format Patient.id: an id has letters, digits, - and . only", "1:158 entity Patient.text.div: an entity that is not one of XML itself",
			},
			`{"resourceType":"Patient","id":"&b;","text":{"status":"empty","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">&b;</div>"}}`, nil,
		},
		{
			"cut off", `<Patient xmlns="http://hl7.org/fhir"><id value="a"/><name><family value="B"/>`,
			[]string{"1:78 syntax Patient.name[0]: the document ends too early"},
			`{"resourceType":"Patient","id":"a","name":[{"family":"B"}]}`, nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) { testLenient(t, c.doc, c.problems, c.resource, c.unknown) })
	}
}

// Where there is no resource, the error is the first problem and the document
// has all.
func TestLenientNothing(t *testing.T) {
	for _, doc := range []string{"", " ", "x", "[]", "{}", `{"resourceType":"Nothing"}`, "<a/>", "<", "null", "\xff", "{\"id\":\"a\",}"} {
		d, err := r4.ParseLenient([]byte(doc))
		var e *r4.Error
		if !errors.As(err, &e) || d == nil || d.Resource != nil || len(d.Problems) == 0 || d.Problems[0] != e {
			t.Errorf("%q: %v, %v", doc, d, err)
		}
	}
}

// Elements are found by their path, in both formats.
func TestPosition(t *testing.T) {
	j := []byte("{\n \"resourceType\": \"Patient\",\n \"_birthDate\": {\"extension\": [\n  {\"url\": \"u\"}]},\n \"birthDate\": \"2020\",\n \"name\": [{\"family\": \"A\"},\n  {\"given\": [\"B\",\n   \"C\"]}],\n \"deceasedBoolean\": true, \"contained\": [{\"id\": \"c\", \"resourceType\": \"Basic\"}]}")
	x := []byte("<Patient\n xmlns=\"http://hl7.org/fhir\">\n<contained>\n<Basic><id value=\"c\"/></Basic></contained><name>\n <family value=\"A\"/></name><name>\n<given value=\"B\"/>\n<given value=\"C\"/></name>\n<birthDate value=\"2020\"><extension url=\"u\"/></birthDate>\n<deceasedBoolean value=\"true\"/></Patient>")
	for _, c := range []struct{ path, json, xml string }{
		{"Patient", "1:1", "1:1"},
		{"Patient.name[1].given[1]", "8:4", "7:1"},
		{"Patient.name[0].family", "6:12", "5:2"},
		{"Patient.name.family", "6:12", "5:2"},
		{"Patient.birthDate", "3:2", "8:1"},
		{"Patient.birthDate.extension[0]", "4:3", "8:25"},
		{"Patient.birthDate.extension[0].url", "4:4", "8:36"},
		{"Patient.deceased", "9:2", "9:1"},
		{"Patient.deceased.ofType(boolean)", "9:2", "9:1"},
		{"Patient.contained[0].id", "9:42", "4:8"},
		{"Patient.name[2]", "", ""},
		{"Patient.name[x]", "", ""},
		{"Patient.gender", "", ""},
		{"Basic.id", "", ""},
		{"", "", ""},
	} {
		for doc, want := range map[string]string{string(j): c.json, string(x): c.xml} {
			d, err := r4.ParseLenient([]byte(doc))
			if err != nil || len(d.Problems) > 0 {
				t.Fatal(err, d.Problems)
			}
			got := ""
			if line, column, ok := d.Position(c.path); ok {
				got = fmt.Sprintf("%d:%d", line, column)
			}
			if got != want {
				t.Errorf("%s (XML %v) at %q, want %q", c.path, d.XML, got, want)
			}
		}
	}
}

// Strict reading offers all problems at once.
func TestAllProblems(t *testing.T) {
	for _, doc := range []string{
		`{"resourceType":"Patient","gendre":"male","birthDate":"soon","name":[{"family":5}]}`,
		inPatient(`<gendre value="male"/><birthDate value="soon"/><name/>`),
	} {
		read := r4.Unmarshal
		if doc[0] == '<' {
			read = r4.UnmarshalXML
		}
		_, err := read([]byte(doc))
		var e *r4.Error
		if !errors.As(err, &e) || len(e.All()) < 3 {
			t.Fatalf("%v", err)
		}
		if first := e.All()[0]; first.At != e.At || first.Kind != e.Kind || first.Problem != e.Problem {
			t.Errorf("the first is %v, not %v", first, e)
		}
	}
	if alone := (&r4.Error{Problem: "x"}); len(alone.All()) != 1 || alone.All()[0] != alone {
		t.Error("an error about no document has others")
	}
}

// Every document of the public validator cases gives a resource, and what is told
// never shows a value.
func TestLenientPublicCases(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/fhir-test-cases/validator/*.*")
	if len(files) == 0 {
		t.Skip("SKIPPED: the public test cases are not here")
	}
	for _, file := range files {
		if filepath.Base(file) == "manifest.json" {
			continue
		}
		doc, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d, err := r4.ParseLenient(doc)
		if err != nil || d.Cut {
			t.Errorf("%s: %v, cut: %v", filepath.Base(file), err, d.Cut)
		}
	}
}
