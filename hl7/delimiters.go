package hl7

import "bytes"

// Delimiters are the bytes that separate the parts of a message. MSH-1 gives
// the first, MSH-2 the others in this order (HL7 v2.9 2.5.4). A byte that MSH-2
// leaves out is 0 and separates nothing.
type Delimiters struct {
	Field        byte // usually |
	Component    byte // usually ^
	Repetition   byte // usually ~
	Escape       byte // usually \
	Subcomponent byte // usually &
	Truncation   byte // # from version 2.7 on, where it is named
}

// Standard holds the delimiters that HL7 recommends, without truncation.
var Standard = Delimiters{Field: '|', Component: '^', Repetition: '~', Escape: '\\', Subcomponent: '&'}

// header writes MSH-1 and MSH-2, up to the first delimiter that is missing.
func (d Delimiters) header() string {
	b := []byte{d.Field, d.Component, d.Repetition, d.Escape, d.Subcomponent, d.Truncation}
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// separators gives the delimiters by level. In place of one that is missing
// stands the field separator, which is in no field.
func (d Delimiters) separators() (s [levelLiteral]byte) {
	s = [...]byte{levelField: d.Field, levelRepetition: d.Repetition, levelComponent: d.Component, levelSubcomponent: d.Subcomponent}
	for i, c := range s {
		if c == 0 {
			s[i] = d.Field
		}
	}
	return s
}

// readDelimiters reads MSH-1 and MSH-2 of a line that starts with a segment
// name of three bytes.
func readDelimiters(line []byte) (Delimiters, error) {
	var d Delimiters
	if len(line) < 4 {
		return d, &SyntaxError{"MSH-1", "there is no field separator"}
	}
	d.Field = line[3]
	if !mayDelimit(d.Field) {
		return d, &SyntaxError{"MSH-1", "the field separator is a letter, a digit, a blank or a control character"}
	}
	enc := line[4:]
	if i := bytes.IndexByte(enc, d.Field); i >= 0 {
		enc = enc[:i]
	}
	switch {
	case len(enc) == 0:
		return d, &SyntaxError{"MSH-2", "there are no encoding characters"}
	case doubledEscape(enc): // by software that escaped it once too often
		enc = []byte{enc[0], enc[1], enc[2], enc[4]}
	case len(enc) > 5:
		return d, &SyntaxError{"MSH-2", "there are more than five encoding characters"}
	}
	to := [...]*byte{&d.Component, &d.Repetition, &d.Escape, &d.Subcomponent, &d.Truncation}
	for i, c := range enc {
		if !mayDelimit(c) {
			return d, &SyntaxError{"MSH-2", "an encoding character is a letter, a digit, a blank or a control character"}
		}
		if bytes.IndexByte(enc[:i], c) >= 0 {
			return d, &SyntaxError{"MSH-2", "an encoding character is used twice"}
		}
		*to[i] = c
	}
	return d, nil
}

// doubledEscape reports whether MSH-2 is like ^~\\&, with the escape character
// twice.
func doubledEscape(enc []byte) bool { return len(enc) == 5 && enc[2] == enc[3] }

// mayDelimit reports whether c can stand between values without being taken
// for one: printable ASCII that is no letter and no digit.
func mayDelimit(c byte) bool { return c > ' ' && c < 0x7f && !isAlnum(c) }

func isAlnum(c byte) bool { return isUpper(c) || isDigit(c) || 'a' <= c && c <= 'z' }
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
