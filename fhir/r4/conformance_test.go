package r4_test

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

var update = flag.Bool("update", false, "write testdata/conformance.md and testdata/corexml.tsv")

// notR4 has the documents that are refused with good reason.
var notR4 = map[string]string{
	"myconsent-ext.xml":       "a StructureDefinition of STU3, by its fhirVersion; R4 has `context.type` instead",
	"observation-example.xml": "an extension stands behind `status`; elements have a fixed order in XML (xml.html)",
	"codesystems/CodeSystem-UKCore-EthnicCategoryScotland.xml": "a stray letter stands between two elements",
}

// suite is the outcome of one suite: for each document that does not pass, why.
type suite struct {
	title   string
	cases   int
	failing map[string]string
	note    string
	mu      sync.Mutex
}

func (s *suite) run(name, problem string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cases++
	if problem != "" {
		if s.failing == nil {
			s.failing = map[string]string{}
		}
		s.failing[name] = problem
	}
}

// TestConformance runs the codecs over the published documents. The result is
// testdata/conformance.md, which must say what was found.
func TestConformance(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: the published documents (short)")
	}
	examples, err := pack.Fetch(t.Context())
	if err != nil {
		t.Skip("SKIPPED: the official examples are not here: ", err)
	}
	definitions, noXML := pack.FetchXML(t.Context())
	twins := &twinSuite{}
	if noXML == nil {
		twins.readXML(t, definitions)
	}
	all := append(exampleSuites(t, examples, twins), twins.suite(t),
		sharedSuite(t, "Definitions of UK Core", "../../../shared/profiles/uk-core"),
		sharedSuite(t, "Public test cases of R4", "../../../shared/fhir-test-cases/r4"))
	all[len(all)-1].note = "Of the public test cases these are no resources: " + strings.Join(noResource, ", ") + "."
	for _, s := range all {
		for name, problem := range s.failing {
			if notR4[name] == "" {
				t.Errorf("%s: %s: %s", s.title, name, problem)
			}
		}
	}
	if noXML != nil || all[len(all)-1].cases == 0 {
		t.Skip("SKIPPED in part: the official definitions in XML or the public test cases are not here: ", noXML)
	}
	var b strings.Builder
	b.WriteString("# fhir/r4\n\nMade by `go test ./fhir/r4 -run TestConformance -update`.\n\n| suite | documents | pass |\n|---|---|---|\n")
	for _, s := range all {
		fmt.Fprintf(&b, "| %s | %d | %d |\n", s.title, s.cases, s.cases-len(s.failing))
	}
	for _, s := range all {
		if s.note != "" || len(s.failing) > 0 {
			fmt.Fprintf(&b, "\n%s\n", cmp.Or(s.note, s.title+"."))
		}
		for _, name := range slices.Sorted(maps.Keys(s.failing)) {
			fmt.Fprintf(&b, "- %s: refused (%s): %s\n", name, s.failing[name], notR4[name])
		}
	}
	golden(t, "testdata/conformance.md", b.String())
}

// golden compares with a file, or writes it.
func golden(t *testing.T, file, found string) {
	if *update && !t.Failed() {
		if err := os.WriteFile(file, []byte(found), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(file); err != nil || string(have) != found {
		t.Errorf("%s does not say what was found (%v); run with -update. Found:\n%.4000s", file, err, found)
	}
}

// exampleSuites runs all that is done with the JSON examples in one walk.
func exampleSuites(t *testing.T, tgz string, twins *twinSuite) []*suite {
	all := []*suite{
		{title: "Official JSON examples: JSON to resource to JSON, numbers by their text"},
		{title: "Official JSON examples: JSON to XML to JSON, byte for byte"},
		{title: "Official JSON examples up to 64 KiB: the same with XML in lines"},
		{title: "Official JSON examples: lenient reading finds no problem and the same resource"},
		{title: "Official JSON examples up to 16 KiB: a walk meets each element and its path leads back to it, the canonical form is in order, summaries and selections hold nothing else and all that is mandatory"},
	}
	type example struct {
		name string
		doc  []byte
	}
	docs := make(chan example, 64)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for e := range docs {
				all[0].run(e.name, roundTrip(e.doc))
				r, err := r4.Unmarshal(e.doc)
				if err != nil {
					continue // told by the first
				}
				all[1].run(e.name, throughXML(r, r4.MarshalXML))
				if len(e.doc) <= 64<<10 {
					all[2].run(e.name, throughXML(r, r4.MarshalXMLIndent))
				}
				all[3].run(e.name, lenientToo(r, e.doc))
				if len(e.doc) <= 16<<10 {
					all[4].run(e.name, modelProblem(e.doc))
				}
				twins.compare(strings.TrimSuffix(e.name, ".json"), e.doc)
			}
		})
	}
	err := pack.Each(tgz, func(string) bool { return true }, func(name string, doc []byte) error {
		docs <- example{name, doc}
		return nil
	})
	close(docs)
	wg.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if n := all[0].cases; n != officialExamples {
		t.Errorf("the package has %d examples, want %d", n, officialExamples)
	}
	return all
}

// throughXML says what is wrong with a resource after a way through XML.
func throughXML(r r4.Resource, write func(r4.Resource) ([]byte, error)) string {
	before, err := r4.Marshal(r)
	if err != nil {
		return "write JSON: " + err.Error()
	}
	x, err := write(r)
	if err != nil {
		return "write XML: " + err.Error()
	}
	again, err := r4.UnmarshalXML(x)
	if err != nil {
		return "read XML: " + err.Error()
	}
	if after, err := r4.Marshal(again); err != nil || !bytes.Equal(before, after) {
		return "comes back different"
	}
	return ""
}

// lenientToo says what is wrong with reading a right document, that of r, leniently.
func lenientToo(r r4.Resource, doc []byte) string {
	d := r4.ParseAnew(doc)
	if len(d.Problems) > 0 {
		return d.Problems[0].Error()
	}
	if !r4.Equal(r, d.Resource) {
		return "another resource"
	}
	return ""
}

// noResource are the XML files of the public test cases that are no resources.
var noResource = []string{
	"fhirpath/tests-fhir-r4.xml", "patch/xml-patch-tests.xml", "graphql/manifest.xml", "graphdefinition/manifest.xml",
}

// sharedSuite reads the XML documents of a folder, if it is here.
func sharedSuite(t *testing.T, title, dir string) *suite {
	s := &suite{title: title + ": XML to resource to JSON and XML and back"}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".xml" {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, filepath.FromSlash(dir)+string(filepath.Separator)))
		if slices.Contains(noResource, name) {
			return nil
		}
		doc, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		s.run(name, roundTripXML(doc))
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return s
}

// roundTripXML says what is wrong with reading an XML document and writing it in
// both formats.
func roundTripXML(doc []byte) string {
	r, err := r4.UnmarshalXML(doc)
	if err != nil {
		return "read: " + err.Error()
	}
	if d := r4.ParseAnew(doc); len(d.Problems) > 0 || !r4.Equal(r, d.Resource) {
		return fmt.Sprint("lenient reading: ", d.Problems)
	}
	return throughXML(r, r4.MarshalXML)
}
