package mapping_test

import (
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/mapping"
)

// finishTables make an Encounter, its Patient and an Organization, with few rows,
// so that much is missing.
func finishTables(defaults string, rows ...string) map[string]string {
	return map[string]string{
		"messages/ADT_A01": `
message: ADT_A01
triggers: [ADT^A01]
structure: MSH [EVN] PID [PV1]
rows:
- {id: 1, from: PID, slot: 'Patient[1]', map: 'PID[Patient]'}
- {id: 2, from: PV1, slot: 'Encounter[1]', map: 'PV1[Encounter]', refs: ['Encounter[1].subject = Patient[1]']}
`,
		"segments/PID[Patient]":   "map: PID[Patient]\nrows:\n- {id: 1, from: PID-3, to: identifier.value}\n",
		"segments/PV1[Encounter]": "map: PV1[Encounter]\nrows:\n- {id: 0, from: PV1-19, to: identifier.value}\n- " + strings.Join(rows, "\n- ") + "\n",
		"defaults":                defaults,
	}
}

const absent = `{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}`

// What R4 requires is there: by default, or said to be absent; what a message
// breaks is left out.
func TestMending(t *testing.T) {
	const status = "defaults:\n- {id: 1, on: Encounter, to: status, value: unknown}\n- {id: 2, on: Encounter, to: class.code, value: UNK}\n"
	cases := []struct{ name, defaults, row, want string }{
		{"no defaults", "defaults: []", `{id: 1, from: PV1-2, to: priority.text}`,
			`"_status":` + absent + `,"class":` + absent + `,"priority":{"text":"I"}`},
		{"defaults", status, `{id: 1, from: PV1-2, to: priority.text}`,
			`"status":"unknown","class":{"code":"UNK"},"priority":{"text":"I"}`},
		{"what is there stays", status, `{id: 1, from: PV1-2, to: class.code}`,
			`"status":"unknown","class":{"code":"I"}`},
		{"an element of constants goes when it lacks something", status, `{id: 1, from: PV1-2, to: location.status, value: active}`,
			`"status":"unknown","class":{"code":"UNK"}`},
		{"one with a value does not", status, `{id: 1, from: PV1-2, to: location.id}`,
			`"status":"unknown","class":{"code":"UNK"},"location":[{"id":"I","location":` + absent + `}]`},
		{"a default that refers", status + "- {id: 3, on: Encounter.location, to: location, ref: 'Patient[1]'}\n", `{id: 1, from: PV1-2, to: location.id}`,
			`"status":"unknown","class":{"code":"UNK"},"location":[{"id":"I","location":{"reference":"PATIENT"}}]`},
		{"an invariant: drop the whole", status + "rules:\n- {id: x, on: CodeableConcept, any: [coding], else: drop}\n", `{id: 1, from: PV1-2, to: priority.text}`,
			`"status":"unknown","class":{"code":"UNK"}`},
		{"an invariant: drop a part", status + "rules:\n- {id: x, on: Coding, has: display, any: [code], else: 'drop display'}\n", `{id: 1, from: PV1-2, to: priority.coding.display}`,
			`"status":"unknown","class":{"code":"UNK"}`},
		{"an invariant that holds", status + "rules:\n- {id: x, on: Coding, has: display, any: [code, system], else: 'drop display'}\n- {id: y, on: CodeableConcept, none: [text], else: drop}\n", `{id: 1, from: PV1-2, to: priority.coding.code}`,
			`"status":"unknown","class":{"code":"UNK"},"priority":{"coding":[{"code":"I"}]}`},
		{"none of", status + "rules:\n- {id: y, on: CodeableConcept, none: [text], else: drop}\n", `{id: 1, from: PV1-2, to: priority.text}`,
			`"status":"unknown","class":{"code":"UNK"}`},
		{"each, with a value", status + "rules:\n- {id: y, on: Encounter, each: identifier, has: use, is: old, else: 'drop use'}\n", `{id: 1, from: PV1-2, to: 'identifier[1].use', value: old}`,
			`"status":"unknown","class":{"code":"UNK"}`},
		{"each, with another value", status + "rules:\n- {id: y, on: Encounter, each: identifier, has: use, is: old, else: 'drop use'}\n", `{id: 1, from: PV1-2, to: 'identifier[1].use', value: usual}`,
			`"use":"usual","status":"unknown","class":{"code":"UNK"}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := small(t, finishTables(c.defaults, c.row), mapping.Options{})
			e, res := convert[*r4.Encounter](t, m, head+"PID|||1\rPV1||I|||||||||||||||||v1\r")
			got := jsonText(t, e)
			patient := "urn:uuid:" + idOf(res, "Patient")
			got = strings.ReplaceAll(got, patient, "PATIENT")
			id := `"identifier":[{"value":"v1"}],`
			if rest, ok := strings.CutPrefix(c.want, `"use":"usual",`); ok {
				id, c.want = `"identifier":[{"use":"usual","value":"v1"}],`, rest
			}
			// The subject stands where R4 has it: behind class, type and priority.
			want := `{"resourceType":"Encounter",` + id + strings.Replace(c.want, `,"location"`, `,"subject":{"reference":"PATIENT"},"location"`, 1) + `}`
			if !strings.Contains(c.want, `"location"`) {
				want = strings.TrimSuffix(want, "}") + `,"subject":{"reference":"PATIENT"}}`
			}
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestOrderedPeriods(t *testing.T) {
	rows := []string{`{id: 1, from: PV1-44, to: period.start}`, `{id: 2, from: PV1-45, to: period.end}`}
	m := small(t, finishTables("defaults: []\nrules:\n- {id: per-1, on: Period, ordered: [start, end], else: 'drop end'}\n", rows...), mapping.Options{})
	for _, c := range []struct {
		start, end string
		kept       bool
	}{
		{"20250413", "20250414", true},
		{"20250413", "20250413", true},
		{"20250414", "20250413", false},
		{"2025", "20250413", true},
		{"20250413", "2025", true},
		{"20260101", "2025", false},
		{"20250413120000+0000", "20250413110000+0000", false},
		{"20250413120000+0000", "20250413130000+0000", true},
		{"20250413120000+0000", "20250413113000-0100", true},
		{"20250413003000+0100", "20250412234500+0000", true}, // a quarter of an hour later
		{"20250413", "20250413110000+0000", true},
	} {
		e, _ := convert[*r4.Encounter](t, m, head+"PID|||1\rPV1||I|||||||||||||||||v1|||||||||||||||||||||||||"+c.start+"|"+c.end+"\r")
		if e.Period == nil || e.Period.Start == "" || (e.Period.End != "") != c.kept {
			t.Errorf("%s to %s: %+v, end kept should be %t", c.start, c.end, e.Period, c.kept)
		}
	}
}

// A resource into which only constants went is not made, nor is a reference to it.
func TestConstantsAlone(t *testing.T) {
	tables := finishTables("defaults: []", `{id: 1, from: PV1, to: status, value: planned}`, `{id: 2, from: PV1-99, to: 'serviceProvider(Organization.name)'}`, `{id: 3, from: PV1-2, to: 'serviceProvider(Organization.active)', value: 'true'}`)
	m := small(t, tables, mapping.Options{})
	e, res := convert[*r4.Encounter](t, m, head+"PID|||1\rPV1||I\r")
	if e != nil || idOf(res, "Organization") != "" {
		t.Error("an Encounter or Organization of constants was made")
	}
	e, res = convert[*r4.Encounter](t, m, head+"PID|||1\rPV1||I|||||||||||||||||v1\r")
	if e == nil || e.Status != "planned" || e.ServiceProvider != nil || idOf(res, "Organization") != "" {
		t.Error("the Encounter has a number, the Organization nothing")
	}
}

// Vocabulary: policies, places and what becomes of codes that are not in it.
func TestVocabulary(t *testing.T) {
	const rows = "rows:\n- {id: 1, code: M, to: male, in: 'urn:sex', display: Male}\n- {id: 2, code: F, to: female, in: 'urn:sex'}\n- {id: 3, code: X, to: other, in: 'urn:sex'}\n- {id: 4, code: X, to: third, in: 'urn:more'}\n"
	const original = `{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/alternate-codes","valueCodeableConcept":{"coding":[{"system":"urn:pons:cs:B:HL70001","code":"Q"}]}}]}`
	cases := []struct{ name, policy, row, value, want string }{
		{"code", "keep", `{id: 1, from: PID-8, to: gender, code: Sex}`, "M", `"gender":"male"`},
		{"code in small letters", "keep", `{id: 1, from: PID-8, to: gender, code: Sex}`, "m", `"gender":"male"`},
		{"code of another system still a code", "keep", `{id: 1, from: PID-8, to: gender, as: 'CWE[code]', code: Sex}`, "M^Male^L", `"gender":"male"`},
		{"unknown code, keep", "keep", `{id: 1, from: PID-8, to: gender, code: Sex}`, "Q", `"_gender":` + original},
		{"unknown code, default", "default unknown", `{id: 1, from: PID-8, to: gender, code: Sex}`, "Q", `"gender":"unknown","_gender":` + original},
		{"unknown code, drop", "drop", `{id: 1, from: PID-8, to: gender, code: Sex}`, "Q", ``},
		{"concept", "keep", `{id: 1, from: PID-8, to: maritalStatus, code: Sex}`, "M",
			`"maritalStatus":{"coding":[{"system":"urn:sex","code":"male","display":"Male"},{"system":"http://terminology.hl7.org/CodeSystem/v2-0001","code":"M"}]}`},
		{"concept with words and system", "keep", `{id: 1, from: PID-8, to: maritalStatus, as: 'CWE[CodeableConcept]', code: Sex}`, "M^Mann^HL70001^m^Mr^L",
			`"maritalStatus":{"coding":[{"system":"urn:sex","code":"male","display":"Male"},{"system":"http://terminology.hl7.org/CodeSystem/v2-0001","code":"M","display":"Mann"},{"system":"urn:pons:cs:B:L","code":"m","display":"Mr"}]}`},
		{"several targets", "keep", `{id: 1, from: PID-8, to: maritalStatus, code: Sex}`, "X",
			`"maritalStatus":{"coding":[{"system":"urn:sex","code":"other"},{"system":"urn:more","code":"third"},{"system":"urn:pons:cs:B:HL70001","code":"X"}]}`},
		{"concept of another system", "keep", `{id: 1, from: PID-8, to: maritalStatus, as: 'CWE[CodeableConcept]', code: Sex}`, "M^Mike^http://x.example/cs",
			`"maritalStatus":{"coding":[{"system":"http://x.example/cs","code":"M","display":"Mike"}]}`},
		{"unknown concept, keep", "keep", `{id: 1, from: PID-8, to: maritalStatus, as: 'CWE[CodeableConcept]', code: Sex}`, "Q^Quite", `"maritalStatus":{"coding":[{"code":"Q","display":"Quite"}]}`},
		{"unknown concept, drop", "drop", `{id: 1, from: PID-8, to: maritalStatus, as: 'CWE[CodeableConcept]', code: Sex}`, "Q^Quite", `"maritalStatus":{"text":"Quite"}`},
		{"words without a code", "keep", `{id: 1, from: PID-8, to: maritalStatus, as: 'CWE[CodeableConcept]', code: Sex}`, "^Quite", `"maritalStatus":{"coding":[{"display":"Quite"}]}`},
		{"coding", "keep", `{id: 1, from: PID-8, to: meta.tag, code: Sex}`, "M", `"meta":{"tag":[{"system":"urn:sex","code":"male","display":"Male"}]}`},
		{"unknown coding", "keep", `{id: 1, from: PID-8, to: meta.tag, as: 'CWE[Coding]', code: Sex}`, "Q^Quite^http://x.example/cs", `"meta":{"tag":[{"system":"http://x.example/cs","code":"Q","display":"Quite"}]}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tables := patientTables(`{id: 0, from: PID-3, to: identifier.value}`, c.row)
			tables["vocabulary/Sex"] = "vocabulary: Sex\ntable: HL70001\nunmapped: " + c.policy + "\n" + rows
			tables["datatypes/CWE[CodeableConcept]"] = `
map: CWE[CodeableConcept]
rows:
- {id: 1, from: CWE.1, to: 'coding[1].code'}
- {id: 2, from: CWE.2, to: 'coding[1].display'}
- {id: 3, from: CWE.3, to: 'coding[1].system', fn: codeSystem}
- {id: 4, from: CWE.4, to: 'coding[2].code'}
- {id: 5, from: CWE.5, to: 'coding[2].display'}
- {id: 6, from: CWE.6, to: 'coding[2].system', fn: codeSystem}
`
			tables["datatypes/CWE[Coding]"] = "map: CWE[Coding]\nrows:\n- {id: 1, from: CWE.1, to: code}\n- {id: 2, from: CWE.2, to: display}\n- {id: 3, from: CWE.3, to: system, fn: codeSystem}\n"
			tables["datatypes/CWE[code]"] = "map: CWE[code]\nrows:\n- {id: 1, from: CWE.1, to: $value}\n"
			tables["systems"] = "systems:\n- {name: LN, uri: 'http://loinc.org'}\n"
			m := small(t, tables, mapping.Options{})
			p, res := convert[*r4.Patient](t, m, head+"PID|||1|||||"+c.value+"\r")
			got := jsonText(t, p)
			// identifier stands behind meta and before the rest.
			meta, rest := "", c.want
			if strings.HasPrefix(rest, `"meta"`) {
				meta, rest = rest+",", ""
			}
			if rest != "" {
				rest = "," + rest
			}
			if want := `{"resourceType":"Patient",` + meta + `"identifier":[{"value":"1"}]` + rest + `}`; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			lost := false
			for _, u := range res.Unmapped {
				lost = lost || strings.HasPrefix(u.Path, "PID-8")
			}
			if c.want == "" && !lost {
				t.Error("a code that is dropped is among the unmapped")
			}
		})
	}
	t.Run("error", func(t *testing.T) {
		tables := patientTables(`{id: 1, from: PID-8, to: gender, code: Sex}`)
		tables["vocabulary/Sex"] = "vocabulary: Sex\nunmapped: error\n" + rows
		_, err := small(t, tables, mapping.Options{}).Convert(parseMessage(t, head+"PID|||1|||||Q\r"))
		if e, ok := err.(*mapping.Error); !ok || e.At != "PID-8" || e.Code != mapping.ApplicationError {
			t.Errorf("error %v, want one at PID-8", err)
		}
	})
}
