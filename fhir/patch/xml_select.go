package patch

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// selector is a parsed "sel": the XPath that RFC 5261 4.3 has, and in
// predicates also paths and "and", which selectors of FHIR's deep elements need:
//
//	["/"] step {"/" step} ["/" leaf]
//	step      = [prefix ":"] name | "*", with predicates; the first may be id('x')
//	leaf      = "@" name | "text()" | "comment()" | "processing-instruction('x')" | "namespace::" prefix
//	predicate = "[" number "]" | "[" test {"and" test} "]"
//	test      = path ["=" literal], a path being ".", steps, "@name", or steps and "/@name"
type selector struct {
	id    string // of id('...'); steps begin there
	byID  bool
	steps []step
}

type axis uint8

const (
	axisChild axis = iota
	axisAttribute
	axisText
	axisComment
	axisInstruction
	axisNamespace
	axisSelf
)

type step struct {
	axis       axis
	any        bool // "*"
	name       name // target of an instruction, prefix of a namespace: local
	predicates []predicate
}

// predicate is a position from 1, or tests that must all hold.
type predicate struct {
	position int
	tests    []test
}

type test struct {
	path  []step
	equal bool
	value string
}

// selectorParser reads one; scope says what its prefixes mean.
type selectorParser struct {
	s     string
	pos   int
	depth int
	scope []declaration
}

// parseSelector reads sel. problem is "" if it is within the subset.
func parseSelector(s string, scope []declaration) (sel selector, problem string) {
	p := selectorParser{s: strings.TrimSpace(s), scope: scope}
	if v, ok := p.idFunction(); ok {
		sel.id, sel.byID = v, true
		if p.pos == len(p.s) {
			return sel, ""
		}
		if !p.take("/") {
			return sel, notSelector
		}
	} else {
		p.take("/")
	}
	sel.steps, problem = p.path()
	if problem == "" && p.pos < len(p.s) {
		problem = notSelector
	}
	return sel, problem
}

const notSelector = "the selector is none of RFC 5261"

func (p *selectorParser) take(token string) bool {
	if strings.HasPrefix(p.s[p.pos:], token) {
		p.pos += len(token)
		return true
	}
	return false
}

func (p *selectorParser) blanks() {
	for p.pos < len(p.s) && isWhite(p.s[p.pos]) {
		p.pos++
	}
}

func (p *selectorParser) literal() (string, bool) {
	if p.pos >= len(p.s) || p.s[p.pos] != '\'' && p.s[p.pos] != '"' {
		return "", false
	}
	end := strings.IndexByte(p.s[p.pos+1:], p.s[p.pos])
	if end < 0 {
		return "", false
	}
	v := p.s[p.pos+1 : p.pos+1+end]
	p.pos += end + 2
	return v, true
}

func (p *selectorParser) idFunction() (string, bool) {
	if !p.take("id(") {
		return "", false
	}
	p.blanks()
	v, ok := p.literal()
	p.blanks()
	return v, ok && p.take(")")
}

// path reads steps; one of an axis other than child ends it.
func (p *selectorParser) path() (steps []step, problem string) {
	for {
		s, problem := p.step()
		if problem != "" {
			return nil, problem
		}
		steps = append(steps, s)
		if !p.take("/") {
			return steps, ""
		}
		if s.axis != axisChild && s.axis != axisSelf {
			return nil, notSelector
		}
	}
}

func (p *selectorParser) step() (s step, problem string) {
	ok := true
	switch {
	case p.take("@"):
		s.axis = axisAttribute
		s.name, ok = p.name(false)
	case p.take("namespace::"):
		s.axis = axisNamespace
		s.name.local = p.word()
		ok = s.name.local != ""
	case p.take("text()"):
		s.axis = axisText
	case p.take("comment()"):
		s.axis = axisComment
	case p.take("processing-instruction("):
		s.axis = axisInstruction
		if !p.take(")") {
			s.name.local, ok = p.literal()
			ok = ok && p.take(")")
		}
	case p.take("."):
		s.axis = axisSelf
	case p.take("*"):
		s.any = true
	default:
		s.name, ok = p.name(true)
	}
	if !ok {
		return s, notSelector
	}
	for p.pos < len(p.s) && p.s[p.pos] == '[' {
		q, problem := p.predicate()
		if problem != "" {
			return s, problem
		}
		s.predicates = append(s.predicates, q)
	}
	return s, ""
}

func (p *selectorParser) word() string {
	from := p.pos
	for p.pos < len(p.s) && strings.IndexByte("/@[]()='\":,.* \t\r\n|", p.s[p.pos]) < 0 {
		p.pos++
	}
	return p.s[from:p.pos]
}

// name reads a qualified name. An element without prefix is in the default
// namespace of the place in the patch (RFC 5261 4.2.2). The prefixes f and h
// mean FHIR and XHTML where the patch does not say what they are.
func (p *selectorParser) name(element bool) (name, bool) {
	w := xml.Name{Local: p.word()}
	if p.take(":") {
		w.Space, w.Local = w.Local, p.word()
		if w.Space == "" {
			return name{}, false
		}
	}
	switch {
	case w.Local == "":
		return name{}, false
	case w.Space == "" && !element:
		return name{local: w.Local}, true
	}
	n, ok := resolve(w, p.scope)
	if !ok && (w.Space == "f" || w.Space == "h") {
		n, ok = name{w.Space, spaceFHIR, w.Local}, true
		if w.Space == "h" {
			n.space = spaceXHTML
		}
	}
	return n, ok
}

func (p *selectorParser) predicate() (q predicate, problem string) {
	if p.depth++; p.depth > 8 {
		return q, notSelector
	}
	defer func() { p.depth-- }()
	p.pos++ // [
	p.blanks()
	from := p.pos
	for p.pos < len(p.s) && '0' <= p.s[p.pos] && p.s[p.pos] <= '9' {
		p.pos++
	}
	if p.pos > from {
		n, err := strconv.Atoi(p.s[from:p.pos])
		p.blanks()
		if err != nil || n < 1 || !p.take("]") {
			return q, notSelector
		}
		return predicate{position: n}, ""
	}
	for {
		var t test
		if t.path, problem = p.path(); problem != "" {
			return q, problem
		}
		p.blanks()
		if p.take("=") {
			p.blanks()
			if t.value, t.equal = p.literal(); !t.equal {
				return q, notSelector
			}
			p.blanks()
		}
		q.tests = append(q.tests, t)
		switch {
		case p.take("]"):
			return q, ""
		case p.take("and") && p.pos < len(p.s) && isWhite(p.s[p.pos]):
			p.blanks()
		default:
			return q, notSelector
		}
	}
}
