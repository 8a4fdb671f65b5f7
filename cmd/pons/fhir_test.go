package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// the example of FHIR R4 patient.html, shortened
const patientJSON = `{"resourceType":"Patient","id":"p","active":true,"name":[{"use":"official","family":"Chalmers","given":["Peter","James"]},{"use":"usual","given":["Jim"]}],"gender":"male","birthDate":"1974-12-25"}`

func TestFHIRFormat(t *testing.T) {
	xml, errs, code := pons(t, patientJSON, "fhir", "format", "--to", "xml", "--compact", "-")
	if code != 0 || !strings.Contains(xml, `<Patient xmlns="http://hl7.org/fhir"><id value="p"/><active value="true"/><name><use value="official"/>`) {
		t.Fatalf("exit %d: %s %s", code, xml, errs)
	}
	back, errs, code := pons(t, xml, "fhir", "format", "--to", "json", "--compact", "-")
	if code != 0 || strings.TrimSpace(back) != patientJSON {
		t.Errorf("exit %d: %s %s", code, back, errs)
	}
	same, _, code := pons(t, xml, "fhir", "format", "-")
	if code != 0 || !strings.HasPrefix(same, "<?xml") || strings.Count(same, "\n") < 10 {
		t.Errorf("exit %d: %s", code, same)
	}
	if _, errs, code := pons(t, `{"resourceType":"Patient","gendr":"x"}`, "fhir", "format", "-"); code != 1 || !strings.Contains(errs, "Patient.gendr") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

func TestFHIRPath(t *testing.T) {
	for expr, want := range map[string]string{
		"name.where(use='official').given.first()": "Peter\n",
		"name.given":                  "Peter\nJames\nJim\n",
		"birthDate > @1970-01-01":     "true\n",
		"name.where(use='old')":       "",
		"name[1]":                     `{"use":"usual","given":["Jim"]}` + "\n",
		"name.given.count() / 2":      "1.5\n",
		"Patient.birthDate + 1 month": "1975-01-25\n",
	} {
		if out, errs, code := pons(t, patientJSON, "fhir", "path", expr, "-"); code != 0 || out != want {
			t.Errorf("%s: exit %d: %q %s, want %q", expr, code, out, errs, want)
		}
	}
	if out, _, code := pons(t, patientJSON, "fhir", "path", "--json", "active | name.given | name.where(use='usual') | 1.50", "-"); code != 0 || !json.Valid([]byte(out)) || strings.TrimSpace(out) != `[true,"Peter","James","Jim",{"use":"usual","given":["Jim"]},1.50]` {
		t.Errorf("exit %d: %s", code, out)
	}
	if _, errs, code := pons(t, patientJSON, "fhir", "path", "name.where(", "-"); code != 2 || errs == "" {
		t.Errorf("a wrong expression: exit %d: %s", code, errs)
	}
}

func TestFHIRValidate(t *testing.T) {
	if out, errs, code := pons(t, patientJSON, "fhir", "validate", "--least", "error", "-"); code != 0 || !strings.Contains(out, "-:") {
		t.Errorf("exit %d: %s %s", code, out, errs)
	}
	bad := strings.NewReplacer(`"male"`, `"SECRETMAN"`, "1974-12-25", "1974-02-30").Replace(patientJSON)
	out, errs, code := pons(t, bad, "fhir", "validate", "-")
	if code != 1 || !strings.Contains(out, "error Patient.gender (line 1)") || !strings.Contains(out, "error Patient.birthDate (line 1)") {
		t.Errorf("exit %d: %s %s", code, out, errs)
	}
	if strings.Contains(out+errs, "SECRETMAN") {
		t.Error("a value of the patient shows")
	}
	out, _, code = pons(t, bad, "fhir", "validate", "--json", "-")
	var outcome struct {
		ResourceType string
		Issue        []struct {
			Severity   string
			Expression []string
		}
	}
	if err := json.Unmarshal([]byte(out), &outcome); err != nil || code != 1 || outcome.ResourceType != "OperationOutcome" || len(outcome.Issue) < 2 {
		t.Errorf("exit %d: %v %s", code, err, out)
	}

	// A profile of a folder: every patient has an address.
	dir := t.TempDir()
	profile := `{"resourceType":"StructureDefinition","url":"http://site.example/p","name":"P","status":"active","kind":"resource","abstract":false,"type":"Patient",
		"baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","derivation":"constraint","differential":{"element":[{"id":"Patient.address","path":"Patient.address","min":1}]}}`
	if err := os.WriteFile(filepath.Join(dir, "p.json"), []byte(profile), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, errs, code := pons(t, patientJSON, "fhir", "validate", "--package", dir, "--profile", "http://site.example/p", "-"); code != 1 || !strings.Contains(out, "Patient.address") {
		t.Errorf("exit %d: %s %s", code, out, errs)
	}
	if _, errs, code := pons(t, patientJSON, "fhir", "validate", "--profile", "http://site.example/none", "-"); code != 2 || !strings.Contains(errs, "http://site.example/none") {
		t.Errorf("an unknown profile: exit %d: %s", code, errs)
	}
}
