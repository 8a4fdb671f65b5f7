package validate_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/grammar"
	"github.com/ponshealth/pons/hl7/validate"
)

// good is an admission in which nothing is wrong; cases replace a segment of it
// or add some.
const good = "MSH|^~\\&|A|F|B|G|20260102||ADT^A01^ADT_A01|1|P|2.5.1\rEVN||20260102\rPID|1||7^^^H^MR||Doe^Jane\rPV1|1|I\r"

// with puts segments into good: in place of the first one with that name, or at
// its end.
func with(segments ...string) string {
	lines := strings.SplitAfter(good, "\r")
next:
	for _, s := range segments {
		for i, line := range lines {
			if strings.HasPrefix(line, s[:3]) {
				lines[i] = s + "\r"
				continue next
			}
		}
		lines = append(lines, s+"\r")
	}
	return strings.Join(lines, "")
}

// order is a report with the observations of a case.
func order(version string, segments ...string) string {
	return "MSH|^~\\&|A|F|B|G|20260102||ORU^R01^ORU_R01|1|P|" + version + "\rPID|1||7||Doe^Jane\rOBR|1|||X^Y\r" + strings.Join(segments, "\r")
}

func check(o validate.Options, text string) *validate.Report {
	if o.Charset == "" {
		o.Charset = "windows-1252"
	}
	return validate.New(o).Bytes([]byte(text))
}

// brief writes findings as "E PID-7 102 type".
func brief(r *validate.Report) string {
	var all []string
	for _, f := range r.Findings {
		at := f.At
		if at == "" {
			at = "message"
		}
		all = append(all, fmt.Sprintf("%s %s %d %s", f.Severity, at, f.Code, f.Rule))
	}
	return strings.Join(all, "; ")
}

