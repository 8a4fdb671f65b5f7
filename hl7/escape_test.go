package hl7_test

import (
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

func TestUnescape(t *testing.T) {
	truncating := hl7.Standard
	truncating.Truncation = '#'
	own := hl7.Delimiters{Field: '^', Component: '~', Repetition: '|', Escape: '!', Subcomponent: '&'}
	for _, c := range []struct {
		raw, want string
		d         hl7.Delimiters
	}{
		{"plain", "plain", hl7.Standard},
		{`\F\ \R\ \S\ \T\ \E\ \X0A\ \X0D\`, "| ~ ^ & \\ \n \r", hl7.Standard},
		{`!F! !R! !S! !T! !E!\F\`, `^ | ~ & !\F\`, own},
		{`\P\`, "#", truncating},
		{`\P\`, "#", hl7.Standard}, // sent by one who has it, for one who does not
		{`\X000d\\X000a\`, "\r\n", hl7.Standard},
		{`\X0d0A\`, "\r\n", hl7.Standard},
		{`\X4a4B\`, "JK", hl7.Standard},
		{`\XC3A9\ \XC3\\XA9\`, "é é", hl7.Standard},                // UTF-8, in one or in two sequences
		{`\Xe1\\Xe9\\Xed\`, "áéí", hl7.Standard},                   // no UTF-8, so windows-1252
		{`\X80\`, "€", hl7.Standard},                               //
		{`...done,\E\X0A\E\all`, `...done,\X0A\all`, hl7.Standard}, // decoded exactly once
		{`A\E\F\E\B`, `A\F\B`, hl7.Standard},
		{`\E\R\`, `\R\`, hl7.Standard},
		{`BSV 4\5 re.`, `BSV 4\5 re.`, hl7.Standard},
		{`4\5 re. \T\ 6`, `4\5 re. & 6`, hl7.Standard}, // a lone one does not swallow the next
		{`\`, `\`, hl7.Standard},
		{`\\`, `\\`, hl7.Standard},
		{`\\\`, `\\\`, hl7.Standard},
		{`a\`, `a\`, hl7.Standard},
		{`\Z99\\T\`, `\Z99\&`, hl7.Standard},
		{`\UNKNOWN\T\`, `\UNKNOWN\T\`, hl7.Standard}, // the T is not within escape characters
		{`\X4\`, `\X4\`, hl7.Standard},
		{`\XZZ\`, `\XZZ\`, hl7.Standard},
		{`\X\`, `\X\`, hl7.Standard},
		{`\X0000\ \X00410042\`, `\X0000\ \X00410042\`, hl7.Standard}, // no zero bytes in a text
		{`\patientname`, `\patientname`, hl7.Standard},
		{`\C00FF\ \M0102FF\`, `\C00FF\ \M0102FF\`, hl7.Standard},
		{`pH : \H\ 7.28\N\ ok`, `pH :  7.28 ok`, hl7.Standard},
		{`a\.br\b\.BR\c`, "a\nb\nc", hl7.Standard},
		{`a\.sp\b\.sp2\c\.sp 3\d`, "a\nb\n\nc\n\n\nd", hl7.Standard},
		{`a\.sk3\b\.in+4\c\.ti-2\d\.fi\e\.nf\f\.ce\g`, "a   bcdef\ng", hl7.Standard},
		{`\.sp999999999\\.sk-1\\.br7\\.xx\\.b\`, `\.sp999999999\\.sk-1\\.br7\\.xx\\.b\`, hl7.Standard},
		{`\F\`, `\F\`, hl7.Delimiters{Field: '|', Component: '^'}}, // nothing escapes
	} {
		if got := hl7.Unescape([]byte(c.raw), c.d); got != c.want {
			t.Errorf("%s is %q, want %q", c.raw, got, c.want)
		}
	}
}

// TestHexInCharset: \X..\ holds bytes of the character set that MSH-18 names.
func TestHexInCharset(t *testing.T) {
	for charset, want := range map[string]string{
		"": "é", "UNICODE UTF-8": "é", "8859/1": "Ã©", "8859/5": "УЉ", "WINDOWS-1251": "Г©", "nothing": "é",
	} {
		m := parse(t, "MSH|^~\\&|||||||||||||||| "+charset+"\rNTE|1||\\XC3A9\\")
		if got := m.Get("NTE-3"); got != want {
			t.Errorf("%q: %q, want %q", charset, got, want)
		}
	}
}

func TestEscape(t *testing.T) {
	truncating := hl7.Standard
	truncating.Truncation = '#'
	for _, c := range []struct {
		text, want string
		d          hl7.Delimiters
	}{
		{"plain é", "plain é", hl7.Standard},
		{"|^&~\\", `\F\\S\\T\\R\\E\`, hl7.Standard},
		{`\\Server\Share`, `\E\\E\Server\E\Share`, hl7.Standard},
		{"a\r\nb\vc\x1cd", `a\X0D\\X0A\b\X0B\c\X1C\d`, hl7.Standard},
		{"#1", "#1", hl7.Standard},
		{"#1", `\P\1`, truncating},
		{"a|b\\c", "a b\\c", hl7.Delimiters{Field: '|', Component: '^'}},
		{"a\rb", "a b", hl7.Delimiters{Field: '|', Component: '^'}},
	} {
		if got := hl7.Escape(c.text, c.d); got != c.want {
			t.Errorf("%q is written %s, want %s", c.text, got, c.want)
		}
	}
}

// TestUnescapeIsLinear would run for minutes if lone escape characters made
// Unescape look ahead again and again.
func TestUnescapeIsLinear(t *testing.T) {
	for _, unit := range []string{`\`, `\ a`, `\X4`, `\E`, `\X41\`, `\.sp99\`} {
		raw := strings.Repeat(unit, 1<<20/len(unit))
		if got := hl7.Unescape([]byte(raw), hl7.Standard); len(got) > 20*len(raw) {
			t.Errorf("%s: %d bytes became %d", unit, len(raw), len(got))
		}
	}
}
