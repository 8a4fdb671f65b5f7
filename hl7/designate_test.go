package hl7_test

import (
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

// TestDesignated: \Cxxyy\ and \Mxxyyzz\ switch to the sets that the standard lists
// (HL7 v2.9 2.7.3). The codes are those of the standards for the sets.
func TestDesignated(t *testing.T) {
	for _, c := range []struct{ declared, raw, want string }{
		{"~ISO IR87", `\M2442\;3ED\C2842\ YAMADA`, "山田 YAMADA"},
		{"", `\M2442\;3ED`, "山田"},                                 // up to the end
		{"", `\m2442\;3`, `\m2442\;3`},                            // no such sequence
		{"", `\M242844\0!\C284A\ a`, "丂 a"},                       // JIS X 0212, and back by JIS X 0201
		{"", `\M2442\?\S\\C2842\=`, "図="},                         // a second byte that looks like ^ is escaped
		{"", `\M2442\\X3B33\\X4544\\C2842\.`, "山田."},              // the codes in hexadecimal
		{"", `\M2442\;3\.br\ED`, "山\n田"},                          // commands go on
		{"", `\M2442\;3E\C2842\x`, `\M2442\;3Ex`},                 // half a character is left as it is
		{"8859/1", "\xb6 \\C2D4C\\\xb6 a\\C2D41\\\xb6", "¶ Ж a¶"}, // bytes above 7F change, those below do not
		{"8859/1", `\C2D42\\XB3\ \XE9\`, "ł é"},
		{"", `\C2D43\\XB1\`, "ħ"}, {"", `\C2D44\\XA2\`, "ĸ"}, {"", `\C2D4C\\XB6\`, "Ж"}, {"", `\C2D47\\XD9\`, "ع"},
		{"", `\C2D46\\XD9\`, "Ω"}, {"", `\C2D48\\XE0\`, "א"}, {"", `\C2D4D\\XF0\`, "ğ"}, {"", `\C2949\\XD4CF\`, "ﾔﾏ"},
		{"", `\C2D4C\`, ""},
		{"", `\C2D4C\\XB6\ \C2842\\XB6\`, "Ж Ж"},                                             // G1 stays when G0 changes
		{"UNICODE UTF-8", "\\C2D4C\\caf\xc3\xa9", "café"},                                    // these bytes were never in a set of one byte
		{"", `\C00FF\ \C284\ \M28\ \C2442\ \M2842\`, `\C00FF\ \C284\ \M28\ \C2442\ \M2842\`}, // no sets
		{"", `\C2949\\XE0\`, `\C2949\\XE0\`},                                                 // not in the set
	} {
		text, _, err := hl7.Decode(withCharset(c.declared, c.raw), "")
		if err != nil {
			t.Errorf("%s %s: %v", c.declared, c.raw, err)
			continue
		}
		m := parse(t, string(text))
		if got := m.Segment(1).Field(3).Text(); got != c.want {
			t.Errorf("%s %s is %q, want %q", c.declared, c.raw, got, c.want)
		}
		if m.Get("NTE-4") != "end" {
			t.Errorf("%s %s runs on into the next field", c.declared, c.raw)
		}
	}
}

// TestLocal: \Z..\ means what two sites have agreed on, and no more.
func TestLocal(t *testing.T) {
	local := func(sequence string) (string, bool) {
		if sequence == "Z01" {
			return "[", true
		}
		return "", false
	}
	const raw = `a\Z01\b\Z02\c\F\d\Q\`
	if got := hl7.UnescapeLocal([]byte(raw), hl7.Standard, local); got != `a[b\Z02\c|d\Q\` {
		t.Errorf("%q", got)
	}
	if got := hl7.Unescape([]byte(raw), hl7.Standard); got != `a\Z01\b\Z02\c|d\Q\` {
		t.Errorf("%q", got)
	}
}

func TestFormatText(t *testing.T) {
	for raw, want := range map[string]string{
		`plain \T\ simple`:                    "plain & simple",
		`one\.br\two\.sp2\three\.ce\four`:     "one\ntwo\n\nthree\nfour",
		`\.in4\a\.br\b\.br\\.in\c`:            "    a\n    b\nc",
		`\.in4\a\.br\\.in-2\b\.br\\.in+1\c`:   "    a\n  b\n   c",
		`\.in4\\.ti-4\a\.br\b`:                "a\n    b",
		`\.ti2\a\.br\b`:                       "  a\nb",
		`a\.sk3\b`:                            "a   b",
		`\.in2\a\X0A\b\.br\\.br\c`:            "  a\n  b\n\n  c",
		`\.fi\a\.nf\b\H\c\N\`:                 "abc",
		`\.in-9\a`:                            "a",
		`lone \ and \.xx\ stay`:               `lone \ and \.xx\ stay`,
		`\M2442\;3\.br\ED\C2842\x`:            "山\n田x",
		strings.Repeat(`\.in+99\`, 999) + "a": strings.Repeat(" ", 99) + "a",
	} {
		if got := hl7.FormatText([]byte(raw), hl7.Standard); got != want {
			t.Errorf("%.60s is %q, want %q", raw, got, want)
		}
	}
	m := parse(t, "MSH|^~\\&|\rOBX|1|FT|||\\.in2\\a^b&c~d|\"\"")
	if got := m.Segment(1).Field(5).Formatted() + m.Segment(1).Field(6).Formatted() + m.Segment(1).Field(9).Formatted() + m.Segment(0).Field(2).Formatted(); got != "  a^b&c~d^~\\&" {
		t.Errorf("%q", got)
	}
}