// cases hold what is wrong and what must be said of it. The clauses are those of
// HL7 v2.9 where no version is named.
var cases = []struct{ name, text, want string }{
	{"nothing", good, ""},

	{"2.14.9.1: no delimiters", "MSH", "E MSH-1 102 syntax"},
	{"2.14.9.2: a delimiter twice", "MSH|^~~&|A", "E MSH-2 102 syntax"},
	{"no message", "hello", "E byte 0 100 syntax"},
	{"bytes beyond ASCII, none declared", with("PID|1||7^^^H^MR||D\xf6e^Jane"), "W MSH-18 101 charset"},
	{"UTF-8, none declared", with("PID|1||7^^^H^MR||Döe^Jane"), "W MSH-18 101 charset"},
	{"declared and true", with("MSH|^~\\&|A|F|B|G|20260102||ADT^A01^ADT_A01|1|P|2.5.1||||||UNICODE UTF-8", "PID|1||7^^^H^MR||Döe^Jane"), ""},
	{"declared and not true", with("MSH|^~\\&|A|F|B|G|20260102||ADT^A01^ADT_A01|1|P|2.5.1||||||UNICODE UTF-8", "PID|1||7^^^H^MR||D\xf6e^Jane"), "W MSH-18 102 charset"},
	{"a line break in a field", with("NK1|1|Doe^Ann", "PV1|1|I") + "and on", "W NK1 100 lines; E NK1 100 segment-order"},
	{"2.7: an escape sequence that there is not", with("PID|1||7^^^H^MR||D\\UNKNOWN\\e^Ja\\F\\ne"), "W PID-5.1 102 escape"},
	{"2.7: all that there are", with("PID|1||7^^^H^MR||\\F\\\\S\\\\T\\\\R\\\\E\\\\P\\\\H\\\\N\\\\X0D0A\\\\Zab\\\\C2842\\\\M264F46\\\\.br\\\\.sp+2\\\\.in-3\\\\.ce\\"), ""},
	{"2.7: a lone escape character", with("PID|1||7^^^H^MR||Doe^Ja\\ne"), "W PID-5.2 102 escape"},

	{"no event", with("MSH|^~\\&|A|F|B|G|20260102||ADT^A99|1|P|2.5.1"), "E MSH-9.2 201 message-type"},
	{"no type", with("MSH|^~\\&|A|F|B|G|20260102||XYZ^A01|1|P|2.5.1"), "E MSH-9.1 200 message-type"},
	{"an event of the site", with("MSH|^~\\&|A|F|B|G|20260102||ADT^Z01|1|P|2.5.1"), "I MSH-9 201 message-type"},
	{"no message type", with("MSH|^~\\&|A|F|B|G|20260102|||1|P|2.5.1"), "E MSH-9 101 required"},
	{"a structure that is an event", with("MSH|^~\\&|A|F|B|G|20260102||ADT^A08^ADT_A08|1|P|2.5.1"), "W MSH-9.3 200 message-type"},
	{"the structure of another event", with("MSH|^~\\&|A|F|B|G|20260102||ADT^A03^ADT_A01|1|P|2.5.1"), "W MSH-9.3 200 message-type"},
	{"a message of a later version", "MSH|^~\\&|A|F|B|G|20260102||VXU^V04|1|P|2.2\rPID|1||7||Doe^Jane\rORC|RE\rRXA|0|1|20260102|20260102|1^x|1", "W MSH-9 201 message-type"},
	{"no version", with("MSH|^~\\&|A|F|B|G|20260102||ADT^A01^ADT_A01|1|P|2.999"), "W MSH-12.1 203 version"},
	{"a segment that is missing", strings.Replace(good, "EVN||20260102\r", "", 1), "E EVN 100 segment-missing"},
	{"a group that is missing", "MSH|^~\\&|A|F|B|G|20260102||ORU^R01^ORU_R01|1|P|2.5.1\r", "E OBR 100 segment-missing"},
	{"out of order", with("NK1|1"), "E NK1 100 segment-order"},
	{"twice", with() + "PV1|2|I\r", "E PV1(2) 198 segment-repeats"},
	{"one after the other", strings.Replace(good, "PV1", "PID|1||8||Doe\rPV1", 1), "E PID(2) 198 segment-repeats"},
	{"2.5.2: a Z segment", with("ZBE|1"), ""},
	{"not part of the message", with("OBR|1|||X"), "W OBR 100 segment-unexpected"},
	{"of a later version", with("PRT||AD||X"), "W PRT 100 segment-unexpected"},
	{"of no version", with("XYZ|1"), "W XYZ 100 segment-unexpected"},

	{"required and missing", with("PID|1||7^^^H^MR", "PV1|1"), "E PID-5 101 required; E PV1-2 101 required"},
	{"2.5.3.4: required and null", with("PID|1||7^^^H^MR||\"\""), ""},
	{"only delimiters", with("PID|1||7^^^H^MR||^^~^"), "E PID-5 101 required"},
	{"too many repetitions", with("PV1|1|I~O"), "E PV1-2[2] 198 repetitions"},
	{"an empty repetition at the end", with("PV1|1|I~"), ""},
	{"a length of a composite, before 2.7", order("2.5.1", "NTE|1") + "\rORC|RE||12345678901234567890^X^Y\rOBR|1|||X^Y", "I ORC-3 104 length"},
	{"a length of a primitive, before 2.7", with("PV1|1|I" + strings.Repeat("|", 34) + "ABCD"), "W PV1-36 104 length"},
	{"a length, from 2.7 on", "MSH|^~\\&|A|F|B|G|20260102||ADT^A01^ADT_A01|1|P|2.7\rEVN||20260102\rPID|12345||7^^^H^MR||Doe^Jane\rPV1|1|I", "E PID-1 104 length"},
	{"a field of a later version", order("2.5.1", "OBX|1|ST|1^x||a||||||F||||||||||||||||||C"), "W OBX-29 199 extra-field"},
	{"a withdrawn field", "MSH|^~\\&|A|F|B|G|20260102||ADT^A01^ADT_A01|1|P|2.9\rEVN|A01|20260102\rPID|1||7^^^H^MR||Doe^Jane\rPV1|1|I", "W EVN-1 199 withdrawn"},

	{"7.4.2.2: OBX-5 without OBX-2", order("2.5.1", "OBX|1||1^x||5||||||F"), "E OBX-2 101 required"},
	{"table 0125: no such type", order("2.5.1", "OBX|1|MED|1^x||5||||||F"), "E OBX-2 103 table"},
	{"table 0125: the type is of another version", order("2.5.1", "OBX|1|CWE|1^x||5^x||||||F"), "W OBX-2 103 table-other-version"},
	{"a component too many", with("PID|1||7^^^H^MR||Doe^Jane^^^^^L^^^^^^^^X"), "W PID-5.15 102 extra-component"},
	{"a primitive with components", with("PID|1^2||7^^^H^MR||Doe"), "W PID-1 102 extra-component"},
	{"a subcomponent", with("PID|1||7^^^H&1.2.3&ISO&x^MR||Doe"), "W PID-3.4.4 102 extra-component"},
	{"a required component, 2.7", "MSH|^~\\&|A|F|B|G|20260102||ADT^A01^ADT_A01|1|P|2.7\rEVN||20260102\rPID|1||7^^^H~8^^^H^MR||Doe^Jane\rPV1|1|I", "E PID-3[1].5 101 required"},
	{"a birth date", with("PID|1||7^^^H^MR||Doe||15.3.1985"), "E PID-7.1 102 type"},
	{"two birth dates", with("PID|1||7^^^H^MR||Doe||19850230"), "E PID-7.1 102 type"},

	{"an HL7 table", with("PID|1||7^^^H^MR||Doe^Jane^^^^^Q"), "E PID-5.7 103 table"},
	{"an HL7 table, one of the site", with("PID|1||7^^^H^MR||Doe||||||^^^^^^ZZ"), "I PID-11.7 103 user-table"},
	{"an HL7 table, a code of a later version", with("PID|1||7^^^H^MR||Doe||||||^^^^^^TM"), "W PID-11.7 103 table-other-version"},
	{"an HL7 table, exceptions allowed", order("2.5.1", "OBX|1|ST|1^x||a||||||F", "SPM|1|||QQQQ^x"), "W SPM-4.1 103 table-with-exception"},
	{"a user table", with("PID|1||7^^^H^MR||Doe|||Q"), "I PID-8 103 user-table"},
	{"a table of patterns", order("2.5.1", "TQ1|1||Q13H"), ""},
	{"several codes on a line", with("PID|1||7^^^H&x&L^MR||Doe"), ""},
}

