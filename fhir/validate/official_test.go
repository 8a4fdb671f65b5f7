package validate_test

import (
	"bytes"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/validate"
	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

// officialExamples is how many JSON documents hl7.fhir.r4.examples 4.0.1 has.
const officialExamples = 5306

// exampleReasons says why examples are invalid, by the beginning of the error.
var exampleReasons = []struct{ text, why string }{
	{"the extension Translation may not stand here", "the definition of the extension allows it on string, code and markdown; these have it on ValueSet.expansion.contains"},
	{"a canonical URL has to be absolute", "a canonical is the URL by which a resource is known everywhere (references.html#canonical); these are relative, or mere names"},
	{"Questionnaire.item.linkId", "linkId is 1..1"},
	{"no unit of UCUM", "UCUM has no such code (tbl, tab, mcg and others)"},
	{"no code of the system http://unitsofmeasure.org", "UCUM has no such code"},
	{"the fullUrl is that of a resource on a server", "bundle.html#bundle-unique: fullUrl and the id of the resource contradict each other"},
	{"SearchParameter.base", "base is 1..*"},
	{"ImplementationGuide.", "name and status are 1..1"},
	{"txt-2", "the div is empty"},
	{"sdf-4", "these logical models are not abstract and have no baseDefinition"},
	{"bdl-7", "entries with the same fullUrl"},
	{"the system has to be absolute", "ValueSet.compose.include.system is an absolute URI"},
	{"the local canonical leads to no contained resource", "nothing contained has that id"},
	{"no code of the system urn:ietf:rfc:3986", "the code is not a URI"},
	{"the code is not of the form of a SNOMED CT identifier", "one is a code of SNOMED RT, the other has a wrong check digit"},
	{"the UUID is not one", "datatypes.html#uuid: in lower case"},
	{"the OID is not one", "urn:oid:X.Y.Z is a placeholder"},
	{"the id in the reference", "datatypes.html#id: 64 characters at most"},
	{"not in the format of an id", "datatypes.html#id: 64 characters at most"},
	{"the modifier extension", "extensibility.html#modifierExtension: nothing may be understood of a resource with a modifier extension that is not known"},
	{"the extension http://hl7.org/fhir/StructureDefinition/hla-genotyping-results-glstring has no part", "the part is called uri, the definition has url"},
	{"no FHIRPath expression", "hasExtension() is no function; the other has the syntax of a template"},
	{"the reference leads to", "the definition does not allow references to that type there"},
}

// TestOfficial validates every tenth of the official examples, all of them in
// TestConformance, and asks that none is called invalid without a reason.
func TestOfficial(t *testing.T) {
	if !testing.Short() {
		t.Skip("all examples are run by TestConformance")
	}
	runExamples(t, 10)
}

// examplesSection runs all examples and writes which are invalid, and why.
func examplesSection(t *testing.T, b *bytes.Buffer) bool {
	invalid, ok := runExamples(t, 1)
	if !ok {
		return false
	}
	byReason := map[string]map[string]bool{}
	for name, errs := range invalid {
		for _, text := range errs {
			why := reasonOf(text)
			if byReason[why] == nil {
				byReason[why] = map[string]bool{}
			}
			byReason[why][strings.TrimSuffix(name, ".json")] = true
		}
	}
	fmt.Fprintf(b, "\n### The official examples\n\nOf the %d examples of R4 (hl7.fhir.r4.examples 4.0.1), %d are valid. The others have errors indeed:\n\n| what is wrong | examples |\n|---|---|\n",
		officialExamples, officialExamples-len(invalid))
	for _, r := range exampleReasons {
		if names := byReason[r.why]; names != nil {
			fmt.Fprintf(b, "| %s | %s |\n", r.why, strings.Join(slices.Sorted(maps.Keys(names)), ", "))
			delete(byReason, r.why)
		}
	}
	return true
}

func reasonOf(text string) string {
	for _, r := range exampleReasons {
		if strings.HasPrefix(text, r.text) {
			return r.why
		}
	}
	return ""
}

// runExamples validates each n-th example; it returns the errors by example.
func runExamples(t *testing.T, each int) (invalid map[string][]string, ok bool) {
	tgz, err := pack.Fetch(t.Context())
	if err != nil {
		t.Log("SKIPPED: the official examples are not here: ", err)
		return nil, false
	}
	type example struct {
		name string
		doc  []byte
	}
	docs := make(chan example, 64)
	invalid = map[string][]string{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	seen := 0
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for e := range docs {
				res, err := r4.Unmarshal(e.doc)
				if err != nil {
					t.Errorf("%s: %v", e.name, err)
					continue
				}
				o := baseValidator().ValidateResource(t.Context(), res)
				if validate.Valid(o) {
					continue
				}
				mu.Lock()
				for _, text := range errorsOf(o) {
					_, text, _ = strings.Cut(text, ": ")
					invalid[e.name] = append(invalid[e.name], text)
					if reasonOf(text) == "" {
						t.Errorf("%s is called invalid without a reason: %s", e.name, text)
					}
				}
				mu.Unlock()
			}
		})
	}
	count := 0
	err = pack.Each(tgz, func(string) bool { count++; return count%each == 0 }, func(name string, doc []byte) error {
		seen++
		docs <- example{name, doc}
		return nil
	})
	close(docs)
	wg.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if each == 1 && seen != officialExamples {
		t.Errorf("the package has %d examples, want %d", seen, officialExamples)
	}
	return invalid, true
}
