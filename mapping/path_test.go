package mapping_test

import (
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/mapping"
)

// jsonText gives a resource as compact JSON, without its id.
func jsonText(t testing.TB, r r4.Resource) string {
	t.Helper()
	r.SetResourceID("")
	b, err := r4.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Each case is rows of PID[Patient] and what they make of the message, as JSON of
// the Patient without resourceType: the notation of section 4 of the guide's
// table format.
func TestPaths(t *testing.T) {
	const message = head + `PID|1|7|1^a~2^b||A~B||19850315123000+0100|M|x~y|C|D||G~H|I|E|F` + "\r"
	cases := []struct {
		name string
		rows []string
		want string
	}{
		{"one element per repetition", []string{
			`{id: 1, from: PID-3, to: identifier.value}`},
			`"identifier":[{"value":"1"},{"value":"2"}]`},
		{"same slot, same element", []string{
			`{id: 1, from: PID-3, to: 'identifier[2].value'}`,
			`{id: 2, from: PID-3, to: 'identifier[2].use', value: usual}`,
			`{id: 3, from: PID-2, to: 'identifier[1].value'}`},
			`"identifier":[{"use":"usual","value":"1"},{"use":"usual","value":"2"},{"value":"7"}]`},
		{"no slot is slot 1", []string{
			`{id: 1, from: PID-2, to: identifier.value}`,
			`{id: 2, from: PID-2, to: 'identifier[1].use', value: usual}`},
			`"identifier":[{"use":"usual","value":"7"}]`},
		{"repetition at the explicit slot", []string{
			`{id: 1, from: PID-13, to: 'contact.telecom[1].value'}`,
			`{id: 2, from: PID-13, to: 'contact.telecom[1].system', value: phone}`},
			`"contact":[{"telecom":[{"system":"phone","value":"G"},{"system":"phone","value":"H"}]}]`},
		{"repetition at the first list", []string{
			`{id: 1, from: PID-13, to: 'contact.name.given'}`},
			`"contact":[{"name":{"given":["G"]}},{"name":{"given":["H"]}}]`},
		{"repetition where the star is", []string{
			`{id: 1, from: PID-13, to: 'contact.name.given[*]'}`},
			`"contact":[{"name":{"given":["G","H"]}}]`},
		{"only one repetition without a list", []string{
			`{id: 1, from: PID-5, to: maritalStatus.text}`},
			`"maritalStatus":{"text":"A"}`},
		{"one repetition by number", []string{
			`{id: 1, from: 'PID-3[2]', to: identifier.value}`},
			`"identifier":[{"value":"2"}]`},
		{"component", []string{
			`{id: 1, from: PID-3.2, to: identifier.value}`},
			`"identifier":[{"value":"a"},{"value":"b"}]`},
		{"choice by its type", []string{
			`{id: 1, from: PID-7, to: deceasedDateTime}`},
			`"deceasedDateTime":"1985-03-15T12:30:00+01:00"`},
		{"the first type of a choice stays", []string{
			`{id: 1, from: PID-7, to: deceasedDateTime}`,
			`{id: 2, from: PID-7, to: deceasedBoolean, value: 'true'}`},
			`"deceasedDateTime":"1985-03-15T12:30:00+01:00"`},
		{"a failed conversion does not choose the type", []string{
			`{id: 1, from: PID-8, to: deceasedDateTime}`,
			`{id: 2, from: PID-8, to: deceasedBoolean, value: 'true'}`,
			`{id: 3, from: PID-2, to: identifier.value}`},
			`"identifier":[{"value":"7"}],"deceasedBoolean":true`},
		{"the first value stays", []string{
			`{id: 1, from: PID-8, to: maritalStatus.text}`,
			`{id: 2, from: PID-2, to: maritalStatus.text}`},
			`"maritalStatus":{"text":"M"}`},
		{"but a weak one gives way", []string{
			`{id: 1, from: PID-8, to: maritalStatus.text, weak: true}`,
			`{id: 2, from: PID-2, to: maritalStatus.text}`},
			`"maritalStatus":{"text":"7"}`},
		{"and a constant of the segment is weak", []string{
			`{id: 1, from: PID, to: gender, value: unknown}`,
			`{id: 2, from: PID-8, to: gender, value: male}`,
			`{id: 3, from: PID-2, to: identifier.value}`},
			`"identifier":[{"value":"7"}],"gender":"male"`},
		{"fallback", []string{
			`{id: 1, from: PID-8, to: birthDate}`,
			`{id: 2, from: PID-8, to: maritalStatus.text, fallback: true}`,
			`{id: 3, from: PID-7, to: birthDate}`,
			`{id: 4, from: PID-7, to: maritalStatus.text, fallback: true}`},
			`"birthDate":"1985-03-15","maritalStatus":{"text":"M"}`},
		{"extension", []string{
			`{id: 1, from: PID-10, to: 'extension[1].url', value: 'urn:one'}`,
			`{id: 2, from: PID-10, to: 'extension[1].valueString'}`},
			`"extension":[{"url":"urn:one","valueString":"C"}]`},
		{"an extension without a value is none", []string{
			`{id: 1, from: PID-10, to: 'extension[1].url', value: 'urn:one'}`,
			`{id: 2, from: PID-99, to: 'extension[1].valueString'}`,
			`{id: 3, from: PID-2, to: identifier.value}`},
			`"identifier":[{"value":"7"}]`},
		{"two urls of one number are two extensions", []string{
			`{id: 1, from: PID-10, to: 'extension[1].url', value: 'urn:one'}`,
			`{id: 2, from: PID-10, to: 'extension[1].valueString'}`,
			`{id: 3, from: PID-11, to: 'extension[1].url', value: 'urn:two'}`,
			`{id: 4, from: PID-11, to: 'extension[1].valueString'}`},
			`"extension":[{"url":"urn:one","valueString":"C"},{"url":"urn:two","valueString":"D"}]`},
		{"nested extensions and repetitions", []string{
			`{id: 1, from: PID-9, to: 'extension[4].url', value: 'urn:citizen'}`,
			`{id: 2, from: PID-9, to: 'extension[4].extension[1].url', value: code}`,
			`{id: 3, from: PID-9, to: 'extension[4].extension[1].valueString'}`},
			`"extension":[{"extension":[{"url":"code","valueString":"x"}],"url":"urn:citizen"},{"extension":[{"url":"code","valueString":"y"}],"url":"urn:citizen"}]`},
		{"extension of a primitive", []string{
			`{id: 1, from: PID-7, to: birthDate}`,
			`{id: 2, from: PID-7, to: 'birthDate.extension[1].url', value: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime'}`,
			`{id: 3, from: PID-7, to: 'birthDate.extension[1].valueDateTime'}`},
			`"birthDate":"1985-03-15","_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":"1985-03-15T12:30:00+01:00"}]}`},
		{"extension of a primitive in a list", []string{
			`{id: 1, from: PID-9, to: 'name[1].given[1*]'}`,
			`{id: 2, from: PID-9, when: 'PID-9 = "y"', to: 'name[1].given[1*].extension.url', value: 'urn:q'}`,
			`{id: 3, from: PID-9, when: 'PID-9 = "y"', to: 'name[1].given[1*].extension.valueString'}`},
			`"name":[{"given":["x","y"],"_given":[null,{"extension":[{"url":"urn:q","valueString":"y"}]}]}]`},
		{"constants alone make no identifier", []string{
			`{id: 1, from: PID-2, to: 'identifier[1].type.text', value: order}`,
			`{id: 2, from: PID-99, to: 'identifier[1].value'}`,
			`{id: 3, from: PID-8, to: maritalStatus.text}`},
			`"maritalStatus":{"text":"M"}`},
		{"expression", []string{
			`{id: 1, from: PID-10, to: maritalStatus.text, expr: '"+" + PID-10 + "  " + PID-99 + " " + PID-11 + " "'}`},
			`"maritalStatus":{"text":"+C D"}`},
		{"all that are there", []string{
			`{id: 1, from: PID-8, to: 'identifier[all].use', value: usual}`,
			`{id: 2, from: PID-3, to: 'identifier[1].value'}`,
			`{id: 3, from: PID-2, to: 'identifier[2].value'}`},
			`"identifier":[{"use":"usual","value":"1"},{"use":"usual","value":"2"},{"use":"usual","value":"7"}]`},
		{"those of a span that are there", []string{
			`{id: 1, from: PID-8, to: 'identifier[2-6].use', value: usual}`,
			`{id: 2, from: PID-3, to: 'identifier[1].value'}`,
			`{id: 3, from: PID-2, to: 'identifier[4].value'}`},
			`"identifier":[{"value":"1"},{"value":"2"},{"use":"usual","value":"7"}]`},
		{"equal elements are one", []string{
			`{id: 1, from: PID-2, to: 'identifier[1].value'}`,
			`{id: 2, from: PID-2, to: 'identifier[2].value'}`},
			`"identifier":[{"value":"7"}]`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, _ := convert[*r4.Patient](t, small(t, patientTables(c.rows...), mapping.Options{}), message)
			want := `{"resourceType":"Patient",` + c.want + `}`
			if got := jsonText(t, p); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// References make resources; the same slot is the same resource.
func TestCreatedResources(t *testing.T) {
	m := small(t, patientTables(
		`{id: 1, from: PID-3, to: 'generalPractitioner[1](PractitionerRole.practitioner(Practitioner.identifier.value))'}`,
		`{id: 2, from: PID-3.2, to: 'generalPractitioner[1](PractitionerRole.practitioner(Practitioner.name.family))'}`,
		`{id: 3, from: PID-5, to: 'generalPractitioner[1](PractitionerRole.telecom[*].value)'}`,
		`{id: 4, from: PID-5, to: 'generalPractitioner[1](PractitionerRole.telecom[*].system)', value: phone}`,
		`{id: 5, from: PID-8, to: 'managingOrganization(Organization.name)'}`), mapping.Options{})
	p, res := convert[*r4.Patient](t, m, head+"PID|||1^Good~2^Bad||0161~0162|||M\r")
	roles, people, orgs := all[*r4.PractitionerRole](res), all[*r4.Practitioner](res), all[*r4.Organization](res)
	if len(roles) != 2 || len(people) != 2 || len(orgs) != 1 || len(p.GeneralPractitioner) != 2 {
		t.Fatalf("%d roles, %d practitioners, %d organizations, %d references", len(roles), len(people), len(orgs), len(p.GeneralPractitioner))
	}
	for i, want := range []string{"Good", "Bad"} {
		role := roles[i]
		if p.GeneralPractitioner[i].Reference != "urn:uuid:"+role.ID {
			t.Errorf("reference %d is not to role %d", i, i)
		}
		if role.Practitioner.Reference != "urn:uuid:"+people[i].ID || people[i].Name[0].Family != want {
			t.Errorf("role %d is not that of %s", i, want)
		}
	}
	if len(roles[0].Telecom) != 2 || len(roles[1].Telecom) != 0 {
		t.Errorf("telecoms: %d and %d, want both at the first", len(roles[0].Telecom), len(roles[1].Telecom))
	}
	if p.ManagingOrganization.Reference != "urn:uuid:"+orgs[0].ID {
		t.Error("the reference to the organization is not set")
	}
}

// A map with several values: a list of names, and places one in the other.
func TestSeveralValues(t *testing.T) {
	tables := patientTables(
		`{id: 1, from: PID-5, to: 'name[1]', as: 'XPN[HumanName]'}`,
		`{id: 2, from: PID-6, to: 'contact.name', as: 'XPN[HumanName]'}`,
		`{id: 3, from: PID-11, to: 'managingOrganization(Organization.endpoint)', off: true, why: a row that is off is not looked at}`)
	tables["datatypes/XPN[HumanName]"] = `
map: XPN[HumanName]
rows:
- {id: 1, from: XPN.1, to: '[1].family'}
- {id: 2, from: XPN.2, to: '[2].given'}
- {id: 3, from: XPN.2, to: '[2].use', value: nickname}
- {id: 4, from: XPN.3, to: '[1-2].suffix'}
`
	p, res := convert[*r4.Patient](t, small(t, tables, mapping.Options{}), head+"PID|||||Smith^Jo~Jones^Jay|Brown^Bee\r")
	want := `{"resourceType":"Patient","name":[{"family":"Smith"},{"use":"nickname","given":["Jo"]},{"family":"Jones"},{"use":"nickname","given":["Jay"]}],"contact":[{"name":{"family":"Brown"}}]}`
	if got := jsonText(t, p); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if n := len(res.Unmapped); res.Unmapped[n-1].Path != "PID-6.2" || res.Unmapped[n-2].Segment != 0 {
		t.Errorf("unmapped %v, want PID-6.2: a single name has no room for a second", res.Unmapped)
	}
}

// Faults of tables are found at the start, with file and line.
func TestBadTables(t *testing.T) {
	for _, c := range []struct{ row, problem string }{
		{`{id: 1, from: PID-3, to: identifer.value}`, "identifer is not an element of Patient"},
		{`{id: 1, from: PID-3, to: identifier.val}`, "val is not an element of Identifier"},
		{`{id: 1, from: PID-3, to: deceased}`, "is a choice"},
		{`{id: 1, from: PID-3, to: identifier}`, "give as, code or fn"},
		{`{id: 1, from: PID-3, to: 'identifier[x].value'}`, "is not an index"},
		{`{id: 1, from: PID-3, to: 'identifier[0].value'}`, "is not an index"},
		{`{id: 1, from: PID-3, to: 'identifier[1.value'}`, "not closed"},
		{`{id: 1, from: PID-3, to: 'identifier..value'}`, "element name is wanted"},
		{`{id: 1, from: PID-3, to: 'generalPractitioner(Practitioner.name.family'}`, "parenthesis"},
		{`{id: 1, from: PID-3, to: 'generalPractitioner(Practitoner.name.family)'}`, "not a resource of R4"},
		{`{id: 1, from: PID-3, to: 'generalPractitioner(Patient.name.family)'}`, "may not refer to a Patient"},
		{`{id: 1, from: PID-3, to: 'gender(Patient.name.family)'}`, "no Reference"},
		{`{id: 1, from: PID-3, to: 'extension[1].valueString'}`, "url of extension[1]"},
		{`{id: 1, from: PID-3, to: gender, value: a b  c}`, "not a code"},
		{`{id: 1, from: PID-3, to: birthDate, value: yesterday}`, "not a date"},
		{`{id: 1, from: PID-3, to: identifier, as: 'CX[Identifyer]'}`, "there is no map CX[Identifyer]"},
		{`{id: 1, from: PID-3, to: gender, code: Sex}`, "there is no vocabulary Sex"},
		{`{id: 1, from: PID-3, to: gender, fn: guess}`, "there is no function guess"},
		{`{id: 1, from: PID-3, to: gender, value: male, expr: PID-3}`, "only one of"},
		{`{id: 1, from: PID-3}`, "no to"},
		{`{id: 1, to: gender, value: male}`, "no from"},
		{`{from: PID-3, to: gender, value: male}`, "the key \"id\" is missing"},
		{`{id: 1, from: PID-3, to: gender, value: male, wen: x}`, `the key "wen" is not known`},
		{`{id: 1, from: PID-3, to: gender, value: male, off: true}`, "says why"},
		{`{id: 1, from: CX.3, to: gender, value: male}`, "a field"},
		{`{id: 1, from: PID-3, to: '[2].gender', value: male}`, "data type maps"},
		{`{id: 1, from: PID-3, to: $value}`, "primitive"},
		{`{id: 1, from: PID-3, to: gender, ref: 'Patient[1]'}`, "no Reference"},
		{`{id: 1, from: PID-3, to: managingOrganization, ref: Bed}`, "not a slot"},
		{`{id: 1, from: PID-3, to: gender, expr: '"a" + "b"'}`, "no reference in it"},
	} {
		_, err := smallErr(patientTables(c.row), mapping.Options{})
		if err == nil || !strings.Contains(err.Error(), c.problem) || !strings.Contains(err.Error(), "segments/PID[Patient].yaml:3:") {
			t.Errorf("%s: error %v, want file, line and %q", c.row, err, c.problem)
		}
	}
	for _, c := range []struct{ file, text, problem string }{
		{"segments/NK1[Patient]", "map: NK1[Person]\n", `says it is "NK1[Person]"`},
		{"segments/NK1[Blob]", "map: NK1[Blob]\n", "Blob of the map is not a type of R4"},
		{"segments/x", "", "the file is empty"},
		{"other/x", "a: b\n", "not a kind of table"},
		{"messages/ADT_A02", "message: ADT_A02\ntriggers: [ADT^A01]\nstructure: MSH PID\n", "also one of"},
		{"messages/ADT_A02", "message: ADT_A02\ntriggers: [ADT^A99]\nmove: Everything\nstructure: MSH PID\n", "neither * nor"},
		{"messages/ADT_A02", "message: ADT_A02\nstructure: MSH {PID\n", "not closed"},
		{"messages/ADT_A02", "message: ADT_A02\nstructure: MSH PID\nrows:\n- {id: 1, from: PV1, slot: 'Encounter[1]', map: 'PID[Patient]'}\n", "no PV1"},
		{"messages/ADT_A02", "message: ADT_A02\nstructure: MSH PID\nrows:\n- {id: 1, from: PID, slot: 'Encounter[1]', map: 'PID[Patient]'}\n", "not for a Encounter"},
		{"messages/ADT_A02", "message: ADT_A02\nstructure: MSH PID\nrows:\n- {id: 1, from: PID, slot: 'Bed[1]', map: 'PID[Patient]'}\n", "not a slot"},
		{"messages/ADT_A02", "message: ADT_A02\nstructure: MSH PID\nrows:\n- {id: 1, from: PID, slot: 'Patient[1]', refs: ['Patient[1].gender = Patient[1]']}\n", "not a Reference"},
		{"vocabulary/V", "vocabulary: V\nunmapped: guess\n", "is wanted"},
		{"vocabulary/V", "vocabulary: V\nrows:\n- {id: 1, to: x}\n", "code and to"},
		{"defaults", "defaults:\n- {id: 1, on: Encounter, to: status, value: 'not  a code '}\n", "not a code"},
		{"defaults", "defaults:\n- {id: 1, on: Encounte, to: status, value: x}\n", "not a type"},
		{"identity", "identity:\n- {type: Patient, keys: [identifyer]}\n", "neither a part"},
	} {
		tables := patientTables(`{id: 1, from: PID-3, to: identifier.value}`)
		tables[c.file] = c.text
		_, err := smallErr(tables, mapping.Options{})
		if err == nil || !strings.Contains(err.Error(), c.problem) || !strings.Contains(err.Error(), c.file+".yaml") {
			t.Errorf("%s: error %v, want the file and %q", c.file, err, c.problem)
		}
	}
}
