package fhirpath_test

import (
	"errors"
	"testing"

	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/r4"
)

// Hostile expressions end, by an error or a result, and soon: the steps of each
// are bounded.
func TestHostile(t *testing.T) {
	env := &fhirpath.Env{MaxSteps: 200_000}
	limited := 0
	for _, expr := range hostile {
		e, err := fhirpath.Compile(expr)
		if err != nil {
			continue
		}
		_, _ = fhirpath.CompileFor(expr, r4.TypeOf(patient())) // ends, too
		c, err := e.Evaluate(env, patient())
		if fhirpath.IsLimit(err) {
			limited++
		}
		for _, i := range c {
			if n := len(i.Text()); n > 9<<20 {
				t.Errorf("%.60s: a result of %d bytes", expr, n)
			}
		}
	}
	if limited < 5 {
		t.Error("only", limited, "expressions reach a limit")
	}
}

// An error has its place in the expression, in lines and characters.
func TestErrorPlace(t *testing.T) {
	_, err := fhirpath.Compile("name\n  .wöhre(1)")
	var e *fhirpath.Error
	if !errors.As(err, &e) || e.Line != 2 || e.Column != 5 {
		t.Error(err)
	}
	_, err = fhirpath.MustCompile("'ö' +\n(1 | 2)").Evaluate(nil, nil)
	if !errors.As(err, &e) || e.At() != "1:5" {
		t.Error(err)
	}
	cause := errors.New("the terminology is away")
	env := &fhirpath.Env{MemberOf: func(fhirpath.Item, string) (bool, error) { return false, cause }}
	_, err = fhirpath.MustCompile("active.memberOf('x')").Evaluate(env, patient())
	if !errors.Is(err, cause) || !errors.As(err, &e) || e.At() != "1:8" {
		t.Error(err)
	}
}
