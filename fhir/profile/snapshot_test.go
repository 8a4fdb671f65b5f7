package profile_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/r4"
)

// definition makes a profile of the elements, which are JSON without braces.
func definition(t *testing.T, typ, base string, elements ...string) *r4.StructureDefinition {
	t.Helper()
	elements = slices.Clone(elements)
	for i, e := range elements {
		elements[i] = "{" + e + "}"
	}
	res, err := r4.Unmarshal(fmt.Appendf(nil, `{"resourceType": "StructureDefinition", "url": "http://example.org/%s",
		"name": "Test", "status": "draft", "kind": "resource", "abstract": false, "type": "%[1]s", "derivation": "constraint",
		"baseDefinition": "http://hl7.org/fhir/StructureDefinition/%s", "differential": {"element": [%s]}}`,
		typ, base, strings.Join(elements, ",")))
	if err != nil {
		t.Fatal(err)
	}
	return res.(*r4.StructureDefinition)
}

func snapshot(t *testing.T, d *r4.StructureDefinition) (*r4.StructureDefinition, error) {
	t.Helper()
	base, err := profile.Base().StructureDefinition(d.BaseDefinition)
	if err != nil {
		t.Fatal(err)
	}
	return profile.Snapshot(d, base, profile.Base().StructureDefinition)
}

