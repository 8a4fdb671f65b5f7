package hl7_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

var update = flag.Bool("update", false, "write what the cases give into their files")

const divider = "----------\n"

// TestCases runs testdata/cases: above the divider a message, below it every
// value that has a text, by its path. Segments end in LF in the files, so that they can
// be edited, and in CR in the test.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases: ", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text, want, ok := strings.Cut(string(b), divider)
			if !ok {
				t.Fatal("no divider")
			}
			got := outline([]byte(strings.ReplaceAll(text, "\n", "\r")))
			if *update {
				if err := os.WriteFile(file, []byte(text+divider+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// outline writes a message down to its last subcomponent.
func outline(b []byte) string {
	m, err := hl7.Parse(b)
	if err != nil {
		return err.Error() + "\n"
	}
	var out strings.Builder
	for _, w := range m.Warnings() {
		fmt.Fprintf(&out, "warning at %s: %s\n", w.At, w.Problem)
	}
	seen := map[string]int{}
	for s := range m.Segments() {
		seen[s.Name()]++
		p := hl7.Path{Segment: s.Name(), Occurrence: seen[s.Name()]}
		fmt.Fprintf(&out, "%s %d\n", p, s.Len())
		for p.Field = 1; p.Field <= s.Len(); p.Field++ {
			f := s.Field(p.Field)
			for p.Rep = 1; p.Rep <= f.Reps(); p.Rep++ {
				r := f.Rep(p.Rep)
				for p.Component = 1; p.Component <= r.Components(); p.Component++ {
					c := r.Component(p.Component)
					for p.Sub = 1; p.Sub <= c.Subs(); p.Sub++ {
						leaf(&out, p, f, c.Sub(p.Sub))
					}
				}
			}
			p.Rep, p.Component, p.Sub = 0, 0, 0
		}
	}
	return out.String()
}

// leaf writes one value. Numbers that are 1 because there is only one are left out.
func leaf(out *strings.Builder, p hl7.Path, field, v hl7.Value) {
	if field.Reps() == 1 {
		p.Rep = 0
	}
	if r := field.Rep(max(p.Rep, 1)); r.Component(p.Component).Subs() == 1 {
		p.Sub = 0
		if r.Components() == 1 {
			p.Component = 0
		}
	}
	switch {
	case v.Null():
		fmt.Fprintf(out, "  %s null\n", p)
	case !v.Empty():
		text := v.String()
		if strings.ContainsAny(text, "\r\n") {
			text = strconv.Quote(text)
		}
		fmt.Fprintf(out, "  %s = %s\n", p, text)
	}
}
