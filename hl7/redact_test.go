package hl7_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/hl7"
)

const personal = "MSH|^~\\&|LABAPP|GENHOSP|EHR|GENHOSP|20260301120000+0100||ORU^R01^ORU_R01|CTL4711|P|2.5||||||8859/1\r" +
	"PID|1||4711^7^M11^GENHOSP&1.2.3&ISO^MR~AB-0815^^^INS^NI||SMITH^Anna-Maria^Q^^Dr^^L||19850315|F|Smith|2106-3^White^HL70005|1 High Street^Flat 2^Springfield^IL^62701^USA^H||(555)123-4567^PRN^PH^anna@example.org||ENG|M|||123-45-6789|||Springfield|Springfield^extra||\"\"||\r" +
	"NK1|1|Smith^John|SPO^Spouse^HL70063|1 High Street\r" +
	"OBR|1|ORD1^EHR|F9|718-7^Hemoglobin^LN|||202602281030|||||||||1234^House^Greg^^^Dr\r" +
	"OBX|1|NM|718-7^Hemoglobin^LN||13.5|g/dL^gram per deciliter^UCUM|12.0-16.0|N|||F|||20260228103000\r" +
	"OBX|2|FT|8251-1^Comment^LN||Patient Anna Smith, tel 555 123\\.br\\called \\T\\ came.||||||F\r" +
	"OBX|3|CE|1^^L||G^Grape juice||||||F\r" +
	"OBX|4|ED|PDF^Report^L||APP^application^pdf^Base64^SmVhbiBTbWl0aA==||||||F\r" +
	"OBX|5|DT|x||1999\r" +
	"OBX|6|keep|x||Anna Smith\r" +
	"OBX|7|SN|x||>^100^-^200 per Smith\r" +
	"NTE|1||Smith was here\r" +
	"ZPI|1|SMITH|4711\r" +
	"XYZ|Smith\r" +
	"PV1|1|I|WARD7^12^3^GENHOSP||||||||||||||||VISIT99\r"

func redactor() *hl7.Redactor { return hl7.NewRedactor([]byte("a key for tests only")) }

