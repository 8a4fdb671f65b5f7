package hl7_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ponshealth/pons/hl7"
)

// withCharset is a message that names a character set and carries text in NTE-3.
func withCharset(charset, text string) []byte {
	return []byte("MSH|^~\\&|A||||||ACK|1|P|2.5||||||" + charset + "\rNTE|1||" + text + "|end")
}

// TestDecode: each text is written here as the bytes of its set.
func TestDecode(t *testing.T) {
	for _, c := range []struct {
		declared, raw, fallback string
		used, want              string
	}{
		// table 0211
		{"", "plain", "", "ASCII", "plain"},
		{"ASCII", "plain", "", "ASCII", "plain"},
		{"ISO IR6", "plain", "", "ASCII", "plain"},
		{"8859/1", "caf\xe9", "", "8859/1", "café"},
		{"8859/2", "\xb3", "", "8859/2", "ł"},
		{"8859/3", "\xb1", "", "8859/3", "ħ"},
		{"8859/4", "\xa2", "", "8859/4", "ĸ"},
		{"8859/5", "\xb6", "", "8859/5", "Ж"},
		{"8859/6", "\xd9", "", "8859/6", "ع"},
		{"8859/7", "\xd9", "", "8859/7", "Ω"},
		{"8859/8", "\xe0", "", "8859/8", "א"},
		{"8859/9", "\xf0", "", "8859/9", "ğ"},
		{"8859/15", "\xa4", "", "8859/15", "€"},
		{"ISO IR14", "\xd4\xcf\xc0\xde", "", "ISO IR14", "ﾔﾏﾀﾞ"},
		{"ISO IR87", "\x1b$B;3ED\x1b(B", "", "ISO IR87", "山田"},
		{"ISO IR159", "\x1b$(D0!\x1b(B", "", "ISO IR159", "丂"},
		{"GB 18030-2000", "\xd6\xd0", "", "GB 18030-2000", "中"},
		{"KS X 1001", "\xc7\xd1", "", "KS X 1001", "한"},
		{"BIG-5", "\xb3\x5c\xa5\x5c", "", "BIG-5", "許功"}, // second bytes look like \
		{"CNS 11643-1992", "\xc4\xa1\x8e\xa2\xa1\xa1", "", "CNS 11643-1992", "一乂"},
		{"JIS X 0202", "\x1b$B;3ED\x1b(B", "", "JIS X 0202", "山田"},
		{"JAS2020", "\x1b$B;3ED\x1b(B", "", "JAS2020", "山田"},
		{"UNICODE", "caf\xc3\xa9", "", "UNICODE UTF-8", "café"},
		{"UNICODE UTF-8", "caf\xc3\xa9", "", "UNICODE UTF-8", "café"},
		// names in use
		{"UTF-8", "\xc3\xa9", "", "UNICODE UTF-8", "é"}, {"utf8", "\xc3\xa9", "", "UNICODE UTF-8", "é"},
		{"UNICODE UTF8", "\xc3\xa9", "", "UNICODE UTF-8", "é"},
		{"ISO-8859-1", "\xe9", "", "8859/1", "é"}, {"ISO8859/1", "\xe9", "", "8859/1", "é"}, {"8859-1", "\xe9", "", "8859/1", "é"},
		{"WINDOWS-1252", "\x80\xe9", "", "WINDOWS-1252", "€é"}, {"windows-1250", "\x9c", "", "WINDOWS-1250", "ś"},
		{"Shift_JIS", "\x8e\x52", "", "SHIFT_JIS", "山"},
		// escape sequences switch to a later repetition
		{"~ISO IR87", "\x1b$B?^\x1b(B", "", "ISO IR87", "図"}, // its second byte looks like ^
		{"~ISOIR87", "\x1b$B?^\x1b(B", "", "ISO IR87", "図"},
		{"ASCII~ISO IR14~ISO IR87", "\x1b$B?^\x1b(B", "", "ISO IR87", "図"},
		// the first repetition governs
		{"8859/1~UNICODE UTF-8", "\xe9", "", "8859/1", "é"},
		// not declared
		{"", "caf\xc3\xa9", "", "UNICODE UTF-8", "café"},
		{"", "caf\xc3\xa9", "8859/1", "UNICODE UTF-8", "café"},
		{"", "Dr.\xa0House", "windows-1252", "WINDOWS-1252", "Dr.\u00a0House"},
		{"", "\xb6", "8859/5", "8859/5", "Ж"},
		{"", "\x81\xff", "windows-1252", "WINDOWS-1252", "\u0081ÿ"}, // 81 is open in windows-1252
		// not known
		{"random", "plain", "", "ASCII", "plain"},
		{"not supported", "caf\xc3\xa9", "", "UNICODE UTF-8", "café"},
		{"random", "caf\xe9", "windows-1252", "WINDOWS-1252", "café"},
		// declared, but not true
		{"ASCII", "caf\xc3\xa9", "", "UNICODE UTF-8", "café"},
		{"ASCII", "caf\xe9", "windows-1252", "WINDOWS-1252", "café"},
		{"UNICODE UTF-8", "caf\xe9", "windows-1252", "WINDOWS-1252", "café"},
		{"UNICODE UTF-16", "caf\xc3\xa9", "", "UNICODE UTF-8", "café"},
		{"8859/5", "\xd0\x96", "", "UNICODE UTF-8", "Ж"}, // 96 is no character of 8859/5
		{"8859/1", "\x80\xe9", "", "8859/1", "€é"},       // 80 is none of 8859/1, and the whole is no UTF-8
		{"8859/5", "\x96\xb6", "", "8859/5", "\u0096Ж"},
	} {
		raw := withCharset(c.declared, c.raw)
		text, used, err := hl7.Decode(raw, c.fallback)
		if err != nil || used != c.used {
			t.Errorf("%s %q: %s, %v; want %s", c.declared, c.raw, used, err, c.used)
			continue
		}
		m := parse(t, string(text))
		if got := m.Get("NTE-3"); got != c.want || m.Get("NTE-4") != "end" {
			t.Errorf("%s %q: %q, want %q", c.declared, c.raw, got, c.want)
		}
		if bytes.Equal(text, raw) && &text[0] != &raw[0] {
			t.Errorf("%s %q: copied without need", c.declared, c.raw)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct{ declared, raw, fallback string }{
		{"", "SECRET\xe9", ""}, {"ASCII", "SECRET\xe9", ""}, {"UNICODE UTF-8", "SECRET\xe9", ""}, {"random", "SECRET\xe9", "random"},
		{"", "SECRET\xe9", "ASCII"}, {"", "SECRET\xe9", "UNICODE UTF-8"}, {"GB 18030-2000", "SECRET\xff\xff", ""},
		{"8859/6", "SECRET\xff", ""}, {"CNS 11643-1992", "SECRET\x8e\xa3\xa1\xa1", ""}, {"CNS 11643-1992", "SECRET\xa4", ""}, {"ISO IR87", "SECRET\xe9", ""},
	} {
		text, _, err := hl7.Decode(withCharset(c.declared, c.raw), c.fallback)
		var e *hl7.CharsetError
		if text != nil || !errors.As(err, &e) || e.At != "MSH-18" || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s %q with %q: %v", c.declared, c.raw, c.fallback, err)
		}
	}
}

// TestWide: UTF-16 and UTF-32 are known by their first bytes, whatever MSH-18 says.
func TestWide(t *testing.T) {
	spread := func(text, before, after string) []byte {
		var b []byte
		for _, r := range text {
			b = append(append(append(b, before...), byte(r)), after...)
		}
		return b
	}
	const text = "MSH|^~\\&|caf\u00e9"
	for name, c := range map[string]struct {
		raw  []byte
		used string
	}{
		"16 LE mark": {append([]byte("\xff\xfe"), spread(text, "", "\x00")...), "UTF-16LE"},
		"16 BE mark": {append([]byte("\xfe\xff"), spread(text, "\x00", "")...), "UTF-16BE"},
		"16 LE":      {spread(text, "", "\x00"), "UTF-16LE"},
		"16 BE":      {spread(text, "\x00", ""), "UTF-16BE"},
		"32 LE mark": {append([]byte("\xff\xfe\x00\x00"), spread(text, "", "\x00\x00\x00")...), "UTF-32LE"},
		"32 BE mark": {append([]byte("\x00\x00\xfe\xff"), spread(text, "\x00\x00\x00", "")...), "UTF-32BE"},
		"32 LE":      {spread(text, "", "\x00\x00\x00"), "UTF-32LE"},
		"32 BE":      {spread(text, "\x00\x00\x00", ""), "UTF-32BE"},
		"8 mark":     {[]byte("\xef\xbb\xbfMSH|^~\\&|caf\xc3\xa9|||||||||||||||8859/1"), "UNICODE UTF-8"},
	} {
		got, used, err := hl7.Decode(c.raw, "")
		if err != nil || used != c.used || parse(t, string(got)).Get("MSH-3") != "café" {
			t.Errorf("%s: %q, %s, %v", name, got, used, err)
		}
	}
	if _, _, err := hl7.Decode([]byte("M\x00S\x00H\x00|\x00^"), ""); err == nil {
		t.Error("half a character is accepted")
	}
}

func TestEncode(t *testing.T) {
	for _, c := range []struct{ charset, text, want string }{
		{"", "plain", "plain"}, {"ASCII", "plain", "plain"}, {"UNICODE UTF-8", "é", "\xc3\xa9"},
		{"8859/1", "é", "\xe9"}, {"8859/5", "Ж", "\xb6"}, {"WINDOWS-1252", "€", "\x80"}, {"BIG-5", "許", "\xb3\x5c"},
		{"ISO IR87", "山", "\x1b$B;3\x1b(B"}, {"UTF-16LE", "é", "\xe9\x00"},
	} {
		if got, err := hl7.Encode([]byte(c.text), c.charset); err != nil || string(got) != c.want {
			t.Errorf("%q in %s: %q, %v", c.text, c.charset, got, err)
		}
	}
	for _, c := range []struct{ charset, text string }{
		{"", "é"}, {"ASCII", "é"}, {"8859/1", "€"}, {"8859/1", "Ж"}, {"random", "x"}, {"8859/5", "\xff"}, {"UNICODE UTF-8", "\xff"},
	} {
		got, err := hl7.Encode([]byte(c.text), c.charset)
		var e *hl7.CharsetError
		if got != nil || !errors.As(err, &e) {
			t.Errorf("%q in %s: %q, %v", c.text, c.charset, got, err)
		}
	}
}

// TestAnythingDecodes: with windows-1252 to fall back on, what has no zero bytes at
// its start is never refused.
func TestAnythingDecodes(t *testing.T) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(255 - i)
	}
	for _, charset := range []string{"", "ASCII", "8859/6", "GB 18030-2000", "ISO IR87", "BIG-5", "random"} {
		text, _, err := hl7.Decode(withCharset(charset, string(all)), "WINDOWS-1252")
		if err != nil || !utf8.Valid(text) || bytes.Contains(text, []byte("\ufffd")) {
			t.Errorf("%s: %v", charset, err)
		}
	}
}
