package validate_test

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/terminology"
	"github.com/ponshealth/pons/fhir/validate"
)

// sharedProfiles is where UK Core and US Core lie.
const sharedProfiles = "../../../shared/profiles"

// coreValidator knows the base definitions, UK Core and US Core; nil when they
// are not here.
var coreValidator = sync.OnceValue(func() *validate.Validator {
	registry := profile.New(profile.Base())
	for _, name := range []string{"uk-core", "us-core"} {
		if _, err := os.Stat(sharedProfiles + "/" + name); err != nil {
			return nil
		}
		_ = registry.AddDir(os.DirFS(sharedProfiles + "/" + name)) // a file with a mistake is told of in fhir/profile
	}
	v, err := validate.New(validate.Options{Definitions: registry, Terminology: terminology.New(registry)})
	if err != nil {
		panic(err)
	}
	return v
})

// A fault is a document with one thing wrong: a part of it is replaced.
type fault struct {
	doc      string // in testdata/faults
	from, to string
	path     string // where the error has to be
	text     string // part of what it has to say
}

var profileOf = map[string]string{
	"uk-patient":      "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient",
	"uk-bp":           "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Observation-VitalSigns-BloodPressure",
	"us-bp":           "http://hl7.org/fhir/us/core/StructureDefinition/us-core-blood-pressure",
	"us-pulseox":      "http://hl7.org/fhir/us/core/StructureDefinition/us-core-pulse-oximetry",
	"us-organization": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-organization",
	"us-practitioner": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-practitioner",
	"us-smoking":      "http://hl7.org/fhir/us/core/StructureDefinition/us-core-smokingstatus",
	"vital-bp":        "http://hl7.org/fhir/StructureDefinition/bp",
	"vital-heartrate": "http://hl7.org/fhir/StructureDefinition/heartrate",
}

// The documents without a fault are valid, and each fault is found at its place.
func TestFaults(t *testing.T) {
	for family, faults := range map[string][]fault{"UK Core": ukFaults, "US Core": usFaults, "vital signs": vitalFaults} {
		t.Run(family, func(t *testing.T) {
			v := coreValidator()
			if v == nil {
				t.Skip("SKIPPED: " + sharedProfiles + " is not here")
			}
			if len(faults) < 20 {
				t.Errorf("only %d faults", len(faults))
			}
			sound := map[string]bool{}
			for i, f := range faults {
				text, err := os.ReadFile("testdata/faults/" + f.doc + ".json")
				if err != nil {
					t.Fatal(err)
				}
				if !sound[f.doc] {
					sound[f.doc] = true
					for _, issue := range errorsOf(v.Validate(t.Context(), text, profileOf[f.doc])) {
						t.Errorf("%s without a fault: %s", f.doc, issue)
					}
				}
				if strings.Count(string(text), f.from) == 0 {
					t.Fatalf("fault %d: %s has no %q", i, f.doc, f.from)
				}
				doc := strings.Replace(string(text), f.from, f.to, 1)
				found := errorsOf(v.Validate(t.Context(), []byte(doc), profileOf[f.doc]))
				if !slices.ContainsFunc(found, func(s string) bool { return strings.HasPrefix(s, f.path+": ") && strings.Contains(s, f.text) }) {
					t.Errorf("fault %d in %s (%q for %q): want %q at %s, got\n\t%s", i, f.doc, f.to, f.from, f.text, f.path, strings.Join(found, "\n\t"))
				}
			}
		})
	}
}

// errorsOf lists the errors of an outcome as "path: text".
func errorsOf(o *r4.OperationOutcome) []string {
	var out []string
	for _, i := range o.Issue {
		if i.Severity == "error" || i.Severity == "fatal" {
			path := ""
			if len(i.Expression) > 0 {
				path = i.Expression[0]
			}
			out = append(out, path+": "+i.Details.Text)
		}
	}
	return out
}
