package hl7_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

func parse(t *testing.T, s string) *hl7.Message {
	t.Helper()
	m, err := hl7.Parse([]byte(s))
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return m
}

func names(m *hl7.Message) string {
	var all []string
	for s := range m.Segments() {
		all = append(all, s.Name())
	}
	return strings.Join(all, " ")
}

// TestSegmentEnds: HL7 v2.9 2.4 ends segments with CR; senders use LF and CRLF,
// leave out the last one, and put blank lines and blanks around.
func TestSegmentEnds(t *testing.T) {
	for name, text := range map[string]string{
		"CR":            "MSH|^~\\&|A\rPID|1||7\rPV1|1\r",
		"LF":            "MSH|^~\\&|A\nPID|1||7\nPV1|1\n",
		"CRLF":          "MSH|^~\\&|A\r\nPID|1||7\r\nPV1|1\r\n",
		"mixed":         "MSH|^~\\&|A\rPID|1||7\nPV1|1\r\n",
		"LF CR":         "MSH|^~\\&|A\n\rPID|1||7\n\rPV1|1\n\r",
		"no last":       "MSH|^~\\&|A\rPID|1||7\rPV1|1",
		"blank lines":   "\r\n MSH|^~\\&|A\r\r\rPID|1||7\r  \r\t\rPV1|1\r\r\r",
		"mark":          "\xef\xbb\xbfMSH|^~\\&|A\rPID|1||7\rPV1|1\r",
		"mark, blanks":  "\xef\xbb\xbf \t\nMSH|^~\\&|A\rPID|1||7\rPV1|1\r",
		"leading space": "   MSH|^~\\&|A\rPID|1||7\rPV1|1\r",
	} {
		m := parse(t, text)
		if names(m) != "MSH PID PV1" || m.Len() != 3 || m.Get("PID-3") != "7" || m.Get("MSH-3") != "A" {
			t.Errorf("%s: segments %s, PID-3 %q", name, names(m), m.Get("PID-3"))
		}
		if string(m.Bytes()) != text {
			t.Errorf("%s: the bytes changed", name)
		}
		if w := m.Warnings(); len(w) != 0 {
			t.Errorf("%s: warnings %v", name, w)
		}
	}
}

func TestRefused(t *testing.T) {
	for text, at := range map[string]string{
		"": "byte 0", "M": "byte 0", "MS": "byte 0", "\r": "byte 1", " ": "byte 1", "nonsense": "byte 0", "PID|1\rMSH|^~\\&|": "byte 0", "msh|^~\\&|": "byte 0",
		"\x19MSH|^~\\&|": "byte 0", "\x00MSH|^~\\&|": "byte 0",
		"MSH": "MSH-1", "MSH\r": "MSH-1", "MSHA^~\\&": "MSH-1", "MSH ^~\\&": "MSH-1", "MSH\x1f^~\\&": "MSH-1", "MSH\xe9^~": "MSH-1",
		"MSH|": "MSH-2", "MSH|\r": "MSH-2", "MSH||A|B": "MSH-2",
		"MSH|^^^^|": "MSH-2", "MSH|^~\\\\|": "MSH-2", "MSH|^~\\ |": "MSH-2", "MSH|@#$$|": "MSH-2", "MSH|^~\\&#!|": "MSH-2",
		"MSH|^~\\A|": "MSH-2", "MSH|^~\\\xe9|": "MSH-2", "MSH|^~~~&|": "MSH-2",
		"MSH|^~\\&|A\rPID|1\rMSH|^~\\&|B\r": "MSH(2)", "MSH|^~\\&|A\rMSH*": "MSH(2)",
	} {
		m, err := hl7.Parse([]byte(text))
		var syntax *hl7.SyntaxError
		if m != nil || !errors.As(err, &syntax) || syntax.At != at || syntax.Problem == "" {
			t.Errorf("%q: %v, want an error at %q", text, err, at)
		}
	}
}

