package validate

import (
	"context"

	"github.com/ponshealth/pons/fhir/r4"
)

// Validate checks a document in JSON or XML: what is wrong with reading it, all
// at once, and then what [Validator.ValidateResource] checks in what could be read.
func (v *Validator) Validate(ctx context.Context, doc []byte, profiles ...string) *r4.OperationOutcome {
	r := v.run(ctx)
	d, err := r4.ParseLenient(doc)
	for _, p := range d.Problems {
		i := problem(p)
		if p.Kind == r4.ProblemComment {
			i.severity = v.o.Comments
		}
		r.add(i)
	}
	if d.Resource == nil {
		if len(d.Problems) == 0 && err != nil {
			r.add(issue{severity: fatal, code: "structure", text: err.Error()})
		}
		return r.outcome()
	}
	if d.Cut {
		return r.outcome() // what lacks may stand in the part that was not read
	}
	r.position, r.parsed = d.Position, true
	r.document(d.Resource, profiles)
	return r.outcome()
}

// problem turns what reading found into an issue.
func problem(p *r4.Error) issue {
	i := issue{severity: failed, code: "structure", path: p.At, text: p.Problem, line: p.Line, column: p.Column}
	switch p.Kind {
	case r4.ProblemSyntax, r4.ProblemEncoding, r4.ProblemResourceType, r4.ProblemEntity:
		i.severity, i.code = fatal, "invalid"
	case r4.ProblemFormat, r4.ProblemEmpty, r4.ProblemComment, r4.ProblemOrder, r4.ProblemNarrative, r4.ProblemNamespace, r4.ProblemTwice:
		i.code = "invalid"
	case r4.ProblemLimit:
		i.severity, i.code = fatal, "too-costly"
	}
	return i
}
