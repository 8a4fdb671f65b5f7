package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const overlays = "../../examples/overlays/"

func TestMapRows(t *testing.T) {
	out, errs, code := pons(t, "", "map", "rows", "AL1[AllergyIntolerance]")
	if code != 0 || !strings.Contains(out, "AL1[AllergyIntolerance]#10  AL1-3 -> code  (by CWE[CodeableConcept])\n") || strings.Contains(out, "PID[Patient]#") {
		t.Errorf("exit %d: %s %s", code, out, errs)
	}
	out, _, code = pons(t, "", "map", "rows", "--overlay", overlays+"us", "ZRE[Patient]")
	if code != 0 || !strings.Contains(out, "ZRE[Patient]#S3  ZRE-1.1 -> ") {
		t.Errorf("exit %d: %s", code, out)
	}
	out, _, code = pons(t, "", "map", "deviations")
	if code != 0 || !strings.Contains(out, "PID[Patient]#34") || strings.Contains(out, "AL1[AllergyIntolerance]#10 ") {
		t.Errorf("exit %d: %.300s", code, out)
	}
	out, _, code = pons(t, "", "map", "coverage")
	for _, want := range []string{"message      402 rows", "datatype     617 rows", "vocabulary  2324 rows"} { // the denominators of the guide
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("exit %d: no %q in %.400s", code, want, out)
		}
	}
}

func TestMapSchema(t *testing.T) {
	out, errs, code := pons(t, "", "map", "schema")
	shipped, err := os.ReadFile("../../mapping/tables/schema.json")
	if code != 0 || err != nil || out != string(shipped) {
		t.Errorf("exit %d: %s %v", code, errs, err)
	}
}

func TestMapTestAndDiff(t *testing.T) {
	if out, errs, code := pons(t, "", "map", "test", "../../examples/cases", "--overlay", overlays+"us"); code != 0 || out != "ok   race, 5 facts\n" {
		t.Errorf("exit %d: %s %s", code, out, errs)
	}
	if out, errs, code := pons(t, "", "map", "test", "../../examples/study", "--overlay", overlays+"study"); code != 0 || out != "ok   study, 6 facts\n" {
		t.Errorf("exit %d: %s %s", code, out, errs)
	}
	if out, _, code := pons(t, "", "convert", "--unmapped", "--compact", "--overlay", overlays+"study", "../../examples/study/study.hl7"); code != 0 || out != "[]\n" {
		t.Errorf("exit %d: %s", code, out)
	}
	if _, errs, code := pons(t, "", "map", "rows", "PID[Pet]"); code != 2 || !strings.Contains(errs, "no table PID[Pet]") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if out, _, code := pons(t, "", "map", "test", "../../examples/cases"); code != 1 || !strings.Contains(out, "FAIL race, 5 facts\n     Patient.meta.profile[0]: is absent") {
		t.Errorf("without the overlay: exit %d: %s", code, out)
	}
	if _, errs, code := pons(t, "", "map", "test", t.TempDir()); code != 2 || !strings.Contains(errs, "expect.yaml") {
		t.Errorf("an empty folder: exit %d: %s", code, errs)
	}
	out, errs, code := pons(t, "", "map", "diff", "-", overlays+"uk", admit)
	if code != 0 || !strings.Contains(out, "  + Patient[0].meta.profile[0]: https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient\n") || !strings.HasSuffix(out, "1 of 1 messages differ\n") {
		t.Errorf("exit %d: %s %s", code, out, errs)
	}
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "segments"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "segments/PID[Patient].yaml"), []byte("map: 'PID[Patient]'\nrows:\n- {id: S1, from: PID-40, to: fax}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := pons(t, "", "map", "diff", "-", dir, admit); code != 2 || !strings.Contains(errs, "segments/PID[Patient].yaml:3") {
		t.Errorf("a wrong overlay: exit %d: %s", code, errs)
	}
}
