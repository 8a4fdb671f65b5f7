package mapping

import (
	"fmt"
	"strconv"
	"strings"
)

// A condition is the tree of a `when`. The words are those of the guide, made
// regular; `and` binds tighter than `or`.
type condition struct {
	op   condOp
	args []condition // of and, or, not
	ref  ref
	text []string // of eq, ne, in, notIn
	same ref      // of eqRef, neRef: the other side
	cmp  string   // of count, length
	n    int
}

type condOp uint8

const (
	opAnd condOp = iota
	opOr
	opNot
	opValued
	opEqual
	opEqualRef
	opIn
	opCount
	opLength
	opRegistered
	opNumeric
	opCompared
)

// parseWhen reads a condition. bare says that a bare name is a segment, which
// it is in message and segment tables.
func parseWhen(s string, bare bool) (condition, error) {
	p := &whenParser{bare: bare}
	if err := p.lex(s); err != nil {
		return condition{}, err
	}
	c, err := p.or()
	if err != nil {
		return c, err
	}
	if p.peek() != "" {
		return c, fmt.Errorf("%q is not expected at the end of the condition", p.peek())
	}
	return c, nil
}

type whenParser struct {
	tokens []string // a text in quotation marks keeps its opening one
	next   int
	bare   bool
}

func (p *whenParser) lex(s string) error {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == ' ' || c == '\t' || c == '\n':
			i++
		case c == '"':
			end := strings.IndexByte(s[i+1:], '"')
			if end < 0 {
				return fmt.Errorf("a quotation mark is not closed")
			}
			p.tokens = append(p.tokens, s[i:i+1+end])
			i += end + 2
		case strings.IndexByte("(),", c) >= 0:
			p.tokens = append(p.tokens, s[i:i+1])
			i++
		case strings.IndexByte("!<>=", c) >= 0:
			end := i + 1
			if end < len(s) && s[end] == '=' {
				end++
			}
			p.tokens = append(p.tokens, s[i:end])
			i = end
		default:
			end := i
			for end < len(s) && strings.IndexByte(" \t\n\"(),!<>=", s[end]) < 0 {
				end++
			}
			p.tokens = append(p.tokens, s[i:end])
			i = end
		}
	}
	return nil
}

func (p *whenParser) peek() string {
	if p.next < len(p.tokens) {
		return p.tokens[p.next]
	}
	return ""
}

func (p *whenParser) take(token string) bool {
	if p.peek() != token {
		return false
	}
	p.next++
	return true
}

func (p *whenParser) or() (condition, error) { return p.list("or", opOr, p.and) }

func (p *whenParser) and() (condition, error) { return p.list("and", opAnd, p.not) }

func (p *whenParser) list(word string, op condOp, item func() (condition, error)) (condition, error) {
	first, err := item()
	if err != nil || p.peek() != word {
		return first, err
	}
	all := condition{op: op, args: []condition{first}}
	for p.take(word) {
		c, err := item()
		if err != nil {
			return c, err
		}
		all.args = append(all.args, c)
	}
	return all, nil
}

func (p *whenParser) not() (condition, error) {
	if p.take("not") {
		c, err := p.not()
		return condition{op: opNot, args: []condition{c}}, err
	}
	if p.take("(") {
		c, err := p.or()
		if err == nil && !p.take(")") {
			err = fmt.Errorf("a parenthesis is not closed")
		}
		return c, err
	}
	return p.predicate()
}

func (p *whenParser) predicate() (condition, error) {
	r, err := p.reference()
	if err != nil {
		return condition{}, err
	}
	c := condition{ref: r}
	negate := p.take("not")
	switch word := p.peek(); {
	case p.take("valued"):
		c.op = opValued
	case p.take("in"):
		c.op = opIn
		c.text, err = p.texts()
	case !negate && p.take("registered"):
		c.op = opRegistered
	case !negate && p.take("numeric"):
		c.op = opNumeric
	case !negate && p.take("compared"):
		c.op = opCompared
	case !negate && (p.take("count") || p.take("length")):
		c.op = opCount
		if word == "length" {
			c.op = opLength
		}
		c.cmp, c.n, err = p.comparison()
	case !negate && (p.take("=") || p.take("!=")):
		negate = word == "!="
		c.op, err = p.equals(&c)
	default:
		return c, fmt.Errorf("%q: valued, not valued, =, !=, in, not in, count, length, registered, numeric or compared is wanted", word)
	}
	if c.ref.seg != "" && c.ref.field == 0 && c.op != opValued && c.op != opCount && err == nil {
		err = fmt.Errorf("the segment %s can only be valued, not valued or counted", c.ref.seg)
	}
	if negate {
		c = condition{op: opNot, args: []condition{c}}
	}
	return c, err
}

func (p *whenParser) reference() (ref, error) {
	token := p.peek()
	if token == "" {
		return ref{}, fmt.Errorf("the condition ends too early")
	}
	r, err := parseRef(token, p.bare)
	if err == nil {
		p.next++
	}
	return r, err
}

func (p *whenParser) equals(c *condition) (condOp, error) {
	if text, ok := strings.CutPrefix(p.peek(), `"`); ok {
		p.next++
		c.text = []string{text}
		return opEqual, nil
	}
	other, err := p.reference()
	c.same = other
	return opEqualRef, err
}

func (p *whenParser) texts() ([]string, error) {
	if !p.take("(") {
		return nil, fmt.Errorf(`a list like ("A", "B") is wanted after "in"`)
	}
	var all []string
	for {
		text, ok := strings.CutPrefix(p.peek(), `"`)
		if !ok {
			return nil, fmt.Errorf(`%q is not a text in quotation marks`, p.peek())
		}
		p.next++
		all = append(all, text)
		if p.take(")") {
			return all, nil
		}
		if !p.take(",") {
			return nil, fmt.Errorf(`a comma or ")" is wanted in a list`)
		}
	}
}

func (p *whenParser) comparison() (string, int, error) {
	cmp := p.peek()
	switch cmp {
	case "=", "!=", "<", "<=", ">", ">=":
		p.next++
	default:
		return "", 0, fmt.Errorf("%q is not a comparison", cmp)
	}
	n, err := strconv.Atoi(p.peek())
	if err != nil {
		return "", 0, fmt.Errorf("%q is not a number", p.peek())
	}
	p.next++
	return cmp, n, nil
}
