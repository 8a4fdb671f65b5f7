package fhirpath_test

import (
	"encoding/xml"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/r4"
)

// FuzzExpression compiles and evaluates anything. Nothing may panic, the work is
// bounded, what String writes is the same expression again, and the result is what
// the check against the model says.
func FuzzExpression(f *testing.F) {
	for _, expr := range hostile {
		f.Add(expr)
	}
	if doc, err := os.ReadFile(suiteFile); err == nil {
		var s suite
		if err := xml.Unmarshal(doc, &s); err != nil {
			f.Fatal(err)
		}
		for _, g := range s.Groups {
			for _, test := range g.Tests {
				f.Add(test.Expression.Text)
			}
		}
	}
	p := patient()
	env := &fhirpath.Env{Now: time.Date(2024, 5, 17, 10, 0, 0, 0, time.UTC), MaxSteps: 20000, Trace: func(string, fhirpath.Collection) {}}
	f.Fuzz(func(t *testing.T, expr string) {
		e, err := fhirpath.Compile(expr)
		if err != nil {
			return
		}
		again, err := fhirpath.Compile(e.String())
		if err != nil {
			t.Fatalf("%q becomes %q: %v", expr, e.String(), err)
		}
		if again.String() != e.String() {
			t.Fatalf("%q becomes %q becomes %q", expr, e.String(), again.String())
		}
		a, errA := e.Evaluate(env, p)
		known, err := fhirpath.Infer(e, r4.TypeOf(p))
		if err == nil && len(a) > 1 && !known.Many {
			t.Fatalf("%q gives %v, and the check says one item", expr, texts(a))
		}
		for _, i := range a {
			if err == nil && !known.Any && !known.Types[i.TypeName()] {
				t.Fatalf("%q gives %v, and the check says %v", expr, texts(a), known.Types)
			}
		}
		b, errB := again.Evaluate(env, p)
		if (errA == nil) != (errB == nil) || !slices.Equal(texts(a), texts(b)) {
			t.Fatalf("%q gives %v, %v; %q gives %v, %v", expr, texts(a), errA, e.String(), texts(b), errB)
		}
	})
}

func texts(c fhirpath.Collection) []string {
	var all []string
	for _, i := range c {
		all = append(all, i.TypeName()+" "+i.Text())
	}
	return all
}

// hostile are expressions that would take all time or memory if they could.
var hostile = []string{
	"repeat($this)",
	"repeat(children() | descendants())",
	"(1 | 2).repeat($this + 1)",
	"'x'.repeat($this + 'x')",
	"'x'.repeat($this + $this)",
	"'xxxxxxxxxx'.replace('x', 'xxxxxxxxxx').replace('x', 'xxxxxxxxxx').replace('x', 'xxxxxxxxxx').replace('x', 'xxxxxxxxxx')" +
		".replace('x', 'xxxxxxxxxx').replace('x', 'xxxxxxxxxx').replace('x', 'xxxxxxxxxx').replace('x', 'xxxxxxxxxx')",
	"(1|2|3|4|5|6|7|8|9).aggregate($total & $total & 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 'x').length()",
	"descendants().descendants().descendants().descendants().descendants().count()",
	"descendants().select(%resource.descendants().select(%resource.descendants().select(%resource.descendants().select(%resource.descendants())))).count()",
	"2.power(2147483647)", "2.0.power(0.000000001).power(2147483647)", "99999999.exp()", "(-99999999).exp()",
	"9.repeat($this * $this)", "9.9.repeat($this * $this)", "9.9 'm'.repeat($this * $this)",
	"'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'.matches('(a*)*b')",
	"'a'.matches('((((a{100}){100}){100}){100})')",
	"@2024-01-01 + 2147483647 years", "@2024-01-01T00:00:00Z - 2147483647 milliseconds", "@T10:00 + 2147483647 hours",
	strings.Repeat("(", 5000), strings.Repeat("-", 5000) + "1", "1" + strings.Repeat("+1", 5000), "a" + strings.Repeat(".a", 5000),
	strings.Repeat("iif(true,", 300) + "1" + strings.Repeat(")", 300),
	strings.Repeat("repeat(", 60) + "$this" + strings.Repeat(")", 60),
	"name.select(" + strings.Repeat("descendants().select(", 20) + "1" + strings.Repeat(")", 21),
}
