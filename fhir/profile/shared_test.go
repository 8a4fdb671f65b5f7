package profile_test

import (
	"os"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/r4"
)

// sdc stands for a profile that one of US Core stands on, of a guide that is not
// there.
const sdc = `{"resourceType": "StructureDefinition", "type": "QuestionnaireResponse", "kind": "resource",
	"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaireresponse", "name": "SDC", "status": "draft",
	"abstract": false, "derivation": "constraint",
	"baseDefinition": "http://hl7.org/fhir/StructureDefinition/QuestionnaireResponse"}`

const shared = "../../../shared/profiles"

func TestSharedProfiles(t *testing.T) {
	for _, family := range []string{"us-core"} {
		dir := shared + "/" + family
		if _, err := os.Stat(dir); err != nil {
			t.Skipf("SKIPPED: %s is not there", dir)
		}
		r := profile.New(profile.Base())
		if err := r.AddDir(os.DirFS(dir)); err != nil {
			t.Errorf("%s: %v", family, err)
		}
		if family == "us-core" {
			res, err := r4.Unmarshal([]byte(sdc))
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Add(res); err != nil {
				t.Fatal(err)
			}
		}
		n := 0
		for url := range r.StructureDefinitions() {
			if strings.HasPrefix(url, "http://hl7.org/fhir/StructureDefinition/") {
				continue
			}
			n++
			if _, err := r.StructureDefinition(url); err != nil {
				t.Errorf("%s: %v", family, err)
			}
		}
		t.Log(family, n)
	}
}
