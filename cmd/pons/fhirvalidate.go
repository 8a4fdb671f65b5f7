package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/terminology"
	"github.com/ponshealth/pons/fhir/validate"
)

type fhirValidateCmd struct {
	Files   []string `arg:"" name:"file" help:"Files with one FHIR resource each, JSON or XML; - is standard input."`
	Profile []string `short:"p" help:"Canonical URL of a profile that every resource must meet, beside those that it names." placeholder:"URL"`
	Package []string `help:"FHIR package (.tgz) or folder with profiles, value sets and code systems." placeholder:"FILE"`
	Least   string   `help:"Least severity to print: ${enum}." enum:"error,warning,information" default:"information"`
	JSON    bool     `name:"json" help:"Print the OperationOutcome of each file, on a line of its own."`
}

// Run validates every file and fails when any has an error.
func (c fhirValidateCmd) Run(ctx context.Context, s streams) error {
	definitions, err := c.definitions(s.err)
	if err != nil {
		return err
	}
	for _, url := range c.Profile {
		if _, err := definitions.StructureDefinition(url); err != nil {
			return badUsage{fmt.Errorf("--profile %s: %w", url, err)}
		}
	}
	v, err := validate.New(validate.Options{Definitions: definitions, Terminology: terminology.New(definitions)})
	if err != nil {
		return err
	}
	bad := 0
	for i, file := range c.Files {
		b, err := readFile(file, s.in)
		if err != nil {
			return badInput{err}
		}
		outcome := v.Validate(ctx, b, c.Profile...)
		if !validate.Valid(outcome) {
			bad++
		}
		var out []byte
		if c.JSON {
			if out, err = r4.Marshal(outcome); err != nil {
				return err
			}
			out = append(out, '\n')
		} else {
			out = c.describe(paletteFor(s.out), file, outcome, i > 0)
		}
		if _, err := s.out.Write(out); err != nil {
			return err
		}
	}
	if bad > 0 {
		return badInput{fmt.Errorf("%d of %d files have errors", bad, len(c.Files))}
	}
	return nil
}

// definitions are those of R4 with what the packages add. A file that cannot be read does
// not keep away the others; it is said.
func (c fhirValidateCmd) definitions(talk io.Writer) (*profile.Registry, error) {
	if len(c.Package) == 0 {
		return profile.Base(), nil
	}
	r := profile.New(profile.Base())
	for _, name := range c.Package {
		info, err := os.Stat(name)
		if err != nil {
			return nil, badUsage{err}
		}
		if info.IsDir() {
			err = r.AddDir(os.DirFS(name))
		} else {
			err = addPackage(r, name)
		}
		if err != nil {
			fmt.Fprintf(talk, "warning: %s: %v\n", name, err)
		}
	}
	return r, nil
}

func addPackage(r *profile.Registry, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return r.AddPackage(f)
}

// severe ranks the severities of an OperationOutcome, from the worst.
var severe = []string{"fatal", "error", "warning", "information"}

// describe writes an outcome for people.
func (c fhirValidateCmd) describe(p palette, file string, o *r4.OperationOutcome, again bool) []byte {
	var b bytes.Buffer
	if again {
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%s: %s\n", p.paint(bold, file), countIssues(p, o))
	for i := range o.Issue {
		issue := &o.Issue[i]
		if rank(issue.Severity) > rank(c.Least) || allOK(o) {
			continue
		}
		at := strings.Join(issue.Expression, ", ")
		if at == "" {
			at = "document"
		}
		if line, ok := issueLine(issue); ok {
			at += " (line " + line + ")"
		}
		text := issue.Diagnostics
		if issue.Details != nil && issue.Details.Text != "" {
			text = issue.Details.Text
		}
		fmt.Fprintf(&b, "  %s %s\n    %s\n", p.paint(severityColour(issue.Severity), issue.Severity), p.paint(cyan, at), text)
	}
	return b.Bytes()
}

// allOK reports whether the outcome says only that there is nothing to say.
func allOK(o *r4.OperationOutcome) bool {
	return len(o.Issue) == 1 && o.Issue[0].Severity == "information" && o.Issue[0].Code == "informational"
}

func rank(severity string) int {
	for i, s := range severe {
		if s == severity {
			return i
		}
	}
	return len(severe)
}

func severityColour(severity string) string {
	switch severity {
	case "fatal", "error":
		return red
	case "warning":
		return yellow
	}
	return blue
}

// issueLine is the line of the document in which an issue is, if it is known.
func issueLine(issue *r4.OperationOutcomeIssue) (string, bool) {
	v := r4.ExtensionValue[r4.Integer](issue, "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line")
	return fmt.Sprint(int32(v)), v != 0
}

// countIssues says how many issues there are of each severity.
func countIssues(p palette, o *r4.OperationOutcome) string {
	n := map[string]int{}
	for i := range o.Issue {
		if !allOK(o) {
			n[o.Issue[i].Severity]++
		}
	}
	n["error"] += n["fatal"]
	var parts []string
	for _, s := range []struct{ severity, one, many string }{
		{"error", "error", "errors"}, {"warning", "warning", "warnings"}, {"information", "note", "notes"},
	} {
		switch k := n[s.severity]; k {
		case 0:
		case 1:
			parts = append(parts, "1 "+s.one)
		default:
			parts = append(parts, fmt.Sprint(k, " ", s.many))
		}
	}
	if len(parts) == 0 {
		return p.paint(green, "valid")
	}
	return strings.Join(parts, ", ")
}
