package validate_test

import (
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7/validate"
)

// formats are values that the data types take and refuse, by the definitions of
// HL7 v2.9 chapter 2A.
var formats = []struct{ typ, good, bad string }{
	{"NM", "0 7.4 -7 +7 01.20 .5 5. 123456789012345678", "x 1,5 1e3 -- + . 1.2.3 <5 1- ٣"},
	{"SI", "0 1 0001 12", "-1 +1 1.0 x"},
	{"DT", "1985 198503 19850315 20240229 20000229", "198 19853 1985-03-15 19851301 19850100 19850230 20230229 19000229 198503150 00000000 1985+0100"},
	{"TM", "00 2359 235959 235959.1 235959.1234 12+0100 235959.9999-0530",
		"24 2360 235960 1 123 12345 235959. 235959.12345 2359.5 12:30 12+1 12+2500 12+0160 +0100"},
	{"DTM", "2024 202402 20240229 2024022923 202402292359 20240229235959 20240229235959.1234 2024022923+0100 2024+0100 20240229235959.1-1100",
		"202 20242 2024022 202402292 20240230 2024022924 202402292360 20240229235959. 20240229235959.12345 202402T 2024-02-29T10:00 20240229+01 20240229+01:00 202402292359Z"},
	{"ST", "anything -.$ 1985-03-15", ""},
}

func TestFormats(t *testing.T) {
	for _, c := range formats {
		for _, good := range []bool{true, false} {
			values := c.bad
			if good {
				values = c.good
			}
			for _, value := range strings.Fields(values) {
				want := ""
				if !good {
					want = "E ZZZ-1 102 type"
				}
				p, err := validate.ParseProfile([]byte("profile: x\nsegments: {ZZZ: {fields: {1: {type: " + c.typ + "}}}}"))
				if err != nil {
					t.Fatal(err)
				}
				if got := brief(check(validate.Options{Profile: p, Charset: "8859/1"}, with("MSH|^~\\&|A|F|B|G|20260102||ADT^A01^ADT_A01|1|P|2.5.1||||||UNICODE UTF-8", "ZZZ|"+value))); got != want {
					t.Errorf("%s %s: %q, want %q", c.typ, value, got, want)
				}
				if c.typ == "SI" || c.typ == "DTM" {
					continue // not in table 0125 of 2.5.1
				}
				if want != "" {
					want = "E OBX-5 102 type"
				}
				if got := brief(check(validate.Options{}, order("2.5.1\rEVN", "OBX|1|"+c.typ+"|1^x||"+value+"||||||F"))); !strings.HasSuffix(got, want) || strings.Contains(got, "type") != (want != "") {
					t.Errorf("OBX-5 as %s %s: %q, want %q", c.typ, value, got, want)
				}
			}
		}
	}
}

// TestTimes: the first component of TS is a time in every version, also where its
// table prints ST, and a component of type TS is its first part.
func TestTimes(t *testing.T) {
	for _, version := range []string{"2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8", "2.9"} {
		text := "MSH|^~\\&|A|F|B|G|yesterday||ACK|1|P|" + version + "\rMSA|AA|1"
		at := "MSH-7.1"
		if version >= "2.6" {
			at = "MSH-7"
		}
		found := false
		for _, f := range check(validate.Options{}, text).Findings {
			found = found || f.At == at && f.Rule == validate.RuleType
		}
		if !found {
			t.Errorf("%s: a time that is none is let pass: %v", version, check(validate.Options{}, text).Findings)
		}
	}
	if got := brief(check(validate.Options{}, with("PID|1||7^^^H^MR^^20260132||Doe"))); got != "E PID-3.7 102 type" {
		t.Error(got)
	}
	// XPN.10 is a DR, whose parts are TS
	if got := brief(check(validate.Options{}, with("PID|1||7^^^H^MR||Doe^Jane^^^^^^^^2026&20261301~Roe^^^^^^^^^20260101&2027"))); got != "E PID-5[1].10.2 102 type" {
		t.Error(got)
	}
}
