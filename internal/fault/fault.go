// Package fault gives an error a kind and a place, so that every edge of the
// engine (MLLP, HTTP, queue, command line) can translate it once, in one table.
//
// A fault says where in the data the trouble is ("PID-7", "Patient.birthDate"),
// never what the data was: error text reaches logs, and logs hold no patient
// data.
package fault

import (
	"errors"
	"fmt"
)

// Kind is the class of a failure. The set is closed and small on purpose.
type Kind uint8

// Kinds of failure.
const (
	Internal    Kind = iota // a bug, or a failure nobody has classified
	Invalid                 // the input breaks its own rules
	Unsupported             // the input is right but we do not handle it
	NotFound                // the thing asked for is not there
	Gone                    // the thing asked for was there and is deleted
	Conflict                // somebody else changed it first
	TooLarge                // over a limit
	Denied                  // the caller may not do this
	Busy                    // may succeed if tried again
)

var names = [...]string{
	"internal", "invalid", "unsupported", "not-found", "gone", "conflict", "too-large", "denied", "busy",
}

// Kinds returns every kind, for tests that walk an edge's table.
func Kinds() []Kind {
	all := make([]Kind, len(names))
	for i := range all {
		all[i] = Kind(i)
	}
	return all
}

func (k Kind) String() string {
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Error is a failure with a kind and a place in the data.
type Error struct {
	Kind Kind
	At   string // place in the data, such as "PID-3.1"; never a value
	Err  error
}

func (e *Error) Error() string {
	if e.At == "" {
		return e.Err.Error()
	}
	return e.At + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// New returns a fault with a text of its own. The text must not quote data.
func New(k Kind, at, format string, args ...any) error {
	return &Error{Kind: k, At: at, Err: fmt.Errorf(format, args...)}
}

// Wrap gives err a kind and a place. A nil err stays nil.
func Wrap(k Kind, at string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: k, At: at, Err: err}
}

// KindOf finds the kind of err, however deep. An error with none is Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// At finds the place of err, however deep, or "".
func At(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.At
	}
	return ""
}
