// Command grammar writes the embedded data of package hl7/grammar from the
// comparison of public HL7 v2 grammar data in ../shared/hl7v2-grammar: one JSON
// file per version and tables.json.
//
// The versions of the standard share most of their definitions, so each
// distinct line (a field, a component, a structure) is written once, with the
// set of versions that have it. Run it with go generate ./hl7/grammar.
package main

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// versions in the order of the standard; the bit of a version in a set is its
// place in this list.
var versions = strings.Fields("2.1 2.2 2.3 2.3.1 2.4 2.5 2.5.1 2.6 2.7 2.7.1 2.8 2.8.1 2.8.2 2.9 2.9.1")

func main() {
	from := flag.String("from", "../shared/hl7v2-grammar", "folder with the JSON files")
	to := flag.String("to", "hl7/grammar", "folder to write to")
	check := flag.Bool("check", false, "write nothing; fail if the folder holds something else")
	flag.Parse()
	if _, err := os.Stat(*from); *check && errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(os.Stderr, "grammar: NOT CHECKED: %s is not here\n", *from)
		return
	}
	done := write
	if *check {
		done = compare
	}
	if err := run(*from, *to, done); err != nil {
		fmt.Fprintln(os.Stderr, "grammar:", err)
		os.Exit(1)
	}
}

// run hands the lines of each file to done.
func run(from, to string, done func(file string, l *lines) error) error {
	all := make([]grammar, len(versions))
	for i, v := range versions {
		if err := read(filepath.Join(from, v+".json"), &all[i]); err != nil {
			return err
		}
	}
	var tables tableFile
	if err := read(filepath.Join(from, "tables.json"), &tables); err != nil {
		return err
	}
	if err := done(filepath.Join(to, "grammar.flate"), definitions(all)); err != nil {
		return err
	}
	return done(filepath.Join(to, "tables.flate"), codes(tables))
}

// compare looks at what is packed, since compressors differ between releases.
func compare(file string, l *lines) error {
	if l.err != nil {
		return l.err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	have, err := io.ReadAll(flate.NewReader(f))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if !bytes.Equal(have, l.text.Bytes()) {
		return fmt.Errorf("%s is not what its source gives; run go generate ./hl7/grammar", file)
	}
	return nil
}

// read refuses members that it does not know: they would be facts left out.
func read(file string, into any) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func write(file string, l *lines) error {
	if l.err != nil {
		return l.err
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(l.text.Bytes()); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	fmt.Printf("%s: %d bytes, %d unpacked\n", file, packed.Len(), l.text.Len())
	return os.WriteFile(file, packed.Bytes(), 0o644)
}
