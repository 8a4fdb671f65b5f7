package profile_test

import (
	"maps"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/r4"
)

const shared = "../../../shared/profiles"

// sdc stands for a profile that one of US Core stands on, of a guide that is not
// there.
const sdc = `{"resourceType": "StructureDefinition", "type": "QuestionnaireResponse", "kind": "resource",
	"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaireresponse", "name": "SDC", "status": "draft",
	"abstract": false, "derivation": "constraint",
	"baseDefinition": "http://hl7.org/fhir/StructureDefinition/QuestionnaireResponse"}`

func family(t *testing.T, name string) *profile.Registry {
	t.Helper()
	dir := shared + "/" + name
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("SKIPPED: %s is not there", dir)
	}
	r := profile.New(profile.Base())
	if err := r.AddDir(os.DirFS(dir)); err != nil {
		for line := range strings.Lines(err.Error()) {
			// This one has a letter between two elements.
			if !strings.Contains(line, "CodeSystem-UKCore-EthnicCategoryScotland.xml: CodeSystem.concept[3]") {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
	if name == "us-core" {
		res, err := r4.Unmarshal([]byte(sdc))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Add(res); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// TestSharedProfiles makes the snapshots of all profiles and extensions of US Core
// and UK Core, which have differentials only.
func TestSharedProfiles(t *testing.T) {
	for name, want := range map[string]int{"us-core": 68, "uk-core": 153} {
		r := family(t, name)
		own := 0
		for url := range r.StructureDefinitions() {
			if _, err := profile.Base().StructureDefinition(url); err == nil {
				continue
			}
			own++
			d, err := r.StructureDefinition(url)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			sound(t, d)
		}
		if own != want {
			t.Errorf("%s: %d definitions, not %d", name, own, want)
		}
	}
}

// TestTogether asks for all profiles from several sides at once.
func TestTogether(t *testing.T) {
	r := family(t, "us-core")
	var all [4]map[string]*r4.StructureDefinition
	var wg sync.WaitGroup
	for i := range all {
		all[i] = map[string]*r4.StructureDefinition{}
		wg.Go(func() {
			for url := range r.StructureDefinitions() {
				if d, err := r.StructureDefinition(url); err == nil {
					all[i][url] = d
				}
			}
		})
	}
	wg.Wait()
	for i := range all {
		if !maps.Equal(all[0], all[i]) {
			t.Error("not the same definitions for all")
		}
	}
}

// sound checks what holds for every snapshot: ids are unique and fit the paths,
// parents stand before children, everything of the differential is there, and
// cardinalities are within those of the base element.
func sound(t *testing.T, d *r4.StructureDefinition) {
	t.Helper()
	seen := map[string]bool{}
	for i := range d.Snapshot.Element {
		e := &d.Snapshot.Element[i]
		switch plain := withoutSlices(e.ID); {
		case seen[e.ID]:
			t.Errorf("%s: %s is there twice", d.URL, e.ID)
		case plain != e.Path:
			t.Errorf("%s: %s has the path %s", d.URL, e.ID, e.Path)
		case i > 0 && !seen[e.ID[:strings.LastIndexByte(e.ID, '.')]]:
			t.Errorf("%s: %s stands before its parent", d.URL, e.ID)
		case e.Base == nil || e.Max == "" || !e.Min.Present():
			t.Errorf("%s: %s has no cardinality or base", d.URL, e.ID)
		}
		seen[e.ID] = true
	}
	if d.Differential == nil {
		return // the base as it is
	}
	for i := range d.Differential.Element {
		e := &d.Differential.Element[i]
		if e.SliceName != "" && !strings.HasSuffix(e.ID, ":"+e.SliceName) {
			continue // one of UK Core; the name of the slice holds
		}
		if !seen[e.ID] && !seen[long(e.ID)] {
			t.Errorf("%s: %s of the differential is not in the snapshot", d.URL, e.ID)
		}
	}
}

func withoutSlices(id string) string {
	parts := strings.Split(id, ".")
	for i, p := range parts {
		parts[i], _, _ = strings.Cut(p, ":")
	}
	return strings.Join(parts, ".")
}

// long is an id with valueQuantity and so on written out.
func long(id string) string {
	parts := strings.Split(id, ".")
	for i, p := range parts {
		for _, stem := range []string{"value", "effective", "deceased", "multipleBirth", "onset"} {
			if rest, ok := strings.CutPrefix(p, stem); ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
				parts[i] = stem + "[x]:" + p
			}
		}
	}
	return strings.Join(parts, ".")
}

// TestUKCorePatient looks at what makes the profile: facts of its differential,
// of the extensions it names, and of Patient.
func TestUKCorePatient(t *testing.T) {
	r := family(t, "uk-core")
	d, err := r.StructureDefinition("https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient")
	if err != nil {
		t.Fatal(err)
	}
	is := byID(d.Snapshot.Element)
	for id, want := range map[string]map[string]string{
		"Patient.identifier":                  {"slicing": "open value:system", "types": "Identifier[] [] []"},
		"Patient.identifier:nhsNumber":        {"cardinality": "0..1", "types": "Identifier[] [] []", "base": "Patient.identifier 0..*"},
		"Patient.identifier:nhsNumber.system": {"cardinality": "1..1", "fixed": "https://fhir.nhs.uk/Id/nhs-number"},
		"Patient.identifier:nhsNumber.value":  {"cardinality": "1..1", "base": "Identifier.value 0..1"},
		"Patient.identifier:nhsNumber.use":    {"binding": "required http://hl7.org/fhir/ValueSet/identifier-use|4.0.1"},
		"Patient.extension:birthSex":          {"types": "Extension[https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-BirthSex] [] []"},
		"Patient.extension":                   {"slicing": "", "cardinality": "0..*"},
		"Patient.contact.relationship":        {"cardinality": "0..*"},
		"Patient.gender":                      {"binding": "required http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1"},
		"Patient.identifier:nhsNumber.extension:nhsNumberVerificationStatus": {"cardinality": "0..1"},
	} {
		e := is[id]
		if e == nil {
			t.Errorf("%s is not there", id)
			continue
		}
		f := facts(e)
		for fact, value := range want {
			if f[fact] != value {
				t.Errorf("%s: %s is %q, not %q", id, fact, f[fact], value)
			}
		}
	}
}
