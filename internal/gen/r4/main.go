// Command r4 writes the generated half of package fhir/r4 from the official
// StructureDefinitions: the Go structs and the table of definitions.
//
//	go run ./internal/gen/r4 -out fhir/r4           write
//	go run ./internal/gen/r4 -out fhir/r4 -check    only compare; exit 1 on a difference
//
// Input is the pinned package of internal/gen/r4/pack; the same input gives the
// same bytes.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

func main() {
	out := flag.String("out", ".", "folder of package r4")
	check := flag.Bool("check", false, "compare with what is there, write nothing")
	flag.Parse()
	if err := run(context.Background(), *out, *check); err != nil {
		fmt.Fprintln(os.Stderr, "gen r4:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, check bool) error {
	tgz, err := pack.Fetch(ctx)
	if err != nil {
		return err
	}
	defs, err := readDefinitions(tgz)
	if err != nil {
		return err
	}
	m, err := newModel(defs)
	if err != nil {
		return err
	}
	files, err := m.files()
	if err != nil {
		return err
	}
	if check {
		return compare(dir, files)
	}
	return write(dir, files)
}

// stale lists generated files in dir that the generator no longer writes.
func stale(dir string, files map[string][]byte) ([]string, error) {
	old, err := filepath.Glob(filepath.Join(dir, "z_*_gen*.go"))
	return slices.DeleteFunc(old, func(p string) bool {
		_, still := files[filepath.Base(p)]
		return still
	}), err
}

func write(dir string, files map[string][]byte) error {
	old, err := stale(dir, files)
	if err != nil {
		return err
	}
	for _, p := range old {
		if err := os.Remove(p); err != nil {
			return err
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func compare(dir string, files map[string][]byte) error {
	old, err := stale(dir, files)
	if err != nil {
		return err
	}
	if len(old) > 0 {
		return fmt.Errorf("%s is not generated any more; run make generate", old[0])
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		have, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if !bytes.Equal(have, files[name]) {
			return fmt.Errorf("%s differs from what the definitions give; run make generate", name)
		}
	}
	return nil
}