// TestRules has a differential for each rule, and what has to follow from it:
// "id fact: value", or "no id".
func TestRules(t *testing.T) {
	tests := []struct {
		name, typ string
		elements  []string
		want      []string
	}{
		{"cardinality and flags", "Patient", []string{
			`"id": "Patient.birthDate", "path": "Patient.birthDate", "min": 1, "mustSupport": true`,
		}, []string{
			"Patient.birthDate cardinality: 1..1",
			"Patient.birthDate flags: true false true",
			"Patient.birthDate types: date[] [] []",
			"Patient.birthDate base: Patient.birthDate 0..1",
		}},
		{"not in order and without ids", "Patient", []string{
			`"path": "Patient.link", "max": "0"`,
			`"path": "Patient.name.family", "min": 1`,
			`"path": "Patient.name", "min": 1`,
		}, []string{
			"Patient.link cardinality: 0..0",
			"Patient.name cardinality: 1..*",
			"Patient.name.family cardinality: 1..1",
			"Patient.name.given cardinality: 0..*",
			"Patient.name.given base: HumanName.given 0..*",
		}},
		{"slices without ids", "Patient", []string{
			`"path": "Patient.identifier", "slicing": {"discriminator": [{"type": "value", "path": "system"}], "rules": "open"}`,
			`"path": "Patient.identifier", "sliceName": "a", "max": "1"`,
			`"path": "Patient.identifier.system", "min": 1, "fixedUri": "urn:a"`,
			`"path": "Patient.identifier", "sliceName": "b"`,
			`"path": "Patient.identifier.system", "min": 1, "fixedUri": "urn:b"`,
		}, []string{
			"Patient.identifier cardinality: 0..*",
			"Patient.identifier:a cardinality: 0..1",
			"Patient.identifier:a slicing: ",
			"Patient.identifier:a.system fixed: urn:a",
			"Patient.identifier:b.system fixed: urn:b",
			"no Patient.identifier.system",
		}},
		{"a slice begins as what it is of", "Patient", []string{
			`"id": "Patient.contact", "path": "Patient.contact", "min": 1, "max": "3", "mustSupport": true,
				"slicing": {"discriminator": [{"type": "value", "path": "gender"}], "rules": "closed"}`,
			`"id": "Patient.contact.name", "path": "Patient.contact.name", "min": 1`,
			`"id": "Patient.contact:f", "path": "Patient.contact", "sliceName": "f"`,
			`"id": "Patient.contact:f.gender", "path": "Patient.contact.gender", "fixedCode": "female"`,
		}, []string{
			"Patient.contact cardinality: 1..3",
			"Patient.contact:f cardinality: 0..3",
			"Patient.contact:f flags: false false false",
			"Patient.contact:f constraints: ele-1 pat-1",
			"Patient.contact:f.name cardinality: 1..1",
			"Patient.contact:f.gender fixed: female",
			"Patient.contact.gender fixed: ",
		}},
		{"slices of slices", "Patient", []string{
			`"id": "Patient.identifier", "path": "Patient.identifier", "slicing": {"discriminator": [{"type": "value", "path": "use"}], "rules": "open"}`,
			`"id": "Patient.identifier:a", "path": "Patient.identifier", "sliceName": "a", "max": "2",
				"slicing": {"discriminator": [{"type": "value", "path": "system"}], "rules": "open"}`,
			`"id": "Patient.identifier:a.use", "path": "Patient.identifier.use", "fixedCode": "official"`,
			`"id": "Patient.identifier:b", "path": "Patient.identifier", "sliceName": "b"`,
			`"id": "Patient.identifier:a/x", "path": "Patient.identifier", "sliceName": "a/x"`,
			`"id": "Patient.identifier:a/x.system", "path": "Patient.identifier.system", "fixedUri": "urn:x"`,
		}, []string{
			"Patient.identifier:a/x cardinality: 0..2",
			"Patient.identifier:a/x.use fixed: official",
			"Patient.identifier:a/x.system fixed: urn:x",
			"Patient.identifier:a slicing: open value:system",
			"order Patient.identifier:a Patient.identifier:a/x Patient.identifier:b",
		}},
		{"extensions", "Patient", []string{
			`"id": "Patient.extension:birthPlace", "path": "Patient.extension", "sliceName": "birthPlace",
				"type": [{"code": "Extension", "profile": ["http://hl7.org/fhir/StructureDefinition/patient-birthPlace"]}]`,
			`"id": "Patient.extension:birthPlace.value[x]", "path": "Patient.extension.value[x]", "min": 1`,
			`"id": "Patient.birthDate.extension:birthTime", "path": "Patient.birthDate.extension", "sliceName": "birthTime", "min": 1,
				"type": [{"code": "Extension", "profile": ["http://hl7.org/fhir/StructureDefinition/patient-birthTime"]}]`,
		}, []string{
			"Patient.extension:birthPlace cardinality: 0..1",
			"Patient.extension:birthPlace.value[x] types: Address[] [] []",
			"Patient.extension:birthPlace.value[x] cardinality: 1..1",
			"Patient.extension:birthPlace.url fixed: http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
			"Patient.birthDate.extension:birthTime cardinality: 1..1",
			"no Patient.birthDate.extension:birthTime.url",
		}},
		{"an extension of which nothing is known", "Patient", []string{
			`"id": "Patient.extension:x", "path": "Patient.extension", "sliceName": "x",
				"type": [{"code": "Extension", "profile": ["http://example.org/unknown"]}]`,
			`"id": "Patient.extension:x.value[x]", "path": "Patient.extension.value[x]", "type": [{"code": "string"}]`,
		}, []string{
			"Patient.extension:x cardinality: 0..*",
			"Patient.extension:x.value[x] types: string[] [] []",
		}},
		{"short form of a choice", "Observation", []string{
			`"id": "Observation.valueQuantity", "path": "Observation.valueQuantity", "min": 1`,
			`"id": "Observation.valueQuantity.code", "path": "Observation.valueQuantity.code", "min": 1`,
		}, []string{
			"Observation.value[x] types: Quantity[] [] []",
			"Observation.value[x] slicing: closed type:$this",
			"Observation.value[x]:valueQuantity cardinality: 1..1",
			"Observation.value[x]:valueQuantity.code cardinality: 1..1",
		}},
		{"long form of a choice", "Observation", []string{
			`"id": "Observation.value[x]:valueQuantity", "path": "Observation.value[x]", "sliceName": "valueQuantity"`,
			`"id": "Observation.value[x]:valueQuantity.code", "path": "Observation.value[x].code", "min": 1`,
			`"id": "Observation.value[x]:valueCodeableConcept", "path": "Observation.valueCodeableConcept", "max": "0"`,
		}, []string{
			"Observation.value[x] slicing: open type:$this",
			"Observation.value[x]:valueQuantity types: Quantity[] [] []",
			"Observation.value[x]:valueQuantity.code cardinality: 1..1",
			"Observation.value[x]:valueCodeableConcept types: CodeableConcept[] [] []",
			"Observation.value[x]:valueCodeableConcept cardinality: 0..0",
		}},
		{"short form where there is one type", "Observation", []string{
			`"id": "Observation.value[x]", "path": "Observation.value[x]", "type": [{"code": "Quantity"}]`,
			`"id": "Observation.valueQuantity.code", "path": "Observation.valueQuantity.code", "min": 1`,
		}, []string{
			"Observation.value[x] slicing: ",
			"Observation.value[x].code cardinality: 1..1",
		}},
		{"content defined elsewhere", "Observation", []string{
			`"id": "Observation.component.referenceRange.text", "path": "Observation.component.referenceRange.text", "min": 1`,
		}, []string{
			"Observation.component.referenceRange contentReference: ",
			"Observation.component.referenceRange types: BackboneElement[] [] []",
			"Observation.component.referenceRange.text cardinality: 1..1",
			"Observation.component.referenceRange.low base: Observation.referenceRange.low 0..1",
			"Observation.referenceRange.text cardinality: 0..1",
		}},
		{"binding, patterns, constraints", "Condition", []string{
			`"id": "Condition.code", "path": "Condition.code", "condition": ["x-1"],
				"constraint": [{"key": "x-1", "severity": "error", "human": "has text", "expression": "text.exists()"}],
				"binding": {"strength": "required", "valueSet": "http://example.org/vs"}`,
			`"id": "Condition.category", "path": "Condition.category", "patternCodeableConcept": {"text": "a"}`,
			`"id": "Condition.severity", "path": "Condition.severity", "binding": {"strength": "extensible"}`,
		}, []string{
			"Condition.code binding: required http://example.org/vs",
			"Condition.code constraints: ele-1 x-1",
			`Condition.category pattern: {"text":"a"}<nil>`,
			"Condition.severity binding: extensible http://hl7.org/fhir/ValueSet/condition-severity",
		}},
		{"a name for an element that nothing slices", "Composition", []string{
			`"id": "Composition.date:issued", "path": "Composition.date", "sliceName": "issued", "min": 1`,
		}, []string{"Composition.date:issued cardinality: 1..1", "no Composition.date"}},
		{"a binding goes with the types that can be bound", "MedicationRequest", []string{
			`"id": "MedicationRequest.medication[x]", "path": "MedicationRequest.medication[x]", "type": [{"code": "Reference"}]`,
		}, []string{"MedicationRequest.medication[x] binding: "}},
	}
	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			d, err := snapshot(t, definition(t, x.typ, x.typ, x.elements...))
			if err != nil {
				t.Fatal(err)
			}
			sound(t, &r4.StructureDefinition{URL: d.URL, Snapshot: d.Snapshot})
			expect(t, d.Snapshot.Element, x.want)
		})
	}
}

