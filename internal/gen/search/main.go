// Command search writes fhir/search/parameters.txt, the table of search
// parameters, from the official SearchParameter definitions.
//
//	go run ./internal/gen/search -out fhir/search/parameters.txt           write
//	go run ./internal/gen/search -out fhir/search/parameters.txt -check    only compare; exit 1 on a difference
//
// Input is the pinned package of internal/gen/r4/pack; the same input gives the
// same bytes. What the table cannot express is named in its head.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

func main() {
	out := flag.String("out", "parameters.txt", "the file to write")
	check := flag.Bool("check", false, "compare with what is there, write nothing")
	flag.Parse()
	if err := run(context.Background(), *out, *check); err != nil {
		fmt.Fprintln(os.Stderr, "gen search:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out string, check bool) error {
	tgz, err := pack.Fetch(ctx)
	if err != nil {
		return err
	}
	defs, err := read(tgz)
	if err != nil {
		return err
	}
	text := defs.table()
	if !check {
		return os.WriteFile(out, text, 0o644)
	}
	have, err := os.ReadFile(out)
	if err != nil {
		return err
	}
	if !bytes.Equal(have, text) {
		return errors.New(out + " differs from what the definitions give; run make generate")
	}
	return nil
}
