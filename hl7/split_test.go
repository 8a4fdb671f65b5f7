package hl7_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

func TestSplit(t *testing.T) {
	const a, b = "MSH|^~\\&|A\rPID|1", "MSH|^~\\&|B\rPID|2"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"none":          {"", nil},
		"blank":         {" \r\n\t\r", nil},
		"one":           {a, []string{a}},
		"end":           {a + "\r", []string{a + "\r"}},
		"CR":            {a + "\r" + b + "\r", []string{a + "\r", b + "\r"}},
		"CRLF":          {a + "\r\n" + b + "\r\n", []string{a + "\r\n", b + "\r\n"}},
		"blank lines":   {"\r\n" + a + "\r\n\r\n\r\n" + b, []string{a + "\r\n\r\n\r\n", b}},
		"blanks":        {"  " + a + "\r \t" + b + "  ", []string{a + "\r", b}},
		"frames":        {"\x0b" + a + "\r\x1c\r\x0b" + b + "\r\x1c\r", []string{a + "\r", b + "\r"}},
		"tight frames":  {"\x0b" + a + "\x1c\x0b" + b + "\x1c", []string{a, b}},
		"marks":         {"\xef\xbb\xbf" + a + "\r\xef\xbb\xbf" + b, []string{a + "\r", b}},
		"batch":         {"FHS|^~\\&|F\rBHS|^~\\&|B\r" + a + "\r" + b + "\rBTS|2\rFTS|1\r", []string{a + "\r", b + "\r"}},
		"only headers":  {"FHS|^~\\&\rBHS|^~\\&\rBTS|0\rFTS|1", nil},
		"stray before":  {"PID|0\r" + a, []string{"PID|0\r", a}},
		"stray after":   {a + "\rBTS|1\rPID|0\r", []string{a + "\r", "PID|0\r"}},
		"no message":    {"hello\rworld", []string{"hello\rworld"}},
		"broken inside": {a + "\rMSH|^~\r" + b, []string{a + "\r", "MSH|^~\r", b}},
		"own separator": {a + "\rMSH*^~\\&*B", []string{a + "\r", "MSH*^~\\&*B"}},
		"text":          {"MSH|^~\\&|A\rNTE|1||see\rMSH results\r", []string{"MSH|^~\\&|A\rNTE|1||see\rMSH results\r"}},
		"in a field":    {"MSH|^~\\&|A\rNTE|1||MSH|^~\\&|B", []string{"MSH|^~\\&|A\rNTE|1||MSH|^~\\&|B"}},
	} {
		var got []string
		for _, piece := range hl7.Split([]byte(c.text)) {
			got = append(got, string(piece))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestSplitLong(t *testing.T) {
	text := strings.Repeat("MSH|^~\\&|A\rOBX|1|TX|x||"+strings.Repeat("long text ", 100)+"\r", 2000)
	if n := len(hl7.Split([]byte(text))); n != 2000 {
		t.Errorf("%d messages, want 2000", n)
	}
}
