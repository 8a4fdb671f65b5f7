package validate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/terminology"
	"github.com/ponshealth/pons/fhir/validate"
)

// with makes a validator that knows profiles besides the base definitions. A
// profile is its type and the elements of its differential; its URL is
// http://example.org/p0, p1 and so on.
func with(t *testing.T, profiles ...[2]string) *validate.Validator {
	t.Helper()
	registry := profile.New(profile.Base())
	for i, p := range profiles {
		kind := "resource"
		if r4.TypeByName(p[0]).Kind == r4.KindComplex {
			kind = "complex-type"
		}
		contexts := ""
		if p[0] == "Extension" {
			contexts = `"context":[{"type":"element","expression":"Element"}],`
		}
		doc := fmt.Sprintf(`{"resourceType":"StructureDefinition","url":"http://example.org/p%d","name":"P%d","status":"draft","kind":%q,"abstract":false,%s
			"type":%q,"baseDefinition":"http://hl7.org/fhir/StructureDefinition/%s","derivation":"constraint","differential":{"element":[%s]}}`, i, i, kind, contexts, p[0], p[0], p[1])
		res, err := r4.Unmarshal([]byte(doc))
		if err != nil {
			t.Fatalf("profile %d: %v", i, err)
		}
		if err := registry.Add(res); err != nil {
			t.Fatal(err)
		}
	}
	return mustNew(validate.Options{Definitions: registry, Terminology: terminology.New(registry)})
}

// A rule is something that a profile says, and documents that keep or break it.
type rule struct {
	name     string
	profiles [][2]string // the first is the one to check against
	good     []string
	bad      []string // "path | part of the text | document"
}

func identifierSlices(slicing string) string {
	return `{"id":"Patient.identifier","path":"Patient.identifier","slicing":` + slicing + `},
	{"id":"Patient.identifier:a","path":"Patient.identifier","sliceName":"a","min":1,"max":"1"},
	{"id":"Patient.identifier:a.system","path":"Patient.identifier.system","min":1,"fixedUri":"http://a"},
	{"id":"Patient.identifier:b","path":"Patient.identifier","sliceName":"b","min":0,"max":"2"},
	{"id":"Patient.identifier:b.system","path":"Patient.identifier.system","min":1,"patternUri":"http://b"}`
}

const bySystem = `"discriminator":[{"type":"value","path":"system"}]`

