package fhirpath

// term reads what a path may begin with.
func (p *parser) term() (*tree, error) {
	t := p.tok
	switch t.kind {
	case tokName, tokQuoted:
		if t.kind == tokName && keywords[t.text] {
			return p.keyword(t)
		}
		return p.invocation(nil)
	case tokDollar:
		return p.dollar(t)
	case tokString:
		return p.literal(opString, t)
	case tokDate, tokDateTime, tokTime:
		if _, err := parseMoment(t.text, momentKinds[t.kind]); err != nil {
			return nil, t.at.place(err)
		}
		return p.literal(opMoment, t)
	case tokNumber:
		return p.number(t)
	case tokSymbol:
		return p.symbol(t)
	}
	return nil, t.at.fail("the expression ends too early")
}

var momentKinds = map[tokenKind]kind{tokDate: kindDate, tokDateTime: kindDateTime, tokTime: kindTime}

func (p *parser) literal(o op, t token) (*tree, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	return made(o, t.at, t.text)
}

func (p *parser) keyword(t token) (*tree, error) {
	if t.text == "true" || t.text == "false" {
		return p.literal(opBoolean, t)
	}
	return nil, t.at.fail("the operator " + t.text + " has nothing on its left")
}

// number reads a number, or a quantity when a unit follows.
func (p *parser) number(t token) (*tree, error) {
	if _, err := numberItem(t.text); err != nil {
		return nil, t.at.place(err)
	}
	n, err := p.literal(opNumber, t)
	if err != nil {
		return nil, err
	}
	unit := p.tok
	isUnit := unit.kind == tokString || unit.kind == tokName && durations[unit.text] != ""
	if !isUnit {
		return n, nil
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	q, err := made(opQuantity, unit.at, unit.text, n)
	if err == nil {
		q.bare = unit.kind == tokName
	}
	return q, err
}

func (p *parser) symbol(t token) (*tree, error) {
	if t.text != "(" && t.text != "{" && t.text != "%" {
		return nil, t.at.fail("unexpected '" + t.text + "'")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	switch t.text {
	case "(":
		inner, err := p.expression(1)
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	case "{":
		if err := p.expect("}"); err != nil {
			return nil, err
		}
		return made(opNothing, t.at, "")
	}
	name := p.tok
	if name.kind != tokName && name.kind != tokQuoted && name.kind != tokString || name.text == "" {
		return nil, name.at.fail("expected the name of a variable")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	return made(opVariable, t.at, name.text)
}
