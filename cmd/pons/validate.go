package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/ponshealth/pons/hl7/validate"
)

type validateCmd struct {
	Files   []string `arg:"" name:"file" help:"Files of HL7 v2 messages; - is standard input."`
	Profile string   `short:"p" help:"YAML file with the rules of a sender; examples/profiles has one." placeholder:"FILE"`
	Level   string   `help:"How deep to check: ${enum}." enum:"parse,structure,fields,types,tables" default:"tables"`
	Least   string   `help:"Least severity to print: ${enum}." enum:"E,W,I" default:"I"`
	Charset string   `help:"Charset of messages that declare none and are not UTF-8." default:"windows-1252"`
	JSON    bool     `name:"json" help:"Print one JSON object per message, on a line of its own."`
}

// Run validates every message and fails when any has an error.
func (c validateCmd) Run(s streams) error {
	o := validate.Options{Charset: c.Charset}
	o.Level, _ = validate.ParseLevel(c.Level)
	if c.Profile != "" {
		b, err := os.ReadFile(c.Profile)
		if err != nil {
			return badUsage{err}
		}
		if o.Profile, err = validate.ParseProfile(b); err != nil {
			return badUsage{fmt.Errorf("%s: %w", c.Profile, err)}
		}
	}
	messages, err := readMessages(c.Files, s.in)
	if err != nil {
		return err
	}
	v, bad := validate.New(o), 0
	p := paletteFor(s.out)
	for i, m := range messages {
		report := v.Bytes(m.raw)
		ok := report.OK()
		if !ok {
			bad++
		}
		report.Findings = c.atLeast(report.Findings)
		if c.JSON {
			err = jsonLine(s.out, struct {
				Source string `json:"source"`
				OK     bool   `json:"ok"`
				*validate.Report
			}{m.name, ok, report})
		} else {
			_, err = s.out.Write([]byte(c.describe(p, m.name, report, i > 0)))
		}
		if err != nil {
			return err
		}
	}
	if bad > 0 {
		return badInput{fmt.Errorf("%d of %d messages have errors", bad, len(messages))}
	}
	return nil
}

// atLeast leaves out findings that are not severe enough to print.
func (c validateCmd) atLeast(all []validate.Finding) []validate.Finding {
	kept := make([]validate.Finding, 0, len(all))
	for _, f := range all {
		if strings.Index("IWE", string(f.Severity)) >= strings.Index("IWE", c.Least) {
			kept = append(kept, f)
		}
	}
	return kept
}

// describe writes a report for people.
func (c validateCmd) describe(p palette, name string, r *validate.Report, again bool) string {
	var b strings.Builder
	if again {
		b.WriteByte('\n')
	}
	what := "not a message"
	if r.Version != "" {
		what = strings.Trim(printable(r.Type)+" "+r.Version, " ")
	}
	fmt.Fprintf(&b, "%s: %s, %s\n", p.paint(bold, name), what, summarise(p, r))
	for _, f := range r.Findings {
		at := f.At
		if at == "" {
			at = "message"
		}
		fmt.Fprintf(&b, "  %s %s %d  %s", p.paint(severities[f.Severity], string(f.Severity)), p.paint(cyan, fmt.Sprintf("%-14s", at)), f.Code, f.Text)
		if f.Group != "" {
			b.WriteString(p.paint(faint, " (in "+f.Group+")"))
		}
		b.WriteByte('\n')
	}
	if r.More > 0 {
		fmt.Fprintf(&b, "  and %d more\n", r.More)
	}
	return b.String()
}

var severities = map[validate.Severity]string{validate.Error: red, validate.Warning: yellow, validate.Information: blue}

// summarise counts the findings.
func summarise(p palette, r *validate.Report) string {
	if len(r.Findings) == 0 && r.More == 0 {
		return p.paint(green, "nothing to complain about")
	}
	var parts []string
	for _, s := range []struct {
		severity  validate.Severity
		one, many string
	}{{validate.Error, "error", "errors"}, {validate.Warning, "warning", "warnings"}, {validate.Information, "note", "notes"}} {
		switch n := r.Count(s.severity); n {
		case 0:
		case 1:
			parts = append(parts, "1 "+s.one)
		default:
			parts = append(parts, fmt.Sprint(n, " ", s.many))
		}
	}
	return strings.Join(parts, ", ")
}
