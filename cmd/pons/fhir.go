package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/r4"
)

// fhirCmd are the tools for FHIR R4 files.
type fhirCmd struct {
	Validate fhirValidateCmd `cmd:"" help:"Check FHIR resources against the definitions of R4 and profiles."`
	Path     fhirPathCmd     `cmd:"" help:"Evaluate a FHIRPath expression on FHIR resources."`
	Format   fhirFormatCmd   `cmd:"" help:"Print FHIR resources as JSON or XML."`
}

type fhirFormatCmd struct {
	Files   []string `arg:"" name:"file" help:"Files with one FHIR resource each, JSON or XML; - is standard input."`
	To      string   `help:"Form to print: ${enum}; same is that of the file." enum:"same,json,xml" default:"same"`
	Compact bool     `help:"Print without line breaks and indents."`
}

// Run prints every resource.
func (c fhirFormatCmd) Run(s streams) error {
	for _, file := range c.Files {
		b, err := readFile(file, s.in)
		if err != nil {
			return badInput{err}
		}
		isXML := looksLikeXML(b)
		res, err := readResource(file, b)
		if err != nil {
			return err
		}
		if c.To != "same" {
			isXML = c.To == "xml"
		}
		out, err := printer(isXML, c.Compact)(res)
		if err != nil {
			return badInput{fmt.Errorf("%s: %w", file, err)}
		}
		if _, err := s.out.Write(append(out, '\n')); err != nil {
			return err
		}
	}
	return nil
}

func printer(isXML, compact bool) func(r4.Resource) ([]byte, error) {
	switch {
	case isXML && compact:
		return r4.MarshalXML
	case isXML:
		return r4.MarshalXMLIndent
	case compact:
		return r4.Marshal
	}
	return r4.MarshalIndent
}

// looksLikeXML tells the form of a document by its first character.
func looksLikeXML(b []byte) bool {
	return strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(string(b[:min(len(b), 64)]), "\ufeff"), " \t\r\n"), "<")
}

// readResource parses a file of either form. The error says the file and the place.
func readResource(file string, b []byte) (r4.Resource, error) {
	parse := r4.Unmarshal
	if looksLikeXML(b) {
		parse = r4.UnmarshalXML
	}
	res, err := parse(b)
	if err != nil {
		return nil, badInput{fmt.Errorf("%s: %w", file, err)}
	}
	return res, nil
}

type fhirPathCmd struct {
	Expr  string   `arg:"" name:"expression" help:"FHIRPath, such as: Patient.name.where(use = 'official').given"`
	Files []string `arg:"" name:"file" help:"Files with one FHIR resource each, JSON or XML; - is standard input."`
	JSON  bool     `name:"json" help:"Print one JSON array for each file, on a line of its own."`
}

// Run prints what the expression gives, an item on each line.
func (c fhirPathCmd) Run(s streams) error {
	expr, err := fhirpath.Compile(c.Expr)
	if err != nil {
		return badUsage{err}
	}
	for _, file := range c.Files {
		b, err := readFile(file, s.in)
		if err != nil {
			return badInput{err}
		}
		res, err := readResource(file, b)
		if err != nil {
			return err
		}
		found, err := expr.Evaluate(nil, res)
		if err != nil {
			return badInput{fmt.Errorf("%s: %w", file, err)}
		}
		if err := c.print(s, found); err != nil {
			return err
		}
	}
	return nil
}

func (c fhirPathCmd) print(s streams, found fhirpath.Collection) error {
	all := make([]json.RawMessage, 0, len(found))
	for _, item := range found {
		text, isText, err := itemText(item)
		if err != nil {
			return err
		}
		switch {
		case !c.JSON:
			if _, err := fmt.Fprintln(s.out, text); err != nil {
				return err
			}
		case isText:
			b, err := json.Marshal(text)
			if err != nil {
				return err
			}
			all = append(all, b)
		default:
			all = append(all, json.RawMessage(text))
		}
	}
	if c.JSON {
		return jsonLine(s.out, all)
	}
	return nil
}

// itemText is an item as FHIRPath prints it; an element with parts as JSON.
func itemText(item fhirpath.Item) (text string, isText bool, err error) {
	if t := item.Type(); t != nil && t.Kind != r4.KindPrimitive {
		b, err := r4.AppendJSON(nil, item.Value())
		return string(b), false, err
	}
	switch item.TypeName() {
	case "System.Boolean", "System.Integer", "System.Decimal", "FHIR.boolean", "FHIR.integer", "FHIR.positiveInt", "FHIR.unsignedInt", "FHIR.decimal":
		return item.Text(), false, nil
	}
	return item.Text(), true, nil
}
