package fhirpath

import "slices"

// infix checks an operator and gives the shape of its result.
func (c *checker) infix(t *tree, a, b shape) (shape, error) {
	if err := c.sizes(t, a, b); err != nil {
		return shape{}, err
	}
	switch t.name {
	case "|":
		u := a.or(b)
		u.many = !a.nothing() && !b.nothing() || u.many
		return u, nil
	case "&":
		if !a.may(kindString) || !b.may(kindString) {
			return shape{}, t.at.fail("a type that & does not take")
		}
		return ofKind(kindString), nil
	case "+", "-", "*", "/", "div", "mod", "<", ">", "<=", ">=":
		if a.nothing() || b.nothing() {
			return shape{}, nil
		}
		if a.any || b.any || a.abstract() || b.abstract() {
			return c.result(t.name, nil), nil
		}
		var results []kind
		for _, x := range a.kinds() {
			for _, y := range b.kinds() {
				if r := resultOf(t.name, x, y); r != kindNone && !slices.Contains(results, r) {
					results = append(results, r)
				}
			}
		}
		if results == nil {
			return shape{}, t.at.fail(a.names() + " and " + b.names() + ", which " + t.name + " does not take together")
		}
		return c.result(t.name, results), nil
	}
	return ofKind(kindBoolean), nil
}

// sizes checks that operators on single items get such.
func (c *checker) sizes(t *tree, a, b shape) error {
	switch t.name {
	case "|", "=", "!=", "~", "!~":
		return nil
	case "in":
		return c.need(t.at, a, "o")
	case "contains":
		return c.need(t.at, b, "o")
	}
	if err := c.need(t.at, a, "o"); err != nil {
		return err
	}
	return c.need(t.at, b, "o")
}

func (c *checker) result(name string, kinds []kind) shape {
	switch {
	case name[0] == '<' || name[0] == '>':
		return ofKind(kindBoolean)
	case kinds == nil:
		return anything
	}
	return ofKind(kinds...)
}

// resultOf is the type that an operator makes of two others; kindNone when it
// does not take them.
func resultOf(name string, x, y kind) kind {
	number, measure := isNumber(x) && isNumber(y), isMeasure(x) && isMeasure(y)
	switch {
	case name[0] == '<' || name[0] == '>':
		both := isMoment(x) && isMoment(y) && (x == kindTime) == (y == kindTime)
		if measure || both || x == kindString && y == kindString {
			return kindBoolean
		}
		return kindNone
	case name == "+" && x == kindString && y == kindString:
		return kindString
	case (name == "+" || name == "-") && isMoment(x) && y == kindQuantity:
		return x
	case name == "div" && number:
		return kindInteger
	case number && x == kindInteger && y == kindInteger && name != "/":
		return kindInteger
	case number:
		return kindDecimal
	case measure && name != "div" && name != "mod":
		return kindQuantity
	}
	return kindNone
}
