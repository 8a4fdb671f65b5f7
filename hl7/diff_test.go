package hl7_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

const before = "MSH|^~\\&|A|F|||20260101||ORU^R01|1|P|2.5\r" +
	"PID|1||4711^^^H^MR~0815^^^K^NI||Doe^Jane||19800101|F|\"\"||1 High&High&1^^Town\r" +
	"OBX|1|NM|GLU^Glucose||95\rOBX|2|NM|NA^Sodium||140\rOBX|3|NM|K^Potassium||4.1\rZZZ|x"

// TestDiff: each change, and the places that it makes different.
func TestDiff(t *testing.T) {
	for _, c := range []struct {
		old, new, want string
		ignore         []string
	}{
		{"", "", "", nil},
		{"\r", "\n", "", nil},
		{"|P|2.5", "|P|2.5||||", "", nil},
		{"^R01", "^R01^^", "", nil},
		{"Town", "T\\X6F\\wn", "", nil}, // another way to write the same
		{"^~\\&", "^~\\&#", "MSH(1)-2 changed", nil},
		{"Doe", "Roe", "PID(1)-5.1 changed", nil},
		{"|F|\"\"", "|M|\"\"", "PID(1)-8 changed", nil},
		{"|F|\"\"", "|F|", "PID(1)-9 removed", nil},
		{"|F|\"\"", "||\"\"", "PID(1)-8 removed", nil},
		{"|F|\"\"", "|\"\"|\"\"", "PID(1)-8 changed", nil},
		{"\"\"||1", "\"\"|2106-3|1", "PID(1)-10 added", nil},
		{"Jane", "Jane^M", "PID(1)-5.3 added", nil},
		{"^Jane", "", "PID(1)-5.2 removed", nil},
		{"High&1", "High&2", "PID(1)-11.1.3 changed", nil},
		{"1 High&High&1", "1 High", "PID(1)-11.1.2 removed, PID(1)-11.1.3 removed", nil},
		{"4711^^^H^MR~", "", "PID(1)-3[1] removed", nil},
		{"~0815", "~0000~0815", "PID(1)-3[2] added", nil},
		{"~0815", "~0816", "PID(1)-3[2].1 changed", nil},
		{"4711^^^H^MR~0815^^^K^NI", "", "PID(1)-3 removed", nil},
		{"ZZZ|x", "ZZZ|x\rZZZ|x", "ZZZ(2) added", nil},
		{"OBX|2|NM|NA^Sodium||140\rOBX|3", "OBX|2", "OBX(2) removed, OBX(2)-1 changed", nil},
		{"OBX|2|", "OBX|2|NM|CA^Calcium||2.4\rOBX|3|", "OBX(2) added, OBX(3)-1 changed", nil},
		{"OBX|3|NM|K^Potassium||4.1", "NTE|1", "OBX(3) removed, NTE(1) added", nil},
		{"PID|1|", "PID\r|1|", "PID(1) changed", nil},
		{"PID", "PV1", "PID(1) removed, PV1(1) added", nil},
		{"Doe", "Roe", "", []string{"PID-5.1"}}, {"Doe", "Roe", "", []string{"PID"}}, {"Doe", "Roe", "", []string{"PID(1)-5[1].1.1"}},
		{"Doe", "Roe", "PID(1)-5.1 changed", []string{"PID-5.2", "PID(2)-5", "PID-5[2]", "OBX"}},
		{"|F|\"\"", "||\"\"", "", []string{"PID-8.1"}},
		{"Doe^Jane", "", "PID(1)-5 removed", []string{"PID-5.1", "PID-5[2]"}},
		{"~0815^^^K^NI", "", "", []string{"PID-3"}},
	} {
		var ignore []hl7.Path
		for _, s := range c.ignore {
			p, err := hl7.ParsePath(s)
			if err != nil {
				t.Fatal(err)
			}
			ignore = append(ignore, p)
		}
		a, b := parse(t, before), parse(t, strings.Replace(before, c.old, c.new, 1))
		if c.old == "\r" {
			b = parse(t, strings.ReplaceAll(before, "\r", "\n"))
		}
		if got := differing(hl7.Diff(a, b, ignore...)); got != c.want {
			t.Errorf("%q to %q: %s, want %s", c.old, c.new, got, c.want)
		}
		if got := hl7.Diff(b, a, ignore...); len(got) != len(hl7.Diff(a, b, ignore...)) {
			t.Errorf("%q to %q: the way back is %s", c.old, c.new, differing(got))
		}
	}
}

