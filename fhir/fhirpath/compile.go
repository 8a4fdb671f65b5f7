package fhirpath

// eval is a compiled part of an expression. this is $this: what names and
// functions without a dot before them apply to.
type eval func(m *machine, this Collection) (Collection, error)

// compile turns a tree into a function.
func compile(t *tree) (eval, error) {
	switch t.op {
	case opNothing:
		return func(*machine, Collection) (Collection, error) { return nil, nil }, nil
	case opBoolean, opString, opNumber, opMoment, opQuantity:
		i, err := literal(t)
		if err != nil {
			return nil, t.at.place(err)
		}
		c := Collection{i}
		return func(*machine, Collection) (Collection, error) { return c, nil }, nil
	case opThis:
		return func(_ *machine, this Collection) (Collection, error) { return this, nil }, nil
	case opCounter:
		return func(m *machine, _ Collection) (Collection, error) { return m.single(Integer(int32(m.index))) }, nil
	case opTotal:
		return func(m *machine, _ Collection) (Collection, error) { return m.total, nil }, nil
	case opVariable:
		return variable(t), nil
	case opMember:
		return compileMember(t)
	case opCall:
		return compileCall(t)
	}
	return compileOperator(t)
}

func compileOperator(t *tree) (eval, error) {
	left, err := compile(t.kids[0])
	if err != nil {
		return nil, err
	}
	switch t.op {
	case opSign:
		return signed(t.at, t.name, left), nil
	case opIs, opAs:
		return compileType(t, left)
	}
	right, err := compile(t.kids[1])
	if err != nil {
		return nil, err
	}
	if t.op == opIndex {
		return indexer(t.at, left, right), nil
	}
	switch t.name {
	case "and", "or", "xor", "implies":
		return logical(t.at, t.name, left, right), nil
	}
	return infix(t.at, infixes[t.name], left, right), nil
}

// literal returns the value that a literal stands for.
func literal(t *tree) (Item, error) {
	switch t.op {
	case opBoolean:
		return Boolean(t.name == "true"), nil
	case opString:
		return String(t.name), nil
	case opNumber:
		return numberItem(t.name)
	case opMoment:
		m, err := parseMoment(t.name, momentKindOf(t.name))
		if err != nil {
			return Item{}, err
		}
		return momentItem(m), nil
	}
	value, err := parseDecimal(t.kids[0].name)
	if err != nil {
		return Item{}, err
	}
	if t.bare {
		return quantityItem(&Quantity{value: value, unit: durations[t.name], calendar: true}), nil
	}
	return quantityItem(newQuantity(value, t.name)), nil
}

// momentKindOf says what a literal after @ is.
func momentKindOf(text string) kind {
	switch {
	case text[0] == 'T':
		return kindTime
	case len(text) > dateLen(text):
		return kindDateTime
	}
	return kindDate
}

// infix compiles an operator on two collections.
func infix(at pos, of operator, left, right eval) eval {
	return func(m *machine, this Collection) (Collection, error) {
		if err := m.step(1); err != nil {
			return nil, at.place(err)
		}
		a, err := left(m, this)
		if err != nil {
			return nil, err
		}
		b, err := right(m, this)
		if err != nil {
			return nil, err
		}
		c, err := of(m, a, b)
		if err != nil {
			return nil, at.place(err)
		}
		return c, nil
	}
}

// operator is what an operator between two collections does.
type operator func(m *machine, a, b Collection) (Collection, error)

var infixes = map[string]operator{
	"=": opEqual, "!=": opUnequal, "~": opSame, "!~": opDifferent,
	"<": ordering(func(o int) bool { return o < 0 }), "<=": ordering(func(o int) bool { return o <= 0 }),
	">": ordering(func(o int) bool { return o > 0 }), ">=": ordering(func(o int) bool { return o >= 0 }),
	"+": arithmetic(plus), "-": arithmetic(minus), "*": arithmetic(times), "/": arithmetic(divide),
	"div": arithmetic(wholeDivide), "mod": arithmetic(modulo), "&": concatenate,
	"|": union, "in": isIn, "contains": func(m *machine, a, b Collection) (Collection, error) { return isIn(m, b, a) },
}

// indexer compiles [n].
func indexer(at pos, left, right eval) eval {
	return func(m *machine, this Collection) (Collection, error) {
		in, err := left(m, this)
		if err != nil {
			return nil, err
		}
		n, err := right(m, this)
		if err != nil {
			return nil, err
		}
		index, ok, err := integerOf(n)
		if err != nil {
			return nil, at.place(err)
		}
		if !ok || index < 0 || index >= len(in) {
			return nil, nil
		}
		return in[index : index+1], nil
	}
}
