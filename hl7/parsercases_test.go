package hl7_test

import (
	"encoding/json"
	"maps"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

// elsewhere names who answers for those of the forty parser cases that are not about
// this package.
var elsewhere = map[int]string{
	1: "mllp", 2: "mllp", 3: "mllp", 4: "mllp", 5: "mllp", 6: "mllp",
	18: "hl7/grammar", 37: "hl7/validate",
}

const someHeader = "MSH|^~\\&|A|F|B|G|20250101||ZZZ^ZZZ|1|P|2.4\r"

// bodyCases are those about what stands behind the header.
var bodyCases = map[int]func(t *testing.T){
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
	22: func(t *testing.T) {
		const one = "MSH|^~\\&|A||||||ADT^A45|1|P|2.4\nPID|1\n"
		r := hl7.NewReader(strings.NewReader("# This is a comment\n" + one + "# This is a comment\n\n# another\n" + one + "\n# This is a comment"))
		r.Comments = true
		n := 0
		for m, err := range r.Messages() {
			if n++; err != nil || m.Len() != 2 || strings.Contains(string(m.Bytes()), "#") {
				t.Errorf("%v: %q", err, m.Bytes())
			}
		}
		if n != 2 {
			t.Errorf("%d messages", n)
		}
	},
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
	33: func(t *testing.T) {
		v := parse(t, someHeader+"OBX|1|TX|20725||This~Is~A~Report~~~~~").Segment(1).Field(5)
		got := ""
		for _, rep := range v.EachRep() {
			got += rep.String() + "/"
		}
		if v.Reps() != 9 || got != "This/Is/A/Report//////" {
			t.Errorf("%d repetitions: %s", v.Reps(), got)
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

// TestParserCases runs the forty cases that were gathered from the tests of other
// parsers (parser_cases.json), each by its number:
//
//	 1 to 6   framing                     mllp: TestDeviations, TestBrokenStream, time_test.go
//	 7 to 13  character sets              here, headerCases
//	14 to 17  delimiters                  here, headerCases
//	18        structure of an event       hl7/grammar: TestStructureOf
//	19, 20    versions, unknown types     here; what a version is, hl7/grammar: TestFor
//	21 to 23  ends of segments            here
//	24 to 31  escape sequences            here, headerCases; what is said of bad ones, hl7/validate
//	32, 33    parts and repetitions       here
//	34 to 36  segments that are strange   here; the groups they are in, hl7/structure: TestMatch
//	37        OBX-2 and OBX-5             hl7/validate: TestParserCases
//	38 to 40  size, hostile files, batch  here
func TestParserCases(t *testing.T) {
	parserCases := maps.Clone(headerCases)
	maps.Copy(parserCases, bodyCases)
	for id := 1; id <= 40; id++ {
		run, here := parserCases[id]
		switch {
		case here && elsewhere[id] == "":
			t.Run(strconv.Itoa(id), run)
		case here || elsewhere[id] == "":
			t.Errorf("nobody answers for case %d, or two do", id)
		}
	}
	b, err := os.ReadFile(corpus + "/parser-cases/parser_cases.json")
	if err != nil {
		t.Skip("SKIPPED: the list of cases is not here: ", err)
	}
	var all []struct{ ID int }
	if err := json.Unmarshal(b, &all); err != nil || len(all) != 40 || all[39].ID != 40 {
		t.Fatalf("%d cases, %v", len(all), err)
	}
}