var rules = []rule{
	{
		name:     "slices by value, open",
		profiles: [][2]string{{"Patient", identifierSlices(`{` + bySystem + `,"rules":"open"}`)}},
		good: []string{
			`"identifier":[{"system":"http://a"}]}`,
			`"identifier":[{"system":"http://c"},{"system":"http://b"},{"system":"http://a"},{"system":"http://b"}]}`,
		},
		bad: []string{
			`Patient | slice Patient.identifier:a: at least 1 | "active":true}`,
			`Patient | slice Patient.identifier:a: at least 1 | "identifier":[{"system":"http://b"}]}`,
			`Patient | slice Patient.identifier:a: at most 1 | "identifier":[{"system":"http://a"},{"system":"http://a"}]}`,
			`Patient | slice Patient.identifier:b: at most 2 | "identifier":[{"system":"http://a"},{"system":"http://b"},{"system":"http://b"},{"system":"http://b"}]}`,
		},
	},
	{
		name:     "closed slices",
		profiles: [][2]string{{"Patient", identifierSlices(`{` + bySystem + `,"rules":"closed"}`)}},
		good:     []string{`"identifier":[{"system":"http://b"},{"system":"http://a"}]}`},
		bad:      []string{`Patient.identifier[1] | none of the slices | "identifier":[{"system":"http://a"},{"system":"http://c"}]}`},
	},
	{
		name:     "slices open at the end",
		profiles: [][2]string{{"Patient", identifierSlices(`{` + bySystem + `,"rules":"openAtEnd"}`)}},
		good:     []string{`"identifier":[{"system":"http://b"},{"system":"http://a"},{"system":"http://c"}]}`},
		bad:      []string{`Patient.identifier[1] | at the end | "identifier":[{"system":"http://c"},{"system":"http://a"}]}`},
	},
	{
		name:     "ordered slices",
		profiles: [][2]string{{"Patient", identifierSlices(`{` + bySystem + `,"rules":"open","ordered":true}`)}},
		good:     []string{`"identifier":[{"system":"http://a"},{"system":"http://b"}]}`},
		bad:      []string{`Patient.identifier[1] | out of order | "identifier":[{"system":"http://b"},{"system":"http://a"}]}`},
	},
	{
		name: "slices by pattern of the element itself",
		profiles: [][2]string{{"Patient", `{"id":"Patient.identifier","path":"Patient.identifier","slicing":{"discriminator":[{"type":"pattern","path":"$this"}],"rules":"open"}},
			{"id":"Patient.identifier:a","path":"Patient.identifier","sliceName":"a","min":1,"patternIdentifier":{"type":{"coding":[{"code":"MR"}]}}},
			{"id":"Patient.identifier:a.value","path":"Patient.identifier.value","min":1}`}},
		good: []string{`"identifier":[{"type":{"coding":[{"code":"X"},{"code":"MR","display":"d"}]},"value":"1"}]}`},
		bad: []string{
			`Patient.identifier[0] | identifier:a.value: at least 1 | "identifier":[{"type":{"coding":[{"code":"MR"}]}}]}`,
			`Patient | identifier:a: at least 1 | "identifier":[{"type":{"coding":[{"code":"NI"}]}}]}`,
		},
	},
	{
		name: "slices by existence",
		profiles: [][2]string{{"Patient", `{"id":"Patient.name","path":"Patient.name","slicing":{"discriminator":[{"type":"exists","path":"period"}],"rules":"closed"}},
			{"id":"Patient.name:now","path":"Patient.name","sliceName":"now","min":1,"max":"1"},{"id":"Patient.name:now.period","path":"Patient.name.period","max":"0"},
			{"id":"Patient.name:old","path":"Patient.name","sliceName":"old"},{"id":"Patient.name:old.period","path":"Patient.name.period","min":1},
			{"id":"Patient.name:old.use","path":"Patient.name.use","min":1,"fixedCode":"old"}`}},
		good: []string{`"name":[{"family":"a"},{"use":"old","period":{"start":"2020"}}]}`},
		bad: []string{
			`Patient | name:now: at least 1 | "name":[{"use":"old","period":{"start":"2020"}}]}`,
			`Patient.name[1].use | fixed | "name":[{"family":"a"},{"use":"usual","period":{"start":"2020"}}]}`,
		},
	},
	{
		name: "slices of a choice by type",
		profiles: [][2]string{{"Observation", `{"id":"Observation.value[x]","path":"Observation.value[x]","slicing":{"discriminator":[{"type":"type","path":"$this"}],"rules":"closed"}},
			{"id":"Observation.value[x]:valueQuantity","path":"Observation.value[x]","sliceName":"valueQuantity","type":[{"code":"Quantity"}]},
			{"id":"Observation.value[x]:valueQuantity.code","path":"Observation.value[x].code","min":1},
			{"id":"Observation.value[x]:valueString","path":"Observation.value[x]","sliceName":"valueString","type":[{"code":"string"}],"maxLength":3}`}},
		good: []string{`"valueQuantity":{"code":"m","system":"http://unitsofmeasure.org"}}`, `"valueString":"äöü"}`},
		bad: []string{
			`Observation.value | valueQuantity.code: at least 1 | "valueQuantity":{"value":1}}`,
			`Observation.value | longer than 3 | "valueString":"abcd"}`,
			`Observation.value | none of the slices | "valueBoolean":true}`,
		},
	},
	{
		name: "slices by type and profile of what is referred to",
		profiles: [][2]string{
			{"List", `{"id":"List.entry","path":"List.entry","slicing":{"discriminator":[{"type":"type","path":"item.resolve()"}],"rules":"closed"}},
				{"id":"List.entry:p","path":"List.entry","sliceName":"p","max":"1"},{"id":"List.entry:p.item","path":"List.entry.item","type":[{"code":"Reference","targetProfile":["http://hl7.org/fhir/StructureDefinition/Patient"]}]},
				{"id":"List.entry:o","path":"List.entry","sliceName":"o"},{"id":"List.entry:o.item","path":"List.entry.item","type":[{"code":"Reference","targetProfile":["http://example.org/p1"]}]}`},
			{"Observation", `{"id":"Observation.issued","path":"Observation.issued","min":1}`},
		},
		good: []string{`"contained":[{"resourceType":"Patient","id":"p"},{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"issued":"2024-01-01T00:00:00Z"}],"entry":[{"item":{"reference":"#p"}},{"item":{"reference":"#o"}}]}`},
		bad: []string{
			`List | entry:p: at most 1 | "contained":[{"resourceType":"Patient","id":"p"}],"entry":[{"item":{"reference":"#p"}},{"item":{"reference":"#p"}}]}`,
			`List.entry[0] | none of the slices | "contained":[{"resourceType":"Group","id":"g"}],"entry":[{"item":{"reference":"#g"}}]}`,
			`List.entry[0].item | conforms to none | "contained":[{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"}}],"entry":[{"item":{"reference":"#o"}}]}`,
		},
	},
	{
		name: "slices by profile",
		profiles: [][2]string{
			{"Bundle", `{"id":"Bundle.entry","path":"Bundle.entry","slicing":{"discriminator":[{"type":"profile","path":"resource"}],"rules":"open"}},
				{"id":"Bundle.entry:b","path":"Bundle.entry","sliceName":"b","min":1,"max":"1"},{"id":"Bundle.entry:b.resource","path":"Bundle.entry.resource","min":1,"type":[{"code":"Patient","profile":["http://example.org/p1"]}]}`},
			{"Patient", `{"id":"Patient.birthDate","path":"Patient.birthDate","min":1}`},
		},
		good: []string{`"type":"collection","entry":[{"fullUrl":"http://a/1","resource":{"resourceType":"Patient"}},{"fullUrl":"http://a/2","resource":{"resourceType":"Patient","birthDate":"2020"}}]}`},
		bad:  []string{`Bundle | entry:b: at least 1 | "type":"collection","entry":[{"fullUrl":"http://a/1","resource":{"resourceType":"Patient"}}]}`},
	},
	{
		name: "values: fixed, pattern, least and greatest",
		profiles: [][2]string{{"Observation", `{"id":"Observation.category","path":"Observation.category","patternCodeableConcept":{"coding":[{"system":"http://s","code":"a"}]}},
			{"id":"Observation.code","path":"Observation.code","fixedCodeableConcept":{"coding":[{"code":"x"}],"text":"X"}},
			{"id":"Observation.issued","path":"Observation.issued","minValueInstant":"2020-01-01T00:00:00Z"},
			{"id":"Observation.value[x]","path":"Observation.value[x]","type":[{"code":"integer"},{"code":"Quantity"}],"maxValueInteger":10}`}},
		good: []string{`"category":[{"coding":[{"code":"b"},{"system":"http://s","code":"a"}],"text":"t"}],"code":{"coding":[{"code":"x"}],"text":"X"},"issued":"2021-01-01T00:00:00Z","valueInteger":10}`},
		bad: []string{
			`Observation.category[0].coding[0].code | pattern | "category":[{"coding":[{"system":"http://s","code":"b"}]}]}`,
			`Observation.category[0] | coding is missing | "category":[{"text":"a"}]}`,
			`Observation.code | text is missing | "code":{"coding":[{"code":"x"}]}}`,
			`Observation.code.coding[0].display | not in the fixed | "code":{"coding":[{"code":"x","display":"d"}],"text":"X"}}`,
			`Observation.code | the fixed value has 1 | "code":{"coding":[{"code":"x"},{"code":"y"}],"text":"X"}}`,
			`Observation.issued | less than | "issued":"2019-12-31T23:59:59Z"}`,
			`Observation.value | more than | "valueInteger":11}`,
			`Observation.value | not allowed | "valueString":"a"}`,
		},
	},
	{
		name: "references: targets and where they stand",
		profiles: [][2]string{{"Observation", `{"id":"Observation.subject","path":"Observation.subject","type":[{"code":"Reference","targetProfile":["http://example.org/p1"],"aggregation":["contained"]}]},
			{"id":"Observation.encounter","path":"Observation.encounter","type":[{"code":"Reference","targetProfile":["http://hl7.org/fhir/StructureDefinition/Encounter"],"versioning":"specific"}]}`}, {"Patient", `{"id":"Patient.active","path":"Patient.active","min":1}`}},
		good: []string{`"contained":[{"resourceType":"Patient","id":"p","active":true}],"subject":{"reference":"#p"},"encounter":{"reference":"Encounter/1/_history/2"}}`},
		bad: []string{
			`Observation.subject | has to be contained | "subject":{"reference":"Patient/1"}}`,
			`Observation.subject | conforms to none | "contained":[{"resourceType":"Patient","id":"p"}],"subject":{"reference":"#p"}}`,
			`Observation.subject | leads to Group | "contained":[{"resourceType":"Group","id":"p"}],"subject":{"reference":"#p"}}`,
			`Observation.encounter | name a version | "encounter":{"reference":"Encounter/1"}}`,
		},
	},
	{
		name: "slices of a slice",
		profiles: [][2]string{{"Patient", `{"id":"Patient.identifier","path":"Patient.identifier","slicing":{` + bySystem + `,"rules":"open"}},
			{"id":"Patient.identifier:a","path":"Patient.identifier","sliceName":"a","slicing":{"discriminator":[{"type":"value","path":"use"}],"rules":"closed"}},
			{"id":"Patient.identifier:a.system","path":"Patient.identifier.system","min":1,"fixedUri":"http://a"},
			{"id":"Patient.identifier:a/old","path":"Patient.identifier","sliceName":"a/old","max":"1"},
			{"id":"Patient.identifier:a/old.use","path":"Patient.identifier.use","min":1,"fixedCode":"old"},
			{"id":"Patient.identifier:a/old.period","path":"Patient.identifier.period","min":1}`}},
		good: []string{`"identifier":[{"system":"http://a","use":"old","period":{"start":"2020"}},{"system":"http://b","use":"usual"}]}`},
		bad: []string{
			`Patient.identifier[0] | identifier:a/old.period: at least 1 | "identifier":[{"system":"http://a","use":"old"}]}`,
			`Patient.identifier[0] | none of the slices | "identifier":[{"system":"http://a","use":"usual"}]}`,
			`Patient | identifier:a/old: at most 1 | "identifier":[{"system":"http://a","use":"old","period":{"start":"2020"}},{"system":"http://a","use":"old","period":{"start":"2020"}}]}`,
		},
	},
	{
		name: "slices by what an extension holds",
		profiles: [][2]string{{"Patient", `{"id":"Patient.contact","path":"Patient.contact","slicing":{"discriminator":[{"type":"value","path":"extension('http://example.org/p1').value"}],"rules":"closed"}},
			{"id":"Patient.contact:kin","path":"Patient.contact","sliceName":"kin","max":"1"},
			{"id":"Patient.contact:kin.extension","path":"Patient.contact.extension","slicing":{"discriminator":[{"type":"value","path":"url"}],"rules":"open"}},
			{"id":"Patient.contact:kin.extension:role","path":"Patient.contact.extension","sliceName":"role","min":1,"type":[{"code":"Extension","profile":["http://example.org/p1"]}]},
			{"id":"Patient.contact:kin.extension:role.value[x]","path":"Patient.contact.extension.value[x]","min":1,"fixedCode":"kin"},
			{"id":"Patient.contact:kin.name","path":"Patient.contact.name","min":1}`},
			{"Extension", `{"id":"Extension","path":"Extension"},{"id":"Extension.url","path":"Extension.url","fixedUri":"http://example.org/p1"},{"id":"Extension.value[x]","path":"Extension.value[x]","type":[{"code":"code"}]}`}},
		good: []string{`"contact":[{"extension":[{"url":"http://example.org/p1","valueCode":"kin"}],"name":{"text":"x"}}]}`},
		bad: []string{
			`Patient.contact[0] | contact:kin.name: at least 1 | "contact":[{"extension":[{"url":"http://example.org/p1","valueCode":"kin"}],"telecom":[{"value":"1"}]}]}`,
			`Patient.contact[0] | none of the slices | "contact":[{"extension":[{"url":"http://example.org/p1","valueCode":"friend"}],"name":{"text":"x"}}]}`,
		},
	},
	{
		name:     "content that refers to an element",
		profiles: [][2]string{{"Questionnaire", `{"id":"Questionnaire.item","path":"Questionnaire.item"},{"id":"Questionnaire.item.text","path":"Questionnaire.item.text","min":1}`}},
		good:     []string{`"status":"draft","item":[{"linkId":"1","type":"group","text":"x","item":[{"linkId":"2","type":"string","text":"y"}]}]}`},
		bad:      []string{`Questionnaire.item[0].item[0] | item.text: at least 1 | "status":"draft","item":[{"linkId":"1","type":"group","text":"x","item":[{"linkId":"2","type":"string"}]}]}`},
	},
	{
		name:     "a primitive's extensions",
		profiles: [][2]string{{"Patient", `{"id":"Patient.birthDate","path":"Patient.birthDate"},{"id":"Patient.birthDate.extension","path":"Patient.birthDate.extension","min":1,"slicing":{"discriminator":[{"type":"value","path":"url"}],"rules":"open"}},{"id":"Patient.birthDate.extension:time","path":"Patient.birthDate.extension","sliceName":"time","min":1,"max":"1","type":[{"code":"Extension","profile":["http://hl7.org/fhir/StructureDefinition/patient-birthTime"]}]}`}},
		good:     []string{`"birthDate":"2020-01-01","_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":"2020-01-01T00:00:00Z"}]}}`, `"active":true}`},
		bad: []string{
			`Patient.birthDate | birthDate.extension:time: at least 1 | "birthDate":"2020-01-01"}`,
			`Patient.birthDate | birthDate.extension:time: at most 1 | "birthDate":"2020-01-01","_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":"2020-01-01T00:00:00Z"},{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":"2020-01-01T00:00:00Z"}]}}`,
		},
	},
	{
		name:     "constraints of a profile",
		profiles: [][2]string{{"Patient", `{"id":"Patient.name","path":"Patient.name","constraint":[{"key":"t-1","severity":"error","human":"a family or a text","expression":"family.exists() or text.exists()"},{"key":"t-2","severity":"warning","human":"a use","expression":"use.exists()"}]}`}},
		good:     []string{`"name":[{"family":"a"}]}`},
		bad:      []string{`Patient.name[1] | t-1: a family or a text | "name":[{"family":"a"},{"given":["b"]}]}`},
	},
	{
		name: "one of several profiles of a datatype",
		profiles: [][2]string{{"Patient", `{"id":"Patient.identifier","path":"Patient.identifier","type":[{"code":"Identifier","profile":["http://example.org/p1","http://example.org/p2"]}]}`},
			{"Identifier", `{"id":"Identifier.system","path":"Identifier.system","min":1}`}, {"Identifier", `{"id":"Identifier.type","path":"Identifier.type","min":1}`}},
		good: []string{`"identifier":[{"system":"http://a"},{"type":{"text":"x"}}]}`},
		bad:  []string{`Patient.identifier[1] | none of the profiles | "identifier":[{"system":"http://a"},{"value":"x"}]}`},
	},
}

