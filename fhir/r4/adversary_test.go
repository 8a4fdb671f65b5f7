package r4_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

// Documents that are made to be expensive. What is not linear does not end in
// the time that a test has; memory is measured: what is allocated in all, with
// what is thrown away, per byte of the document.
func TestAdversary(t *testing.T) {
	late := func(inside string) string { // resources in resources, each type after its content
		const depth = 120
		return strings.Repeat(`{"contained":[`, depth) + inside + strings.Repeat(`],"resourceType":"Basic"}`, depth)
	}
	text := func(s string) string {
		return `{"resourceType":"Patient","name":[{"family":"` + s + `"}]}`
	}
	items := func(n int, item string) string { return strings.Repeat(item+",", n-1) + item }
	for _, c := range []struct {
		name, doc, problem string
		most               float64 // bytes allocated per byte of the document
	}{
		{"late types", late(`{"text":{"div":"` + strings.Repeat(`\"`, 1<<20) + `"},"resourceType":"Basic"}`), "", 8},
		{"late types wide", `{"entry":[` + items(50_000, `{"resource":{"id":"a","resourceType":"Basic"}}`) + `],"resourceType":"Bundle"}`, "", 40},
		{"late type missing at the bottom", late(`{"text":{"div":"` + strings.Repeat(`\"`, 1<<20) + `"}}`), "resourceType is missing", 8},
		{"deep objects", `{"resourceType":"Basic","extension":` + strings.Repeat(`[{"extension":`, 500_000), "too deep", 4},
		{"deep arrays", `{"resourceType":"Basic","extension":` + strings.Repeat(`[`, 1<<20), "must be an object", 4},
		{"deep before the type", strings.Repeat(`{"contained":[`, 500_000), "too deep", 4},
		{"deep arrays before the type", `{"contained":` + strings.Repeat(`[`, 1<<20), "too deep", 4},
		{"long number", `{"resourceType":"Observation","valueQuantity":{"value":1` + strings.Repeat("0", 1<<22) + `}}`, "", 4},
		{"long integer", `{"resourceType":"Observation","valueInteger":1` + strings.Repeat("0", 1<<22) + `}`, "not an integer", 4},
		{"long string", text(strings.Repeat("x", 1<<22)), "", 4},
		{"escapes", text(strings.Repeat(`\n`, 1<<21)), "", 6},
		{"long name of an element", `{"resourceType":"Patient","` + strings.Repeat("x", 1<<22) + `":1}`, "unknown element", 4},
		{"white space", `{"resourceType":"Patient","id":` + strings.Repeat(" ", 1<<22) + `"a"}`, "", 4},
		{"many ids of primitives", `{"resourceType":"Patient","name":[{"_given":[` + items(200_000, `{"id":"a"}`) + `],"given":[` + items(200_000, `"b"`) + `]}]}`, "", 40},
		{"many nulls", `{"resourceType":"Patient","name":[{"given":[` + items(500_000, `null`) + `]}]}`, "neither value nor extension", 40},
		{"small elements", `{"resourceType":"ActivityDefinition","useContext":[` + items(200_000, `{"id":"a"}`) + `]}`, "", 60},
		{"large empty elements", `{"resourceType":"StructureDefinition","snapshot":{"element":[` + items(200_000, `{"id":"a"}`) + `]}}`, "too many elements", 140},
		{"many resources", `{"resourceType":"Bundle","entry":[{"id":"a"},{"resource":{"resourceType":"Basic","contained":[` + items(50_000, `{"resourceType":"Measure"}`) + `]}}]}`, "too many elements", 140},
		{"the same name", `{"resourceType":"Patient",` + items(500_000, `"id":"a"`) + `}`, "twice", 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err, allocated := measure(c.doc)
			if c.problem == "" && err != nil || c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)) {
				t.Fatalf("error %.200v, want %q", err, c.problem)
			}
			if per := float64(allocated) / float64(len(c.doc)); per > c.most {
				t.Errorf("%.1f bytes allocated for each byte, want at most %.0f", per, c.most)
			}
			if err != nil {
				return
			}
			out, err := r4.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			again, err := r4.Unmarshal(out)
			if err != nil || !r4.Equal(r, again) {
				t.Errorf("comes back different (%v)", err)
			}
		})
	}
}

func measure(doc string) (r r4.Resource, err error, allocated uint64) {
	b := []byte(doc)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err = r4.Unmarshal(b)
	runtime.ReadMemStats(&after)
	return r, err, after.TotalAlloc - before.TotalAlloc
}
