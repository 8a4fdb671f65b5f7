package validate

import "strings"

// ecl reads an expression of the SNOMED CT Expression Constraint Language as far
// as its frame goes: concepts, hierarchy operators, AND, OR, MINUS, brackets.
// What follows a colon (refinements) and stands in double braces (filters) is
// only asked to have its brackets closed.
type ecl struct{ rest string }

// goodECL says whether a text is an expression constraint.
func goodECL(s string) bool {
	e := &ecl{rest: s}
	return e.constraint(0) && e.next() == ""
}

// next is what remains, without the blanks and comments before it.
func (e *ecl) next() string {
	for {
		e.rest = strings.TrimLeft(e.rest, " \t\r\n")
		after, ok := strings.CutPrefix(e.rest, "/*")
		if !ok {
			return e.rest
		}
		_, e.rest, ok = strings.Cut(after, "*/")
		if !ok {
			e.rest = "?"
		}
	}
}

// take cuts one of the tokens off, the first that fits.
func (e *ecl) take(tokens ...string) bool {
	s := e.next()
	for _, t := range tokens {
		if len(s) >= len(t) && strings.EqualFold(s[:len(t)], t) {
			e.rest = s[len(t):]
			return true
		}
	}
	return false
}

func (e *ecl) constraint(depth int) bool {
	if depth > 50 || !e.operand(depth) {
		return false
	}
	for e.take("AND", "OR", "MINUS", ",") {
		if !e.operand(depth) {
			return false
		}
	}
	return true
}

func (e *ecl) operand(depth int) bool {
	e.take("<<!", ">>!", "<!", ">!", "<<", ">>", "<", ">", "!!>", "!!<")
	if e.take("^") && strings.HasPrefix(e.next(), "[") && !e.balanced() {
		return false
	}
	switch {
	case e.take("("):
		if !e.constraint(depth+1) || !e.take(")") {
			return false
		}
	case e.take("*"):
	default:
		if !e.concept() {
			return false
		}
	}
	for strings.HasPrefix(e.next(), "{{") {
		if !e.balanced() {
			return false
		}
	}
	for e.take(".") {
		if !e.operand(depth + 1) {
			return false
		}
	}
	if e.take(":") {
		return e.refinement()
	}
	return true
}

// concept reads an identifier, and the term behind it.
func (e *ecl) concept() bool {
	s := e.next()
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n < 6 || n > 18 {
		return false
	}
	e.rest = s[n:]
	if e.take("|") {
		_, rest, ok := strings.Cut(e.rest, "|")
		e.rest = rest
		return ok
	}
	return true
}

// refinement skips to the end of what a colon begins: the end of the text, or
// the bracket that closes the constraint around it.
func (e *ecl) refinement() bool {
	some := false
	for {
		s := e.next()
		switch {
		case s == "" || s[0] == ')':
			return some
		case s[0] == '(' || s[0] == '{' || s[0] == '[':
			if !e.balanced() {
				return false
			}
		case s[0] == '}' || s[0] == ']':
			return false
		case s[0] == '|' || s[0] == '"':
			_, rest, ok := strings.Cut(s[1:], s[:1])
			if !ok {
				return false
			}
			e.rest = rest
		default:
			e.rest = s[1:]
		}
		some = true
	}
}

// balanced skips from an opening bracket behind the one that closes it.
func (e *ecl) balanced() bool {
	var open []byte
	closes := map[byte]byte{')': '(', ']': '[', '}': '{'}
	for e.next() != "" {
		c := e.rest[0]
		e.rest = e.rest[1:]
		switch c {
		case '(', '[', '{':
			open = append(open, c)
		case ')', ']', '}':
			if len(open) == 0 || open[len(open)-1] != closes[c] {
				return false
			}
			if open = open[:len(open)-1]; len(open) == 0 {
				return true
			}
		case '|', '"':
			_, rest, ok := strings.Cut(e.rest, string(c))
			if !ok {
				return false
			}
			e.rest = rest
		}
	}
	return false
}
