package r4

import (
	"strconv"
	"strings"
)

// Error says what is wrong with a document or a value, and where. It never
// holds the value itself.
type Error struct {
	At      string      // the element, such as "Patient.contact[0].name"; "" if none is known
	Line    int         // in the document, from 1; 0 if there is none
	Column  int         // in the line, from 1, in bytes; 0 if it is not known
	Kind    ProblemKind // the class of problem, where it is known
	Problem string      // such as "unknown element"

	all func() []*Error // of the document; see All
}

func (e *Error) Error() string {
	s := e.Problem
	if e.At != "" {
		s = e.At + ": " + s
	}
	if e.Line > 0 {
		s += " (line " + strconv.Itoa(e.Line) + ")"
	}
	return s
}

// All returns all problems of the document that was refused, in its order, as
// [ParseLenient] finds them; for an error that is not about a document, only
// itself. The document is read once more for it, at each call; until the error is
// dropped, it stays in memory.
func (e *Error) All() []*Error {
	if e.all != nil {
		if all := e.all(); len(all) > 0 {
			return all
		}
	}
	return []*Error{e}
}

// of makes source, which it copies, known as the document that the error is about.
func (e *Error) of(source string, xml bool) *Error {
	source = strings.Clone(source)
	e.all = func() []*Error {
		d := &Document{XML: xml, source: source}
		d.lenient()
		return d.Problems
	}
	return e
}

// in puts the error one level deeper: under the element at.
func (e *Error) in(at string) *Error {
	switch {
	case e.At == "" || e.At[0] == '[':
		e.At = at + e.At
	default:
		e.At = at + "." + e.At
	}
	return e
}

// at puts the error into item i of a list.
func (e *Error) at(i int) *Error { return e.in("[" + strconv.Itoa(i) + "]") }

// cleanName returns name if it looks like the name of an element, so that an
// error may show it, and "" if it might be data.
func cleanName(name string) string {
	if name == "" || len(name) > 40 || strings.IndexFunc(name, func(r rune) bool {
		return r != '_' && (r > 'z' || !isDigit(byte(r)) && !isLetter(byte(r)))
	}) >= 0 {
		return ""
	}
	return strings.Clone(name) // it may lie in a document that is not kept
}
