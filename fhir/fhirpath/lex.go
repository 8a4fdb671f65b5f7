package fhirpath

import "strings"

// token is a lexical element (FHIRPath N1, "Lexical Elements").
type token struct {
	kind tokenKind
	at   pos
	text string // of a name or string: unescaped; otherwise as written
}

type tokenKind uint8

const (
	tokEnd      tokenKind = iota
	tokName               // given, as, div
	tokQuoted             // `given`
	tokString             // 'text'
	tokNumber             // 1.50
	tokDate               // @2024-05
	tokDateTime           // @2024-05-17T10:00Z
	tokTime               // @T10:00
	tokDollar             // $this
	tokSymbol             // + <= (
)

// symbols with two characters; all others have one.
var doubles = [...]string{"<=", ">=", "!=", "!~"}

// lexer cuts an expression into tokens.
type lexer struct {
	text string
	n    int // next byte
}

// next returns the next token.
func (l *lexer) next() (token, error) {
	if err := l.skip(); err != nil {
		return token{}, err
	}
	t := token{at: pos(l.n)}
	if l.n == len(l.text) {
		return t, nil
	}
	rest := l.text[l.n:]
	switch c := rest[0]; {
	case isLetter(c):
		t.kind, t.text = tokName, rest[:span(rest, isNamePart)]
	case isDigit(c):
		t.kind, t.text = tokNumber, rest[:numberLen(rest)]
	case c == '$':
		t.kind, t.text = tokDollar, rest[:1+span(rest[1:], isNamePart)]
	case c == '@':
		return l.moment(t, rest)
	case c == '\'' || c == '`', c == '"' && strings.HasSuffix(l.text[:l.n], "%"): // FHIR R4 writes %"vs-name"
		return l.quoted(t, rest)
	case strings.IndexByte("+-*/&|<>=~!()[]{}.,%", c) >= 0:
		t.kind, t.text = tokSymbol, rest[:1]
		for _, d := range doubles {
			if strings.HasPrefix(rest, d) {
				t.text = d
			}
		}
		if t.text == "!" {
			return t, t.at.fail("unexpected '!'")
		}
	default:
		return t, t.at.fail("a character that has no place in an expression")
	}
	l.n += len(t.text)
	return t, nil
}

// skip passes over white space and comments.
func (l *lexer) skip() error {
	for l.n < len(l.text) {
		switch c := l.text[l.n]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			l.n++
		case strings.HasPrefix(l.text[l.n:], "//"):
			end := strings.IndexByte(l.text[l.n:], '\n')
			if end < 0 {
				end = len(l.text) - l.n
			}
			l.n += end
		case strings.HasPrefix(l.text[l.n:], "/*"):
			at := pos(l.n)
			end := strings.Index(l.text[l.n+2:], "*/")
			if end < 0 {
				return at.fail("a comment without end")
			}
			l.n += end + 4
		default:
			return nil
		}
	}
	return nil
}

// quoted reads a string or a delimited identifier.
func (l *lexer) quoted(t token, rest string) (token, error) {
	t.kind = tokString
	if rest[0] != '\'' {
		t.kind = tokQuoted
	}
	end := 1
	for ; end < len(rest) && rest[end] != rest[0]; end++ {
		if rest[end] == '\\' {
			end++
		}
	}
	if end >= len(rest) {
		return t, t.at.fail("a quotation without end")
	}
	text, ok := unescape(rest[1:end])
	if !ok {
		return t, t.at.fail("an escape sequence that does not exist")
	}
	if t.kind == tokQuoted && text == "" {
		return t, t.at.fail("an empty name")
	}
	t.text = text
	l.n += end + 1
	return t, nil
}

// moment reads a literal date or time.
func (l *lexer) moment(t token, rest string) (token, error) {
	n := 1
	if strings.HasPrefix(rest, "@T") {
		t.kind = tokTime
		n = 2 + clockLen(rest[2:])
		if n == 2 {
			return t, t.at.fail("a time without hour")
		}
	} else {
		t.kind = tokDate
		n += dateLen(rest[1:])
		if n == 1 {
			return t, t.at.fail("a date without year")
		}
		if n < len(rest) && rest[n] == 'T' {
			t.kind = tokDateTime
			n++
			if clock := clockLen(rest[n:]); clock > 0 {
				n += clock
				n += zoneLen(rest[n:])
			}
		}
	}
	t.text = rest[1:n]
	l.n += n
	return t, nil
}

// dateLen returns how long the date at the start of s is: yyyy, yyyy-mm, yyyy-mm-dd.
func dateLen(s string) int {
	switch {
	case digits(s, "dddd-dd-dd"):
		return 10
	case digits(s, "dddd-dd"):
		return 7
	case digits(s, "dddd"):
		return 4
	}
	return 0
}

// clockLen returns how long the time of day at the start of s is.
func clockLen(s string) int {
	switch {
	case digits(s, "dd:dd:dd.d"):
		return 9 + span(s[9:], isDigit)
	case digits(s, "dd:dd:dd"):
		return 8
	case digits(s, "dd:dd"):
		return 5
	case digits(s, "dd"):
		return 2
	}
	return 0
}

func zoneLen(s string) int {
	switch {
	case strings.HasPrefix(s, "Z"):
		return 1
	case digits(s, "+dd:dd"), digits(s, "-dd:dd"):
		return 6
	}
	return 0
}

// digits says whether s starts with pattern, where d stands for a digit.
func digits(s, pattern string) bool {
	if len(s) < len(pattern) {
		return false
	}
	for i := range len(pattern) {
		if pattern[i] == 'd' && !isDigit(s[i]) || pattern[i] != 'd' && pattern[i] != s[i] {
			return false
		}
	}
	return true
}

func numberLen(s string) int {
	n := span(s, isDigit)
	if n+1 < len(s) && s[n] == '.' && isDigit(s[n+1]) {
		n += 1 + span(s[n+1:], isDigit)
	}
	return n
}

func span(s string, in func(byte) bool) int {
	n := 0
	for n < len(s) && in(s[n]) {
		n++
	}
	return n
}

func isLetter(c byte) bool   { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
func isDigit(c byte) bool    { return c >= '0' && c <= '9' }
func isNamePart(c byte) bool { return isLetter(c) || isDigit(c) }