func differing(all []hl7.Difference) string {
	var text []string
	for _, d := range all {
		text = append(text, d.String())
	}
	return strings.Join(text, ", ")
}

// TestDiffValues: the values are those of the places, and in no string.
func TestDiffValues(t *testing.T) {
	a := parse(t, "MSH|^~\\&|\rPID|SECRET1~b|x\rPV1|SECRET2")
	b := parse(t, "MSH|^~\\&|\rNTE|SECRET3\rPID|b~SECRET4|SECRET5")
	all := hl7.Diff(a, b)
	for _, d := range all {
		if s := fmt.Sprint(d.String(), d.Kind, d.At()); strings.Contains(s, "SECRET") {
			t.Error(s)
		}
		if d.Kind != hl7.DiffAdded && a.At(d.From).Text() != d.Old().Text() || d.Kind == hl7.DiffAdded && (d.From != hl7.Path{} || !d.Old().Empty()) {
			t.Errorf("%s: the old value is not what stands at %s", d, d.From)
		}
		if d.Kind != hl7.DiffRemoved && b.At(d.To).Text() != d.New().Text() || d.Kind == hl7.DiffRemoved && (d.To != hl7.Path{} || !d.New().Empty()) {
			t.Errorf("%s: the new value is not what stands at %s", d, d.To)
		}
	}
	if got := differing(all); got != "NTE(1) added, PID(1)-1[1] removed, PID(1)-1[2] added, PID(1)-2 changed, PV1(1) removed" {
		t.Error(got)
	}
	other := parse(t, "MSH$*!@?\rPID$SECRET1!b$x\rPV1$SECRET2")
	if got := differing(hl7.Diff(a, other)); got != "MSH(1)-1 changed, MSH(1)-2 changed" {
		t.Errorf("the same in other delimiters: %s", got)
	}
}

// TestDiffLong: messages of thousands of segments are matched too, around those that
// are there once and in runs that are all alike.
func TestDiffLong(t *testing.T) {
	long := "MSH|^~\\&|\r"
	for i := range 3000 {
		long += fmt.Sprintf("OBX|%d|NM|x||%d\r", i, i)
	}
	changed := strings.Replace(long, "OBX|77|NM|x||77\r", "", 1)
	changed = strings.Replace(changed, "x||2950\r", "x||-1\r", 1)
	if got := differing(hl7.Diff(parse(t, long), parse(t, changed))); got != "OBX(78) removed, OBX(2950)-5 changed" {
		t.Error(got)
	}
	same := "MSH|^~\\&|\r" + strings.Repeat("NTE|a\r", 2000)
	other := "MSH|^~\\&|\r" + strings.Repeat("NTE|b\r", 1999) + "NTX|b\r"
	if got := hl7.Diff(parse(t, same), parse(t, other)); len(got) != 2001 {
		t.Errorf("%d differences", len(got))
	}
	reps := strings.Repeat("a~", 2000)
	if got := hl7.Diff(parse(t, "MSH|^~\\&|\rPID|"+reps), parse(t, "MSH|^~\\&|\rPID|"+reps+"b~"+reps)); len(got) != 2001 { // one by one: the b, where nothing was, and all behind it
		t.Errorf("%d differences", len(got))
	}
}
