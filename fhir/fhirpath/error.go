package fhirpath

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Error says what is wrong with an expression, or why it cannot be evaluated on
// its input. It never holds a value of the data.
type Error struct {
	Line, Column int    // where in the expression, from 1; columns count characters
	Problem      string // what is wrong there
	limit        bool
}

// At returns the place as line:column.
func (e *Error) At() string { return strconv.Itoa(e.Line) + ":" + strconv.Itoa(e.Column) }

// Error returns the place and the problem.
func (e *Error) Error() string { return "fhirpath: " + e.At() + ": " + e.Problem }

// IsLimit says whether an evaluation ended because it was about to take more
// steps or memory than it may (see Env.MaxSteps).
func IsLimit(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.limit
}

// pos is a place in an expression: a number of bytes from its start.
type pos int32

// fault is an error at a place of an expression, whose text is known elsewhere.
type fault struct {
	at      pos
	problem string
	limit   bool
	cause   error // of a function of the caller
}

func (f *fault) Error() string { return f.problem }

func (p pos) fail(problem string) error { return &fault{at: p, problem: problem} }

// place gives an error that came from below the place where it arose, unless it
// has one.
func (p pos) place(err error) error {
	if _, ok := err.(*fault); ok {
		return err
	}
	switch plain := err.(type) {
	case problem:
		return &fault{at: p, problem: string(plain)}
	case limit:
		return &fault{at: p, problem: string(plain), limit: true}
	}
	return &fault{at: p, problem: err.Error(), cause: err}
}

// problem is an error without a place.
type problem string

func (p problem) Error() string { return string(p) }

// limit is an error of an evaluation that goes too far.
type limit string

func (l limit) Error() string { return string(l) }

// locate makes the *Error that callers see.
func locate(text string, err error) error {
	f, ok := err.(*fault)
	if !ok {
		return err
	}
	before := text[:min(int(f.at), len(text))]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	e := &Error{
		Line: 1 + strings.Count(before, "\n"), Column: 1 + utf8.RuneCountInString(line),
		Problem: f.problem, limit: f.limit,
	}
	if f.cause != nil {
		return &caused{e, f.cause}
	}
	return e
}

// caused is an error of a function that the caller gave, with its place.
type caused struct {
	at    *Error
	cause error
}

func (e *caused) Error() string   { return e.at.Error() }
func (e *caused) Unwrap() []error { return []error{e.at, e.cause} }