// TestErrorsKeepSecrets: what is refused must not be quoted.
func TestErrorsKeepSecrets(t *testing.T) {
	for _, text := range []string{"SECRET", "MSHSECRET", "MSH|SECRET|", "MSH|^~\\&|A\rPID|SECRET\rMSH|^~\\&|SECRET"} {
		if _, err := hl7.Parse([]byte(text)); err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestDelimiters(t *testing.T) {
	for _, c := range []struct {
		text string
		want hl7.Delimiters
	}{
		{"MSH|^~\\&|", hl7.Standard},
		{"MSH|^~\\&", hl7.Standard},
		{"MSH|^~\\&#|", hl7.Delimiters{'|', '^', '~', '\\', '&', '#'}},
		{"MSH|^~\\\\&|", hl7.Standard}, // the escape character doubled by its sender
		{"MSH^~|\\&^", hl7.Delimiters{'^', '~', '|', '\\', '&', 0}},
		{"MSH*:+?!*", hl7.Delimiters{'*', ':', '+', '?', '!', 0}},
		{"MSH|^|", hl7.Delimiters{Field: '|', Component: '^'}},
		{"MSH|^~|", hl7.Delimiters{Field: '|', Component: '^', Repetition: '~'}},
		{"MSH|^~\\|", hl7.Delimiters{Field: '|', Component: '^', Repetition: '~', Escape: '\\'}},
	} {
		if got := parse(t, c.text).Delimiters(); got != c.want {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
	}
	if w := parse(t, "MSH|^~\\\\&|").Warnings(); len(w) != 1 || w[0].At != "MSH-2" {
		t.Errorf("a doubled escape character gives %v", w)
	}
}

func TestOwnDelimiters(t *testing.T) {
	m := parse(t, "MSH^~|\\&^HDRVTLS^552~DAYT^HDR^200HD^20061006151615-0800^^ORU~R01^55253408603^T^2.4\rPID^1^^7~~~A&1.2|8")
	for path, want := range map[string]string{
		"MSH-1": "^", "MSH-2": "~|\\&", "MSH-3": "HDRVTLS", "MSH-4.2": "DAYT", "MSH-9.1": "ORU", "MSH-9.2": "R01",
		"MSH-12": "2.4", "PID-3.4.2": "1.2", "PID-3[2]": "8",
	} {
		if got := m.Get(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}

// TestMissingDelimiters: what MSH-2 does not name separates and escapes nothing.
func TestMissingDelimiters(t *testing.T) {
	m := parse(t, "MSH|^|A\rOBX|1|TX|x&y~z\\T\\^w")
	v := m.At(hl7.Path{Segment: "OBX", Field: 3})
	if v.Reps() != 1 || v.Components() != 2 || v.Subs() != 1 || v.String() != "x&y~z\\T\\" || v.Rep(2).Raw() != nil {
		t.Errorf("%d repetitions, %d components, %d subcomponents, %q", v.Reps(), v.Components(), v.Subs(), v)
	}
}

// TestLinesThatAreNoSegments belong to the segment before them: a line break was
// inside a field.
func TestLinesThatAreNoSegments(t *testing.T) {
	m := parse(t, "MSH|^~\\&|A\rOBX|8|ST|1||Test\r\r\rString||\rNTE|1||a\r\nlonger: text\r\nPV1\rOBX|9\rpid|1\r")
	if names(m) != "MSH OBX NTE PV1 OBX" {
		t.Fatal(names(m))
	}
	if got := m.Get("OBX-5"); got != "Test\r\r\rString" {
		t.Errorf("OBX-5 is %q", got)
	}
	if got := m.Get("NTE-3"); got != "a\r\nlonger: text" {
		t.Errorf("NTE-3 is %q", got)
	}
	var at []string
	for _, w := range m.Warnings() {
		at = append(at, w.At)
	}
	if want := []string{"OBX(1)", "NTE(1)", "OBX(2)"}; !slices.Equal(at, want) {
		t.Errorf("warnings at %v, want %v", at, want)
	}
	if pv1, ok := m.First("PV1"); !ok || pv1.Len() != 0 || string(pv1.Raw()) != "PV1" {
		t.Error("a segment may have no field at all")
	}
}

func TestSegments(t *testing.T) {
	m := parse(t, "MSH|^~\\&|A\rOBX|1\rZ01|x\rOBX|2\rOBX")
	var all []int
	for s := range m.All("OBX") {
		all = append(all, s.Index())
	}
	if !slices.Equal(all, []int{1, 3, 4}) {
		t.Errorf("OBX stand at %v", all)
	}
	for range m.All("OBX") {
		break // a caller may stop
	}
	for range m.Segments() {
		break
	}
	if s := m.Segment(2); s.Name() != "Z01" || s.Index() != 2 || string(s.Raw()) != "Z01|x" {
		t.Errorf("segment 2 is %q", s.Raw())
	}
	for _, i := range []int{-1, 5} {
		if s := m.Segment(i); s.Name() != "" || s.Raw() != nil || s.Len() != 0 || s.Field(1).Raw() != nil {
			t.Errorf("there is a segment %d", i)
		}
	}
	if _, ok := m.First("PID"); ok {
		t.Error("there is a PID")
	}
}

func TestFields(t *testing.T) {
	m := parse(t, "MSH|^~\\&|A|\rBHS|^~\\&|B\rZZZ|1||3|\rPV1|")
	msh := m.Segment(0)
	if msh.Len() != 4 || string(msh.Field(1).Raw()) != "|" || string(msh.Field(2).Raw()) != "^~\\&" ||
		msh.Field(3).String() != "A" || msh.Field(4).Raw() == nil || msh.Field(5).Raw() != nil {
		t.Errorf("MSH has %d fields, 3 is %q", msh.Len(), msh.Field(3))
	}
	if v := msh.Field(2); v.Empty() || !v.Valued() || v.Reps() != 1 || v.Components() != 1 || v.Subs() != 1 ||
		v.Rep(1).Component(1).Sub(1).String() != "^~\\&" {
		t.Error("MSH-2 is one text")
	}
	if got := m.Get("BHS-3"); got != "B" {
		t.Errorf("BHS-3 is %q", got)
	}
	zzz := m.Segment(2)
	if zzz.Len() != 4 || zzz.Field(0).Raw() != nil || zzz.Field(-1).Raw() != nil {
		t.Errorf("ZZZ has %d fields", zzz.Len())
	}
	for n, want := range []string{1: "1", 2: "", 3: "3", 4: "", 5: ""} {
		if v := zzz.Field(n); v.String() != want || v.Empty() != (want == "") {
			t.Errorf("ZZZ-%d is %q", n, v)
		}
	}
}

// TestBytesAreKept: Parse does not copy, and parts cannot write over their neighbours.
func TestBytesAreKept(t *testing.T) {
	b := []byte(admission)
	m, err := hl7.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if &m.Bytes()[0] != &b[0] {
		t.Error("the message was copied")
	}
	pid, _ := m.First("PID")
	_ = append(pid.Raw(), "X"...)
	_ = append(pid.Field(3).Raw(), "X"...)
	if !bytes.Equal(b, []byte(admission)) {
		t.Error("appending to a part changed the message")
	}
}

func TestLongMessage(t *testing.T) {
	document := strings.Repeat("QUJD", 1<<19) // 2 MiB, over the limit for sharing one string
	m := parse(t, "MSH|^~\\&|A\rOBX|1|ED|x^y||^^^Base64^"+document+"\rNTE|1||end")
	if m.Get("OBX-5.5") != document || m.Get("NTE-3") != "end" || m.Segment(1).Name() != "OBX" {
		t.Error("a long message is not read right")
	}
}
