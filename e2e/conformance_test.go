package e2e

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/conformance.md anew")

var localLink = regexp.MustCompile(`\]\(([\w.-]+)\)`)

const conformanceHead = `# Conformance

How much of the official suites passes, and every case that does not, with its reason. Each part is kept by the tests of its
package, which fail when it does not say what they find; this page is made of the parts.

`

// TestConformancePage checks that docs/conformance.md is made of the parts that the tests of
// the packages keep.
func TestConformancePage(t *testing.T) {
	page := conformanceHead
	for _, pkg := range []string{"r4", "fhirpath", "validate", "profile", "patch"} {
		dir := "../fhir/" + pkg + "/testdata/"
		part := localLink.ReplaceAllString(strings.TrimSpace(read(t, dir+"conformance.md")), "]("+dir+"$1)")
		if strings.HasPrefix(part, "# ") {
			part = "#" + part
		}
		page += part + "\n\n"
	}
	page = strings.TrimRight(page, "\n") + "\n"
	if *update {
		if err := os.WriteFile("../docs/conformance.md", []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if read(t, "../docs/conformance.md") != page {
		t.Error("docs/conformance.md is not what the packages say: go test ./e2e -run ConformancePage -update")
	}
}
