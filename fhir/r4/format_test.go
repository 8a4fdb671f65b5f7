package r4_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

// The formats of FHIR R4 datatypes.html#primitive.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		types     string
		good, bad []string
	}{
		{"boolean", []string{"true", "false"}, []string{"", "True", "1", " true"}},
		{"integer", []string{"0", "1", "-1", "2147483647", "-2147483648"},
			[]string{"", "-", "+1", "01", "-0", "1.0", "1e3", " 1", "2147483648", "-2147483649", "99999999999999999999"}},
		{"unsignedInt", []string{"0", "7", "2147483647"}, []string{"-1", "-0", "00", "2147483648"}},
		{"positiveInt", []string{"1", "2147483647"}, []string{"0", "-1", "01", "2147483648"}},
		{"decimal", []string{"0", "-0", "0.0", "1.50", "-3e2", "1E+10", "12345678901234567890.123456789012345678901234567890"},
			[]string{"", "+1", "1.", ".5", "01", "1e", "1e+", "0x1", "NaN", "Infinity", "1,5", " 1", "1 "}},
		{"string markdown xhtml", []string{"a", " a ", "a\r\n\tb", "漢"}, []string{"", "\x00", "a\x1fb", "a\x08", "\xff", "a\xc3"}},
		{"code", []string{"a", "a b", "a-b.c", "=", "漢"}, []string{"", " a", "a ", "a  b", "a\t\tb", " ", "\n"}},
		{"id", []string{"a", "A-1.b", strings.Repeat("x", 64)}, []string{"", "a_b", "a b", "ä", strings.Repeat("x", 65), "a/b"}},
		{"uri url canonical", []string{"x", "http://example.org/a?b=c#d", "urn:oid:1.2", "http://example.org|1.0", "ä"},
			[]string{"", "a b", "a\nb", " a", "a "}},
		{"oid", []string{"urn:oid:1.2", "urn:oid:2.16.840.1.113883", "urn:oid:0.0"},
			[]string{"", "1.2.3", "urn:oid:", "urn:oid:1", "urn:oid:3.1", "urn:oid:1.02", "urn:oid:1.", "urn:oid:1..2", "urn:oid:1.a", "URN:OID:1.2", "urn:oid:1.2.", "urn:oid:12.3"}},
		{"uuid", []string{"urn:uuid:c757873d-ec9a-4326-a141-556f43239520"},
			[]string{"", "c757873d-ec9a-4326-a141-556f43239520", "urn:uuid:C757873D-EC9A-4326-A141-556F43239520",
				"urn:uuid:c757873dec9a4326a141556f43239520", "urn:uuid:c757873d-ec9a-4326-a141-556f4323952g", "urn:uuid:c757873d-ec9a-4326-a141-556f432395200"}},
		{"base64Binary", []string{"AAEC", "AA==", "AAE=", "AA\r\nEC", " AAEC ", "A A E C", "+/+/"},
			[]string{"", "A", "AA", "AAE", "A===", "AA=A", "A=AA", "AA-_", "====", "AAECA", "   "}},
		{"date", []string{"2024", "2024-02", "2024-02-29", "0001", "9999-12-31", "2000-02-29", "2023-04-30"},
			[]string{"", "24", "0000", "20240229", "2024-13", "2024-00", "2024-2", "2024-02-30", "2023-02-29", "1900-02-29", "2024-04-31",
				"2024-01-00", "2024-01-32", "2024-01-1", "2024-", "2024-01-", "02024", "2024-02-29T", "2024-02-29Z", "-2024", "2024/02"}},
		{"dateTime", []string{"2024", "2024-02", "2024-02-29", "2024-02-29T23:59:59Z", "2024-02-29T23:59:60Z", "2024-02-29T00:00:00.000001+14:00",
			"2024-02-29T00:00:00-00:00", "2024-02-29T00:00:00-13:59"},
			[]string{"", "2024-02-29T", "2024-02-29T10Z", "2024-02-29T10:00Z", "2024-02-29T10:00:00", "2024-02-29T24:00:00Z", "2024-02-29T10:60:00Z",
				"2024-02-29T10:00:61Z", "2024-02-29T10:00:00.Z", "2024-02-29T10:00:00+14:01", "2024-02-29T10:00:00+15:00", "2024-02-29T10:00:00+1:00",
				"2024-02-29T10:00:00+01:60", "2024-02-29T10:00:00z", "2024-02-29t10:00:00Z", "2024-02-29 10:00:00Z", "2024-02T10:00:00Z", "2023-02-29T10:00:00Z",
				"2024-02-29T10:00:00ZZ", "2024-02-29T10:00:00+01"}},
		{"instant", []string{"2024-02-29T23:59:59Z", "2024-02-29T23:59:59.123+01:00"},
			[]string{"", "2024", "2024-02-29", "2024-02-29T23:59:59", "2024-02-29T23:59Z"}},
		{"time", []string{"00:00:00", "23:59:59", "23:59:60", "12:00:00.5"},
			[]string{"", "24:00:00", "12:00", "1:00:00", "12:00:00Z", "12:00:00.", "12:60:00", "12:00:61", "T12:00:00", "12.00.00"}},
	} {
		for _, name := range strings.Fields(c.types) {
			typ := r4.TypeByName(name)
			for _, text := range c.good {
				if err := typ.Check(text); err != nil {
					t.Errorf("%s %q: %v", name, text, err)
				}
			}
			for _, text := range c.bad {
				err := typ.Check(text)
				var e *r4.Error
				if !errors.As(err, &e) {
					t.Errorf("%s %q is accepted (%v)", name, text, err)
				}
			}
		}
	}
	if r4.TypeByName("HumanName").Check("a") == nil {
		t.Error("a HumanName has a text")
	}
}
