package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func TestDiff(t *testing.T) {
	raw, err := os.ReadFile(admit)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(raw), "19850315", "19850316", 1)
	if changed == string(raw) {
		t.Fatal("the example has another date of birth")
	}
	out, errs, code := pons(t, "", "diff", admit, file(t, changed))
	if code != 1 || !strings.Contains(errs, "1 difference") || !strings.Contains(out, "PID-7            changed") ||
		!strings.Contains(out, "Birth") || !strings.Contains(out, "-19850315  +19850316") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	out, _, code = pons(t, changed, "diff", "--no-values", admit, "-")
	if code != 1 || strings.Contains(out, "1985") || !strings.Contains(out, "PID-7") {
		t.Errorf("exit %d: %s", code, out)
	}
	if out, errs, code = pons(t, changed, "diff", admit, "-", "--ignore", "PID-7"); code != 0 || out != "" {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if out, errs, code = pons(t, "", "diff", admit, admit); code != 0 || out != "" || errs != "" {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}

func TestDiffSeveral(t *testing.T) {
	const a = "MSH|^~\\&|A||||||ADT^A01|1|P|2.5\rPID|1||7~8\rMSH|^~\\&|A||||||ADT^A01|2|P|2.5\rPID|1\rZZ1|x\r"
	const b = "MSH|^~\\&|A||||||ADT^A01|1|P|2.5\rPID|1||8\rMSH|^~\\&|A||||||ADT^A01|2|P|2.5\rPID|1\rPV1||I\rZZ1|y\rMSH|^~\\&|A||||||ADT^A01|3\r"
	out, errs, code := pons(t, "", "diff", file(t, a), file(t, b))
	want := "message 1\nPID-3[1]         removed   Patient Identifier List  -7\nmessage 2\nPV1              added     Patient Visit  +PV1||I\nZZ1-1            changed   -x  +y\n"
	if code != 1 || out != want || !strings.Contains(errs, "3 differences, and one file has 2 messages, the other 3") {
		t.Errorf("exit %d: %s%q, want\n%q", code, errs, out, want)
	}
	out, _, _ = pons(t, "", "diff", "--json", file(t, a), file(t, b))
	var lines []diffLine
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		var l diffLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
	if len(lines) != 3 || lines[0].Kind != "removed" || *lines[0].Old != "7" || lines[0].New != nil || lines[2].Message != 2 || *lines[2].New != "y" {
		t.Errorf("%+v", lines)
	}
}

func TestDiffUsage(t *testing.T) {
	for _, args := range [][]string{{"diff", "-", "-"}, {"diff", admit}, {"diff", admit, admit, "--ignore", "SECRET"}} {
		if _, errs, code := pons(t, "", args...); code != 2 || strings.Contains(errs, "SECRET") {
			t.Errorf("%v: exit %d, %s", args, code, errs)
		}
	}
	for _, args := range [][]string{{"diff", admit, "no-such-file"}, {"diff", file(t, "junk"), admit}} {
		if _, _, code := pons(t, "", args...); code != 1 {
			t.Errorf("%v: exit %d", args, code)
		}
	}
}
