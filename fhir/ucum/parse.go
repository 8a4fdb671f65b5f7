package ucum

import (
	"math/big"
	"strconv"
	"strings"
)

// parser reads the grammar of UCUM (the syntax at its end) by recursive
// descent:
//
//	main      = ["/"] term
//	term      = component { ("." | "/") component }
//	component = ("(" term ")" | number | unit [exponent]) [annotation] | annotation
//
// Products are read from left to right: "a/b.c" is "(a/b).c". In two places this
// is wider than the grammar: it has no annotation after a number or a
// parenthesis, and no blank within one. The published tests of UCUM take
// "1{c}", and the list of common codes that FHIR publishes (ValueSet
// ucum-common) has "g/(8.h){shift}" and "{3 times}/d".
type parser struct {
	code  string
	at    int
	table *table
}

func (p *parser) fail(at int, problem string) error { return &Error{At: at, Problem: problem} }

// next is the byte that comes, 0 at the end.
func (p *parser) next() byte {
	if p.at < len(p.code) {
		return p.code[p.at]
	}
	return 0
}

func (p *parser) main() (*measure, error) {
	switch {
	case p.code == "":
		return nil, p.fail(0, "the code is empty")
	case len(p.code) > maxLength:
		return nil, p.fail(maxLength, "the code is longer than "+strconv.Itoa(maxLength)+" bytes")
	}
	for i := range len(p.code) {
		if c := p.code[i]; c < ' ' || c > '~' {
			return nil, p.fail(i, "only ASCII characters stand in a code")
		}
	}
	sign := +1
	if p.code[0] == '/' {
		p.at++
		sign = -1
	}
	m, err := p.term(0, sign)
	if err == nil && p.at < len(p.code) {
		return nil, p.fail(p.at, "'.', '/' or the end expected")
	}
	return m, err
}

// term reads to the end or to a closing parenthesis. sign is -1 if a '/' came
// before its first component.
func (p *parser) term(depth, sign int) (*measure, error) {
	if depth > maxDepth {
		return nil, p.fail(p.at, "parentheses are too deep")
	}
	m := unity
	for {
		at := p.at
		c, err := p.component(depth)
		if err != nil {
			return nil, err
		}
		var problem string
		if m, problem = m.product(c, sign); problem != "" {
			return nil, p.fail(at, problem)
		}
		switch p.next() {
		case '.':
			sign = +1
		case '/':
			sign = -1
		default:
			return m, nil
		}
		p.at++
	}
}

func (p *parser) component(depth int) (*measure, error) {
	switch c := p.next(); {
	case c == '(':
		open := p.at
		p.at++
		m, err := p.term(depth+1, +1)
		if err != nil {
			return nil, err
		}
		if p.next() != ')' {
			return nil, p.fail(open, "the parenthesis is not closed")
		}
		p.at++
		return m, p.annotation()
	case c == '{':
		return unity, p.annotation()
	case isDigit(c) && !p.tens():
		return p.number()
	}
	return p.unit()
}

// annotation skips one "{...}" if it comes.
func (p *parser) annotation() error {
	if p.next() != '{' {
		return nil
	}
	end := strings.IndexByte(p.code[p.at:], '}')
	if end < 0 {
		return p.fail(p.at, "the annotation is not closed")
	}
	if strings.IndexByte(p.code[p.at+1:p.at+end], '{') >= 0 {
		return p.fail(p.at, "an annotation within an annotation")
	}
	p.at += end + 1
	return nil
}

// tens reports whether the unit "10*" or "10^" comes.
func (p *parser) tens() bool {
	rest := p.code[p.at:]
	return strings.HasPrefix(rest, "10*") || strings.HasPrefix(rest, "10^")
}

func (p *parser) digits() string {
	from := p.at
	for isDigit(p.next()) {
		p.at++
	}
	return p.code[from:p.at]
}

func (p *parser) number() (*measure, error) {
	at := p.at
	n, _ := new(big.Int).SetString(p.digits(), 10)
	if n.Sign() == 0 {
		return nil, p.fail(at, "the number zero")
	}
	m := unity
	if !n.IsInt64() || n.Int64() != 1 {
		m = number(new(big.Rat).SetInt(n))
	}
	return m, p.annotation()
}

func (p *parser) unit() (*measure, error) {
	at := p.at
	symbol, err := p.symbol()
	if err != nil {
		return nil, err
	}
	m, ok := p.table.lookup(symbol)
	if !ok {
		return nil, p.fail(at, "no such unit")
	}
	n, err := p.exponent()
	if err != nil {
		return nil, err
	}
	m, problem := m.power(n)
	if problem != "" {
		return nil, p.fail(at, problem)
	}
	return m, p.annotation()
}

// symbol reads a unit with its prefix: up to an operator, a digit or a sign.
// Between brackets all of these are part of it: "B[10.nV]".
func (p *parser) symbol() (string, error) {
	from := p.at
	if p.tens() {
		p.at += 3
		return p.code[from:p.at], nil
	}
	for p.at < len(p.code) {
		c := p.code[p.at]
		if c == '[' {
			end := strings.IndexByte(p.code[p.at:], ']')
			if end < 0 {
				return "", p.fail(p.at, "the bracket is not closed")
			}
			p.at += end + 1
			continue
		}
		if isDigit(c) || strings.IndexByte("./(){}+- ", c) >= 0 {
			break
		}
		p.at++
	}
	if p.at == from {
		return "", p.fail(from, "a unit or a number expected")
	}
	return p.code[from:p.at], nil
}

func (p *parser) exponent() (int, error) {
	at := p.at
	sign := p.next()
	if sign == '+' || sign == '-' {
		p.at++
	}
	d := p.digits()
	switch {
	case d == "" && p.at == at:
		return 1, nil
	case d == "":
		return 0, p.fail(p.at, "digits of an exponent expected")
	}
	n, err := strconv.Atoi(d)
	if err != nil || n > maxExponent {
		return 0, p.fail(at, tooHigh)
	}
	if sign == '-' {
		n = -n
	}
	return n, nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
