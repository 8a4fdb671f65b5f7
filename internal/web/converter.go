package web

import (
	"context"
	"errors"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mapping"
)

// Converter converts a message for the page of a conversion, as the engine
// would, and keeps nothing of it.
type Converter interface {
	// Preview converts by the tables in use, with a trial laid on them. The
	// error is a *TrialError, a *mapping.Error, ErrNotWanted, or a fault.
	Preview(ctx context.Context, m *hl7.Message, t Trial) (*Preview, error)
}

// A Trial is one file of an overlay that is tried out. The zero value is none.
type Trial struct {
	File string // "segments/PID[Patient].yaml"
	YAML string
}

// A TrialError says what is wrong with a trial, or with the site's own overlays
// that it was laid on.
type TrialError struct {
	Problems []TrialProblem
}

// TrialProblem is one fault of a table file.
type TrialProblem struct {
	File string // "" when it is of no file
	Line int    // 0 when it is of none
	Text string
}

func (e *TrialError) Error() string { return "the overlay is wrong" }

// ErrNotWanted is the error for a message that the script of the site refuses.
var ErrNotWanted = errors.New("not wanted")

// A Preview is what a message would become.
type Preview struct {
	Message  *hl7.Message // that the tables saw: a script may have changed it
	Scripted bool         // a script of the site had its say
	Result   *mapping.Result
	Outcome  *r4.OperationOutcome // of the Bundle, by base R4

	// Row finds a row of the tables by the name that a Lineage has for it.
	Row func(name string) (mapping.TableRow, bool)
	// Tables are the files that an overlay may change.
	Tables []string
}