func TestProfiles(t *testing.T) {
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			v := with(t, r.profiles...)
			start := `{"resourceType":"` + r.profiles[0][0] + `",`
			for _, doc := range r.good {
				for _, e := range profileErrors(v.Validate(t.Context(), []byte(start+doc), "http://example.org/p0")) {
					t.Errorf("%s in %s", e, doc)
				}
			}
			for _, b := range r.bad {
				part := strings.SplitN(b, " | ", 3)
				found := profileErrors(v.Validate(t.Context(), []byte(start+part[2]), "http://example.org/p0"))
				if !slices.ContainsFunc(found, func(s string) bool { return strings.HasPrefix(s, part[0]+": ") && strings.Contains(s, part[1]) }) {
					t.Errorf("want %q at %s in %s\n\tgot %s", part[1], part[0], part[2], strings.Join(found, "\n\t"))
				}
			}
		})
	}
}

// profileErrors are the errors that a profile's rules cause.
func profileErrors(o *r4.OperationOutcome) []string {
	p := &r4.OperationOutcome{}
	for _, i := range o.Issue {
		if strings.HasPrefix(i.Diagnostics, "profile http://example.org/") || i.Severity == "fatal" {
			p.Issue = append(p.Issue, i)
		}
	}
	return errorsOf(p)
}