func expect(t *testing.T, elements []r4.ElementDefinition, want []string) {
	t.Helper()
	is := byID(elements)
	for _, w := range want {
		id, rest, _ := strings.Cut(w, " ")
		fact, value, _ := strings.Cut(rest, ": ")
		switch {
		case id == "no":
			if is[rest] != nil {
				t.Errorf("%s is there", rest)
			}
		case id == "order":
			ids := strings.Fields(rest)
			var have []string
			for i := range elements {
				if slices.Contains(ids, elements[i].ID) {
					have = append(have, elements[i].ID)
				}
			}
			if !slices.Equal(have, ids) {
				t.Errorf("order %v", have)
			}
		case is[id] == nil:
			t.Errorf("%s is not there", id)
		case facts(is[id])[fact] != strings.TrimSuffix(value, ":"):
			t.Errorf("%s %s: %q, not %q", id, fact, facts(is[id])[fact], value)
		}
	}
}

func TestSnapshotRefuses(t *testing.T) {
	for _, x := range []struct {
		name     string
		elements []string
		want     []string // places
	}{
		{"an element that is not there", []string{`"id": "Patient.nme", "path": "Patient.nme", "min": 1`}, []string{"Patient.nme: there is no"}},
		{"all problems", []string{
			`"id": "Patient.a", "path": "Patient.a"`, `"id": "Patient.gender", "path": "Patient.gender", "max": "*"`,
			`"id": "Patient.link.other", "path": "Patient.link.other", "min": 0`,
			`"id": "Patient.birthDate", "path": "Patient.birthDate", "type": [{"code": "dateTime"}]`,
		}, []string{"Patient.a: ", "Patient.gender: allows * of it", "Patient.link.other: allows 0", "Patient.birthDate: is of type dateTime"}},
		{"into a type of FHIRPath", []string{`"id": "Patient.id.a.b", "path": "Patient.id.a.b"`}, []string{"Patient.id.a: there is no"}},
		{"an unknown profile", []string{
			`"id": "Patient.name", "path": "Patient.name", "type": [{"code": "HumanName", "profile": ["http://example.org/x"]}]`,
			`"id": "Patient.name.family", "path": "Patient.name.family", "min": 1`,
		}, []string{"Patient.name: what is in it cannot be found"}},
		{"other resource", []string{`"id": "Person.name", "path": "Person.name"`}, []string{"its elements are of Person"}},
		{"one of another resource", []string{`"path": "Patient.gender", "min": 1`, `"id": "a", "path": "Person.gender"`}, []string{"#a: its path does not begin with Patient"}},
		{"two names", []string{
			`"id": "Patient.gender:a", "path": "Patient.gender", "sliceName": "a"`,
			`"id": "Patient.gender:b", "path": "Patient.gender", "sliceName": "b"`,
		}, []string{"Patient.gender:b: is a slice of an element without slicing"}},
		{"a slice of no slice", []string{
			`"id": "Patient.name", "path": "Patient.name", "slicing": {"rules": "open"}`,
			`"id": "Patient.name:a/b", "path": "Patient.name", "sliceName": "a/b"`,
		}, []string{"Patient.name:a/b: is a slice of a slice"}},
		{"too deep", []string{`"id": "x", "path": "Patient` + strings.Repeat(".extension", 60) + `"`}, []string{"is nested more than"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, err := snapshot(t, definition(t, "Patient", "Patient", x.elements...))
			if err == nil {
				t.Fatal("no error")
			}
			if e, ok := errors.AsType[*profile.Error](err); !ok || !strings.HasPrefix(e.At, "http://example.org/Patient") {
				t.Errorf("%v", err)
			}
			for _, w := range x.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not in %v", w, err)
				}
			}
		})
	}
}

