package patch

import (
	"errors"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// A Kind says what is to be done about an error. A server answers with the HTTP
// status in parentheses (FHIR R4 http.html#patch, RFC 5789).
type Kind uint8

const (
	Malformed Kind = iota // the patch is not one of its format (400)
	Failed                // an operation cannot be done here: no such place, a test that does not hold (422)
	Invalid               // what comes out is no valid resource, or another one (422)
	Stale                 // the resource has another version than the one asked for (412)
	TooLarge              // a limit of this package (413)
)

var kinds = [...]string{"malformed", "failed", "invalid", "stale", "too large"}

// String returns the name of the kind, such as "failed".
func (k Kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k]
	}
	return "unknown"
}

// Error says why a patch was not applied. It holds no value of the resource or
// of the patch: literals within a path are left out.
type Error struct {
	Kind      Kind
	Operation int    // from 0; -1 if it is not about one operation
	Type      string // of the operation: "add"; "" if unknown
	Path      string // of the operation: "/name/0"; "" if unknown
	Problem   string // such as "there is no such place"
	Err       error  // what is behind it, such as an *r4.Error; may be nil
}

func (e *Error) Error() string {
	s := "patch: "
	if e.Operation >= 0 {
		s += "operation " + strconv.Itoa(e.Operation)
		switch {
		case e.Type != "" && e.Path != "":
			s += " (" + e.Type + " " + e.Path + ")"
		case e.Type != "":
			s += " (" + e.Type + ")"
		}
		s += ": "
	}
	s += e.Problem
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// whole is an error that is not about one operation.
func whole(k Kind, problem string) *Error { return &Error{Kind: k, Operation: -1, Problem: problem} }

// unreadable is the error of a document that does not parse, or not within the
// limits.
func unreadable(what, problem string) *Error {
	for _, limit := range []string{errDepth.Problem, tooMany, tooManyPrefixes} {
		if strings.HasPrefix(problem, limit) {
			return whole(TooLarge, what+problem)
		}
	}
	return whole(Malformed, what+problem)
}

// notResource is the error of a result that r4 refuses. The lines are those of no
// document that a caller has.
func notResource(err error) *Error {
	if e, ok := errors.AsType[*r4.Error](err); ok {
		err = &r4.Error{At: e.At, Kind: e.Kind, Problem: e.Problem}
	}
	return &Error{Kind: Invalid, Operation: -1, Problem: "the result is no valid resource", Err: err}
}

// failed is an error of the operation that runs; the caller says which it is.
func failed(problem string) *Error { return &Error{Kind: Failed, Problem: problem} }

// The limits of a patch; see the package documentation.
const (
	maxPatch       = 4 << 20 // bytes of a patch document
	maxPatchValues = 200_000 // values or nodes in it
	maxValues      = 2 << 20 // values or nodes of a document that is patched
	maxPrefixes    = 64      // namespace declarations in force
	maxOperations  = 1000
	maxGrowth      = 4 << 20 // bytes that copies may add
	maxMoves       = 8 << 20 // items of lists that inserts and removals may shift, values that may be moved
	maxDepth       = 256     // values inside one another
)

// budget is what the operations of one run may still use up.
type budget struct{ growth, moves int }

func newBudget() *budget { return &budget{growth: maxGrowth, moves: maxMoves} }

func (b *budget) grow(n int) *Error {
	if b.growth -= n; b.growth < 0 {
		return &Error{Kind: TooLarge, Problem: "copies make the document too large"}
	}
	return nil
}

func (b *budget) move(n int) *Error {
	if b.moves -= n; b.moves < 0 {
		return &Error{Kind: TooLarge, Problem: "too many operations on long lists or large values"}
	}
	return nil
}

var errDepth = &Error{Kind: TooLarge, Problem: "nested too deep"}
