// Command profile writes fhir/profile/base.bin, the definitions of FHIR R4 that
// package profile embeds: StructureDefinitions, ValueSets and CodeSystems,
// without what only a reader needs.
//
//	go run ./internal/gen/profile -out fhir/profile/base.bin           write
//	go run ./internal/gen/profile -out fhir/profile/base.bin -check    only compare; exit 1 on a difference
//
// Input is the pinned package of internal/gen/r4/pack. The same input gives the
// same documents; -check compares those, not their compressed form, which may
// change with the version of Go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"

	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

func main() {
	out := flag.String("out", "base.bin", "the file to write")
	check := flag.Bool("check", false, "compare with what is there, write nothing")
	flag.Parse()
	if err := run(context.Background(), *out, *check); err != nil {
		fmt.Fprintln(os.Stderr, "gen profile:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out string, check bool) error {
	tgz, err := pack.Fetch(ctx)
	if err != nil {
		return err
	}
	docs, err := read(tgz)
	if err != nil {
		return err
	}
	if !check {
		file, err := writeBox(docs)
		if err != nil {
			return err
		}
		return os.WriteFile(out, file, 0o644)
	}
	file, err := os.ReadFile(out)
	if err != nil {
		return err
	}
	have, err := readBox(file)
	if err != nil {
		return fmt.Errorf("%s: %w", out, err)
	}
	if !slices.Equal(have, docs) {
		return errors.New(out + " differs from what the definitions give; run make generate")
	}
	return nil
}
