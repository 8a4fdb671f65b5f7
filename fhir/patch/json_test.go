package patch_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/patch"
	"github.com/ponshealth/pons/fhir/r4"
)

const patient = `{"resourceType":"Patient","id":"a","meta":{"versionId":"3"},"active":true,
"name":[{"family":"Muster","given":["Anna","Maria"],"_given":[null,{"id":"m"}]}],
"birthDate":"1970-01-01","_birthDate":{"extension":[{"url":"http://example.org/t","valueString":"x"}]},
"multipleBirthInteger":2}`

func resource(t testing.TB, doc string) r4.Resource {
	t.Helper()
	r, err := r4.Unmarshal([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// applied checks what Apply promises on the way: the input stays as it was, and
// the result is one that the strict parser takes.
func applied(t testing.TB, r r4.Resource, p patch.Patch, o patch.Options) (r4.Resource, error) {
	t.Helper()
	before := r4.Clone(r)
	out, err := patch.Apply(r, p, o)
	if !r4.Equal(before, r) {
		t.Fatal("the input was changed")
	}
	if err != nil {
		var e *patch.Error
		if !errors.As(err, &e) || out != nil {
			t.Fatalf("%v, %v", out, err)
		}
		return nil, err
	}
	b, err := r4.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	again, err := r4.Unmarshal(b)
	if err != nil || !r4.Equal(again, out) {
		t.Fatalf("the result does not parse: %v: %s", err, b)
	}
	return out, nil
}

func TestJSON(t *testing.T) {
	for _, c := range []struct{ name, ops, want string }{
		{
			"replace a primitive", `[{"op":"replace","path":"/birthDate","value":"1971-02-03"}]`,
			`"birthDate":"1971-02-03","_birthDate"`,
		},
		{"add a list", `[{"op":"add","path":"/telecom","value":[{"value":"1"}]}]`, `"telecom":[{"value":"1"}]`},
		{"add at the end", `[{"op":"add","path":"/name/-","value":{"text":"B"}}]`, `{"text":"B"}]`},
		{"add before", `[{"op":"add","path":"/name/0","value":{"text":"B"}}]`, `"name":[{"text":"B"},{`},
		{"the last item takes its list with it", `[{"op":"remove","path":"/name/0"}]`, `"active":true,"birthDate"`},
		{
			"a list may be begun empty", `[{"op":"add","path":"/contact","value":[]},{"op":"add","path":"/contact/-","value":{"gender":"male"}}]`,
			`"contact":[{"gender":"male"}]`,
		},
		{"what is empty beside a primitive leaves its place", `[{"op":"remove","path":"/name/0/_given/1/id"}]`, `"given":["Anna","Maria"]}`},
		{"a choice changes its type", `[{"op":"remove","path":"/multipleBirthInteger"},{"op":"add","path":"/multipleBirthBoolean","value":false}]`, `"multipleBirthBoolean":false`},
		{"move", `[{"op":"move","from":"/name/0/given/1","path":"/name/0/given/0"}]`, `"given":["Maria","Anna"]`},
		{"copy", `[{"op":"copy","from":"/name/0","path":"/name/1"},{"op":"replace","path":"/name/1/family","value":"Zweite"}]`, `"family":"Zweite"`},
		{"test", `[{"op":"test","path":"/multipleBirthInteger","value":2.0e0}]`, `"multipleBirthInteger":2`},
		{"members in any order", `[{"op":"test","path":"/name/0/_given/1","value":{"id":"m"}}]`, ``},
		{"the whole", `[{"op":"replace","path":"","value":{"active":false,"id":"a","resourceType":"Patient"}}]`, `{"resourceType":"Patient","id":"a","active":false}`},
	} {
		p, err := patch.ParseJSON([]byte(c.ops))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		out, err := applied(t, resource(t, patient), p, patch.Options{Version: `W/"3"`})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if b, _ := r4.Marshal(out); !strings.Contains(string(b), c.want) {
			t.Errorf("%s: %s", c.name, b)
		}
	}
}

func TestJSONErrors(t *testing.T) {
	for _, c := range []struct {
		ops  string
		kind patch.Kind
		at   int
		says string
	}{
		{`{}`, patch.Malformed, -1, "array"},
		{`[{"op":"add"}]`, patch.Malformed, 0, "path"},
		{`[{"op":"remove","path":"/a"},{"op":"frob","path":"/a"}]`, patch.Malformed, 1, "no such operation"},
		{`[{"path":"/a"}]`, patch.Malformed, 0, "op"},
		{`[{"op":"add","op":"add","path":"/a"}]`, patch.Malformed, -1, "twice"},
		{`[{"op":"add","path":"/a"}]`, patch.Malformed, 0, "value"},
		{`[{"op":"copy","path":"/a"}]`, patch.Malformed, 0, "from"},
		{`[{"op":"remove","path":"a"}]`, patch.Malformed, 0, "Pointer"},
		{`[{"op":"remove","path":"/a~2"}]`, patch.Malformed, 0, "Pointer"},
		{`[{"op":"remove","path":"/~"}]`, patch.Malformed, 0, "Pointer"},
		{`[{"op":"remove","path":"/name/1"}]`, patch.Failed, 0, "no such place"},
		{`[{"op":"remove","path":"/name/-"}]`, patch.Failed, 0, "no such place"},
		{`[{"op":"remove","path":"/name/00"}]`, patch.Failed, 0, "no such place"},
		{`[{"op":"remove","path":"/name/+0"}]`, patch.Failed, 0, "no such place"},
		{`[{"op":"remove","path":""}]`, patch.Failed, 0, "whole"},
		{`[{"op":"add","path":"/name/2","value":{}}]`, patch.Failed, 0, "no such place"},
		{`[{"op":"add","path":"/active/x","value":{}}]`, patch.Failed, 0, "neither"},
		{`[{"op":"replace","path":"/gender","value":"male"}]`, patch.Failed, 0, "no such place"},
		{`[{"op":"test","path":"/active","value":true},{"op":"test","path":"/active","value":"true"}]`, patch.Failed, 1, "does not hold"},
		{`[{"op":"test","path":"/gender","value":null}]`, patch.Failed, 0, "no such place"},
		{`[{"op":"move","from":"/name","path":"/name/0"}]`, patch.Failed, 0, "into itself"},
		{`[{"op":"move","from":"/gender","path":"/x"}]`, patch.Failed, 0, "nothing to move"},
		{`[{"op":"copy","from":"/gender","path":"/x"}]`, patch.Failed, 0, "nothing to copy"},
		{`[{"op":"add","path":"/foo","value":1}]`, patch.Invalid, -1, "Patient"},
		{`[{"op":"add","path":"/gender","value":1}]`, patch.Invalid, -1, "Patient.gender"},
		{`[{"op":"replace","path":"/birthDate","value":"1.1.1970"}]`, patch.Invalid, -1, "Patient.birthDate"},
		{`[{"op":"replace","path":"/id","value":"b"}]`, patch.Invalid, -1, "id"},
		{`[{"op":"remove","path":"/id"}]`, patch.Invalid, -1, "id"},
		{`[{"op":"replace","path":"/resourceType","value":"Basic"}]`, patch.Invalid, -1, ""},
		{`[{"op":"replace","path":"","value":[]}]`, patch.Invalid, -1, ""},
	} {
		p, err := patch.ParseJSON([]byte(c.ops))
		if err == nil {
			_, err = applied(t, resource(t, patient), p, patch.Options{})
		}
		var e *patch.Error
		if !errors.As(err, &e) || e.Kind != c.kind || e.Operation != c.at || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.ops, err)
		}
	}
}

// TestNoValues: an error names places, never what stands there or in the patch.
func TestNoValues(t *testing.T) {
	for _, ops := range []string{
		`[{"op":"test","path":"/name/0/family","value":"Secret"}]`,
		`[{"op":"replace","path":"/birthDate","value":"Secret"}]`,
		`[{"op":"remove","path":"/name/Dr. Secret"}]`,
		`[{"op":"add","path":"/x/Secret, Dr.","value":1}]`,
	} {
		p, err := patch.ParseJSON([]byte(ops))
		if err == nil {
			_, err = patch.Apply(resource(t, patient), p, patch.Options{})
		}
		if err == nil || strings.Contains(err.Error(), "Secret") || strings.Contains(err.Error(), "Muster") {
			t.Errorf("%s: %v", ops, err)
		}
	}
}

func TestVersion(t *testing.T) {
	p, _ := patch.ParseJSON([]byte(`[]`))
	for version, want := range map[string]bool{"": true, "3": true, `W/"3"`: true, `"3"`: true, "2": false, `W/"2"`: false, `W/3`: false} {
		_, err := applied(t, resource(t, patient), p, patch.Options{Version: version})
		var e *patch.Error
		if (err == nil) != want || !want && (!errors.As(err, &e) || e.Kind != patch.Stale) {
			t.Errorf("%s: %v", version, err)
		}
	}
	if _, err := patch.Apply(&r4.Patient{}, p, patch.Options{Version: "1"}); err == nil {
		t.Error("a resource without version: no error")
	}
}

// TestBombs: small patches that ask for much end with an error and soon.
func TestBombs(t *testing.T) {
	long := `{"resourceType":"Patient","name":[` + strings.Repeat(`{"text":"a"},`, 50000) + `{"text":"b"}]}`
	for name, c := range map[string]struct{ doc, first, each string }{
		"a value into itself":    {patient, ``, `{"op":"copy","from":"/name","path":"/name/0/x%d"}`},
		"doubled every time":     {patient, ``, `{"op":"copy","from":"","path":"/n%d"}`},
		"deeper and deeper":      {patient, `{"op":"add","path":"/a","value":{}}`, `{"op":"copy","from":"/a","path":"/a/b"}`},
		"the front of a list":    {long, ``, `{"op":"add","path":"/name/0","value":{}}`},
		"from front to back":     {long, ``, `{"op":"move","from":"/name/0","path":"/name/-"}`},
		"a large value, around":  {long, `{"op":"add","path":"/q","value":{}}`, `{"op":"move","from":"/name","path":"/q/w"},{"op":"move","from":"/q/w","path":"/name"}`},
		"everything, once again": {long, ``, `{"op":"copy","from":"","path":"/n%d"}`},
	} {
		ops := make([]string, 0, 1000)
		if c.first != "" {
			ops = append(ops, c.first)
		}
		for i := range 900 {
			ops = append(ops, strings.ReplaceAll(c.each, "%d", strconv.Itoa(i)))
		}
		p, err := patch.ParseJSON([]byte("[" + strings.Join(ops, ",") + "]"))
		if err == nil {
			_, err = p.Document([]byte(c.doc))
		}
		var e *patch.Error
		if !errors.As(err, &e) || e.Kind != patch.TooLarge {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLimits(t *testing.T) {
	for name, b := range map[string]string{
		"operations": "[" + strings.Repeat(`{"op":"remove","path":"/a"},`, 1000) + `{"op":"remove","path":"/a"}]`,
		"depth":      strings.Repeat("[", 100000),
		"objects":    strings.Repeat(`{"a":`, 100000),
		"values":     `[{"op":"add","path":"/a","value":[` + strings.Repeat("1,", 200000) + `1]}]`,
		"bytes":      `[{"op":"add","path":"/a","value":"` + strings.Repeat("a", 4<<20) + `"}]`,
	} {
		var e *patch.Error
		if _, err := patch.ParseJSON([]byte(b)); !errors.As(err, &e) || e.Kind != patch.TooLarge {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, b := range []string{`["\ud800"]`, "[\"\xff\"]", `[01]`, `[1.]`, `[1e]`, `[-]`, `[] []`, `[tru]`, "[\"\n\"]", `["\x"]`, "[\x00]", `[1,]`, `{"a":1,}`, `"`, ``, `["\u12"]`} {
		var e *patch.Error
		if _, err := patch.ParseJSON([]byte(b)); !errors.As(err, &e) || e.Kind != patch.Malformed || len(err.Error()) > 200 {
			t.Errorf("%.20s: %v", b, err)
		}
	}
}

// TestNumbers: RFC 6902 4.6 compares by worth, whatever the exponents are.
func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"1", "1.0", true}, {"100", "1e2", true}, {"0.1", "10E-2", true}, {"0", "-0.0e9", true}, {"1", "-1", false},
		{"10", "1", false}, {"1e999999999999", "1e999999999999", true}, {"1e999999999999", "10e999999999998", true},
		{"1e9999999999999999999", "10e9999999999999999998", false}, {"1.5", "15", false}, {"0.001", "1e-3", true},
		{"12345678901234567890123", "12345678901234567890124", false},
	} {
		p, err := patch.ParseJSON([]byte(`[{"op":"test","path":"","value":` + c.a + `}]`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Document([]byte(c.b)); (err == nil) != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, err)
		}
	}
}

// TestDocument: corners of RFC 6901 and 6902. An empty result is an error.
func TestDocument(t *testing.T) {
	for _, c := range []struct{ doc, ops, want string }{
		{
			`{"z":1.50,"a/b":{"~":[]},"y":[null,true,false,"\n\"\\"]}`,
			`[{"op":"add","path":"/a~1b/~0/0","value":"\u00e9\ud83d\ude00\u0001"}]`,
			`{"z":1.50,"a/b":{"~":["é😀\u0001"]},"y":[null,true,false,"\n\"\\"]}`,
		},
		{`[]`, `[{"op":"add","path":"/0","value":"x"},{"op":"add","path":"/-","value":null}]`, `["x",null]`},
		{`{}`, `[{"op":"add","path":"/","value":1},{"op":"test","path":"/","value":1}]`, `{"":1}`},
		{`{"a":null}`, `[{"op":"test","path":"/a","value":null},{"op":"move","from":"/a","path":"/b"}]`, `{"b":null}`},
		{`{"1e0":1}`, `[{"op":"remove","path":"/1e0"}]`, `{}`},
		{`[1,2]`, `[{"op":"remove","path":"/1e0"}]`, ``},
		{`[1,2]`, `[{"op":"test","path":"/01","value":2}]`, ``},
		{`[1,2]`, `[{"op":"add","path":"/-1","value":0}]`, ``},
		{`[1,2]`, `[{"op":"add","path":"/a","value":0}]`, ``},
		{`[1,2]`, `[{"op":"copy","from":"","path":"/0"}]`, `[[1,2],1,2]`},
		{`[{"a":1}]`, `[{"op":"move","from":"/0/a","path":"/1"}]`, `[{},1]`},
		{`{"a":1,"b":2}`, `[{"op":"remove","path":"/a"},{"op":"add","path":"/a","value":3}]`, `{"b":2,"a":3}`},
		{`{"a":{"b":1}}`, `[{"op":"replace","path":"","value":"x"}]`, `"x"`},
		{`{"a":{"b":1}}`, `[{"op":"move","from":"/a/b","path":""}]`, `1`},
		{`{"a":1}`, `[{"op":"replace","path":"/b","value":1}]`, ``},
		{`{"a":1`, `[]`, ``},
	} {
		p, err := patch.ParseJSON([]byte(c.ops))
		if err != nil {
			t.Errorf("%s: %v", c.ops, err)
			continue
		}
		if got, err := p.Document([]byte(c.doc)); string(got) != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s of %s: %s, %v", c.ops, c.doc, got, err)
		}
	}
}

// TestManyMembers: an object with many members is searched by an index, which
// removals and additions keep right.
func TestManyMembers(t *testing.T) {
	var doc, ops strings.Builder
	for i := range 40 {
		doc.WriteString(`,"m` + strconv.Itoa(i) + `":` + strconv.Itoa(i))
	}
	for i := range 40 {
		n := strconv.Itoa(i)
		ops.WriteString(`,{"op":"remove","path":"/m` + n + `"},{"op":"add","path":"/n` + n + `","value":` + n + `},{"op":"test","path":"/n` + n + `","value":` + n + `}`)
	}
	p, err := patch.ParseJSON([]byte("[" + ops.String()[1:] + "]"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Document([]byte("{" + doc.String()[1:] + "}"))
	if want := "{" + strings.ReplaceAll(doc.String(), "m", "n")[1:] + "}"; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}