// TestTooLarge has slices in slices in slices: each of few lines doubles what is
// there.
func TestTooLarge(t *testing.T) {
	elements := []string{}
	path, id := "Patient.contact", "Patient.contact"
	elements = append(elements, `"path": "Patient.contact", "slicing": {"rules": "open"}`)
	for i := range 400 {
		elements = append(elements, fmt.Sprintf(`"id": "%s.extension:e%d", "path": "%s.extension", "sliceName": "e%[2]d"`, id, i, path),
			fmt.Sprintf(`"id": "%s.extension:e%d.value[x]:valueAddress.period.start", "path": "%s.extension.value[x].period.start"`, id, i, path))
	}
	for i := range 400 {
		elements = append(elements, fmt.Sprintf(`"id": "%s:s%d", "path": "%s", "sliceName": "s%[2]d"`, id, i, path))
	}
	_, err := snapshot(t, definition(t, "Patient", "Patient", elements...))
	if err == nil || !strings.Contains(err.Error(), "makes the snapshot larger than 50000 elements") {
		t.Error(err)
	}
}

// TestManyOfAll has thousands of elements, slices and constraints: what is made of
// them is bounded, and work in the square of them would be seen.
func TestManyOfAll(t *testing.T) {
	var constraints, elements []string
	for i := range 20_000 {
		constraints = append(constraints, fmt.Sprintf(`{"key": "k-%d", "severity": "error", "human": "h"}`, i))
	}
	d, err := snapshot(t, definition(t, "Patient", "Patient",
		`"path": "Patient.gender", "constraint": [`+strings.Join(constraints, ",")+`]`))
	if err != nil || len(byID(d.Snapshot.Element)["Patient.gender"].Constraint) != 20_001 {
		t.Error(err)
	}
	for i := range 10_001 {
		elements = append(elements, fmt.Sprintf(`"path": "Patient.x%d"`, i))
	}
	if _, err := snapshot(t, definition(t, "Patient", "Patient", elements[1:]...)); err == nil || strings.Count(err.Error(), "\n") > 100 {
		t.Error("elements that are not there: no errors, or too many")
	}
	if _, err := snapshot(t, definition(t, "Patient", "Patient", elements...)); err == nil || !strings.Contains(err.Error(), "more than 10000") {
		t.Error(err)
	}
}

