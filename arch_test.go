package pons

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ponshealth/pons/"

// floor is the law of floors. A package imports only from floors below its own.
// Add a line here before you add a package.
var floor = map[string]int{
	"hl7": 0, "hl7/grammar": 0, "mllp": 0, "fhir/r4": 0, "fhir/ucum": 0,
	"internal/message": 0, "internal/fault": 0, "internal/config": 0,
	"fhir/profile": 1, "fhir/terminology": 1, "fhir/fhirpath": 1,
	"hl7/structure": 1, "hl7/validate": 2, "internal/script": 1,
	"mapping": 2, "fhir/search": 2, "fhir/patch": 2, "fhir/validate": 2,
	"mapping/reverse": 3,
	"internal/store":  3, "internal/mapcase": 3,
	"internal/pipeline": 4, "internal/source": 4, "internal/fhirserver": 4, "internal/web": 4,
	"internal/app": 5,
	"cmd/pons":     6,
}

// public packages are libraries for others: they import the standard library,
// each other, and only those modules that are named here.
var public = map[string][]string{
	"hl7":              {"golang.org/x/text"},
	"hl7/grammar":      nil,
	"hl7/structure":    nil,
	"hl7/validate":     {"go.yaml.in/yaml/v3"},
	"mllp":             nil,
	"fhir/r4":          nil,
	"fhir/ucum":        nil,
	"fhir/patch":       nil,
	"fhir/validate":    nil,
	"fhir/fhirpath":    {"github.com/cockroachdb/apd/v3"},
	"fhir/search":      {"golang.org/x/text"},
	"fhir/profile":     nil,
	"fhir/terminology": {"golang.org/x/text"},
	"mapping":          {"go.yaml.in/yaml/v3", "golang.org/x/text"},
	"mapping/reverse":  {"go.yaml.in/yaml/v3"},
}

// outside stand the generators, test helpers and the tests of the whole.
func outside(pkg string) bool {
	return pkg == "." || strings.HasSuffix(pkg, "test") ||
		slices.ContainsFunc([]string{"internal/gen", "e2e", "bench", "examples", "docs"}, func(dir string) bool {
			return pkg == dir || strings.HasPrefix(pkg, dir+"/")
		})
}

func TestFloors(t *testing.T) {
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		if pkg := filepath.ToSlash(filepath.Dir(file)); !outside(pkg) {
			checkImports(t, file, pkg)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkImports(t *testing.T, file, pkg string) {
	here, known := floor[pkg]
	if !known {
		t.Errorf("%s: package is not in the floor table of arch_test.go", pkg)
		return
	}
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Error(err)
		return
	}
	modules, isPublic := public[pkg]
	for _, spec := range f.Imports {
		imp := strings.Trim(spec.Path.Value, `"`)
		dep, ours := strings.CutPrefix(imp, module)
		_, depPublic := public[dep]
		below, depKnown := floor[dep]
		first, _, _ := strings.Cut(imp, "/")
		switch {
		case ours && !depKnown:
			t.Errorf("%s imports %s, which is not in the floor table", file, dep)
		case ours && below >= here:
			t.Errorf("%s (floor %d) imports %s (floor %d)", file, here, dep, below)
		case ours && isPublic && !depPublic:
			t.Errorf("%s: public package imports private %s", file, dep)
		case !ours && isPublic && strings.Contains(first, ".") && !allowed(imp, modules):
			t.Errorf("%s: public package imports %s", file, imp)
		}
	}
}

func allowed(imp string, modules []string) bool {
	return slices.ContainsFunc(modules, func(m string) bool { return imp == m || strings.HasPrefix(imp, m+"/") })
}
