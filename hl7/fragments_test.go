package hl7_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/hl7"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// head writes the MSH of a fragment.
func fragment(id, pointer, rest string) string {
	return "MSH|^~\\&|A|F|||20260101||ORU^R01|" + id + "|P|2.5||" + pointer + "\r" + rest
}

// TestAssembler: the chain of the standard's example, with other messages between, and a
// segment that is cut within a field and within a name.
func TestAssembler(t *testing.T) {
	var a hl7.Assembler
	for i, step := range []struct{ in, out string }{
		{fragment("1", "", "PID|1\rOBX|1|TX|A||first ha\rADD\rDSC|W4xy|F"), ""},
		{fragment("other", "", "PID|2"), fragment("other", "", "PID|2")},
		{fragment("2", "W4xy", "ADD|lf, sec\rADD|ond half|x\rOBX|2\rDSC|V292|F\r"), ""},
		{fragment("query", "", "QAK|1\rDSC|more|I"), fragment("query", "", "QAK|1\rDSC|more|I")},
		{fragment("3", "V292", "OBX|3"), fragment("1", "", "PID|1\rOBX|1|TX|A||first half, second half|x\rOBX|2\rOBX|3\r")},
		{fragment("4", "", "OBX|1||\rADD|2\rADD|||3\r"), fragment("4", "", "OBX|1||2||3\r")},
		{fragment("5", "", "PID|1\rDSC||F"), fragment("5", "", "PID|1\rDSC||F")},
		{fragment("6", "", "PID|1\rDSC|p6|F \rZZZ|1\r"), ""}, // a DSC that is not the last
		{fragment("7", "p6", "OBX|1\rDSC|\"\"\r"), fragment("6", "", "PID|1\rZZZ|1\rOBX|1\rDSC|\"\"\r")},
	} {
		got, err := a.Add(parse(t, step.in), noon)
		if err != nil {
			t.Errorf("step %d: %v", i, err)
			continue
		}
		text := ""
		if got != nil {
			text = string(got.Bytes())
		}
		if text != step.out {
			t.Errorf("step %d gives\n%q, want\n%q", i, text, step.out)
		}
	}
	if a.Waiting() != 0 {
		t.Error("something still waits")
	}
}

func TestAssemblerRefuses(t *testing.T) {
	first := fragment("1", "", "PID|1\rDSC|p|F")
	for name, c := range map[string]struct {
		set   hl7.Assembler
		in    []string
		after time.Duration
		at    string
	}{
		"nobody waits":     {hl7.Assembler{}, []string{fragment("2", "p", "PID|1")}, 0, "MSH-14"},
		"another sender":   {hl7.Assembler{}, []string{first, strings.Replace(fragment("2", "p", "PID|1"), "|A|F|", "|A|G|", 1)}, 0, "MSH-14"},
		"too late":         {hl7.Assembler{}, []string{first, fragment("2", "p", "PID|1")}, 11 * time.Minute, "MSH-14"},
		"too late for one": {hl7.Assembler{MaxAge: time.Second}, []string{first, fragment("2", "p", "PID|1")}, 2 * time.Second, "MSH-14"},
		"too many":         {hl7.Assembler{MaxFragments: 2}, []string{first, fragment("2", "p", "PID|1\rDSC|q")}, 0, "DSC"},
		"too large":        {hl7.Assembler{MaxBytes: 100}, []string{first, fragment("2", "p", strings.Repeat("NTE|1\r", 20)+"DSC|q")}, 0, "DSC"},
		"twice":            {hl7.Assembler{}, []string{first, first}, 0, "DSC-1"},
		"other delimiters": {hl7.Assembler{}, []string{first, strings.Replace(fragment("2", "p", "PID|1"), "^~\\&", "^~\\@", 1)}, 0, "MSH-2"},
	} {
		a := c.set
		for i, text := range c.in {
			m, err := a.Add(parse(t, text), noon.Add(time.Duration(i)*c.after))
			if i < len(c.in)-1 {
				if m != nil || err != nil {
					t.Errorf("%s: fragment %d: %v", name, i, err)
				}
				continue
			}
			syntax, ok := err.(*hl7.SyntaxError)
			if !ok || syntax.At != c.at || m != nil {
				t.Errorf("%s: %v, want an error at %s", name, err, c.at)
			}
		}
	}
}

func TestUnfold(t *testing.T) {
	for in, want := range map[string]string{
		"MSH|^~\\&|A\nPID|1\n":                   "MSH|^~\\&|A\nPID|1\n",    // nothing to do, so as it is
		"MSH|^~\\&|A\nPID|1\nADD|2^3\n":          "MSH|^~\\&|A\rPID|12^3\r", //
		"MSH|^~\\&|A\rPID|1\rADD|2\rDSC|p\r":     "MSH|^~\\&|A\rPID|12\rDSC|p\r",
		"MSH|^~\\&|A\nADD|2\nPID":                "MSH|^~\\&|A\rADD|2\rPID\r", // MSH is not continued
		"MSH|^~\\&|A\rOBX|1\\T\rADD|\\x\rADD||y": "MSH|^~\\&|A\rOBX|1\\T\\x|y\r",
	} {
		m, err := hl7.Unfold(parse(t, in))
		if err != nil || string(m.Bytes()) != want {
			t.Errorf("%q becomes %q, %v, want %q", in, m.Bytes(), err, want)
		}
	}
}

func TestContinuation(t *testing.T) {
	for _, c := range []struct{ in, from, to string }{
		{fragment("1", "", "PID|1"), "", ""},
		{fragment("1", "", "PID|1\rDSC|a\\T\\b|F"), "", `a\T\b`},
		{fragment("1", "p", "PID|1\rDSC|q"), "p", "q"},
		{fragment("1", `""`, "PID|1\rDSC|\"\"|F"), "", ""},
		{fragment("1", "p", "PID|1\rDSC|more| I "), "p", ""},
	} {
		if from, to := parse(t, c.in).Continuation(); from != c.from || to != c.to {
			t.Errorf("%q: from %q to %q, want %q and %q", c.in, from, to, c.from, c.to)
		}
	}
}
