package hl7_test

import (
	"testing"

	"github.com/ponshealth/pons/hl7"
)

// admission is the message of the package's examples: every value is invented.
const admission = "MSH|^~\\&|SENDING_APP|SENDING_FAC|RECV_APP|RECV_FAC|20250413093000||ADT^A01|MSG001|P|2.5\r" +
	"EVN|A01|20250413093000\r" +
	"PID|1||9000000009^^^NHS^NH~4711^^^WARD&1.2.3&ISO^MR||Smith^John^Paul||19850315|M|\"\"||42 High Street^^Manchester\r" +
	"OBX|1|TX|1^A||one\\.br\\two \\T\\ three\r" +
	"OBX|2|NM|2^B||7\r" +
	"ZZZ|own|x^y&z\r"

func TestGet(t *testing.T) {
	m, err := hl7.Parse([]byte(admission))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"MSH-1":           "|",
		"MSH-2":           "^~\\&",
		"MSH-3":           "SENDING_APP",
		"MSH-9.2":         "A01",
		"MSH-12":          "2.5",
		"PID-3":           "9000000009",
		"PID-3.4":         "NHS",
		"PID-3[2].1":      "4711",
		"PID-3[2].4":      "WARD",
		"PID-3[2].4.2":    "1.2.3",
		"PID-3[3]":        "",
		"PID-5.1.1":       "Smith",
		"PID-5.1.2":       "",
		"PID-7.1":         "19850315",
		"PID-9":           "",
		"PID-99":          "",
		"OBX-5":           "one\ntwo & three",
		"OBX(2)-5":        "7",
		"OBX(3)-5":        "",
		"ZZZ-2.2.2":       "z",
		"ZZZ":             "ZZZ|own|x^y&z",
		"nonsense":        "",
		"PID-0":           "",
		"PID-3[0]":        "",
		"PID-3[2":         "",
		"PID-5.1.1.1":     "",
		"PID-99999999999": "",
	} {
		if got := m.Get(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	pid, _ := m.First("PID")
	if v := pid.Field(9); !v.Null() || v.Empty() || v.Valued() {
		t.Error("PID-9 is null, and so neither empty nor valued")
	}
	if v := pid.Field(8); v.Null() || v.Empty() || !v.Valued() {
		t.Error("PID-8 is valued")
	}
}
