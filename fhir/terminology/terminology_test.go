package terminology_test

import (
	"testing"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/terminology"
)

const (
	vs = "http://hl7.org/fhir/ValueSet/"
	v3 = "http://terminology.hl7.org/CodeSystem/v3-"
	th = "http://terminology.hl7.org/ValueSet/"
)

const (
	in     = terminology.In
	out    = terminology.NotIn
	cannot = terminology.CannotTell
)

func TestOfficial(t *testing.T) {
	m := terminology.New(profile.Base())
	tests := []struct {
		set, system, code string
		want              terminology.Answer
	}{
		{vs + "administrative-gender", "", "female", in},
		{vs + "administrative-gender|4.0.1", "http://hl7.org/fhir/administrative-gender", "female", in},
		{vs + "administrative-gender", "", "Female", out},
		{vs + "administrative-gender", "", "f", out},
		{vs + "administrative-gender", "http://example.org", "female", out},
		{vs + "marital-status", v3 + "MaritalStatus", "M", in},
		{vs + "marital-status", v3 + "NullFlavor", "UNK", in},
		{vs + "marital-status", v3 + "NullFlavor", "ASKU", out},
		{vs + "observation-status", "", "final", in},
		// is-a over a hierarchy, whose root is excluded
		{th + "v3-ActEncounterCode", v3 + "ActCode", "AMB", in},
		{th + "v3-ActEncounterCode", v3 + "ActCode", "_ActEncounterCode", out},
		{th + "v3-ActEncounterCode", v3 + "ActCode", "OPTIN", out},
		// not here
		{vs + "condition-code", "http://snomed.info/sct", "73211009", cannot},
		{vs + "observation-codes", "http://loinc.org", "8867-4", cannot},
		{vs + "condition-code", "http://loinc.org", "8867-4", out},
		{vs + "nowhere", "http://loinc.org", "8867-4", cannot},
		{"http://snomed.info/sct?fhir_vs=refset/1", "http://loinc.org", "8867-4", out},
		{"http://snomed.info/sct?fhir_vs=refset/1", "http://snomed.info/sct", "73211009", cannot},
		// an example of a code system: what it has is in, of the rest nothing is known
		{vs + "service-type", "http://terminology.hl7.org/CodeSystem/service-type", "1", in},
		{vs + "service-type", "http://terminology.hl7.org/CodeSystem/service-type", "zzz", cannot},
		// rules
		{vs + "mimetypes", "", "application/pdf", in},
		{vs + "mimetypes", "", "text/plain; charset=utf-8", in},
		{vs + "mimetypes", "", "application/fhir+json;fhirVersion=4.0", in},
		{vs + "mimetypes", "", "pdf", out},
		{vs + "mimetypes", "", "text/", out},
		{vs + "all-languages", "", "en-GB", in},
		{vs + "all-languages", "", "zh-Hans-CN", in},
		{vs + "all-languages", "", "en_GB", out},
		{vs + "all-languages", "", "xx", out},
		{vs + "languages", "", "de-CH", in},
		{vs + "languages", "", "cy", out},
		{vs + "ucum-units", "http://unitsofmeasure.org", "mm[Hg]", in},
		{vs + "ucum-units", "http://unitsofmeasure.org", "mmHg", out},
		{vs + "ucum-common", "", "mg/dL", in},
		{vs + "all-distance-units", "http://unitsofmeasure.org", "km", in},
		{vs + "all-distance-units", "http://unitsofmeasure.org", "kg", out},
		{vs + "units-of-time", "", "wk", in},
		{vs + "currencies", "", "EUR", in},
		{vs + "currencies", "", "eur", out},
		{vs + "currencies", "", "XQQ", out},
		{vs + "iso3166-1-2", "", "GB", in},
		{vs + "iso3166-1-2", "", "UK", out},
		{vs + "iso3166-1-3", "", "GBR", in},
		{vs + "iso3166-1-3", "", "GB", out},
		{vs + "iso3166-1-3", "", "XYZ", out},
		{vs + "iso3166-1-N", "", "826", in},
		{vs + "iso3166-1-N", "", "001", out},
		// imported and listed
		{vs + "yesnodontknow", "http://terminology.hl7.org/CodeSystem/v2-0136", "Y", in},
		{vs + "yesnodontknow", "http://terminology.hl7.org/CodeSystem/data-absent-reason", "asked-unknown", in},
		{vs + "yesnodontknow", "http://terminology.hl7.org/CodeSystem/data-absent-reason", "masked", out},
		{vs + "all-types", "", "Patient", in},
		{vs + "all-types", "", "HumanName", in},
		{vs + "all-types", "", "Human", out},
		{"", "http://hl7.org/fhir/administrative-gender", "male", in},
		{"", "http://hl7.org/fhir/administrative-gender", "m", out},
		{"", "http://example.org", "m", cannot},
	}
	for _, x := range tests {
		r, err := m.ValidateCode(x.set, x.system, x.code, "")
		if err != nil || r.Answer != x.want {
			t.Errorf("%s %s %s: %v (%s), want %v; %v", x.set, x.system, x.code, r.Answer, r.Reason, x.want, err)
		}
		if r.Answer == cannot && r.Reason == "" {
			t.Errorf("%s %s %s: no reason", x.set, x.system, x.code)
		}
	}
}

