package mapping_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/mapping"
)

func withOverlay(t *testing.T, name string) *mapping.Mapper {
	t.Helper()
	dir := "../examples/overlays/" + name
	m, err := mapping.New(mapping.Options{
		IDKey: []byte("test"), Namespaces: map[string]string{"NHS": "https://fhir.nhs.uk/Id/nhs-number", "ODS": "https://fhir.nhs.uk/Id/ods-organization-code"},
		Overlays: []mapping.Overlay{{Name: dir, FS: os.DirFS(dir)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Race and ethnicity as US Core has them (StructureDefinition-us-core-race: ombCategory up
// to five times, text once), from a segment of the site.
func TestExampleUS(t *testing.T) {
	res := mustConvert(t, withOverlay(t, "us"), "MSH|^~\\&|A|B|||20240102030405-0500||ADT^A01|1|P|2.5\rEVN|A01|20240102030405-0500\r"+
		"PID|1||77^^^X^MR||DOE^ANN||19900101|F\rZRE|2106-3^White~2076-8^Native Hawaiian or Other Pacific Islander|2135-2^Hispanic or Latino\rPV1|1|I\r")
	p := all[*r4.Patient](res)[0]
	if len(p.Meta.Profile) != 1 || p.Meta.Profile[0] != "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient" {
		t.Errorf("profiles %v", p.Meta.Profile)
	}
	race := r4.Extensions(p, "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race")
	n := 0
	for x := range race {
		n++
		var codes, texts []string
		for c := range r4.Extensions(x, "ombCategory") {
			coding := r4.As[*r4.Coding](c.Value)
			codes = append(codes, coding.System+"|"+coding.Code)
		}
		for c := range r4.Extensions(x, "text") {
			texts = append(texts, string(r4.As[r4.String](c.Value)))
		}
		if asJSON(t, codes) != `["urn:oid:2.16.840.1.113883.6.238|2106-3","urn:oid:2.16.840.1.113883.6.238|2076-8"]` || asJSON(t, texts) != `["White"]` {
			t.Errorf("race %v %v", codes, texts)
		}
	}
	if n != 1 {
		t.Errorf("%d extensions of race", n)
	}
	n = 0
	for x := range r4.Extensions(p, "http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity") {
		n++
		for c := range r4.Extensions(x, "ombCategory") {
			if r4.As[*r4.Coding](c.Value).Code != "2135-2" {
				t.Error("ethnicity", c.Value)
			}
		}
	}
	if n != 1 {
		t.Errorf("%d extensions of ethnicity", n)
	}
}

func TestExampleUK(t *testing.T) {
	res := mustConvert(t, withOverlay(t, "uk"), "MSH|^~\\&|A|B|||20240102030405+0000||ADT^A01|1|P|2.4\rEVN|A01|20240102030405+0000\r"+
		"PID|1||9000000009^^^NHS^NH~77^^^X^MR||SMITH^JOHN||19850315|M||||||||||||||A^White - British||||||||||NSTS01\rPD1|||THE SURGERY^^^^^ODS^^^^A81001\rPV1|1|I\r")
	p := all[*r4.Patient](res)[0]
	for i, id := range p.Identifier {
		status := r4.ExtensionValue[*r4.CodeableConcept](&p.Identifier[i], "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus")
		if nhs := id.System == "https://fhir.nhs.uk/Id/nhs-number"; nhs != (status != nil) {
			t.Errorf("identifier %d: %+v has the status %+v", i, id, status)
		} else if nhs && (status.Coding[0].Code != "number-present-and-verified" || id.Value != "9000000009") {
			t.Errorf("%+v", status)
		}
	}
	ethnic := r4.ExtensionValue[*r4.CodeableConcept](p, "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory")
	if ethnic == nil || ethnic.Coding[0].System != "https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland" || ethnic.Coding[0].Code != "A" || ethnic.Coding[0].Display != "White - British" {
		t.Errorf("ethnic category %+v", ethnic)
	}
	found := false
	for _, o := range all[*r4.Organization](res) {
		for _, id := range o.Identifier {
			found = found || id.System == "https://fhir.nhs.uk/Id/ods-organization-code" && id.Value == "A81001"
		}
	}
	if !found || len(p.GeneralPractitioner) != 1 {
		t.Error("the practice with its ODS code is missing")
	}
	if p.Meta.Profile[0] != "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient" || all[*r4.Encounter](res)[0].Meta.Profile[0] != "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Encounter" {
		t.Error("profiles are missing")
	}
}
