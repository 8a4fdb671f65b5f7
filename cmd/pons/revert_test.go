package main

import (
	"strings"
	"testing"
)

func TestRevert(t *testing.T) {
	const patient = `{"resourceType":"Patient","id":"1","identifier":[{"system":"urn:oid:1.2.3","value":"77"}],"name":[{"family":"Smith"}],"photo":[{"url":"http://example.org/a.png"}]}`
	args := []string{"revert", "-", "--to", "ADT^A31", "--control", "C", "--time", "2026-01-02T03:04:05+01:00", "--from", "PONS^RXX", "--recipient", "OLD"}
	out, errs, code := pons(t, patient, args...)
	const want = "MSH|^~\\&|PONS|RXX|OLD||20260102030405+0100||ADT^A31^ADT_A05|C|P|2.5.1\nEVN|A31|20260102030405+0100\nPID|1||77^^^&1.2.3&ISO||Smith\nPV1|1|N\n"
	if code != 0 || out != want {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if out, errs, code = pons(t, patient, append(args, "--left")...); code != 0 || out != `[{"resource":0,"path":"Patient.photo[0]"}]`+"\n" {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if _, errs, code = pons(t, `{"resourceType":"Goal"}`, args...); code != 1 || !strings.Contains(errs, "Patient: there is none") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if _, errs, code = pons(t, patient, "revert", "-", "--to", "ADT"); code != 2 || !strings.Contains(errs, "--to") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if _, errs, code = pons(t, patient, "revert", "-", "--to", "ADT^A99"); code != 1 || !strings.Contains(errs, "no table") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// What convert makes of a message, revert turns into one with the same patient.
func TestConvertRevert(t *testing.T) {
	bundle, errs, code := pons(t, "", "convert", admit)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	out, errs, code := pons(t, bundle, "revert", "-", "--to", "ADT^A01")
	if code != 0 || !strings.Contains(out, "|19850315|M|") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}
