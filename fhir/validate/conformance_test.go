package validate_test

import (
	"bytes"
	"flag"
	"os"
	"sync"
	"testing"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/terminology"
	"github.com/ponshealth/pons/fhir/validate"
)

var update = flag.Bool("update", false, "write testdata/conformance.md")

const page = "testdata/conformance.md"

var baseTerms = sync.OnceValue(func() *terminology.Memory { return terminology.New(profile.Base()) })

// baseValidator knows the official definitions.
var baseValidator = sync.OnceValue(func() *validate.Validator {
	return mustNew(validate.Options{Definitions: profile.Base(), Terminology: baseTerms()})
})

func mustNew(o validate.Options) *validate.Validator {
	v, err := validate.New(o)
	if err != nil {
		panic(err)
	}
	return v
}

// TestConformance runs the cases that come with the outcomes of the Java
// validator, and all official examples. It fails when what it finds is not what
// testdata/conformance.md says, and when something has no reason.
func TestConformance(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: conformance (short)")
	}
	var b bytes.Buffer
	if !casesSection(t, &b) || !examplesSection(t, &b) {
		t.Skip("SKIPPED: the cases or the examples are not here")
	}
	if t.Failed() {
		return
	}
	if *update {
		if err := os.WriteFile(page, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if said, err := os.ReadFile(page); err != nil || !bytes.Equal(said, b.Bytes()) {
		t.Errorf("%s does not say what the run found; look at the difference that -update makes", page)
	}
}
