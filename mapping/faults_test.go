package mapping_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mapping"
)

// asSent is the time as it was sent beside a primitive, "" if there is none.
func asSent(parent any, name string) string {
	e := r4.PrimitiveElement(parent, name, 0)
	if e == nil {
		return ""
	}
	for i := range e.Extension {
		if s, ok := e.Extension[i].Value.(r4.String); ok && e.Extension[i].URL == "http://hl7.org/fhir/StructureDefinition/originalText" {
			return string(s)
		}
	}
	return ""
}

func results2(lines ...string) string {
	return "MSH|^~\\&|LAB|RXX|P|RXX|20260301120000||ORU^R01|1|P|2.5\rPID|1||1^^^HOSP^MR\r" +
		"OBR|1||F1^LAB|GLU^Glucose^L|||20260301080000|||||||||||||||20260301115900|||F\r" + strings.Join(lines, "\r")
}

func whole(t *testing.T, text string) (*mapping.Result, []*r4.Observation) {
	t.Helper()
	m, err := mapping.New(mapping.Options{IDKey: []byte("faults")})
	if err != nil {
		t.Fatal(err)
	}
	msg, err := hl7.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	res, err := m.Convert(msg)
	if err != nil {
		t.Fatal(err)
	}
	checkBundle(t, res.Bundle)
	var all []*r4.Observation
	for i := range res.Bundle.Entry {
		if o, ok := res.Bundle.Entry[i].Resource.(*r4.Observation); ok {
			all = append(all, o)
		}
	}
	return res, all
}

// Times without any zone: the day is written, and the time as it was sent stands
// beside it, so that two results of one day can be told apart.
func TestTimesWithoutZone(t *testing.T) {
	res, all := whole(t, results2(
		"OBX|1|NM|TNI^Troponin^L||0.1|ng/mL|||||F|||20260301083000",
		"OBX|2|NM|TNI^Troponin^L||0.9|ng/mL|||||F|||20260301113000"))
	if len(all) != 2 {
		t.Fatalf("%d observations, want 2", len(all))
	}
	for i, want := range []string{"20260301083000", "20260301113000"} {
		o := all[i]
		if day, ok := o.Effective.(r4.DateTime); !ok || day != "2026-03-01" || asSent(o, "effectiveDateTime") != want {
			t.Errorf("effective %v with %q, want the day and %s", o.Effective, asSent(o, "effectiveDateTime"), want)
		}
	}
	for i := range res.Bundle.Entry {
		if report, ok := res.Bundle.Entry[i].Resource.(*r4.DiagnosticReport); ok {
			if report.Issued != "" || asSent(report, "issued") != "20260301115900" {
				t.Errorf("issued %q with %q", report.Issued, asSent(report, "issued"))
			}
		}
	}
	if !slices.ContainsFunc(res.Notes, func(n mapping.Note) bool { return n.At == "OBX-14" && strings.Contains(n.Text, "as it was sent") }) {
		t.Errorf("no note of it in %v", res.Notes)
	}
	for _, p := range res.Unmapped {
		if p.Path == "OBX-14" || p.Path == "OBR-22" {
			t.Errorf("%s counts as unmapped", p.Path)
		}
	}
}

// The first repetition that says something counts where there is room for one.
func TestFirstRepetitionEmpty(t *testing.T) {
	_, all := whole(t, results2("OBX|1|CWE|X^X^L||~B^Beta^L||||||F", "OBX|2|NM|Y^Y^L||~5|mg||||| F"))
	if v, ok := all[0].Value.(*r4.CodeableConcept); !ok || v.Coding[0].Code != "B" || v.Text != "Beta" && v.Coding[0].Display != "Beta" {
		t.Errorf("the code is %v", all[0].Value)
	}
	if v, ok := all[1].Value.(*r4.Quantity); !ok || v.Value != "5" || v.Unit != "mg" {
		t.Errorf("the number is %v", all[1].Value)
	}
}

