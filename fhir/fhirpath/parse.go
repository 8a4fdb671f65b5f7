package fhirpath

// parser reads an expression by the strength of its operators.
type parser struct {
	lex  lexer
	tok  token // the next one
	deep int   // open calls of expression
}

// parse reads a whole expression.
func parse(text string) (*tree, error) {
	if len(text) > maxText {
		return nil, pos(0).fail("an expression of more than 64 KiB")
	}
	p := &parser{lex: lexer{text: text}}
	if err := p.advance(); err != nil {
		return nil, err
	}
	t, err := p.expression(1)
	if err != nil {
		return nil, err
	}
	if p.tok.kind != tokEnd {
		return nil, p.tok.at.fail("the expression is complete before this")
	}
	return t, nil
}

func (p *parser) advance() (err error) {
	p.tok, err = p.lex.next()
	return err
}

// is says whether the next token is a symbol.
func (p *parser) is(symbol string) bool { return p.tok.kind == tokSymbol && p.tok.text == symbol }

// expect passes over a symbol that must be there.
func (p *parser) expect(symbol string) error {
	if !p.is(symbol) {
		return p.tok.at.fail("expected '" + symbol + "'")
	}
	return p.advance()
}

// made returns a node over kids.
func made(o op, at pos, name string, kids ...*tree) (*tree, error) {
	t := &tree{op: o, at: at, name: name, kids: kids, deep: 1}
	for _, k := range kids {
		if k != nil {
			t.deep = max(t.deep, k.deep+1)
		}
	}
	if t.deep > maxDepth {
		return nil, at.fail("an expression nested too deep")
	}
	return t, nil
}

// expression reads operators that bind at least as close as least.
func (p *parser) expression(least int) (*tree, error) {
	if p.deep++; p.deep > maxDepth {
		return nil, p.tok.at.fail("an expression nested too deep")
	}
	defer func() { p.deep-- }()
	left, err := p.signed()
	for err == nil {
		t := p.tok
		s := strength[t.text]
		if s == 0 || s < least || t.kind != tokName && t.kind != tokSymbol {
			return left, nil
		}
		if err = p.advance(); err != nil {
			break
		}
		if t.text == "is" || t.text == "as" {
			left, err = p.typed(left, t)
			continue
		}
		var right *tree
		if right, err = p.expression(s + 1); err == nil {
			left, err = made(opInfix, t.at, t.text, left, right)
		}
	}
	return nil, err
}

// typed reads the type behind is or as.
func (p *parser) typed(left *tree, t token) (*tree, error) {
	name, err := p.name()
	if err == nil && p.is(".") {
		var last string
		if err = p.advance(); err == nil {
			last, err = p.name()
		}
		name += "." + last
	}
	if err != nil {
		return nil, err
	}
	o := opIs
	if t.text == "as" {
		o = opAs
	}
	return made(o, t.at, name, left)
}

// signed reads a term with the signs before it.
func (p *parser) signed() (*tree, error) {
	if !p.is("-") && !p.is("+") {
		return p.path()
	}
	sign := p.tok
	if err := p.advance(); err != nil {
		return nil, err
	}
	of, err := p.expression(strengthOfSign)
	if err != nil {
		return nil, err
	}
	return made(opSign, sign.at, sign.text, of)
}

// path reads a term and the steps behind it.
func (p *parser) path() (*tree, error) {
	t, err := p.term()
	for err == nil {
		switch {
		case p.is("."):
			if err = p.advance(); err == nil {
				t, err = p.invocation(t)
			}
		case p.is("["):
			at := p.tok.at
			if err = p.advance(); err != nil {
				break
			}
			var index *tree
			if index, err = p.expression(1); err == nil {
				if err = p.expect("]"); err == nil {
					t, err = made(opIndex, at, "", t, index)
				}
			}
		default:
			return t, nil
		}
	}
	return nil, err
}

// name reads an identifier; words that are operators elsewhere are allowed.
func (p *parser) name() (string, error) {
	t := p.tok
	if t.kind != tokName && t.kind != tokQuoted {
		return "", t.at.fail("expected a name")
	}
	return t.text, p.advance()
}

// invocation reads what may follow a dot: a name or a function.
func (p *parser) invocation(of *tree) (*tree, error) {
	t := p.tok
	if t.kind == tokDollar {
		return nil, t.at.fail("a variable of an iteration cannot stand behind a dot")
	}
	name, err := p.name()
	if err != nil {
		return nil, err
	}
	if !p.is("(") {
		return made(opMember, t.at, name, of)
	}
	kids := []*tree{of}
	if err := p.advance(); err != nil {
		return nil, err
	}
	for !p.is(")") {
		if len(kids) > 1 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		arg, err := p.expression(1)
		if err != nil {
			return nil, err
		}
		kids = append(kids, arg)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	return made(opCall, t.at, name, kids...)
}

func (p *parser) dollar(t token) (*tree, error) {
	o, ok := map[string]op{"$this": opThis, "$index": opCounter, "$total": opTotal}[t.text]
	if !ok {
		return nil, t.at.fail("there is $this, $index and $total, and no other")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	return made(o, t.at, t.text)
}
