package hl7_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

// TestCharsetFiles reads testdata/charsets: a message in the bytes of a set, and the
// same in UTF-8, both made by a converter that is not ours. In shift_jis, big-5 and gb-18030
// the facility holds bytes that look like |, \ and ^, before MSH-18.
func TestCharsetFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/charsets/*.hl7")
	if err != nil || len(files) < 27 {
		t.Fatal("files are missing: ", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(strings.TrimSuffix(file, ".hl7") + ".utf8")
		if err != nil {
			t.Fatal(err)
		}
		got, used, err := hl7.Decode(raw, "")
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %q as %s, %v", file, got, used, err)
			continue
		}
		m := parse(t, string(got))
		if m.Get("NTE-4") != "end" || m.Get("MSH-9.2") != "A01" {
			t.Errorf("%s is torn", file)
		}
		// what the message says of itself is enough to write it again
		name := m.Header().Charset
		if strings.HasPrefix(filepath.Base(file), "utf-") {
			name = used
		}
		if strings.Contains(file, "159") {
			continue // nobody writes JIS X 0212 here, see TestEncodeRefuses
		}
		again, err := hl7.Encode(got, name)
		if err != nil || !bytes.Equal(again, bytes.TrimPrefix(bytes.TrimPrefix(raw, []byte("\xff\xfe\x00\x00")), []byte("\xff\xfe"))) {
			t.Errorf("%s: written in %s it is %q, %v", file, name, again, err)
		}
	}
}

// TestHiddenDelimiters: where nothing before MSH-18 hides a separator, or MSH-18 lies,
// there is no search for another set.
func TestHiddenDelimiters(t *testing.T) {
	head := func(facility, charset string) []byte {
		return []byte("MSH|^~\\&|APP|" + facility + "|||20260101||ADT^A01|1|P|2.5||||||" + charset + "\rNTE|1||\x83\x7c")
	}
	for _, c := range []struct{ facility, charset, used, want string }{
		{"\x83\x7c\x83\x7c", "Shift_JIS", "SHIFT_JIS", "ポ"},      // ポポ, with two separators in it
		{"\x83\x7c\x83\x7c", "8859/1", "WINDOWS-1252", "\u0192"}, // no set finds itself; in these bytes | is |
		{"\x83\x7c", "", "WINDOWS-1252", "\u0192"},
		{"caf\xe9", "8859/1", "8859/1", "\u0192"},
	} {
		text, used, err := hl7.Decode(head(c.facility, c.charset), "windows-1252")
		if err != nil || used != c.used || parse(t, string(text)).Get("NTE-3") != c.want {
			t.Errorf("%q declared as %q: %s, %q, %v", c.facility, c.charset, used, text, err)
		}
	}
}

// TestISO2022: with more than one set in MSH-18, or with MSH-20, ESC sequences switch.
func TestISO2022(t *testing.T) {
	for _, c := range []struct{ declared, scheme, raw, used, want string }{
		{"8859/1~8859/5", "ISO 2022-1994", "\xe9 \x1b-L\xb6 \x1b-A\xe9", "8859/1~8859/5", "é Ж é"},
		{"8859/1~8859/5", "", "\xe9 \x1b-L\xb6", "8859/1~8859/5", "é Ж"},
		{"~ISO IR87", "", "\x1b$B?^\x1b(B^a", "ISO IR87", "図^a"},
		{"ISO IR14~ISO IR87", "", "\xd4\xcf \x1b$B;3\x1b(J", "ISO IR87", "ﾔﾏ 山"},
		{"~KS X 1001", "", "\x1b$)C\xb1\xe8^\xc3\xb6", "KS X 1001", "김^철"},
		{"~GB 18030-2000", "", "\x1b$)A\xd6\xd0", "GB 18030-2000", "中"},
		{"~8859/5", "", "\x1b-L\xb6\rNTE|2||x", "8859/5", "Ж"}, // up to the end of the segment
	} {
		raw := "MSH|^~\\&|A||||||ACK|1|P|2.5||||||" + c.declared + "||" + c.scheme + "\rNTE|1||" + c.raw
		text, used, err := hl7.Decode([]byte(raw), "")
		if err != nil || used != c.used {
			t.Errorf("%q: %s, %v", c.raw, used, err)
			continue
		}
		if got := string(parse(t, string(text)).Segment(1).Field(3).Raw()); got != c.want {
			t.Errorf("%q: %q, want %q", c.raw, got, c.want)
		}
	}
	for _, raw := range []string{"\x1b-L\xb6\rNTE|2||\xb6", "\x1b$)Zx\xb6", "\x1b$B;3E|\x1b(B\xe9"} {
		if text, used, err := hl7.Decode(withCharset("~8859/5", raw), ""); err == nil {
			t.Errorf("%q is read as %q, %s", raw, text, used)
		}
	}
}

// TestEncodeRefuses: nothing is written that reads back as something else.
func TestEncodeRefuses(t *testing.T) {
	for _, c := range []struct{ charset, text string }{
		{"Shift_JIS", "¥"}, {"Shift_JIS", "‾"}, {"EUC-JP", "¥"}, {"ISO IR87", "¥"}, // would become \ and ~
		{"ISO IR159", "丂"}, {"~ISO IR87", "é"}, {"8859/1~ISO IR87", "山"}, {"CNS 11643-1992", "㐀"}, {"CNS 11643-1992", "é"},
		{"BIG-5", "한"}, {"KS X 1001", "😀"}, {"GB 18030-2000", "\xff"}, {"ISO IR87", "a\x1bb"}, {"UTF-16", "\xff"},
	} {
		if got, err := hl7.Encode([]byte(c.text), c.charset); err == nil {
			t.Errorf("%q is written %q in %s", c.text, got, c.charset)
		}
	}
	if got, err := hl7.Encode([]byte("A 山"), "~ISO IR87"); err != nil || string(got) != "A \x1b$B;3\x1b(B" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestCNS: the planes 1 and 2 against the code table of another converter, of which
// three places are kept here, and back.
func TestCNS(t *testing.T) {
	for text, raw := range map[string]string{
		"\u3000": "\xa1\xa1", "一": "\xc4\xa1", "籲": "\xfd\xcb", "乂": "\x8e\xa2\xa1\xa1", "龘": "\x8e\xa2\xf2\xc4", "兀": "\xc4\xc2",
	} {
		got, err := hl7.Encode([]byte(text), "CNS 11643-1992")
		if err != nil || string(got) != raw {
			t.Errorf("%s is %x, %v, want %x", text, got, err, raw)
		}
		back, _, err := hl7.Decode(withCharset("CNS 11643-1992", raw), "")
		if err != nil || !strings.Contains(string(back), "||"+text+"|") {
			t.Errorf("%x is %q, %v", raw, back, err)
		}
	}
	for _, raw := range []string{"\x8e\xa3\xa1\xa1", "\x8e", "\x8e\xa2", "\x8e\xa2\xa1", "\xa1", "\xa1|", "\x80\x80", "\xfe\xfe"} {
		if _, used, err := hl7.Decode(withCharset("CNS 11643-1992", raw), ""); err == nil {
			t.Errorf("%x is read as %s", raw, used)
		}
	}
}
