package mapcase_test

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/ponshealth/pons/internal/mapcase"
)

const patient = `{"resourceType": "Patient", "active": false, "birthDate": "1985-03-15",
	"name": [{"family": "Smith", "given": ["Ann", "Bo"]}], "multipleBirthInteger": 2,
	"_gender": {"extension": [{"url": "https://site.example/g"}]},
	"generalPractitioner": [{"reference": "Practitioner/1"}]}`

// A fact holds or has a problem; one that nothing could make fail is a problem as well.
func TestCheck(t *testing.T) {
	var b mapcase.Resources
	for ref, text := range map[string]string{
		"Patient/1":      patient,
		"Practitioner/1": `{"resourceType": "Practitioner", "gender": "female"}`,
		"":               `{"resourceType": "Bundle", "type": "transaction"}`,
	} {
		var nulls []string
		if ref == "Patient/1" {
			nulls = []string{"telecom"}
		}
		if err := b.Add(ref, []byte(text), nulls...); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ fact, problem string }{
		{`{type: Patient, path: birthDate, equals: '1985-03-15'}`, ""},
		{`{type: Patient, path: birthDate, equals: '1985-03-16'}`, "should be"},
		{`{type: Patient, path: active, equals: 'false'}`, ""},
		{`{type: Patient, path: multipleBirthInteger, equals: '2'}`, ""},
		{`{type: Patient, path: 'name[0].given[1]', equals: Bo}`, ""},
		{`{type: Patient, path: 'name[0].given[2]', absent: true}`, ""},
		{`{type: Patient, path: 'name[0].given[1]', absent: true}`, "should be absent"},
		{`{type: Patient, path: '_gender.extension[0].url', equals: 'https://site.example/g'}`, ""},
		{`{type: Patient, path: 'generalPractitioner[0]->gender', equals: female}`, ""},
		{`{type: Patient, path: 'generalPractitioner[0]->resourceType', equals: Practitioner}`, ""},
		{`{type: Patient, path: identifier, absent: true}`, ""},
		{`{type: Patient, path: name, absent: true}`, "should be absent"},
		{`{type: Patient, where: 'birthDate = 1985-03-15', count: 1}`, ""},
		{`{type: Patient, where: 'birthDate = 1985-03-16', count: 1}`, "there are 0"},
		{`{type: Encounter, count: 0}`, ""},
		{`{type: Encounter, path: status, equals: planned}`, "there is none"},
		{`{type: Patient, nulls: telecom}`, ""},
		{`{type: Patient, nulls: address}`, "not deleted"},
		{`{type: Bundle, path: type, equals: transaction}`, ""},
		{`{type: Bundle, nulls: telecom}`, "not deleted"},

		{`{type: Patient, path: gender, equals: ''}`, "absent"},
		{`{type: Patient, path: birthDate}`, "either"},
		{`{type: Patient, path: birthDate, equals: x, absent: true}`, "either"},
		{`{type: Patient, path: birthdate, absent: true}`, "no element"},
		{`{type: Patient, path: name.family, absent: true}`, "index"},
		{`{type: Patient, path: 'birthDate[0]', absent: true}`, "index"},
		{`{type: Patient, path: 'name[-1].family', absent: true}`, "no index"},
		{`{type: Patient, path: 'generalPractitioner[0]->sex', absent: true}`, "no element"},
		{`{type: Patient, where: 'birthDate: 1985', count: 0}`, "where"},
		{`{type: Patient, where: 'birthdate = 1985', count: 0}`, "no element"},
		{`{type: Pateint, count: 0}`, "no type"},
	} {
		var f mapcase.Fact
		if err := yaml.Unmarshal([]byte(c.fact), &f); err != nil {
			t.Fatal(c.fact, err)
		}
		got := f.Check(&b)
		if (got == "") != (c.problem == "") || !strings.Contains(got, c.problem) {
			t.Errorf("%s: %q, want %q", c.fact, got, c.problem)
		}
	}
}

// The places of a fact are what it looks at: its value, the way there, and what picks the
// resource.
func TestPlaces(t *testing.T) {
	var b mapcase.Resources
	for ref, text := range map[string]string{
		"Patient/1":      patient,
		"Practitioner/1": `{"resourceType": "Practitioner", "gender": "female"}`,
	} {
		if err := b.Add(ref, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		fact mapcase.Fact
		want []mapcase.Place
	}{
		{mapcase.Fact{Type: "Patient", Path: "name[0].family"}, []mapcase.Place{{Ref: "Patient/1", Path: "name[0].family"}}},
		{mapcase.Fact{Type: "Patient", Path: "_gender.extension[0].url"}, []mapcase.Place{{Ref: "Patient/1", Path: "gender.extension[0].url"}}},
		{mapcase.Fact{Type: "Patient", Where: "birthDate = 1985-03-15", Path: "generalPractitioner[0]->gender"}, []mapcase.Place{
			{Ref: "Patient/1", Path: "birthDate"}, {Ref: "Patient/1", Path: "generalPractitioner[0]"}, {Ref: "Practitioner/1", Path: "gender"},
		}},
		{mapcase.Fact{Type: "Patient", Where: "birthDate = 1985-03-16", Path: "name[0].family"}, nil},
	} {
		if got := c.fact.Places(&b); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.fact, got, c.want)
		}
	}
}
