package hl7_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ponshealth/pons/hl7"
)

// headerCases are the parser cases about what MSH governs: character sets, delimiters
// and escape sequences.
var headerCases = map[int]func(t *testing.T){
	7: func(t *testing.T) {
		for charset, raw := range map[string]string{"8859/1": "\xe9", "8859/5": "\xd6", "UNICODE UTF-8": "\xc3\xa9"} {
			m := decoded(t, withCharset(charset, raw), "")
			want := map[string]string{"\xe9": "é", "\xd6": "ж", "\xc3\xa9": "é"}[raw]
			if m.Get("NTE-3") != want {
				t.Errorf("%s: %q", charset, m.Get("NTE-3"))
			}
			answer, err := hl7.Encode([]byte("MSA|AE|1|"+want), m.Header().Charset)
			if err != nil || !strings.HasSuffix(string(answer), raw) {
				t.Errorf("%s: the answer is %q, %v", charset, answer, err)
			}
		}
		raw, err := hl7.Encode(withCharset("UNICODE UTF-16", "é"), "UNICODE UTF-16")
		if err != nil || decoded(t, raw, "").Get("NTE-3") != "é" {
			t.Errorf("UTF-16: %v", err)
		}
	},
	8: func(t *testing.T) {
		for charset, c := range map[string][2]string{
			"ASCII": {"a", "a"}, "8859/1": {"\xe9", "é"}, "8859/2": {"\xb3", "ł"}, "8859/3": {"\xb1", "ħ"}, "8859/4": {"\xa2", "ĸ"},
			"8859/5": {"\xb6", "Ж"}, "8859/6": {"\xd9", "ع"}, "8859/7": {"\xd9", "Ω"}, "8859/8": {"\xe0", "א"}, "8859/9": {"\xf0", "ğ"},
			"8859/15": {"\xa4", "€"}, "GB 18030-2000": {"\xd6\xd0", "中"}, "KS X 1001": {"\xc7\xd1", "한"}, "BIG-5": {"\xa4\xa4", "中"}, "UNICODE": {"\xc3\xa9", "é"},
		} {
			if got := decoded(t, withCharset(charset, c[0]), "").Get("NTE-3"); got != c[1] {
				t.Errorf("%s: %q, want %q", charset, got, c[1])
			}
		}
	},
	9: func(t *testing.T) { // the bytes are kept, and the name that comes back tells that MSH-18 was not believed
		for _, charset := range []string{"random", "not supported"} {
			raw := withCharset(charset, "caf\xc3\xa9")
			text, used, err := hl7.Decode(raw, "windows-1252")
			if err != nil || used != "UNICODE UTF-8" || string(text) != string(raw) {
				t.Errorf("%s: %s, %v", charset, used, err)
			}
		}
	},
	10: func(t *testing.T) {
		for _, charset := range []string{"~ISO IR87", "~ISOIR87"} {
			if got := decoded(t, withCharset(charset, "YAMADA^\x1b$B;3ED\x1b(B"), "").Get("NTE-3.2"); got != "山田" {
				t.Errorf("%s: %q", charset, got)
			}
		}
	},
	11: func(t *testing.T) {
		wide, err := hl7.Encode(withCharset("8859/1", "é"), "UTF-16LE")
		if err != nil {
			t.Fatal(err)
		}
		for _, raw := range []string{"\xef\xbb\xbf" + string(withCharset("8859/1", "é")), "\xff\xfe" + string(wide)} {
			m := decoded(t, []byte(raw), "")
			if m.Get("NTE-3") != "é" || m.Get("MSH-3") != "A" {
				t.Errorf("%q", m.Bytes())
			}
		}
	},
	12: func(t *testing.T) {
		if got := decoded(t, withCharset("", "Dr.\xa0House"), "windows-1252").Get("NTE-3"); got != "Dr.\u00a0House" {
			t.Errorf("%q", got)
		}
	},
	13: func(t *testing.T) {
		if got := decoded(t, withCharset("8859/1~UNICODE UTF-8", "\xe9"), "").Get("NTE-3"); got != "é" {
			t.Errorf("%q", got)
		}
	},
	14: func(t *testing.T) {
		for _, text := range []string{"", "M", "MS", "MSH", "MSH|", "\r", "MSH\r", "MSH|\r"} {
			var syntax *hl7.SyntaxError
			if _, err := hl7.Parse([]byte(text)); !errors.As(err, &syntax) {
				t.Errorf("%q: %v", text, err)
			}
		}
	},
	15: func(t *testing.T) {
		m := parse(t, "MSH^~|\\&^HDRVTLS^552~DAYT^HDR^200HD^20061006151615-0800^^ORU~R01^55253408603^T^2.4")
		if m.Get("MSH-9.1") != "ORU" || m.Get("MSH-9.2") != "R01" || m.Get("MSH-4.2") != "DAYT" || m.Delimiters().Repetition != '|' {
			t.Errorf("%+v", m.Header())
		}
	},
	16: func(t *testing.T) {
		for _, enc := range []string{"^^^^", "^~\\\\", "^~\\ ", "@#$$"} {
			if _, err := hl7.Parse([]byte("MSH|" + enc + "|A")); err == nil {
				t.Errorf("%q is taken", enc)
			}
		}
	},
	19: func(t *testing.T) { // which version's grammar that is, is for hl7/grammar
		for _, version := range []string{"2.999", "2.3.0", ""} {
			m := parse(t, "MSH|^~\\&|A||||||ADT^A01|1|P|"+version+"\rPID|1")
			r, err := hl7.ParseAck(hl7.Ack(m, hl7.AckOptions{Code: "AR", Errors: []hl7.AckError{{At: "MSH-12", Code: 203}}}))
			if err != nil || r.Code != "AR" || len(r.Errors) != 1 || r.Errors[0].Code != 203 || m.Get("PID-1") != "1" {
				t.Errorf("%q: %+v, %v", version, r, err)
			}
		}
	},
	24: func(t *testing.T) {
		const raw, want = `\F\ \R\ \S\ \T\ \E\ \X0A\ \X0D\`, "| ~ ^ & \\ \n \r"
		if got := hl7.Unescape([]byte(raw), hl7.Standard); got != want || hl7.Escape(want, hl7.Standard) != raw {
			t.Errorf("%q, and back %q", got, hl7.Escape(want, hl7.Standard))
		}
		if hl7.Unescape([]byte(`\X000d\`), hl7.Standard) != "\r" {
			t.Error("CR in four digits is not read")
		}
	},
	25: func(t *testing.T) {
		for raw, want := range map[string]string{`...done,\E\X0A\E\all`: `...done,\X0A\all`, `A\E\F\E\B`: `A\F\B`} {
			if got := hl7.Unescape([]byte(raw), hl7.Standard); got != want {
				t.Errorf("%s: %s", raw, got)
			}
		}
	},
	26: func(t *testing.T) {
		if got := decoded(t, withCharset("8859/1", `\Xe1\\Xe9\\Xed\`), "").Get("NTE-3"); got != "áéí" {
			t.Errorf("%q", got)
		}
		if got := decoded(t, withCharset("8859/5", `\Xb6\`), "").Get("NTE-3"); got != "Ж" {
			t.Errorf("%q", got)
		}
	},
	27: func(t *testing.T) { // what is said of them is for hl7/validate
		for _, raw := range []string{`\Z99\`, `\UNKNOWN\`, `\X4\`, `\patientname`} {
			if got := hl7.Unescape([]byte(raw), hl7.Standard); got != raw {
				t.Errorf("%s: %s", raw, got)
			}
		}
	},
	29: func(t *testing.T) {
		if got := hl7.Escape(`\\Server\Share`, hl7.Standard); got != `\E\\E\Server\E\Share` {
			t.Error(got)
		}
	},
	31: func(t *testing.T) {
		for raw, want := range map[string]string{`\E\R\`: `\R\`, `BSV 4\5 re.`: `BSV 4\5 re.`} {
			if got := hl7.Unescape([]byte(raw), hl7.Standard); got != want {
				t.Errorf("%s: %s", raw, got)
			}
		}
	},
	17: func(t *testing.T) {
		const text = "MSH|^~\\&#|Send App|Send Fac|Rec App|Rec Fac|20070504141816||ORM^O01||P|2.7\rNTE|1||# 1"
		m := parse(t, text)
		if string(m.Bytes()) != text || m.Get("NTE-3") != "# 1" || hl7.Escape("# 1", hl7.Standard) != "# 1" {
			t.Error("the truncation character is not read right")
		}
	},
	28: func(t *testing.T) {
		const raw = "pH : \\H\\ 7.28\\N\\ ..\\.br\\\\.br\\.. \\C00FF\\"
		v := parse(t, someHeader+"OBX|1|FT|1||"+raw).Segment(1).Field(5)
		if string(v.Raw()) != raw || v.String() != "pH :  7.28 ..\n\n.. \\C00FF\\" {
			t.Errorf("%q", v)
		}
	},
	30: func(t *testing.T) {
		got := hl7.EscapeFormatted("Th&is\\.br\\is\\.br\\A T|est\\", hl7.Standard)
		if want := "Th\\T\\is\\.br\\is\\.br\\A T\\F\\est\\E\\"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	},
}

// decoded decodes and parses bytes that no character may be lost of.
func decoded(t *testing.T, raw []byte, fallback string) *hl7.Message {
	t.Helper()
	text, _, err := hl7.Decode(raw, fallback)
	if err != nil || !utf8.Valid(text) || strings.Contains(string(text), "\ufffd") {
		t.Fatalf("%q is decoded to %q, %v", raw, text, err)
	}
	return parse(t, string(text))
}
