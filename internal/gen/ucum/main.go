// Command ucum writes fhir/ucum/units.tsv, the table of units, from the file
// ucum-essence.xml of the UCUM organization.
//
//	go run ./internal/gen/ucum -from DIR -out fhir/ucum/units.tsv           write
//	go run ./internal/gen/ucum -from DIR -out fhir/ucum/units.tsv -check    only compare; exit 1 on a difference
//
// The same input gives the same bytes: code, definition value and unit of every
// entry as published, in the order of the file.
package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	from := flag.String("from", "../shared/fhir-test-cases/ucum", "the folder of ucum-essence.xml")
	out := flag.String("out", "fhir/ucum/units.tsv", "the file to write")
	check := flag.Bool("check", false, "compare with what is there, write nothing")
	flag.Parse()
	if err := run(*from, *out, *check); err != nil {
		fmt.Fprintln(os.Stderr, "gen ucum:", err)
		os.Exit(1)
	}
}

func run(from, out string, check bool) error {
	source := filepath.Join(from, "ucum-essence.xml")
	b, err := os.ReadFile(source)
	if check && errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(os.Stderr, "gen ucum: SKIPPED: %s is not there, %s was NOT compared with it\n", source, out)
		return nil
	}
	if err != nil {
		return err
	}
	text, err := table(b)
	if err != nil {
		return err
	}
	if !check {
		return os.WriteFile(out, text, 0o644)
	}
	have, err := os.ReadFile(out)
	if err != nil {
		return err
	}
	if !bytes.Equal(have, text) {
		return errors.New(out + " differs from what " + source + " gives; run make generate")
	}
	return nil
}

// essence is the part of the file that the table takes.
type essence struct {
	Version  string  `xml:"version,attr"`
	Revision string  `xml:"revision-date,attr"`
	Prefixes []entry `xml:"prefix"`
	Bases    []entry `xml:"base-unit"`
	Units    []entry `xml:"unit"`
}

type entry struct {
	Code      string `xml:"Code,attr"`
	Metric    string `xml:"isMetric,attr"`
	Special   string `xml:"isSpecial,attr"`
	Arbitrary string `xml:"isArbitrary,attr"`
	Value     struct {
		Value string `xml:"value,attr"`
		Unit  string `xml:"Unit,attr"`
	} `xml:"value"`
}

const head = `# UCUM %s (%s): code, definition value and unit. See NOTICE beside this file.
# kind: prefix, base, metric or plain unit; "arbitrary" and "special" follow where they apply.
# Made by internal/gen/ucum; do not edit.
`

func table(b []byte) ([]byte, error) {
	var e essence
	d := xml.NewDecoder(bytes.NewReader(b))
	// The file says "ascii", which is UTF-8 too.
	d.CharsetReader = charset
	if err := d.Decode(&e); err != nil {
		return nil, err
	}
	var w bytes.Buffer
	_, date, _ := strings.Cut(e.Revision, " ")
	date, _, _ = strings.Cut(date, " ")
	fmt.Fprintf(&w, head, e.Version, date)
	for _, p := range e.Prefixes {
		fmt.Fprintf(&w, "prefix\t%s\t%s\t\n", p.Code, p.Value.Value)
	}
	for _, u := range e.Bases {
		fmt.Fprintf(&w, "base\t%s\t\t\n", u.Code)
	}
	for _, u := range e.Units {
		if u.Code == "" || strings.ContainsAny(u.Code+u.Value.Unit+u.Value.Value, "\t\n") {
			return nil, fmt.Errorf("unit %q cannot stand in the table", u.Code)
		}
		fmt.Fprintf(&w, "%s\t%s\t%s\t%s\n", u.kind(), u.Code, u.Value.Value, u.Value.Unit)
	}
	return w.Bytes(), nil
}

func (u entry) kind() string {
	k := "plain"
	if u.Metric == "yes" {
		k = "metric"
	}
	if u.Arbitrary == "yes" {
		k += " arbitrary"
	}
	if u.Special == "yes" {
		k += " special"
	}
	return k
}
