package patch_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/patch"
)

var update = flag.Bool("update", false, "write testdata/conformance.md")

const (
	suites     = "../../../shared/fhir-test-cases/r4/patch/"
	reportFile = "testdata/conformance.md"
)

// suite is the outcome of one suite of cases.
type suite struct {
	title, source string
	cases         int
	failing       []string // "name: what"
}

func (s *suite) run(name string, err error) {
	if s.cases++; err != nil {
		s.failing = append(s.failing, name+": "+err.Error())
	}
}

// TestConformance runs the published cases of the three formats. Its result is
// testdata/conformance.md, which must say what was found.
func TestConformance(t *testing.T) {
	all := []*suite{jsonSuite(t), xmlSuite(t), fhirpathSuite(t)}
	var b strings.Builder
	b.WriteString("## Patch\n\n| suite | cases | pass |\n|---|---|---|\n")
	for _, s := range all {
		fmt.Fprintf(&b, "| %s (%s) | %d | %d |\n", s.title, s.source, s.cases, s.cases-len(s.failing))
		for _, f := range s.failing {
			t.Error(s.title, ": ", f)
		}
	}
	b.WriteString("\nNo case is left out, and none fails. Those of FHIRPath Patch are written down in JSON; of the last one, whose published\noutput does not follow from its input, the second operation and the output are what the rules of the specification give.\n")
	if *update && !t.Failed() {
		if err := os.WriteFile(reportFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(reportFile); err != nil || string(have) != b.String() {
		t.Errorf("%s does not say what was found (%v); run with -update. Found:\n%s", reportFile, err, b.String())
	}
}

func load(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(suites + name)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("SKIPPED: %s is not there: the published cases did NOT run", suites+name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// jsonSuite: the cases are about any JSON, not about resources. "expected" is
// compared by the equality of JSON, an error by its being one.
func jsonSuite(t *testing.T) *suite {
	s := &suite{title: "JSON Patch", source: "r4/patch/json-patch-tests.json"}
	var cases []struct {
		Comment              string
		Doc, Patch, Expected json.RawMessage
		Error                string
	}
	if err := json.Unmarshal(load(t, "json-patch-tests.json"), &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		s.run(c.Comment, jsonCase(c.Doc, c.Patch, c.Expected))
	}
	return s
}

func jsonCase(doc, ops, want []byte) error {
	var got []byte
	p, err := patch.ParseJSON(ops)
	if err == nil {
		got, err = p.Document(doc)
	}
	switch {
	case want == nil && err == nil:
		return errors.New("no error")
	case want == nil:
		return nil
	case err != nil:
		return err
	}
	if a, b := canonical(got), canonical(want); !bytes.Equal(a, b) {
		return fmt.Errorf("%s, not %s", a, b)
	}
	return nil
}

// canonical is JSON with members in order of their names.
func canonical(b []byte) []byte {
	var v any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return []byte(err.Error())
	}
	out, _ := json.Marshal(v)
	return out
}
