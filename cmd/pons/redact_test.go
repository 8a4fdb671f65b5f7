package main

import (
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

const secretive = "BHS|^~\\&|LAB|||||||Smith\n" +
	"MSH|^~\\&|LAB|HOSP|||20260101||ADT^A01|1|P|2.5||||||8859/1\nPID|1||4711^^^HOSP^MR||Smith^J\xfcrgen||19850315|M\nZPI|Smith|4711\nUAC|Smith\n" +
	"MSH|^~\\&|LAB|HOSP|||20260103||ACK|2|P|2.5\nMSA|AA|1\nPID|1||4711\n" + "BTS|2\n"

func TestRedact(t *testing.T) {
	key := file(t, "a key of sixteen bytes\n")
	out, errs, code := pons(t, secretive, "redact", "-", "--key", key, "--keep", "PID-3.4", "--keep", "ZPI-2", "--report")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	for _, secret := range []string{"Smith", "rgen", "19850315", "20260101"} {
		if strings.Contains(out, secret) {
			t.Errorf("%s is in\n%s", secret, out)
		}
	}
	for _, kept := range []string{"BHS|^~\\&|", "^^^HOSP^MR", "|4711\n", "ADT^A01", "8859/1", "BTS|2\n", "|M\n"} {
		if !strings.Contains(out, kept) {
			t.Errorf("%q is not in\n%s", kept, out)
		}
	}
	if !strings.Contains(errs, "PID(1)-5[1].2.1          faked") || !strings.Contains(errs, "ZPI(1)-2[1].1.1          kept") || strings.Contains(errs, "Smith") {
		t.Error(errs)
	}
	// what was one patient still is
	messages := hl7.Split([]byte(out))
	if len(messages) != 2 || len(hl7.CheckBatch([]byte(out))) != 0 {
		t.Fatalf("%q", out)
	}
	first, err := hl7.Parse(messages[0])
	if err != nil {
		t.Fatal(err)
	}
	second, err := hl7.Parse(messages[1])
	if err != nil {
		t.Fatal(err)
	}
	if first.Get("PID-3") != second.Get("PID-3") || first.Get("MSH-10") != second.Get("MSA-2") || first.Get("PID-3") == "4711" {
		t.Errorf("%s and %s", first.Get("PID-3"), second.Get("PID-3"))
	}
	again, _, _ := pons(t, secretive, "redact", "-", "--key", key, "--keep", "PID-3.4", "--keep", "ZPI-2")
	if again != out {
		t.Error("the same key gives another result")
	}
	other, errs, code := pons(t, secretive, "redact", "-")
	if code != 0 || other == out || errs != "" {
		t.Errorf("exit %d without a key: %s", code, errs)
	}
}

// TestRedactUsesTheGrammar: a field that only the grammar knows is faked and not masked.
func TestRedactUsesTheGrammar(t *testing.T) {
	out, _, _ := pons(t, "MSH|^~\\&|LAB||||||EAC^U07|1|P|2.5\rEQU|EQ77^X|20260101\rZQU|EQ77\r", "redact", "-")
	if strings.Contains(out, "EQ77") || strings.Contains(out, "EQU|XX00") || !strings.Contains(out, "ZQU|XX00\r") {
		t.Errorf("%q", out)
	}
}

func TestRedactRefuses(t *testing.T) {
	out, errs, code := pons(t, "stray Smith\rMSH|^~\\&|A||||||ACK|1|P|2.5\rMSH|Smith\r", "redact", "-")
	if code != 1 || strings.Contains(out+errs, "Smith") || !strings.Contains(out, "ACK") || !strings.Contains(errs, "byte 0") || !strings.Contains(errs, "message 2") {
		t.Errorf("exit %d: %q %s", code, out, errs)
	}
	for _, args := range [][]string{
		{"redact", "-", "--key", file(t, "short")}, {"redact", "-", "--key", "no-such-file"}, {"redact", "-", "--keep", "x"}, {"redact", "-", "--mask", "x"}, {"redact"},
	} {
		if _, _, code := pons(t, "", args...); code != 2 {
			t.Errorf("%v: exit %d", args, code)
		}
	}
	if _, _, code := pons(t, "", "redact", "no-such-file"); code != 1 {
		t.Errorf("exit %d", code)
	}
}
