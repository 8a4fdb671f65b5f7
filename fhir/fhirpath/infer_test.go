package fhirpath_test

import (
	"encoding/xml"
	"os"
	"testing"

	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/r4"
)

// What a check knows of a result holds for the result, on all expressions of the
// official suite: its types, and that it is no more than one item.
func TestInferred(t *testing.T) {
	doc, err := os.ReadFile(suiteFile)
	if err != nil {
		t.Skip("SKIPPED: the official suite is not here: ", suiteFile)
	}
	var s suite
	if err := xml.Unmarshal(doc, &s); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, g := range s.Groups {
		for _, test := range g.Tests {
			if test.Expression.Invalid != "" || test.Input == "" {
				continue
			}
			input := suiteInput(t, test.Input)
			e := fhirpath.MustCompile(test.Expression.Text)
			known, err := fhirpath.Infer(e, r4.TypeOf(input))
			if err != nil {
				t.Errorf("%s: %v", test.Expression.Text, err)
				continue
			}
			c, err := e.Evaluate(&fhirpath.Env{ConformsTo: conformsToBase}, input)
			if err != nil {
				t.Errorf("%s: %v", test.Expression.Text, err)
			}
			if len(c) > 1 && !known.Many {
				t.Errorf("%s: %d items where the check says one", test.Expression.Text, len(c))
			}
			for _, i := range c {
				if !known.Any && !known.Types[i.TypeName()] {
					t.Errorf("%s: %s where the check says %v", test.Expression.Text, i.TypeName(), known.Types)
				}
			}
			checked++
		}
	}
	if checked < 700 {
		t.Error("only", checked, "expressions")
	}
}