func redact(t *testing.T, r *hl7.Redactor, text string) (*hl7.Message, []hl7.Redaction) {
	t.Helper()
	m, done, err := r.Redact(parse(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return m, done
}

// TestRedactHides: nothing that was planted comes out again.
func TestRedactHides(t *testing.T) {
	m, _ := redact(t, redactor(), personal)
	out := strings.ToLower(string(m.Bytes()))
	for _, secret := range []string{"smith", "anna", "maria", "john", "house", "greg", "high", "street", "springfield", "62701", "4711", "0815", "123-4567", "example",
		"123-45-6789", "19850315", "20260228", "20260301", "grape", "smvh", "genhosp", "labapp", "called", "ord1", "visit99", "ward7", "per smith"} {
		if strings.Contains(out, secret) {
			t.Errorf("%s is still there:\n%s", secret, strings.ReplaceAll(out, "\r", "\n"))
		}
	}
}

// TestRedactKeeps: what a bug report needs.
func TestRedactKeeps(t *testing.T) {
	m, done := redact(t, redactor(), personal)
	for path, want := range map[string]string{
		"MSH-2": "^~\\&", "MSH-9.1": "ORU", "MSH-9.3": "ORU_R01", "MSH-11": "P", "MSH-12": "2.5", "MSH-18": "8859/1",
		"PID-1": "1", "PID-3.3": "M11", "PID-3.4.3": "ISO", "PID-3.5": "MR", "PID-3[2].5": "NI", "PID-5.5": "Dr", "PID-5.7": "L", "PID-8": "F",
		"PID-10": "2106-3", "PID-10.2": "White", "PID-11.6": "USA", "PID-11.7": "H", "PID-13.2": "PRN", "PID-13.3": "PH", "PID-15": "ENG",
		"NK1-3.2": "Spouse", "OBR-4": "718-7", "OBR-4.2": "Hemoglobin", "OBX-2": "NM", "OBX-5": "13.5", "OBX-6": "g/dL", "OBX-6.2": "gram per deciliter",
		"OBX-7": "12.0-16.0", "OBX-8": "N", "OBX-11": "F", "OBX(3)-5": "G", "OBX(4)-5.4": "Base64", "OBX(7)-5": ">", "OBX(7)-5.2": "100", "PV1-2": "I",
	} {
		if got := m.Get(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	for path, shape := range map[string]string{
		"MSH-10": `^[A-Z]{3}\d{4}$`, "PID-3.1": `^\d{4}$`, "PID-3[2].1": `^[A-Z]{2}-\d{4}$`, "PID-5.1": `^[A-Z]{5}$`, "PID-5.2": `^[A-Z][a-z]{3}-[A-Z][a-z]{4}$`,
		"PID-13.1": `^\(\d{3}\)\d{3}-\d{4}$`, "PID-13.4": `^[a-z]{4}@[a-z]{7}\.[a-z]{3}$`, "PID-19": `^\d{3}-\d{2}-\d{4}$`, "PID-11.5": `^\d{5}$`,
		"PID-11.1": `^0 Xxxx Xxxxxx$`, "PID-7": `^198[45]\d{4}$`, "MSH-7": `^202[56]\d{4}120000\+0100$`, "OBX(5)-5": `^199[89]$`, "NTE-3": `^Xxxxx xxx xxxx$`,
		"OBX(2)-5": `^Xxxxxxx Xxxx Xxxxx, xxx 000 000\nxxxxxx & xxxx\.$`, "OBX(4)-5.5": `^A{14}==$`, "ZPI-2": `^XXXXX$`, "ZPI-3": `^0000$`, "OBX(6)-5": `^Xxxx Xxxxx$`,
		"OBX(3)-5.2": `^Xxxxx xxxxx$`, "OBX(7)-5.4": `^000 xxx Xxxxx$`, "XYZ-1": `^Xxxxx$`,
	} {
		if got := m.Get(path); !regexp.MustCompile(shape).MatchString(got) {
			t.Errorf("%s is %q, which has not the shape %s", path, got, shape)
		}
	}
	if !m.At(hl7.Path{Segment: "PID", Field: 25}).Null() {
		t.Error("the null is gone")
	}
	counts := map[string]int{}
	for _, d := range done {
		counts[d.Action.String()]++
	}
	if counts["kept"] < 50 || counts["faked"] < 20 || counts["shifted"] != 5 || counts["masked"] < 15 || counts["none"] > 0 {
		t.Error(counts)
	}
	if got, want := shape(m), shape(parse(t, personal)); got != want {
		t.Errorf("the structure is\n%s, was\n%s", got, want)
	}
}

// shape is where in a message something stands.
func shape(m *hl7.Message) string {
	var out strings.Builder
	for s := range m.Segments() {
		fmt.Fprintln(&out, s.Name(), s.Len())
		for p, v := range s.Leaves() {
			fmt.Fprintln(&out, p, v.Null())
		}
	}
	return out.String()
}

// TestRedactIsConsistent: one person stays one person, in all fields and messages, and
// the time between dates stays.
func TestRedactIsConsistent(t *testing.T) {
	r := redactor()
	m, _ := redact(t, r, personal)
	other, _ := redact(t, redactor(), "MSH|^~\\&|LABAPP|GENHOSP|||20260311||ADT^A40|X|P|2.5\rPID|||4711^^^OTHER||Smith^Anna-Maria\rMRG|4711\rMSA|AA|CTL4711\r"+
		"PID|||AB-0815\rPV1||I"+strings.Repeat("|", 42)+"20260311\r")
	for a, b := range map[string]string{"PID-3.1": "PID-3.1", "MSH-10": "MSA-2", "MSH-3": "MSH-3"} {
		if m.Get(a) != other.Get(b) {
			t.Errorf("%s is %s, and %s of another message %s", a, m.Get(a), b, other.Get(b))
		}
	}
	if other.Get("MRG-1") != m.Get("PID-3.1") || other.Get("PID(2)-3") != m.Get("PID-3[2].1") || m.Get("NK1-2.1") != other.Get("PID-5.1") ||
		!strings.EqualFold(m.Get("PID-5.1"), other.Get("PID-5.1")) || m.Get("PID-5.2") != other.Get("PID-5.2") {
		t.Errorf("persons are no longer the same:\n%q\n%q", m.Bytes(), other.Bytes())
	}
	day := func(m *hl7.Message, path string) time.Time {
		p, err := hl7.ParseTime(m.Get(path)[:8])
		if err != nil {
			t.Fatal(err)
		}
		return p.Start(nil)
	}
	if got := day(other, "MSH-7").Sub(day(m, "MSH-7")); got != 10*24*time.Hour {
		t.Errorf("ten days have become %v", got)
	}
	if day(other, "MSH-7").Equal(day(other, "PV1-44")) {
		t.Error("two patients are moved by as many days")
	}
	again, _ := redact(t, r, personal)
	if string(again.Bytes()) != string(m.Bytes()) {
		t.Error("the second time it is another")
	}
	stranger, _ := redact(t, hl7.NewRedactor(nil), personal)
	if stranger.Get("PID-3.1") == m.Get("PID-3.1") && stranger.Get("PID-5.2") == m.Get("PID-5.2") {
		t.Error("the key makes no difference")
	}
}

// TestRedactLists: what is allowed stays, what is forbidden is masked, and a grammar may
// tell types.
func TestRedactLists(t *testing.T) {
	path := func(s string) hl7.Path {
		p, err := hl7.ParsePath(s)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	r := redactor()
	r.Keep = []hl7.Path{path("ZPI-2"), path("PID-3.4"), path("NTE"), path("OBX(2)-5")}
	r.Mask = []hl7.Path{path("PID-8"), path("OBX(1)"), path("NTE-1")}
	r.Types = func(version, segment string, field int) string {
		if version == "2.5" && segment == "XYZ" {
			return "XPN"
		}
		return "keep" // no type, and so no way to keep a value
	}
	m, _ := redact(t, r, personal)
	for at, want := range map[string]string{
		"ZPI-2": "SMITH", "ZPI-3": "0000", "PID-3.4": "GENHOSP", "PID-3.4.2": "1.2.3", "PID-3[2].4": "INS", "NTE-3": "Smith was here", "NTE-1": "0",
		"OBX(2)-5": "Patient Anna Smith, tel 555 123\ncalled & came.", "PID-8": "X", "OBX-5": "00.0", "OBX(2)-3": "8251-1",
	} {
		if got := m.Get(at); got != want {
			t.Errorf("%s is %q, want %q", at, got, want)
		}
	}
	if m.Get("XYZ-1") == "Xxxxx" || !strings.EqualFold(m.Get("XYZ-1"), m.Get("PID-5.1")) {
		t.Error("XYZ-1 is not treated as a name")
	}
}

// TestRedactKeepsApart: identifiers of one shape that differ get fakes that differ.
func TestRedactKeepsApart(t *testing.T) {
	r := redactor()
	long := strings.Repeat("9", 64)
	seen := map[string]string{}
	for i := range 1000 {
		for _, id := range []string{fmt.Sprintf("%03d", i), fmt.Sprintf("%s%03d", long, i), fmt.Sprintf("A%03d", i)} {
			m, _ := redact(t, r, "MSH|^~\\&|\rPID|||"+id)
			fake := m.Get("PID-3")
			if other, twice := seen[fake]; twice || len(fake) != len(id) {
				t.Fatalf("%s and %s are both %s", id, other, fake)
			}
			seen[fake] = id
		}
	}
}

// TestRedactTorn: text that a line break left without a field is masked as well, and no
// line becomes a segment.
func TestRedactTorn(t *testing.T) {
	m, _ := redact(t, redactor(), "MSH|^~\\&|\rPID\rSecret text\rÄBC|4711\rÖ1Z\rZZ1|a\\X2222\\b|\\H\\|\\Z12 secret\\|\\Zsecret\\\r\\lone\\ \\.br\\")
	if got := string(m.Bytes()); got != "MSH|^~\\&|\rPID\rXxxxxx xxxx\rxXX|0000\rx0X\rZZ1|xxxxxxxxx|\\H\\|\\X00 xxxxxx\\|xxxxxxxxx\r\\xxxx\\ \\.br\\" {
		t.Errorf("%q", got)
	}
}

func TestRedactBatch(t *testing.T) {
	r := hl7.NewReader(strings.NewReader("BHS|^~\\&|APP|HOSP|||20260101||Smith|Smith|B77\rMSH|^~\\&|A\rBTS|1|Smith\r"))
	var got []string
	for {
		item, err := r.Next()
		if err != nil {
			break
		}
		line, done := redactor().RedactBatch(item)
		if (line == nil) != (item.Kind == hl7.ItemMessage) || (len(done) == 0) != (line == nil) {
			t.Errorf("%q gives %q", item.Raw, line)
		}
		got = append(got, string(line))
	}
	want := regexp.MustCompile(`^BHS\|\^~\\&\|[A-Z]{3}\|[A-Z]{4}\|\|\|2025\d{4}\|\|Xxxxx\|Xxxxx\|[A-Z]\d\d,,BTS\|1\|Xxxxx$`)
	if !want.MatchString(strings.Join(got, ",")) {
		t.Errorf("%q", got)
	}
}
