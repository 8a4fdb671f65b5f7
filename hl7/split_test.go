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
		"VT alone":      {"\r\x0b\x1c0", []string{"0"}},
		"mark alone":    {"\xef\xbb\xbf \r\n\x0b\r" + a, []string{a}},
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

func TestCheckBatch(t *testing.T) {
	const m = "MSH|^~\\&|A\rPID|1\r"
	for text, want := range map[string][]string{
		"": nil, "nonsense": nil, m: nil, m + m: nil,
		"BHS|^~\\&\r" + m + m + "BTS|2\r": nil,
		"BHS|^~\\&\r" + m + m + "BTS\r":   nil, // BTS-1 is optional
		"BHS|^~\\&\rBTS|0|none\r":         nil,
		"FHS|^~\\&\rBHS|^~\\&\r" + m + "BTS|1\rBHS|^~\\&\r" + m + m + "BTS| 2 |\rFTS|2\r": nil,
		"FHS|^~\\&\r" + m + "FTS|0\r":                                                           nil, // messages without a batch
		"FHS|^~\\&\rBHS|^~\\&\r" + m + m + "BTS|3\rFTS|1\r":                                     {"BTS(1)-1"},
		"FHS|^~\\&\rBHS|^~\\&\r" + m + "BTS|1\rBHS|^~\\&\r" + m + "BTS|2\rFTS|1\r":              {"BTS(2)-1", "FTS(1)-1"},
		"BHS|^~\\&\r" + m + "BTS|many\r":                                                        {"BTS(1)-1"},
		"BHS|^~\\&\r" + m + m:                                                                   {"BHS(1)"},
		"FHS|^~\\&\rBHS|^~\\&\r" + m:                                                            {"BHS(1)", "FHS(1)"},
		"FHS|^~\\&\rBHS|^~\\&\r" + m + "BHS|^~\\&\r" + m + "BTS|1\rFTS|2":                       {"BHS(1)"},
		m + "BTS|1\rFTS|1":                                                                      {"BTS", "FTS"},
		"FHS|^~\\&\rBHS|^~\\&\rBTS|0\rFTS|1\rFHS|^~\\&\rBHS|^~\\&\r" + m + "BTS|1\rFTS|7\r":     {"FTS(2)-1"},
		"\x0bFHS*^~\\&\rBHS*^~\\&\r" + strings.ReplaceAll(m, "|", "*") + "BTS*2*x\rFTS*1\r\x1c": {"BTS(1)-1"},
	} {
		var at []string
		for _, w := range hl7.CheckBatch([]byte(text)) {
			at = append(at, w.At)
		}
		if !slices.Equal(at, want) {
			t.Errorf("%q: %v, want %v", text, at, want)
		}
	}
}
