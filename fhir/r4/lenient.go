package r4

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// A Document is what [ParseLenient] makes of a text. It is not made for several
// goroutines at once.
type Document struct {
	// Resource holds what could be read. Texts of a wrong format are kept where
	// the field is a string; numbers and booleans that are none are left out.
	Resource Resource
	// Problems are all that were found, in the order of the document, up to a
	// thousand. Without any, [Unmarshal] or [UnmarshalXML] accepts the document.
	Problems []*Error
	// Unknown is what the document says and Resource cannot hold.
	Unknown []Unknown
	// XML says that the document is XML and not JSON.
	XML bool
	// Cut says that reading stopped before the end of the document, so that
	// what Resource lacks may be there nevertheless.
	Cut bool

	source string
	lines  []int   // where each line begins, once that was asked for
	places *places // nil until it is asked for
	work   int     // that reading took, for tests
}

// Unknown is a part of a document that its resource cannot hold: an element
// that the type does not have, a value of the wrong shape, a name that was there
// before. Unlike an [Error] it holds data of the document.
type Unknown struct {
	Kind         ProblemKind // why: ProblemUnknown is a name that the type does not have
	At           string      // the element that it is part of, such as "Patient.name[0]"
	Name         string      // its own name in the document: of the JSON member, of the XML element or attribute
	Source       string      // its value as the document has it: JSON, an XML element, the text of an attribute
	Line, Column int         // from 1, the column in bytes
}

// maxProblems is how many problems of a document are told.
const maxProblems = 1000

// ParseLenient reads a resource from JSON or XML (whichever its first character
// says) as far as that is possible: it does not stop at the first problem, but
// lists all of them and keeps what it does not know. It finds no problem exactly
// where [Unmarshal] or [UnmarshalXML] accepts the document, and then takes as long
// as they.
//
// Beyond that it reads on after a missing or superfluous comma, missing quotes,
// comments in JSON, a wrong bracket, an end tag that is missing, and takes values
// of a wrong shape where they are clear: "true" for true, 5 for "5", a value
// alone for a list of one.
//
// The limits are those of [Unmarshal]. The error is an *[Error]; it comes when
// there is no resource to be had: neither JSON nor XML, or no type of R4. The
// document is not nil even then, and has the problems that were found.
func ParseLenient(b []byte) (*Document, error) {
	d := &Document{source: string(b)}
	d.XML = looksLikeXML(d.source)
	var e *Error
	d.Resource, e = d.strict()
	if e == nil {
		return d, nil
	}
	d.lenient()
	if len(d.Problems) == 0 {
		d.Problems = append(d.Problems, e)
	}
	if d.Resource == nil {
		return d, d.Problems[0]
	}
	return d, nil
}

// looksLikeXML says whether the first character is that of an element.
func looksLikeXML(s string) bool {
	s = strings.TrimLeft(strings.TrimPrefix(s, "\ufeff"), " \t\r\n")
	return s != "" && s[0] == '<'
}

// strict reads the source as Unmarshal or UnmarshalXML does.
func (d *Document) strict() (Resource, *Error) {
	read := Unmarshal
	if d.XML {
		read = UnmarshalXML
	}
	r, err := read(bytesOf(d.source))
	e, _ := err.(*Error)
	return r, e
}

// lenient reads the source once more and takes down all problems and places.
func (d *Document) lenient() {
	d.Resource, d.Problems, d.Unknown = nil, nil, nil
	d.places = &places{}
	if !utf8.ValidString(d.source) {
		d.problem(ProblemEncoding, badUTF8(d.source), "", notUTF8(d.source))
		d.source, d.lines = strings.ToValidUTF8(d.source, "\ufffd"), nil
	}
	if d.XML {
		d.lenientXML()
	} else {
		d.lenientJSON(d.source)
	}
	slices.SortStableFunc(d.Problems, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// badUTF8 returns where the first bytes are that are not UTF-8.
func badUTF8(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n < 2 {
				return i
			}
		}
	}
	return 0
}

// problem takes down a problem.
func (d *Document) problem(kind ProblemKind, pos int, at, text string) {
	switch {
	case len(d.Problems) > maxProblems:
		return
	case len(d.Problems) == maxProblems:
		kind, at, text = ProblemLimit, "", "more problems than are told"
	}
	line, column := d.lineAt(pos)
	d.Problems = append(d.Problems, &Error{At: at, Line: line, Column: column, Kind: kind, Problem: text})
}

// Position returns where an element begins: the line and the column, both from
// 1, the column in bytes. The path is that of [Node.Path] and of [Error].At. ok
// is false when the document has no such element.
func (d *Document) Position(path string) (line, column int, ok bool) {
	if d.places == nil {
		again := &Document{XML: d.XML, source: d.source}
		again.lenient()
		d.places, d.lines = again.places, again.lines
	}
	pos, ok := d.places.lookup(path)
	if !ok {
		return 0, 0, false
	}
	line, column = d.lineAt(pos)
	return line, column, true
}

// lineAt returns the line and the column of a place in the source.
func (d *Document) lineAt(pos int) (line, column int) {
	if d.lines == nil {
		d.lines = append(make([]int, 0, strings.Count(d.source, "\n")+1), 0)
		for at := 0; ; {
			n := strings.IndexByte(d.source[at:], '\n')
			if n < 0 {
				break
			}
			at += n + 1
			d.lines = append(d.lines, at)
		}
	}
	line = sort.SearchInts(d.lines, pos+1)
	return line, pos - d.lines[line-1] + 1
}