func TestCases(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := check(validate.Options{}, c.text)
			if got := brief(r); got != c.want {
				t.Errorf("%s\nwant %s\n%v", got, c.want, r.Findings)
			}
		})
	}
}

func TestReport(t *testing.T) {
	r := check(validate.Options{}, with("PID|1||7^^^H^MR||Doe||1985-03|Q", "NK1|1"))
	if r.Type != "ADT^A01" || r.Structure != "ADT_A01" || r.Version != "2.5.1" || r.OK() || r.Count(validate.Error) != 2 || r.Count(validate.Information) != 1 {
		t.Errorf("%+v", r)
	}
	for least, want := range map[validate.Severity]int{validate.Error: 2, validate.Warning: 2, validate.Information: 3} {
		if got := r.AckErrors(least); len(got) != want {
			t.Errorf("from %s on: %v", least, got)
		}
	}
	m, err := hl7.Parse([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	reply, err := hl7.ParseAck(hl7.Ack(m, hl7.AckOptions{Code: "AE", Errors: r.AckErrors(validate.Error)}))
	if err != nil || len(reply.Errors) != 2 || reply.Errors[0].At != "PID(1)-7[1].1" || reply.Errors[0].Code != 102 {
		t.Errorf("the answer has %+v, %v", reply.Errors, err)
	}
	b, err := json.Marshal(r)
	if err != nil || !strings.HasPrefix(string(b), `{"type":"ADT^A01","version":"2.5.1","structure":"ADT_A01","findings":[{"at":"PID-7.1","code":102,"severity":"E","rule":"type","text":"`) {
		t.Errorf("%s, %v", b, err)
	}
	if b, _ := json.Marshal(check(validate.Options{}, good)); !strings.Contains(string(b), `"findings":[]`) {
		t.Errorf("%s: no findings are no list", b)
	}
}

func TestLevels(t *testing.T) {
	text := with("MSH|^~\\\\&|A|F|B|G|20260102||ADT^A01^ADT_A01|1|P|2.5.1", "PID|1||||||1985-03|Q", "NK1|1", "PV1|1|I|||||X^^^^^^^Q")
	seen := 0
	for _, name := range []string{"parse", "structure", "fields", "types", "tables"} {
		level, ok := validate.ParseLevel(name)
		if !ok || level.String() != name {
			t.Fatal(name, level)
		}
		n := len(check(validate.Options{Level: level}, text).Findings)
		if n <= seen {
			t.Errorf("%s finds %d, the level before %d", name, n, seen)
		}
		seen = n
	}
	if all := len(check(validate.Options{}, text).Findings); all != seen {
		t.Errorf("without a level there are %d findings, want %d", all, seen)
	}
	if _, ok := validate.ParseLevel(""); ok {
		t.Error("there is a level without a name")
	}
}

func TestMaxFindings(t *testing.T) {
	text := with() + strings.Repeat("XYZ|1\r", 50)
	if r := check(validate.Options{MaxFindings: 10}, text); len(r.Findings) != 10 || r.More != 40 {
		t.Errorf("%d findings and %d more", len(r.Findings), r.More)
	}
	if r := check(validate.Options{MaxFindings: 10}, text+"PV1|1|I\r"); r.Count(validate.Error) > 0 || r.OK() {
		t.Error("an error beyond the greatest number is forgotten")
	}
	text = with() + strings.Repeat("XYZ|1\r", 5000)
	if r := check(validate.Options{}, text); len(r.Findings) != 1000 || r.More != 4000 || r.OK() {
		t.Errorf("%d findings and %d more", len(r.Findings), r.More)
	}
}

// TestConcurrent: one validator serves many, also while the grammar of a version
// is being made ready.
func TestConcurrent(t *testing.T) {
	v := validate.New(validate.Options{Charset: "windows-1252"})
	text := []byte(strings.Replace(with("PID|1||7^^^H^MR||Doe^Jane^^^^^Q||15.3.1985|Q"), "2.5.1", "2.8.1", 1))
	want := brief(v.Bytes(text))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, version := range grammar.Versions() {
				v.Bytes([]byte(strings.Replace(good, "2.5.1", version, 1)))
			}
			if got := brief(v.Bytes(text)); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
	wg.Wait()
}

// TestGroup: what is wrong with the order says in which group.
func TestGroup(t *testing.T) {
	r := check(validate.Options{}, order("2.5.1", "OBX|1|ST|1^x||a||||||F", "PV1|1|I"))
	if len(r.Findings) != 1 || r.Findings[0].Group != "/PATIENT_RESULT(0)/ORDER_OBSERVATION(0)/OBSERVATION(0)" {
		t.Errorf("%+v", r.Findings)
	}
}
