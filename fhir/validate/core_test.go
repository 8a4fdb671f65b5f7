package validate_test

import (
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/validate"
)

// Every profile of UK Core and US Core can be checked against: its snapshot
// compiles, an empty resource lacks what it asks for, and its invariants can be
// evaluated. Those of extensions are checked where they may stand.
func TestCoreProfiles(t *testing.T) {
	v := coreValidator()
	if v == nil {
		t.Skip("SKIPPED: " + sharedProfiles + " is not here")
	}
	seen := map[string]int{}
	err := fs.WalkDir(os.DirFS(sharedProfiles), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(sharedProfiles + "/" + name)
		if err != nil || !strings.Contains(string(text[:min(len(text), 2000)]), "StructureDefinition") {
			return err
		}
		doc, err := r4.ParseLenient(text)
		sd, ok := doc.Resource.(*r4.StructureDefinition)
		if err != nil || !ok {
			return err
		}
		if strings.HasPrefix(sd.BaseDefinition, "http://hl7.org/fhir/uv/") {
			t.Logf("SKIPPED: %s builds on %s, which is not here", path.Base(name), sd.BaseDefinition)
			return nil
		}
		family, _, _ := strings.Cut(name, "/")
		seen[family]++
		res, ok := r4.New(sd.Type)
		if !ok { // a datatype: an extension in a resource of any type
			res = &r4.Basic{Extension: []r4.Extension{{URL: sd.URL, Value: r4.String("x")}}}
			for _, i := range v.ValidateResource(t.Context(), res).Issue {
				if i.Code == "not-found" || i.Code == "processing" || strings.Contains(i.Details.Text, "is not known") {
					t.Errorf("%s: %s", path.Base(name), i.Details.Text)
				}
			}
			return nil
		}
		for _, i := range v.ValidateResource(t.Context(), res, sd.URL).Issue {
			if i.Code == "not-found" && i.Severity == "error" || i.Code == "processing" {
				t.Errorf("%s: %s", path.Base(name), i.Details.Text)
			}
		}
		if support, err := v.MustSupport(res, sd.URL); err != nil {
			t.Errorf("%s: %v", path.Base(name), err)
		} else {
			for _, s := range support {
				if s.Present > 0 {
					t.Errorf("%s: %s is present in nothing", path.Base(name), s.ID)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen["uk-core"] < 100 || seen["us-core"] < 60 {
		t.Errorf("found %v", seen)
	}
}

func TestMustSupport(t *testing.T) {
	v := with(t, [2]string{"Patient", `{"id":"Patient.identifier","path":"Patient.identifier","mustSupport":true,"slicing":{"discriminator":[{"type":"value","path":"system"}],"rules":"open"}},
		{"id":"Patient.identifier:a","path":"Patient.identifier","sliceName":"a","mustSupport":true},
		{"id":"Patient.identifier:a.system","path":"Patient.identifier.system","min":1,"fixedUri":"http://a"},
		{"id":"Patient.identifier:a.value","path":"Patient.identifier.value","mustSupport":true},
		{"id":"Patient.name","path":"Patient.name","mustSupport":true},{"id":"Patient.name.given","path":"Patient.name.given","mustSupport":true}`})
	p := &r4.Patient{
		Identifier: []r4.Identifier{{System: "http://a", Value: "1"}, {System: "http://b", Value: "2"}, {System: "http://a"}},
		Name:       []r4.HumanName{{Given: []string{"x", "y"}}, {Given: []string{"z"}}},
	}
	list, err := v.MustSupport(p, "http://example.org/p0")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"Patient.identifier": 3, "Patient.identifier:a": 2, "Patient.identifier:a.value": 1, "Patient.name": 2, "Patient.name.given": 3}
	for _, s := range list {
		if n, ok := want[s.ID]; !ok || n != s.Present {
			t.Errorf("%s: %d", s.ID, s.Present)
		}
		delete(want, s.ID)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
	if _, err := v.MustSupport(&r4.Group{}, "http://example.org/p0"); err == nil {
		t.Error("the profile of another type")
	}
	if _, err := v.MustSupport(p, "http://example.org/none"); err == nil {
		t.Error("a profile that is not known")
	}
}

// An Options.Resolve gives what references outside the document lead to.
func TestResolve(t *testing.T) {
	registry := profile.New(profile.Base())
	for url, element := range map[string]string{
		"http://example.org/observation": `{"resourceType":"StructureDefinition","url":"http://example.org/observation","name":"O","status":"draft","kind":"resource","abstract":false,"type":"Observation","baseDefinition":"http://hl7.org/fhir/StructureDefinition/Observation","derivation":"constraint","differential":{"element":[{"path":"Observation.subject","type":[{"code":"Reference","targetProfile":["http://example.org/patient"]}]}]}}`,
		"http://example.org/patient":     `{"resourceType":"StructureDefinition","url":"http://example.org/patient","name":"P","status":"draft","kind":"resource","abstract":false,"type":"Patient","baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","derivation":"constraint","differential":{"element":[{"path":"Patient.birthDate","min":1}]}}`,
	} {
		res, err := r4.Unmarshal([]byte(element))
		if err != nil {
			t.Fatal(url, err)
		}
		if err := registry.Add(res); err != nil {
			t.Fatal(err)
		}
	}
	patients := map[string]*r4.Patient{"Patient/1": {BirthDate: "2020"}, "Patient/2": {}}
	v := mustNew(validate.Options{Definitions: registry, Resolve: func(ref string) (r4.Resource, bool) {
		p, ok := patients[ref]
		return p, ok
	}})
	for ref, want := range map[string]bool{"Patient/1": true, "Patient/2": false, "Patient/3": true} {
		o := &r4.Observation{Status: "final", Code: &r4.CodeableConcept{Text: "x"}, Subject: &r4.Reference{Reference: ref}}
		if got := validate.Valid(v.ValidateResource(t.Context(), o, "http://example.org/observation")); got != want {
			t.Errorf("%s: valid %v", ref, got)
		}
	}
}
