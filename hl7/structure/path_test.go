package structure_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/structure"
)

const report = "MSH|^~\\&|A|F|B|G|20250101||ORU^R01^ORU_R01|1|P|2.5.1\r" +
	"PID|1||7~8\r" +
	"ORC|RE\rOBR|1|||GLU^Glucose\rOBX|1|NM|a||11\rNTE|1||low\rOBX|2|NM|b||12\r" +
	"ORC|RE\rOBR|2|||HB^Haemoglobin\rOBX|1|NM|c||21\rOBX|2|NM|d||22\rOBX|3|CE|e||x^y&z~p^q\rSPM|1\rOBX|1|NM|f||31\r"

func tree(t testing.TB, text string) *structure.Tree {
	t.Helper()
	m, err := hl7.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return structure.Match(m)
}

func TestGet(t *testing.T) {
	tree := tree(t, report)
	for path, want := range map[string]string{
		"/PATIENT_RESULT(0)/ORDER_OBSERVATION(1)/OBX(2)-5.1":              "x",
		"/PATIENT_RESULT(0)/ORDER_OBSERVATION(1)/OBX(2)-5.2.2":            "z",
		"/PATIENT_RESULT(0)/ORDER_OBSERVATION(1)/OBX(2)-5[2].2":           "q",
		"/PATIENT_RESULT(0)/ORDER_OBSERVATION(1)/OBSERVATION(2)/OBX(0)-3": "e",
		"/PATIENT_RESULT(0)/ORDER_OBSERVATION(1)/OBSERVATION(2)/OBX(1)-3": "",
		"/ORDER_OBSERVATION(1)/SPECIMEN/OBX-3":                            "f",
		"/ORDER_OBSERVATION(1)/OBX(3)-3":                                  "f",
		"/ORDER_OBSERVATION(2)/OBX-3":                                     "",
		"/ORDER_OBSERVATION/OBSERVATION/NTE-3":                            "low",
		"/PATIENT_RESULT/PATIENT/PID-3":                                   "7",
		"/PID-3[2]":                                                       "8",
		"/OBX(4)-3":                                                       "e",
		"/MSH-9.2":                                                        "R01",
		"/ORDER_OBSERVATION":                                              "",
		"/NTE(1)-3":                                                       "",
		"PID-3":                                                           "",
		"/PATIENT_RESULT(0)/ORDER_OBSERVATION(1)/OBX(2)-5.1/and/then/again": "",
	} {
		if got := tree.Get(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}

// TestDirect: a name that the structure has directly in a group does not mean
// the segments of that name in groups below.
func TestDirect(t *testing.T) {
	tree := structure.Match(message(t, "ADT^A01", "2.5", "EVN, PID, ROL a, PV1, PR1, ROL b, IN1, ROL c"))
	for path, want := range map[string]string{
		"/ROL-1": "a", "/ROL(1)-1": "", "/PROCEDURE/ROL-1": "b", "/INSURANCE/ROL-1": "c",
	} {
		if got := tree.Get(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}

func TestEach(t *testing.T) {
	tree := tree(t, report)
	for path, want := range map[string][]string{
		"/PATIENT_RESULT/ORDER_OBSERVATION/OBX":     {"a", "b", "c", "d", "e", "f"},
		"/ORDER_OBSERVATION(1)/OBX":                 {"c", "d", "e", "f"},
		"/ORDER_OBSERVATION/OBX(0)":                 {"a", "c"},
		"/ORDER_OBSERVATION/OBSERVATION(1)/OBX":     {"b", "d"},
		"/ORDER_OBSERVATION/SPECIMEN/OBX":           {"f"},
		"/ORDER_OBSERVATION(7)/OBX":                 nil,
		"/FT1":                                      nil,
		"/ORDER_OBSERVATION(0)/OBSERVATION/NTE/OBX": nil,
		"not an address":                            nil,
	} {
		var got []string
		for n := range tree.Each(path) {
			s, _ := n.Segment()
			got = append(got, s.Field(3).String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s gives %v, want %v", path, got, want)
		}
	}
	for order := range tree.Each("/ORDER_OBSERVATION") {
		if got := order.Get("/OBR-4.2"); got != "Glucose" {
			t.Error("the first order is", got)
		}
		break
	}
}

func TestFlat(t *testing.T) {
	tree := tree(t, report)
	p, err := structure.ParsePath("/PATIENT_RESULT(0)/ORDER_OBSERVATION(1)/OBX(2)-5[2].1")
	if err != nil {
		t.Fatal(err)
	}
	flat, ok := tree.Flat(p)
	if !ok || flat.String() != "OBX(5)-5[2].1" || tree.Message().At(flat).String() != tree.At(p).String() {
		t.Errorf("%s, %v", flat, ok)
	}
	for _, s := range []string{"/ORDER_OBSERVATION", "/FT1-3"} {
		p, err := structure.ParsePath(s)
		if _, ok := tree.Flat(p); ok || err != nil {
			t.Errorf("%s has a flat path, %v", s, err)
		}
	}
}

func TestParsePath(t *testing.T) {
	for _, s := range []string{
		"/PID", "/PID-3", "/PATIENT_RESULT(0)/ORDER_OBSERVATION(1)/OBX(2)-5[2].1.3", "/A/B/C", "/TIMING_QTY(10)/TQ1(0)",
	} {
		if p, err := structure.ParsePath(s); err != nil || p.String() != s {
			t.Errorf("%s is read as %s, %v", s, p, err)
		}
	}
	for _, s := range []string{
		"", "/", "PID", "//PID", "/PID/", "/PID()", "/PID(-1)", "/PID(+1)", "/PID(1", "/PID(1)x", "/pid", "/PID-", "/PID-0", "/PID-3.", "/PID-3[0]",
		"/PATIENT-3", "/PID-3/OBX", "/PID(99999999999)", "/PID(1)(2)", "/PID-3-4",
		"/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A",
	} {
		_, err := structure.ParsePath(s)
		var bad *structure.PathError
		if !errors.As(err, &bad) {
			t.Errorf("%q is taken for an address (%v)", s, err)
		}
	}
}

func ExampleMatch() {
	m, _ := hl7.Parse([]byte("MSH|^~\\&|LAB||PONS||20260102||ORU^R01^ORU_R01|1|P|2.5.1\r" +
		"PID|1||4711\rOBR|1|||GLU^Glucose\rOBX|1|NM|GLU||5.4\rOBR|2|||HB^Haemoglobin\rOBX|1|NM|HB||8.1\r"))
	t := structure.Match(m)
	for order := range t.Each("/PATIENT_RESULT/ORDER_OBSERVATION") {
		fmt.Println(order.Get("/OBR-4.2"), order.Get("/OBX-5"))
	}
	fmt.Println(t.Get("/PATIENT_RESULT(0)/ORDER_OBSERVATION(1)/OBX(0)-3"), len(t.Problems()))
	// Output:
	// Glucose 5.4
	// Haemoglobin 8.1
	// HB 0
}

func ExampleTree_Problems() {
	m, _ := hl7.Parse([]byte("MSH|^~\\&|PAS||PONS||20260102||ADT^A01^ADT_A01|1|P|2.5.1\rPID|1||4711\rPV1|1|I\rNK1|1\r"))
	for _, p := range structure.Match(m).Problems() {
		fmt.Println(p.Kind, p.Name)
	}
	// Output:
	// missing EVN
	// out of order NK1
}

// ExampleTree_Each visits the results of each order with the lengths of their notes, though
// no group is named in the message itself.
func ExampleTree_Each() {
	m, _ := hl7.Parse([]byte("MSH|^~\\&|LAB||PONS||20260102||ORU^R01^ORU_R01|1|P|2.5.1\rPID|1||4711\r" +
		"OBR|1|||24323-8^CMP^LN\rOBX|1|NM|2345-7^Glucose^LN||95\rNTE|1||fasting\rOBX|2|NM|2160-0^Creatinine^LN||0.9\r" +
		"OBR|2|||58410-2^CBC^LN\rOBX|1|NM|718-7^Hemoglobin^LN||13.1\r"))
	t := structure.Match(m)
	for order := range t.Each("/PATIENT_RESULT/ORDER_OBSERVATION") {
		fmt.Println(order.Get("/OBR-4.2"))
		for result := range order.Each("/OBSERVATION") {
			fmt.Println(" ", result.Get("/OBX-3.2"), result.Get("/OBX-5"), len(result.Get("/NTE-3")))
		}
	}
	// Output:
	// CMP
	//   Glucose 95 7
	//   Creatinine 0.9 0
	// CBC
	//   Hemoglobin 13.1 0
}
