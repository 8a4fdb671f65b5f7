package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

const riverside = "../../examples/profiles/riverside"

func TestValidate(t *testing.T) {
	out, errs, code := pons(t, "", "validate", riverside+".hl7", "--profile", riverside+".yaml")
	if code != 1 || !strings.Contains(errs, "1 of 2 messages have errors") {
		t.Errorf("exit %d: %s; the second message has errors", code, errs)
	}
	for _, want := range []string{
		"message 1: ADT^A01 2.5, nothing to complain about",
		"message 2: ADT^A02 2.5, 7 errors, 3 warnings",
		"  W EVN            100  the segment is required here and missing",
		"  E PID-3.4.1      101  Assigning authority: required and missing",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no line %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Error("there are colours although nobody watches")
	}
	out, errs, code = pons(t, "", "validate", admit)
	if code != 0 || !strings.Contains(out, admit+": ADT^A01 2.5") {
		t.Errorf("exit %d: %s %s; the example has no errors", code, out, errs)
	}
}

func TestValidateJSON(t *testing.T) {
	text, err := os.ReadFile(admit)
	if err != nil {
		t.Fatal(err)
	}
	out, _, code := pons(t, strings.Replace(string(text), "|19850315|", "|15.3.1985|", 1), "validate", "--json", "--least", "E", "-")
	var got struct {
		Source    string
		OK        bool
		Structure string
		Findings  []struct {
			At, Severity, Rule string
			Code               int
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 1 {
		t.Fatalf("exit %d, %v: %s", code, err, out)
	}
	if got.Source != "standard input" || got.OK || got.Structure != "ADT_A01" || len(got.Findings) != 1 {
		t.Fatalf("%+v", got)
	}
	if f := got.Findings[0]; f.At != "PID-7.1" || f.Code != 102 || f.Severity != "E" || f.Rule != "type" {
		t.Errorf("%+v", f)
	}
	if strings.Contains(out, "15.3.1985") {
		t.Error("the report quotes the birth date")
	}
}

func TestValidateUsage(t *testing.T) {
	bad := file(t, "profile: x\nsegmnets: {}\n")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"validate", admit, "--profile", "/does/not/exist"}, 2, ""},
		{[]string{"validate", admit, "--profile", bad}, 2, "line 2"},
		{[]string{"validate", admit, "--level", "deep"}, 2, "level"},
		{[]string{"validate", "/does/not/exist"}, 1, ""},
		{[]string{"validate"}, 2, ""},
		{[]string{"validate", admit, "--level", "parse"}, 0, ""},
	} {
		if _, errs, code := pons(t, "", c.args...); code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("pons %v: exit %d, want %d: %s", c.args, code, c.code, errs)
		}
	}
}

func TestInspectMeanings(t *testing.T) {
	out, _, code := pons(t, "MSH|^~\\&|A|B|||||ORU^R01|1|P|2.5\rPID|||7^^^H&1.2&ISO||||\"\"|M\rOBX|1|CE|x||y^why~z\rOBX|2|ST|x\rZZZ|1", "inspect", "-")
	for _, want := range []string{
		"PID-8          Administrative Sex                      M  (Male)",
		"PID-7          Date/Time of Birth                      \"\"",
		"PID-3.4.3  Universal ID Type                       ISO  (An International Standards Organization",
		"OBX(1)-5[1]    Observation Value",
		"OBX(1)-5[1].2 Text                                    why",
		"OBX(2)",
		"ZZZ-1                                                  1",
	} {
		if !strings.Contains(out, want) || code != 0 {
			t.Errorf("exit %d, no %q in\n%s", code, want, out)
		}
	}
}

func TestInspectJSON(t *testing.T) {
	out, _, code := pons(t, "MSH|^~\\&|A|B|||||ADT^A01|1|P|2.5\rPID|||7||Doe^Jane||\"\"|M", "inspect", "--json", "-")
	type part struct {
		Place, Name, Type, Meaning, Table string
		Value                             *string
		Null                              bool
		Parts                             []part
	}
	var got struct {
		Type, Version string
		Segments      []part
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 {
		t.Fatalf("exit %d, %v: %s", code, err, out)
	}
	if got.Type != "ADT^A01" || got.Version != "2.5" || len(got.Segments) != 2 || len(got.Segments[1].Parts) != 4 {
		t.Fatalf("%+v", got)
	}
	pid := got.Segments[1].Parts
	if sex := pid[3]; sex.Place != "PID-8" || *sex.Value != "M" || sex.Meaning != "Male" || sex.Table != "0001" || sex.Type != "IS" {
		t.Errorf("%+v", sex)
	}
	if name := pid[1]; name.Value != nil || len(name.Parts) != 2 || name.Parts[1].Name != "Given Name" || *name.Parts[1].Value != "Jane" {
		t.Errorf("%+v", name)
	}
	if birth := pid[2]; !birth.Null || *birth.Value != "" {
		t.Errorf("%+v", birth)
	}
	if !strings.Contains(out, `"^~\\&"`) {
		t.Error("the encoding characters are written in another way")
	}
}

// TestColour: the null device counts as a terminal.
func TestColour(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	if p := paletteFor(null); !p.on || p.paint(red, "E") != "\x1b[31mE\x1b[0m" || p.paint(red, "") != "" {
		t.Error("a terminal gets no colour")
	}
	t.Setenv("NO_COLOR", "1")
	if p := paletteFor(null); p.on || p.paint(red, "E") != "E" {
		t.Error("NO_COLOR is not heeded")
	}
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "dumb")
	if paletteFor(null).on {
		t.Error("a dumb terminal gets colour")
	}
	var tr strings.Builder
	(&tree{out: &tr, palette: palette{true}}).part(0, &inPart{Place: "PID", Name: "Patient\nIdentification"})
	if !strings.HasPrefix(tr.String(), "\x1b[1mPID") {
		t.Errorf("%q", tr.String())
	}
}