func TestDisplay(t *testing.T) {
	m := terminology.New(profile.Base())
	for _, x := range []struct {
		system, code, display string
		wrong                 bool
	}{
		{"http://hl7.org/fhir/administrative-gender", "male", "", false},
		{"http://hl7.org/fhir/administrative-gender", "male", "Male", false},
		{"http://hl7.org/fhir/administrative-gender", "male", " male ", false},
		{"http://hl7.org/fhir/administrative-gender", "male", "Female", true},
		{"http://loinc.org", "8867-4", "anything", false},
		{"http://terminology.hl7.org/CodeSystem/v2-0136", "Y", "Ja", false},
		{"http://terminology.hl7.org/CodeSystem/v2-0136", "Y", "Nee", true},
	} {
		r, _ := m.ValidateCode("", x.system, x.code, x.display)
		if r.WrongDisplay != x.wrong {
			t.Errorf("%s %s %q: %v", x.system, x.code, x.display, r.WrongDisplay)
		}
	}
	r, _ := m.ValidateCode(vs+"administrative-gender", "", "male", "")
	if r.Display != "Male" || r.System != "http://hl7.org/fhir/administrative-gender" {
		t.Errorf("%+v", r)
	}
}

// TestCheckDigits uses published codes, right and with two digits swapped or one
// changed.
func TestCheckDigits(t *testing.T) {
	m := terminology.New(profile.Base())
	for code, bad := range map[string]bool{
		"73211009": false, "22298006": false, "38341003": false, "900000000000207008": false,
		"73211008": true, "37211009": true, "abc": true, "12": true,
		"73211009|diabetes|:363698007=113331007": false,
	} {
		if r, _ := m.ValidateCode("", "http://snomed.info/sct", code, ""); (r.Warning != "") != bad || r.Answer != cannot {
			t.Errorf("SNOMED CT %s: %+v", code, r)
		}
	}
	for code, bad := range map[string]bool{
		"8867-4": false, "8480-6": false, "85354-9": false, "29463-7": false, "LA6576-8": false,
		"8867-5": true, "8876-4": true, "8867": true, "x": true,
	} {
		if r, _ := m.ValidateCode(vs+"observation-codes", "http://loinc.org", code, ""); (r.Warning != "") != bad || r.Answer != cannot {
			t.Errorf("LOINC %s: %+v", code, r)
		}
	}
}

func TestSubsumes(t *testing.T) {
	m := terminology.New(profile.Base())
	for _, x := range []struct{ system, a, b, want string }{
		{v3 + "ActCode", "_ActEncounterCode", "AMB", "subsumes"},
		{v3 + "ActCode", "AMB", "_ActEncounterCode", "subsumed-by"},
		{v3 + "ActCode", "AMB", "AMB", "equivalent"},
		{v3 + "ActCode", "AMB", "EMER", "not-subsumed"},
		{v3 + "ActCode", "AMB", "nothing", "unknown"},
		{"http://snomed.info/sct", "73211009", "73211009", "equivalent"},
		{"http://snomed.info/sct", "73211009", "44054006", "unknown"},
	} {
		if r, reason := m.Subsumes(x.system, x.a, x.b); r.String() != x.want || (r == terminology.Unknown) != (reason != "") {
			t.Errorf("%v: %v %s", x, r, reason)
		}
	}
}

// TestExpandAll expands every official value set and asks for each of its codes.
func TestExpandAll(t *testing.T) {
	m := terminology.New(profile.Base())
	expanded, refused, codes := 0, 0, 0
	for url := range profile.Base().ValueSets() {
		all, err := m.Expand(url, 0)
		if err != nil {
			refused++
			continue
		}
		expanded++
		codes += len(all)
		for i := 0; i < len(all); i += 1 + len(all)/50 {
			c := all[i]
			if r, _ := m.ValidateCode(url, c.System, c.Code, c.Display); r.Answer != in || r.WrongDisplay {
				t.Errorf("%s: %s %s: %+v", url, c.System, c.Code, r)
			}
		}
	}
	t.Logf("%d expanded with %d codes, %d cannot be", expanded, codes, refused)
	if expanded < 1100 {
		t.Errorf("only %d value sets can be expanded", expanded)
	}
}
