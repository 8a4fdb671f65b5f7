package mapping_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/mapping"
)

func resource(t *testing.T, text string) r4.Resource {
	t.Helper()
	r, err := r4.Unmarshal([]byte(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return r
}

func jsonOf(t *testing.T, r r4.Resource) string {
	t.Helper()
	b, err := r4.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Each case states the rule of the comment of Merge that it is about.
func TestMerge(t *testing.T) {
	const absent = `{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}`
	cases := []struct {
		name          string
		old, in, want string
		nulls         []string
	}{
		{
			name: "absent leaves alone",
			old:  `{"resourceType":"Patient","gender":"male","birthDate":"1985-03-15","maritalStatus":{"text":"married"}}`,
			in:   `{"resourceType":"Patient","gender":"female"}`,
			want: `{"resourceType":"Patient","gender":"female","birthDate":"1985-03-15","maritalStatus":{"text":"married"}}`,
		},
		{
			name:  "null removes",
			old:   `{"resourceType":"Patient","birthDate":"1985-03-15","telecom":[{"value":"1"}],"address":[{"city":"Leeds"}]}`,
			in:    `{"resourceType":"Patient"}`,
			nulls: []string{"birthDate", "telecom"},
			want:  `{"resourceType":"Patient","address":[{"city":"Leeds"}]}`,
		},
		{
			name:  "null and a value in the same list",
			old:   `{"resourceType":"Patient","telecom":[{"value":"1","use":"home"},{"value":"2","use":"work"}]}`,
			in:    `{"resourceType":"Patient","telecom":[{"value":"3","use":"work"}]}`,
			nulls: []string{"telecom"},
			want:  `{"resourceType":"Patient","telecom":[{"value":"3","use":"work"}]}`,
		},
		{
			name:  "null never deletes identifiers or the id",
			old:   `{"resourceType":"Patient","id":"p","identifier":[{"system":"s","value":"1"}]}`,
			in:    `{"resourceType":"Patient","id":"p"}`,
			nulls: []string{"identifier", "id"},
			want:  `{"resourceType":"Patient","id":"p","identifier":[{"system":"s","value":"1"}]}`,
		},
		{
			name: "identifiers of other systems stay, those of the same are as sent",
			old:  `{"resourceType":"Patient","identifier":[{"system":"a","value":"1"},{"system":"b","value":"2"},{"system":"a","value":"3"}]}`,
			in:   `{"resourceType":"Patient","identifier":[{"system":"a","value":"3"},{"system":"a","value":"4"},{"system":"c","value":"5"}]}`,
			want: `{"resourceType":"Patient","identifier":[{"system":"b","value":"2"},{"system":"a","value":"3"},{"system":"a","value":"4"},{"system":"c","value":"5"}]}`,
		},
		{
			name: "identifiers without system are told apart by type",
			old:  `{"resourceType":"Patient","identifier":[{"type":{"coding":[{"code":"MR"}]},"value":"1"},{"type":{"coding":[{"code":"SS"}]},"value":"2"}]}`,
			in:   `{"resourceType":"Patient","identifier":[{"type":{"coding":[{"code":"SS"}]},"value":"3"}]}`,
			want: `{"resourceType":"Patient","identifier":[{"type":{"coding":[{"code":"MR"}]},"value":"1"},{"type":{"coding":[{"code":"SS"}]},"value":"3"}]}`,
		},
		{
			name: "names are replaced as sent",
			old:  `{"resourceType":"Patient","name":[{"family":"Smith","given":["Ann"]},{"family":"Jones","use":"maiden"}]}`,
			in:   `{"resourceType":"Patient","name":[{"family":"Smyth"}]}`,
			want: `{"resourceType":"Patient","name":[{"family":"Smyth"}]}`,
		},
		{
			name: "a code is replaced with its text, not mixed",
			old:  `{"resourceType":"Patient","maritalStatus":{"coding":[{"code":"M"}],"text":"married"}}`,
			in:   `{"resourceType":"Patient","maritalStatus":{"coding":[{"code":"D"}]}}`,
			want: `{"resourceType":"Patient","maritalStatus":{"coding":[{"code":"D"}]}}`,
		},
		{
			name: "the end of a visit leaves its start, and its admission, alone",
			old:  `{"resourceType":"Encounter","status":"in-progress","class":{"code":"IMP"},"period":{"start":"2025-04-13"},"hospitalization":{"admitSource":{"text":"home"}}}`,
			in:   `{"resourceType":"Encounter","status":"finished","class":{"code":"IMP"},"period":{"end":"2025-04-20"},"hospitalization":{"dischargeDisposition":{"text":"home"}}}`,
			want: `{"resourceType":"Encounter","status":"finished","class":{"code":"IMP"},"period":{"start":"2025-04-13","end":"2025-04-20"},"hospitalization":{"admitSource":{"text":"home"},"dischargeDisposition":{"text":"home"}}}`,
		},
		{
			name:  "null below a single element",
			old:   `{"resourceType":"Encounter","status":"finished","class":{"code":"IMP"},"period":{"start":"2025-04-13","end":"2025-04-20"},"hospitalization":{"dischargeDisposition":{"text":"home"}}}`,
			in:    `{"resourceType":"Encounter","status":"in-progress","class":{"code":"IMP"}}`,
			nulls: []string{"period.end", "hospitalization.dischargeDisposition"},
			want:  `{"resourceType":"Encounter","status":"in-progress","class":{"code":"IMP"},"period":{"start":"2025-04-13"}}`,
		},
		{
			name: "unknown does not replace what is known",
			old:  `{"resourceType":"Encounter","status":"in-progress","class":{"code":"IMP"}}`,
			in:   `{"resourceType":"Encounter","status":"unknown","class":{"extension":[` + absent + `]}}`,
			want: `{"resourceType":"Encounter","status":"in-progress","class":{"code":"IMP"}}`,
		},
		{
			name: "a null flavor does not replace what is known",
			old:  `{"resourceType":"Encounter","status":"in-progress","class":{"code":"IMP"}}`,
			in:   `{"resourceType":"Encounter","status":"unknown","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-NullFlavor","code":"UNK"}}`,
			want: `{"resourceType":"Encounter","status":"in-progress","class":{"code":"IMP"}}`,
		},
		{
			name: "what is known replaces unknown",
			old:  `{"resourceType":"Encounter","status":"unknown","class":{"extension":[` + absent + `]}}`,
			in:   `{"resourceType":"Encounter","status":"planned","class":{"code":"AMB"}}`,
			want: `{"resourceType":"Encounter","status":"planned","class":{"code":"AMB"}}`,
		},
		{
			name: "an absent primitive does not replace what is known",
			old:  `{"resourceType":"Provenance","target":[{"reference":"Patient/1"}],"recorded":"2025-04-13T09:30:00Z","agent":[{"who":{"display":"A"}}]}`,
			in:   `{"resourceType":"Provenance","target":[{"reference":"Patient/1"}],"_recorded":{"extension":[` + absent + `]},"agent":[{"who":{"display":"A"}}]}`,
			want: `{"resourceType":"Provenance","target":[{"reference":"Patient/1"}],"recorded":"2025-04-13T09:30:00Z","agent":[{"who":{"display":"A"}}]}`,
		},
		{
			name: "the same day of birth keeps its time, another one does not",
			old:  `{"resourceType":"Patient","birthDate":"1985-03-15","_birthDate":{"extension":[{"url":"t","valueDateTime":"1985-03-15T10:00:00Z"}]}}`,
			in:   `{"resourceType":"Patient","birthDate":"1985-03-15"}`,
			want: `{"resourceType":"Patient","birthDate":"1985-03-15","_birthDate":{"extension":[{"url":"t","valueDateTime":"1985-03-15T10:00:00Z"}]}}`,
		},
		{
			name: "another day of birth",
			old:  `{"resourceType":"Patient","birthDate":"1985-03-15","_birthDate":{"extension":[{"url":"t","valueDateTime":"1985-03-15T10:00:00Z"}]}}`,
			in:   `{"resourceType":"Patient","birthDate":"1985-03-16"}`,
			want: `{"resourceType":"Patient","birthDate":"1985-03-16"}`,
		},
		{
			name: "an original code instead of a value",
			old:  `{"resourceType":"Patient","gender":"male"}`,
			in:   `{"resourceType":"Patient","_gender":{"extension":[{"url":"alt","valueString":"Q"}]}}`,
			want: `{"resourceType":"Patient","_gender":{"extension":[{"url":"alt","valueString":"Q"}]}}`,
		},
		{
			name: "a choice changes its type",
			old:  `{"resourceType":"Patient","deceasedBoolean":true}`,
			in:   `{"resourceType":"Patient","deceasedDateTime":"2025-04-13"}`,
			want: `{"resourceType":"Patient","deceasedDateTime":"2025-04-13"}`,
		},
		{
			name:  "extensions by URL",
			old:   `{"resourceType":"Patient","extension":[{"url":"a","valueString":"1"},{"url":"b","valueString":"2"},{"url":"c","valueString":"3"}]}`,
			in:    `{"resourceType":"Patient","extension":[{"url":"b","valueString":"4"}]}`,
			nulls: []string{"extension:c"},
			want:  `{"resourceType":"Patient","extension":[{"url":"a","valueString":"1"},{"url":"b","valueString":"4"}]}`,
		},
		{
			name:  "null of an extension of a primitive",
			old:   `{"resourceType":"Patient","birthDate":"1985-03-15","_birthDate":{"extension":[{"url":"http://x.y/t","valueString":"1"}]}}`,
			in:    `{"resourceType":"Patient"}`,
			nulls: []string{"birthDate.extension:http://x.y/t"},
			want:  `{"resourceType":"Patient","birthDate":"1985-03-15"}`,
		},
		{
			name: "the id, version and time of the store stay",
			old:  `{"resourceType":"Patient","id":"known","meta":{"versionId":"7","lastUpdated":"2025-01-01T00:00:00Z","tag":[{"code":"x"}]}}`,
			in:   `{"resourceType":"Patient","id":"new","meta":{"versionId":"1","security":[{"code":"R"}]},"active":true}`,
			want: `{"resourceType":"Patient","id":"known","meta":{"versionId":"7","lastUpdated":"2025-01-01T00:00:00Z","security":[{"code":"R"}],"tag":[{"code":"x"}]},"active":true}`,
		},
		{
			name: "a corrected value leaves nothing of the old statement",
			old:  `{"resourceType":"Observation","status":"preliminary","code":{"text":"glucose"},"valueQuantity":{"value":9.9},"interpretation":[{"text":"HH"}],"note":[{"text":"check"}],"referenceRange":[{"text":"3.5-5.5"}],"method":{"text":"strip"}}`,
			in:   `{"resourceType":"Observation","status":"corrected","code":{"text":"glucose"},"valueQuantity":{"value":5.0}}`,
			want: `{"resourceType":"Observation","status":"corrected","code":{"text":"glucose"},"valueQuantity":{"value":5.0},"method":{"text":"strip"}}`,
		},
		{
			name: "a value after the reason that there was none",
			old:  `{"resourceType":"Observation","status":"cancelled","code":{"text":"x"},"dataAbsentReason":{"coding":[{"code":"not-asked"}]}}`,
			in:   `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueString":"neg"}`,
			want: `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueString":"neg"}`,
		},
		{
			name: "a document as value is replaced by a value",
			old:  `{"resourceType":"Observation","extension":[{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.value","valueAttachment":{"url":"http://x.y/1"}}],"status":"final","code":{"text":"x"}}`,
			in:   `{"resourceType":"Observation","status":"corrected","code":{"text":"x"},"valueString":"normal"}`,
			want: `{"resourceType":"Observation","status":"corrected","code":{"text":"x"},"valueString":"normal"}`,
		},
		{
			name: "final without being sent again (OBX-11 U) keeps the value",
			old:  `{"resourceType":"Observation","status":"preliminary","code":{"text":"x"},"valueString":"neg","interpretation":[{"text":"N"}]}`,
			in:   `{"resourceType":"Observation","status":"final","code":{"text":"x"}}`,
			want: `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueString":"neg","interpretation":[{"text":"N"}]}`,
		},
		{
			name: "a result that cannot be obtained (OBX-11 X) has no value",
			old:  `{"resourceType":"Observation","status":"preliminary","code":{"text":"x"},"valueString":"neg","interpretation":[{"text":"N"}]}`,
			in:   `{"resourceType":"Observation","status":"cancelled","code":{"text":"x"}}`,
			want: `{"resourceType":"Observation","status":"cancelled","code":{"text":"x"}}`,
		},
		{
			name: "preliminary after final comes late",
			old:  `{"resourceType":"Observation","status":"final","code":{"text":"x"},"effectiveDateTime":"2025-04-13","valueString":"neg"}`,
			in:   `{"resourceType":"Observation","status":"preliminary","code":{"text":"x"},"effectiveDateTime":"2025-04-13","valueString":"pos"}`,
			want: `{"resourceType":"Observation","status":"final","code":{"text":"x"},"effectiveDateTime":"2025-04-13","valueString":"neg"}`,
		},
		{
			name: "what was deleted as wrong is not brought back by a preliminary result",
			old:  `{"resourceType":"Observation","status":"entered-in-error","code":{"text":"x"},"valueString":"neg"}`,
			in:   `{"resourceType":"Observation","status":"preliminary","code":{"text":"x"},"valueString":"neg"}`,
			want: `{"resourceType":"Observation","status":"entered-in-error","code":{"text":"x"},"valueString":"neg"}`,
		},
		{
			name: "a laboratory begins again after it cancelled",
			old:  `{"resourceType":"Observation","status":"cancelled","code":{"text":"x"}}`,
			in:   `{"resourceType":"Observation","status":"preliminary","code":{"text":"x"},"valueString":"pos"}`,
			want: `{"resourceType":"Observation","status":"preliminary","code":{"text":"x"},"valueString":"pos"}`,
		},
		{
			name: "preliminary of a later specimen is not late",
			old:  `{"resourceType":"Observation","status":"final","code":{"text":"x"},"effectiveDateTime":"2025-04-13T08:00:00+02:00","valueString":"neg"}`,
			in:   `{"resourceType":"Observation","status":"preliminary","code":{"text":"x"},"effectiveDateTime":"2025-04-13T08:30:00+01:00","valueString":"pos"}`,
			want: `{"resourceType":"Observation","status":"preliminary","code":{"text":"x"},"effectiveDateTime":"2025-04-13T08:30:00+01:00","valueString":"pos"}`,
		},
		{
			name: "the final that was issued before the correction comes late",
			old:  `{"resourceType":"Observation","status":"corrected","code":{"text":"x"},"issued":"2025-04-13T12:00:00+01:00","valueString":"neg"}`,
			in:   `{"resourceType":"Observation","status":"final","code":{"text":"x"},"issued":"2025-04-13T11:30:00+01:00","valueString":"pos"}`,
			want: `{"resourceType":"Observation","status":"corrected","code":{"text":"x"},"issued":"2025-04-13T12:00:00+01:00","valueString":"neg"}`,
		},
		{
			name: "a report that was issued later goes back to preliminary",
			old:  `{"resourceType":"DiagnosticReport","status":"final","code":{"text":"x"},"issued":"2025-04-13T12:00:00Z","result":[{"reference":"Observation/1"}]}`,
			in:   `{"resourceType":"DiagnosticReport","status":"preliminary","code":{"text":"x"},"issued":"2025-04-13T13:00:00Z","result":[{"reference":"Observation/1"},{"reference":"Observation/2"}]}`,
			want: `{"resourceType":"DiagnosticReport","status":"preliminary","code":{"text":"x"},"issued":"2025-04-13T13:00:00Z","result":[{"reference":"Observation/1"},{"reference":"Observation/2"}]}`,
		},
		{
			name: "new results take the comment of a report away",
			old:  `{"resourceType":"DiagnosticReport","extension":[{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.note","valueAnnotation":{"text":"haemolysed"}}],"status":"preliminary","code":{"text":"x"},"result":[{"reference":"Observation/1"}]}`,
			in:   `{"resourceType":"DiagnosticReport","status":"final","code":{"text":"x"},"result":[{"reference":"Observation/1"}]}`,
			want: `{"resourceType":"DiagnosticReport","status":"final","code":{"text":"x"},"result":[{"reference":"Observation/1"}]}`,
		},
		{
			name: "a late report adds its results, nothing else",
			old:  `{"resourceType":"DiagnosticReport","status":"final","code":{"text":"x"},"result":[{"reference":"Observation/1"}]}`,
			in:   `{"resourceType":"DiagnosticReport","status":"partial","code":{"text":"y"},"result":[{"reference":"Observation/1"},{"reference":"Observation/2"}]}`,
			want: `{"resourceType":"DiagnosticReport","status":"final","code":{"text":"x"},"result":[{"reference":"Observation/1"},{"reference":"Observation/2"}]}`,
		},
		{
			name: "data about a visit that is over does not open it",
			old:  `{"resourceType":"Encounter","status":"finished","class":{"code":"IMP"},"period":{"start":"2025-04-13","end":"2025-04-20"},"location":[{"location":{"reference":"Location/1"},"status":"completed"}]}`,
			in:   `{"resourceType":"Encounter","status":"in-progress","class":{"code":"IMP"},"serviceType":{"text":"MED"},"location":[{"location":{"reference":"Location/1"},"status":"active"}]}`,
			want: `{"resourceType":"Encounter","status":"finished","class":{"code":"IMP"},"serviceType":{"text":"MED"},"period":{"start":"2025-04-13","end":"2025-04-20"},"location":[{"location":{"reference":"Location/1"},"status":"completed"}]}`,
		},
		{
			name:  "an admission opens a cancelled visit",
			old:   `{"resourceType":"Encounter","status":"cancelled","class":{"code":"IMP"}}`,
			in:    `{"resourceType":"Encounter","status":"in-progress","class":{"code":"IMP"}}`,
			nulls: []string{"period.end"},
			want:  `{"resourceType":"Encounter","status":"in-progress","class":{"code":"IMP"}}`,
		},
		{
			name: "a discharge is cancelled as a whole",
			old:  `{"resourceType":"Encounter","status":"finished","class":{"code":"IMP"}}`,
			in:   `{"resourceType":"Encounter","status":"cancelled","class":{"code":"IMP"}}`,
			want: `{"resourceType":"Encounter","status":"cancelled","class":{"code":"IMP"}}`,
		},
		{
			name: "a result only fills in what is not known of the visit",
			old:  `{"resourceType":"Encounter","identifier":[{"system":"v","value":"1"}],"status":"in-progress","class":{"code":"IMP"},"participant":[{"type":[{"coding":[{"code":"ATND"}]}],"individual":{"reference":"Practitioner/1"}}],"period":{"start":"2025-04-13"},"location":[{"location":{"reference":"Location/2"},"status":"active"}]}`,
			in:   `{"resourceType":"Encounter","identifier":[{"system":"v","value":"2"},{"system":"a","value":"3"}],"status":"unknown","class":{"code":"AMB"},"serviceType":{"text":"MED"},"participant":[{"type":[{"coding":[{"code":"ATND"}]}],"individual":{"reference":"Practitioner/9"}},{"type":[{"coding":[{"code":"REF"}]}],"individual":{"reference":"Practitioner/8"}}],"period":{"start":"2025-04-12","end":"2025-04-20"},"location":[{"location":{"reference":"Location/1"}}]}`,
			want: `{"resourceType":"Encounter","identifier":[{"system":"v","value":"1"},{"system":"a","value":"3"}],"status":"in-progress","class":{"code":"IMP"},"serviceType":{"text":"MED"},"participant":[{"type":[{"coding":[{"code":"ATND"}]}],"individual":{"reference":"Practitioner/1"}},{"type":[{"coding":[{"code":"REF"}]}],"individual":{"reference":"Practitioner/8"}}],"period":{"start":"2025-04-13","end":"2025-04-20"},"location":[{"location":{"reference":"Location/2"},"status":"active"}]}`,
		},
		{
			name: "a new attending doctor leaves the consulting one",
			old:  `{"resourceType":"Encounter","status":"in-progress","class":{"code":"IMP"},"participant":[{"type":[{"coding":[{"code":"ATND"}]}],"individual":{"reference":"Practitioner/1"}},{"type":[{"coding":[{"code":"CON"}]}],"individual":{"reference":"Practitioner/2"}}]}`,
			in:   `{"resourceType":"Encounter","status":"in-progress","class":{"code":"IMP"},"participant":[{"type":[{"coding":[{"code":"ATND"}]}],"individual":{"reference":"Practitioner/3"}}]}`,
			want: `{"resourceType":"Encounter","status":"in-progress","class":{"code":"IMP"},"participant":[{"type":[{"coding":[{"code":"CON"}]}],"individual":{"reference":"Practitioner/2"}},{"type":[{"coding":[{"code":"ATND"}]}],"individual":{"reference":"Practitioner/3"}}]}`,
		},
		{
			name: "an account may be of two patients",
			old:  `{"resourceType":"Account","status":"active","subject":[{"reference":"Patient/1"}]}`,
			in:   `{"resourceType":"Account","status":"active","subject":[{"reference":"Patient/2"}]}`,
			want: `{"resourceType":"Account","status":"active","subject":[{"reference":"Patient/1"},{"reference":"Patient/2"}]}`,
		},
		{
			name: "dead does not replace when",
			old:  `{"resourceType":"Patient","deceasedDateTime":"2025-04-13","multipleBirthInteger":2}`,
			in:   `{"resourceType":"Patient","deceasedBoolean":true,"multipleBirthBoolean":true}`,
			want: `{"resourceType":"Patient","deceasedDateTime":"2025-04-13","multipleBirthInteger":2}`,
		},
		{
			name: "alive replaces dead",
			old:  `{"resourceType":"Patient","deceasedDateTime":"2025-04-13"}`,
			in:   `{"resourceType":"Patient","deceasedBoolean":false}`,
			want: `{"resourceType":"Patient","deceasedBoolean":false}`,
		},
		{
			name: "a day does not replace its hour, nor a year its day; another day does",
			old:  `{"resourceType":"Encounter","status":"in-progress","class":{"code":"IMP"},"period":{"start":"2025-04-13T08:00:00+01:00","end":"2025-04-20T10:00:00+01:00"}}`,
			in:   `{"resourceType":"Encounter","status":"in-progress","class":{"code":"IMP"},"period":{"start":"2025-04-13","end":"2025-04-21"}}`,
			want: `{"resourceType":"Encounter","status":"in-progress","class":{"code":"IMP"},"period":{"start":"2025-04-13T08:00:00+01:00","end":"2025-04-21"}}`,
		},
		{
			name:  "paths of nothing change nothing",
			old:   `{"resourceType":"Patient","active":true}`,
			in:    `{"resourceType":"Patient"}`,
			nulls: []string{"nothing", "contact.name", "extension:u", "", "name.given.x"},
			want:  `{"resourceType":"Patient","active":true}`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			old, in, want := resource(t, c.old), resource(t, c.in), resource(t, c.want)
			before, sent := jsonOf(t, old), jsonOf(t, in)
			got, changed := mapping.Merge(old, in, c.nulls)
			if !r4.Equal(got, want) {
				t.Errorf("\n got %s\nwant %s", jsonOf(t, got), jsonOf(t, want))
			}
			if changed != !r4.Equal(old, want) {
				t.Errorf("changed = %v", changed)
			}
			if jsonOf(t, old) != before || jsonOf(t, in) != sent {
				t.Error("an argument was changed")
			}
			again, changed := mapping.Merge(got, in, c.nulls)
			if changed || !r4.Equal(again, got) {
				t.Errorf("the same message again changes it to\n%s", jsonOf(t, again))
			}
		})
	}
}

func TestMergeOfNothing(t *testing.T) {
	p, e := resource(t, `{"resourceType":"Patient"}`), resource(t, `{"resourceType":"Basic","code":{"text":"x"}}`)
	if got, changed := mapping.Merge(nil, p, nil); got != p || !changed {
		t.Error("a new resource must come out as it is, changed")
	}
	if got, changed := mapping.Merge(p, e, nil); got != e || !changed {
		t.Error("another type must come out as it is, changed")
	}
}

// What a new value of an Observation takes with it.
var restated = map[string]bool{"value": true, "dataAbsentReason": true, "interpretation": true, "referenceRange": true, "note": true, "component": true, "extension": true}

// The promises that hold for any two resources, tried on pairs of the same type.
func TestMergePromises(t *testing.T) {
	byType := map[string][]r4.Resource{}
	for _, pattern := range []string{"../fhir/r4/testdata/*.json", "../../shared/fhir-test-cases/r4/*.json", "../../shared/fhir-test-cases/r4/examples/*.json", "../../shared/fhir-test-cases/validator/*.json"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if r, err := r4.Unmarshal(b); err == nil && len(b) < 50_000 && len(byType[r.ResourceType()]) < 5 {
				byType[r.ResourceType()] = append(byType[r.ResourceType()], r)
			}
		}
	}
	if len(byType) == 0 {
		t.Fatal("no resources to try")
	}
	pairs := 0
	for typ, list := range byType {
		for _, a := range list {
			if got, changed := mapping.Merge(a, r4.Clone(a), nil); changed || got != a {
				t.Errorf("%s %s merged with itself changes", typ, a.ResourceID())
			}
			for _, b := range list {
				pairs++
				both, _ := mapping.Merge(a, b, nil)
				if both.ResourceID() != a.ResourceID() {
					t.Errorf("%s: the id of the store is lost", typ)
				}
				for i := range r4.TypeOf(a).Fields {
					f := &r4.TypeOf(a).Fields[i]
					if f.Len(a) > 0 && f.Len(both) == 0 && (typ != "Observation" || !restated[f.Name]) {
						t.Errorf("%s.%s was removed by a message that does not delete it", typ, f.Name)
					}
				}
				if again, changed := mapping.Merge(both, b, nil); changed {
					t.Errorf("%s: %s merged twice is not as merged once:\n%s\n%s", typ, b.ResourceID(), jsonOf(t, both), jsonOf(t, again))
				}
				if typ == "Observation" || typ == "DiagnosticReport" {
					continue // one of the two may come late, and then deletes nothing
				}
				if visit, ok := b.(*r4.Encounter); ok && visit.Status == "unknown" {
					continue // what speaks of a visit by the way deletes nothing
				}
				for i := range r4.TypeOf(a).Fields {
					f := &r4.TypeOf(a).Fields[i]
					if f.Name == "id" || f.Name == "meta" || f.Name == "identifier" || f.Min > 0 {
						continue
					}
					none := r4.Clone(b)
					f.Clear(none)
					if gone, _ := mapping.Merge(a, none, []string{f.Name}); f.Len(gone) > 0 {
						t.Errorf("%s.%s was not deleted", typ, f.Name)
					}
				}
			}
		}
	}
	t.Logf("%d pairs of %d types", pairs, len(byType))
}
