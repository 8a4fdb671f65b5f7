package hl7_test

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

// elsewhere names who answers for those of the forty parser cases that are not
// about this package, or that other tests of it hold already.
var elsewhere = map[int]string{
	1: "mllp", 2: "mllp", 3: "mllp", 4: "mllp", 5: "mllp", 6: "mllp",
	7: "TestDecode, TestWide, TestEncode", 8: "TestDecode", 9: "TestDecode", 10: "TestDecode", 11: "TestWide", 12: "TestDecode", 13: "TestDecode",
	14: "TestRefused", 15: "TestOwnDelimiters", 16: "TestRefused",
	18: "hl7/grammar TestStructureOf", 19: "hl7/grammar TestFor",
	24: "TestUnescape, TestEscape", 25: "TestUnescape", 26: "TestUnescape", 27: "TestUnescape", 29: "TestEscape", 31: "TestUnescape",
	33: "TestCounts", 37: "validation",
}

const someHeader = "MSH|^~\\&|A|F|B|G|20250101||ZZZ^ZZZ|1|P|2.4\r"

// parserCases are the others, by number.
var parserCases = map[int]func(t *testing.T){
	17: func(t *testing.T) {
		const text = "MSH|^~\\&#|Send App|Send Fac|Rec App|Rec Fac|20070504141816||ORM^O01||P|2.7\rNTE|1||# 1"
		m := parse(t, text)
		if string(m.Bytes()) != text || m.Get("NTE-3") != "# 1" || hl7.Escape("# 1", hl7.Standard) != "# 1" {
			t.Error("the truncation character is not read right")
		}
	},
	20: func(t *testing.T) {
		for _, version := range []string{"2.1", "2.5.1", "2.8.1"} {
			m := parse(t, "MSH|^~\\&|A|F|B|G|20250101||ZZZ^ZZZ|1|P|"+version+"\rOBX|1|ST")
			if m.Get("MSH-5") != "B" || m.Get("OBX-2") != "ST" || m.Header().Type != "ZZZ" {
				t.Error("a message of unknown type is not read")
			}
		}
	},
	21: func(t *testing.T) {
		one := "MSH|^~\\&|A||||||ADT^A45|1|P|2.4\rPID|1\rMRG|7\r"
		lf, crlf := strings.ReplaceAll(one, "\r", "\n"), strings.ReplaceAll(one, "\r", "\r\n")
		for _, text := range []string{
			one + one + one, lf + lf + lf, crlf + crlf + crlf, one + "\r\r" + one + "\r\r" + one,
			"  " + one + " " + one + "\t" + one + " ", "\x0b" + one + "\x1c\r\x0b" + one + "\x1c\r\x0b" + one + "\x1c\r",
		} {
			pieces := hl7.Split([]byte(text))
			if len(pieces) != 3 {
				t.Errorf("%q gives %d messages", text, len(pieces))
			}
			for _, piece := range pieces {
				var segments []string
				for s := range parse(t, string(piece)).Segments() {
					segments = append(segments, string(s.Raw()))
				}
				if got := strings.Join(segments, "\r") + "\r"; got != one {
					t.Errorf("%q, want %q", got, one)
				}
			}
		}
	},
	22: func(t *testing.T) { t.Skip("SKIPPED: lines of comment between messages are not recognised") },
	23: func(t *testing.T) {
		m := parse(t, "MSH|^~\\&|A\rOBX|8|ST|1||SECRET\r\r\rSECRET||")
		for _, w := range m.Warnings() {
			if strings.Contains(w.Problem+w.At, "SECRET") {
				t.Error(w)
			}
		}
		if m.Get("OBX-5") != "SECRET\r\r\rSECRET" {
			t.Error("the text is torn")
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
	32: func(t *testing.T) {
		m := parse(t, someHeader+"PID|||||x&y^z|\rPID|4&y^x&z")
		for path, want := range map[string]string{
			"PID-5.1.1": "x", "PID-5.1.2": "y", "PID-5.2": "z", "PID(2)-1": "4", "PID(2)-1.1.2": "y", "PID(2)-1.2.2": "z",
		} {
			if got := m.Get(path); got != want {
				t.Errorf("%s is %q, want %q", path, got, want)
			}
		}
	},
	34: func(t *testing.T) { // the groups are for the structure matcher
		m := parse(t, someHeader+"ORC|ORC1\rOBX|1\rNTE|||NTE1|\rZNT|ZNT1\rORC|ORC2")
		if names(m) != "MSH ORC OBX NTE ZNT ORC" || m.Get("ZNT-1") != "ZNT1" || m.Get("ORC(2)-1") != "ORC2" {
			t.Error(names(m))
		}
	},
	35: func(t *testing.T) {
		m := parse(t, someHeader+"EVN|O01\rPID|1||7\rPV1|1|I\rORC|NW\rOBR|1")
		if m.Get("PID-3") != "7" || m.Get("PV1-2") != "I" {
			t.Error("PID or PV1 is not found")
		}
	},
	36: func(t *testing.T) {
		m := parse(t, "MSH|^~\\&|A||||||ADT^A45|1|P|2.4\rEVN|A45\rPID|1||7010226^^^H\rPV1|1|I")
		if m.Get("PID-3.1") != "7010226" || m.Get("PV1-2") != "I" || m.Get("MRG-1") != "" {
			t.Error("a message that lacks a segment is not read")
		}
	},
	38: func(t *testing.T) {
		document := strings.Repeat("QUJDREVG", 5<<17) // 5 MiB
		m := parse(t, someHeader+"OBX|1|ED|x||^^^Base64^"+document+"\rOBX|2|FT|y||see http://host/?a=1&b=2 now\rPV1")
		if m.Get("OBX-5.5") != document || m.Segment(3).Name() != "PV1" {
			t.Error("the document or PV1 is lost")
		}
		if got := m.Segment(2).Field(5).Text(); got != "see http://host/?a=1&b=2 now" {
			t.Error(got)
		}
	},
	39: func(t *testing.T) {
		for file, raw := range corpusFiles(t, "badinputs") {
			text, _, err := hl7.Decode(raw, "windows-1252")
			if err != nil {
				t.Errorf("%s: %v", file, err)
			}
			outline(text)
		}
	},
	40: func(t *testing.T) {
		const one = "MSH|^~\\&|A\rPID|1\r"
		for text, want := range map[string]int{
			"FHS|^~\\&\rBHS|^~\\&\r" + one + one + "BTS|3\rFTS|1\r":            2,
			"BHS|^~\\&\r" + one + "MSH|^~\r" + one + "BTS|3\r":                 3, // the siblings of a broken message
			"BHS|^~\\&\r" + one + one:                                          2, // no trailer
			"FHS|^~\\&\rBHS|^~\\&\rPID|stray\r" + one + one + "BTS|2\rFTS|1\r": 3, // the stray segment is a piece
		} {
			if got := len(hl7.Split([]byte(text))); got != want {
				t.Errorf("%q gives %d pieces, want %d", text, got, want)
			}
		}
	},
}

// TestParserCases runs the cases that were gathered from the tests of other parsers.
func TestParserCases(t *testing.T) {
	for id, run := range parserCases {
		t.Run(strconv.Itoa(id), run)
	}
	b, err := os.ReadFile(corpus + "/parser-cases/parser_cases.json")
	if err != nil {
		t.Skip("SKIPPED: the list of cases is not here: ", err)
	}
	var all []struct {
		ID   int
		Area string
	}
	if err := json.Unmarshal(b, &all); err != nil || len(all) != 40 {
		t.Fatalf("%d cases, %v", len(all), err)
	}
	for _, c := range all {
		if _, here := parserCases[c.ID]; !here && elsewhere[c.ID] == "" {
			t.Errorf("nobody answers for case %d of %s", c.ID, c.Area)
		}
	}
}