// What a method cannot measure further has comparator, number and unit.
func TestComparedResults(t *testing.T) {
	for _, c := range []struct{ obx, comparator, value, unit, text string }{
		{"ST|TNI^T^L||<0.01|ng/mL", "<", "0.01", "ng/mL", ""},
		{"ST|TNI^T^L||>= 100|mg", ">=", "100", "mg", ""},
		{"NM|TNI^T^L||<5|mg", "<", "5", "mg", ""},
		{"NM|TNI^T^L||>5|", ">", "5", "", ""},
		{"|TNI^T^L||<0.01|ng/mL", "<", "0.01", "ng/mL", ""},
		{"ST|TNI^T^L||<0.01|", "", "", "", "<0.01"},
		{"ST|TNI^T^L||<low|mg", "", "", "", "<low"},
		{"ST|TNI^T^L||<|mg", "", "", "", "<"},
	} {
		_, all := whole(t, results2("OBX|1|"+c.obx+"|||||F"))
		switch v := all[0].Value.(type) {
		case *r4.Quantity:
			if v.Comparator != c.comparator || string(v.Value) != c.value || v.Unit != c.unit {
				t.Errorf("%s: %s %s %s", c.obx, v.Comparator, v.Value, v.Unit)
			}
		case r4.String:
			if string(v) != c.text {
				t.Errorf("%s: text %q, want %q", c.obx, v, c.text)
			}
		default:
			t.Errorf("%s: %v", c.obx, v)
		}
	}
}

// Names of products are code systems of their own at each sender.
func TestLocalCodeSystems(t *testing.T) {
	system := func(facility string) string {
		_, all := whole(t, strings.Replace(results2("OBX|1|NM|GLU^Glucose^WinPath||5|mg|||||F"), "RXX", facility, 1))
		return all[0].Code.Coding[0].System
	}
	if a, b := system("ONE"), system("TWO"); a == b || a != "urn:pons:cs:ONE:WinPath" {
		t.Errorf("one laboratory says %s, the other %s", a, b)
	}
}

// A result whose PV1 has no number and no day of admission makes no visit: it
// would make another one with every message.
func TestVisitOfResult(t *testing.T) {
	count := func(pv1 string) (n int) {
		res, _ := whole(t, strings.Replace(results2("OBX|1|NM|GLU^Glucose^L||5|mg|||||F"), "OBR|", pv1+"\rOBR|", 1))
		for i := range res.Bundle.Entry {
			if res.Bundle.Entry[i].Resource.ResourceType() == "Encounter" {
				n++
			}
		}
		return n
	}
	if n := count("PV1|1|I|W1||||1^Jones"); n != 0 {
		t.Errorf("%d visits without a number", n)
	}
	if n := count("PV1|1|I|W1||||1^Jones||||||||||||V1"); n != 1 {
		t.Errorf("%d visits with a number, want 1", n)
	}
}

// Numbers without an authority are told apart by their type.
func TestNumbersWithoutAuthority(t *testing.T) {
	id := func(cx string) string {
		res, _ := whole(t, strings.Replace(results2(), "1^^^HOSP^MR", cx, 1))
		for i := range res.Bundle.Entry {
			if p, ok := res.Bundle.Entry[i].Resource.(*r4.Patient); ok {
				return p.ID
			}
		}
		return ""
	}
	if id("5^^^^PI") == id("5^^^^MR") {
		t.Error("patient 5 and record 5 are one")
	}
	if id("5^^^^MR") != id("5^^^^MR") {
		t.Error("one number gives two ids")
	}
}

// What only its place tells apart is noted.
func TestToldApartByOrder(t *testing.T) {
	noted := func(lines ...string) bool {
		res, _ := whole(t, results2(lines...))
		return slices.ContainsFunc(res.Notes, func(n mapping.Note) bool { return n.At == "Observation" && strings.Contains(n.Text, "order alone") })
	}
	if !noted("OBX|1|ST|A^A^L||x||||||F", "OBX|2|ST|A^A^L||y||||||F") {
		t.Error("two results of one code are not noted")
	}
	if noted("OBX|1|ST|A^A^L|1|x||||||F", "OBX|2|ST|A^A^L|2|y||||||F", "OBX|3|ST|B^B^L||y||||||F") {
		t.Error("results that OBX-4 tells apart are noted")
	}
}