// TestManySlices has as many slices as a large profile may have.
func TestManySlices(t *testing.T) {
	elements := []string{`"path": "Patient.contact", "slicing": {"rules": "open"}`}
	for i := range 500 {
		elements = append(elements, fmt.Sprintf(`"id": "Patient.contact:s%d", "path": "Patient.contact", "sliceName": "s%[1]d"`, i),
			fmt.Sprintf(`"id": "Patient.contact:s%d.name.family", "path": "Patient.contact.name.family", "min": 1`, i))
	}
	d, err := snapshot(t, definition(t, "Patient", "Patient", elements...))
	if err != nil || len(d.Snapshot.Element) < 500*20 {
		t.Error(err)
	}
}

// TestLogicalModel makes a model that adds elements to its base.
func TestLogicalModel(t *testing.T) {
	d := definition(t, "Visit", "Element",
		`"id": "Visit", "path": "Visit", "min": 0, "max": "*"`,
		`"id": "Visit.patient", "path": "Visit.patient", "min": 1, "max": "1", "type": [{"code": "Reference"}]`,
		`"id": "Visit.bed", "path": "Visit.bed", "min": 0, "max": "*", "type": [{"code": "BackboneElement"}]`,
		`"id": "Visit.bed.number", "path": "Visit.bed.number", "min": 1, "max": "1", "type": [{"code": "string"}]`)
	d.Derivation, d.Kind = "specialization", "logical"
	d, err := snapshot(t, d)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, d.Snapshot.Element, []string{
		"order Visit Visit.id Visit.extension Visit.patient Visit.bed Visit.bed.id Visit.bed.modifierExtension Visit.bed.number",
		"Visit.bed.number cardinality: 1..1",
		"Visit.bed.number base: Visit.bed.number 1..1",
	})
}

// TestStandsOnItself has profiles that need each other.
func TestStandsOnItself(t *testing.T) {
	r := profile.New(profile.Base())
	root := `"id": "Patient", "path": "Patient"`
	a, b := definition(t, "Patient", "Patient", root), definition(t, "Patient", "Patient", root)
	a.URL, a.BaseDefinition = "urn:a", "urn:b"
	b.URL, b.BaseDefinition = "urn:b", "urn:a"
	for _, d := range []*r4.StructureDefinition{a, b} {
		if err := r.Add(d); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.StructureDefinition("urn:a"); err == nil || !strings.Contains(err.Error(), "stands on itself") {
		t.Error(err)
	}
}

// TestLater adds what a profile stands on after it was asked for in vain.
func TestLater(t *testing.T) {
	r := profile.New(profile.Base())
	a := definition(t, "Patient", "Patient", `"id": "Patient", "path": "Patient"`)
	a.URL, a.BaseDefinition = "urn:a", "urn:b"
	b := definition(t, "Patient", "Patient", `"id": "Patient.gender", "path": "Patient.gender", "min": 1`)
	b.URL = "urn:b"
	if err := r.Add(a); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := r.StructureDefinition("urn:a"); !errors.Is(err, profile.ErrUnknown) {
			t.Error(err)
		}
	}
	if err := r.Add(b); err != nil {
		t.Fatal(err)
	}
	d, err := r.StructureDefinition("urn:a")
	if err != nil {
		t.Fatal(err)
	}
	expect(t, d.Snapshot.Element, []string{"Patient.gender cardinality: 1..1"})
}
