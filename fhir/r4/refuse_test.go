package r4_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

// What Unmarshal refuses (FHIR R4 json.html, RFC 8259), where it says the
// trouble is, and that it does not say what stood there.
func TestRefused(t *testing.T) {
	deep := func(n int) string {
		return `{"resourceType":"Basic",` + strings.Repeat(`"extension":[{`, n) + `"url":"u"` + strings.Repeat(`}]`, n) + `}`
	}
	for _, c := range []struct{ name, doc, at, problem string }{
		// not JSON
		{"nothing", ``, "", "ends too early"},
		{"cut off", `{"resourceType":"Patient","id":"a"`, "Patient", "ends too early"},
		{"cut off in a string", `{"resourceType":"Patient","id":"a`, "Patient.id", "ends too early"},
		{"cut off in an escape", `{"resourceType":"Patient","language":"\`, "Patient.language", "bad escape"},
		{"array", `[]`, "", "must be an object"},
		{"trailing data", `{"resourceType":"Patient","id":"a"} {}`, "Patient", "more after"},
		{"trailing zero byte", "{\"resourceType\":\"Patient\",\"id\":\"a\"}\x00", "Patient", "more after"},
		{"trailing comma", `{"resourceType":"Patient","id":"a",}`, "Patient", "not JSON"},
		{"no comma", `{"resourceType":"Patient" "id":"a"}`, "Patient", "not JSON"},
		{"comma in array", `{"resourceType":"Patient","name":[{"family":"SECRET"},]}`, "Patient.name[1]", "must be an object"},
		{"wrong bracket", `{"resourceType":"Patient","name":[{"family":"SECRET"]}`, "Patient.name[0]", "not JSON"},
		{"single quotes", `{'resourceType':'Patient'}`, "", "resourceType"},
		{"comment", `{"resourceType":"Patient",/*x*/"id":"a"}`, "Patient", "not JSON"},
		{"BOM", "\ufeff{\"resourceType\":\"Patient\"}", "", "must be an object"},
		{"bad UTF-8", "{\"resourceType\":\"Patient\",\"language\":\"\xff\"}", "", "UTF-8"},
		{"overlong UTF-8", "{\"resourceType\":\"Patient\",\"language\":\"\xc0\xaf\"}", "", "UTF-8"},
		{"half a surrogate pair", `{"resourceType":"Patient","name":[{"family":"\ud800"}]}`, "Patient.name[0].family", "bad escape"},
		{"surrogates turned", `{"resourceType":"Patient","name":[{"family":"\udc00\ud800"}]}`, "Patient.name[0].family", "bad escape"},
		{"half a pair and a letter", `{"resourceType":"Patient","name":[{"family":"\ud83d\u0041"}]}`, "Patient.name[0].family", "bad escape"},
		{"half a pair at the end", `{"resourceType":"Patient","name":[{"family":"\ud83d"`, "Patient.name[0].family", "bad escape"},
		{"line feed in a string", "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"a\nb\"}]}", "Patient.name[0].family", "control character"},
		{"escaped control character", `{"resourceType":"Patient","name":[{"family":"a\u0000"}]}`, "Patient.name[0].family", "control character"},
		{"true in part", `{"resourceType":"Patient","active":truely}`, "Patient.active", "true or false"},
		// the resource type
		{"no resource type", `{"id":"a"}`, "", "resourceType is missing"},
		{"no resource type inside", `{"resourceType":"Patient","contained":[{"id":"a"}]}`, "Patient.contained[0]", "resourceType is missing"},
		{"unknown resource type", `{"resourceType":"SECRET"}`, "", "unknown resource type"},
		{"datatype as resource", `{"resourceType":"HumanName","family":"SECRET"}`, "", "unknown resource type"},
		{"abstract resource", `{"resourceType":"DomainResource","id":"a"}`, "", "unknown resource type"},
		{"number as resource type", `{"resourceType":1}`, "", "must be a string"},
		{"resource type twice", `{"resourceType":"Patient","id":"a","resourceType":"Patient"}`, "Patient.resourceType", "twice"},
		{"two late resource types", `{"id":"a","resourceType":"Patient","resourceType":"Group"}`, "Patient.resourceType", "twice"},
		{"resource type in a datatype", `{"resourceType":"Patient","name":[{"resourceType":"HumanName"}]}`, "Patient.name[0].resourceType", "unknown element"},
		// names
		{"unknown element", `{"resourceType":"Patient","name":[{"familie":"SECRET"}]}`, "Patient.name[0].familie", "unknown element"},
		{"an odd name is not shown", `{"resourceType":"Patient","name":[{"SECRET 1970-01-01":"x"}]}`, "Patient.name[0]", "unknown element"},
		{"wrong case", `{"resourceType":"Patient","birthdate":"SECRET"}`, "Patient.birthdate", "unknown element"},
		{"twice", `{"resourceType":"Patient","gender":"male","gender":"male"}`, "Patient.gender", "twice"},
		{"twice by escape", `{"resourceType":"Patient","gender":"male","\u0067ender":"male"}`, "Patient.gender", "twice"},
		{"extensions twice", `{"resourceType":"Patient","_gender":{"id":"a"},"_gender":{"id":"a"}}`, "Patient.gender", "twice"},
		{"two of a choice", `{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2020"}`, "Patient.deceased", "more than one"},
		{"two types in a choice", `{"resourceType":"Patient","deceasedBoolean":true,"_deceasedDateTime":{"id":"a"}}`, "Patient.deceased", "two types"},
		{"bare choice", `{"resourceType":"Observation","value":"SECRET"}`, "Observation.value", "unknown element"},
		{"not of the choice", `{"resourceType":"Patient","deceasedString":"SECRET"}`, "Patient.deceasedString", "unknown element"},
		{"extension of a complex element", `{"resourceType":"Patient","_name":[{"id":"a"}]}`, "Patient._name", "unknown element"},
		{"extension of an id", `{"resourceType":"Patient","_id":{"id":"a"}}`, "Patient._id", "unknown element"},
		{"extension of a narrative", `{"resourceType":"Patient","text":{"status":"empty","_div":{"id":"a"}}}`, "Patient.text._div", "unknown element"},
		{"comments of old FHIR", `{"resourceType":"Patient","fhir_comments":["SECRET"]}`, "Patient.fhir_comments", "unknown element"},
		// shapes
		{"empty resource object", `{}`, "", "resourceType is missing"},
		{"empty object", `{"resourceType":"Patient","maritalStatus":{}}`, "Patient.maritalStatus", "empty object"},
		{"empty array", `{"resourceType":"Patient","name":[]}`, "Patient.name", "empty array"},
		{"empty string", `{"resourceType":"Patient","birthDate":""}`, "Patient.birthDate", "empty string"},
		{"null", `{"resourceType":"Patient","birthDate":null}`, "Patient.birthDate", "must be a string"},
		{"null object", `{"resourceType":"Patient","maritalStatus":null}`, "Patient.maritalStatus", "must be an object"},
		{"null in a list of objects", `{"resourceType":"Patient","name":[null]}`, "Patient.name[0]", "must be an object"},
		{"null without extension", `{"resourceType":"Patient","name":[{"given":["SECRET",null]}]}`, "Patient.name[0].given[1]", "neither value nor extension"},
		{"two nulls", `{"resourceType":"Patient","name":[{"given":[null],"_given":[null]}]}`, "Patient.name[0].given[0]", "neither value nor extension"},
		{"extensions with a gap", `{"resourceType":"Patient","name":[{"given":["SECRET"],"_given":[null,null,{"id":"a"}]}]}`, "Patient.name[0].given[1]", "neither value nor extension"},
		{"no list", `{"resourceType":"Patient","name":{"family":"SECRET"}}`, "Patient.name", "must be an array"},
		{"a list", `{"resourceType":"Patient","maritalStatus":[{"text":"SECRET"}]}`, "Patient.maritalStatus", "must be an object"},
		{"string as object", `{"resourceType":"Patient","maritalStatus":"SECRET"}`, "Patient.maritalStatus", "must be an object"},
		{"number as string", `{"resourceType":"Patient","birthDate":1980}`, "Patient.birthDate", "must be a string"},
		{"string as boolean", `{"resourceType":"Patient","active":"true"}`, "Patient.active", "true or false"},
		{"string as number", `{"resourceType":"Patient","multipleBirthInteger":"2"}`, "Patient.multipleBirth", "must be a number"},
		{"too deep", deep(128), "", "too deep"},
		// formats
		{"date", `{"resourceType":"Patient","birthDate":"1980-02-30"}`, "Patient.birthDate", "not a date"},
		{"decimal with a plus", `{"resourceType":"Observation","valueQuantity":{"value":+1}}`, "Observation.value.value", "must be a number"},
		{"decimal with leading zero", `{"resourceType":"Observation","valueQuantity":{"value":01}}`, "Observation.value.value", "not a number"},
		{"decimal with bare point", `{"resourceType":"Observation","valueQuantity":{"value":1.}}`, "Observation.value.value", "not a number"},
		{"not a number", `{"resourceType":"Observation","valueQuantity":{"value":NaN}}`, "Observation.value.value", "must be a number"},
		{"integer with a fraction", `{"resourceType":"Observation","valueInteger":1.0}`, "Observation.value", "not an integer"},
		{"integer too large", `{"resourceType":"Observation","valueInteger":2147483648}`, "Observation.value", "not an integer"},
		{"positiveInt of zero", `{"resourceType":"Patient","telecom":[{"rank":0}]}`, "Patient.telecom[0].rank", "from 1"},
		{"code with two spaces", `{"resourceType":"Patient","gender":"a  b"}`, "Patient.gender", "code"},
		{"uri with a space", `{"resourceType":"Patient","implicitRules":"a b"}`, "Patient.implicitRules", "URI"},
		{"id", `{"resourceType":"Patient","id":"a_b"}`, "Patient.id", "an id has"},
		{"in a nested resource", "{\"resourceType\":\"Bundle\",\n\"entry\":[{\"resource\":{\"id\":\"x\",\n\"birthDate\":\"SECRET\",\"resourceType\":\"Patient\"}}]}",
			"Bundle.entry[0].resource.birthDate", "(line 3)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := r4.Unmarshal([]byte(c.doc))
			var e *r4.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v and error %v, want an *r4.Error", r, err)
			}
			if c.name != "too deep" && e.At != c.at {
				t.Errorf("at %q, want %q", e.At, c.at)
			}
			if !strings.Contains(err.Error(), c.problem) {
				t.Errorf("error %q does not say %q", err, c.problem)
			}
			if strings.Contains(err.Error(), "SECRET") {
				t.Errorf("error %q shows the value", err)
			}
			if r != nil {
				t.Error("a resource comes with the error")
			}
		})
	}
}

// What may look wrong but is right.
func TestAccepted(t *testing.T) {
	for name, doc := range map[string]string{
		"white space":              "\r\n\t {\r\n\"resourceType\" :\t\"Patient\" , \"id\" : \"a\" } \n",
		"nothing but the type":     `{"resourceType":"Patient"}`,
		"escaped names":            `{"resource\u0054ype":"Patient","\u0069d":"a"}`,
		"late and escaped type":    `{"id":"a","\u0072esourceType":"Patient"}`,
		"type inside a value":      `{"language":"resourceType","name":[{"text":"\"resourceType\":\"Group\""}],"resourceType":"Patient"}`,
		"any Unicode":              `{"resourceType":"Patient","name":[{"family":"\ud83d\ude00 \uFFFD 漢 \u2028\/"}]}`,
		"long numbers":             `{"resourceType":"Observation","valueQuantity":{"value":-0.` + strings.Repeat("0123456789", 500) + `e-2147483649}}`,
		"extensions only":          `{"resourceType":"Patient","_birthDate":{"extension":[{"url":"u","valueCode":"unknown"}]}}`,
		"extensions of a list":     `{"resourceType":"Patient","name":[{"_given":[{"id":"a"}]}]}`,
		"more extensions":          `{"resourceType":"Patient","name":[{"given":["a"],"_given":[null,{"id":"a"}]}]}`,
		"extensions before values": `{"resourceType":"Patient","name":[{"_given":[null,{"id":"a"}],"_family":{"id":"f"},"given":["a",null],"family":"b"}]}`,
		"as deep as allowed":       `{"resourceType":"Basic",` + strings.Repeat(`"extension":[{`, 127) + `"url":"u"` + strings.Repeat(`}]`, 127) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			r, err := r4.Unmarshal([]byte(doc))
			if err != nil {
				t.Fatal(err)
			}
			out, err := r4.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			again, err := r4.Unmarshal(out)
			if err != nil {
				t.Fatalf("%v in %s", err, out)
			}
			if !r4.Equal(r, again) {
				t.Errorf("changes by writing and reading: %s", out)
			}
		})
	}
}

// Marshal refuses what would not come back.
func TestMarshalRefuses(t *testing.T) {
	loop := &r4.Patient{}
	loop.Contained = []r4.Resource{loop}
	var none *r4.Patient
	deep := &r4.Basic{Extension: []r4.Extension{{URL: "u"}}}
	for range 127 { // one object more than Unmarshal takes
		deep.Extension = []r4.Extension{{Extension: deep.Extension}}
	}
	for _, c := range []struct {
		name    string
		r       r4.Resource
		at      string
		problem string
	}{
		{"nil", nil, "", "not a pointer"},
		{"nil pointer", none, "", "not a pointer"},
		{"decimal", &r4.Observation{Value: &r4.Quantity{Value: `1,"x":2`}}, "Observation.value.value", "not a decimal"},
		{"choice of decimal", &r4.Patient{Extension: []r4.Extension{{URL: "u", Value: r4.Decimal("1e")}}}, "Patient.extension[0].value", "not a decimal"},
		{"UTF-8", &r4.Patient{Name: []r4.HumanName{{Given: []string{"a", "\xff"}}}}, "Patient.name[0].given[1]", "UTF-8"},
		{"nil resource inside", &r4.Patient{Contained: []r4.Resource{none}}, "Patient.contained[0]", "not a resource"},
		{"one too deep", deep, "", "too deep"},
		{"itself inside", loop, "", "too deep"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := r4.Marshal(c.r)
			var e *r4.Error
			if !errors.As(err, &e) || !strings.Contains(e.Problem, c.problem) || c.at != "" && e.At != c.at {
				t.Errorf("got %q, %v; want %s: %s", out, err, c.at, c.problem)
			}
		})
	}
}

// Strings are escaped where JSON asks for it and nowhere else, at every place of
// the eight bytes that are looked at together.
func TestEscapes(t *testing.T) {
	for text, want := range map[string]string{
		"\x00\x1f\x7f":    `\u0000\u001f` + "\x7f",
		"\b\f\n\r\t":      `\u0008\u000c\n\r\t`,
		`"\/<>&'`:         `\"\\/<>&'`,
		"ä漢😀\u2028\ufffd": "ä漢😀\u2028\ufffd",
	} {
		for before := range 20 {
			pad := strings.Repeat("x", before)
			got, err := r4.AppendJSON(nil, &r4.HumanName{Text: pad + text + pad})
			if err != nil || string(got) != `{"text":"`+pad+want+pad+`"}` {
				t.Errorf("got %s, %v", got, err)
			}
		}
	}
	full := make([]byte, 3, 3)
	if got, err := r4.AppendJSON(full[:0], &r4.HumanName{Text: "\n\n\nab\n"}); err != nil || string(got) != `{"text":"\n\n\nab\n"}` {
		t.Errorf("without room: %s, %v", got, err)
	}
}
