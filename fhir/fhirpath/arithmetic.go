package fhirpath

import "github.com/cockroachdb/apd/v3"

const wrongOperands = problem("operands of types that the operator does not take")

// arithmetic makes an operator on two single values; nothing on a side gives
// nothing (N1, "Math").
func arithmetic(of func(m *machine, a, b *Item) (Item, error)) operator {
	return func(m *machine, a, b Collection) (Collection, error) {
		if len(a) > 1 || len(b) > 1 {
			return nil, severalItems
		}
		if len(a) == 0 || len(b) == 0 {
			return nil, nil
		}
		x, okX := a[0].toSystem()
		y, okY := b[0].toSystem()
		if !okX || !okY {
			if a[0].kind == kindComplex && !isQuantity(&a[0]) || b[0].kind == kindComplex && !isQuantity(&b[0]) {
				return nil, wrongOperands
			}
			return nil, nil
		}
		if err := m.step(costOf(&x) + costOf(&y)); err != nil {
			return nil, err
		}
		i, err := of(m, &x, &y)
		if err == wrongOperands && (a[0].malformed(&x) || b[0].malformed(&y)) {
			return nil, nil
		}
		if err != nil || i.kind == kindNone {
			return nil, err
		}
		return m.single(i)
	}
}

// integers computes with Integers; a result of more than 32 bits is nothing.
func integers(n int64) (Item, error) {
	if n > maxInteger || n < minInteger {
		return Item{}, nil
	}
	return Item{kind: kindInteger, num: n}, nil
}

// byContext computes with decimals; a result that is no number, or too large,
// is nothing.
func byContext(of func(d, x, y *apd.Decimal) (apd.Condition, error), x, y *apd.Decimal) (*apd.Decimal, bool) {
	var d apd.Decimal
	_, err := of(&d, x, y)
	r, err := checked(&d, err)
	if err != nil || len(r.Coeff.Bits()) > maxDigits/19 || r.Exponent < -maxExponent {
		return nil, false
	}
	return r, true
}

func decimals(of func(d, x, y *apd.Decimal) (apd.Condition, error), x, y *apd.Decimal) (Item, error) {
	if d, ok := byContext(of, x, y); ok {
		return decimalItem(d), nil
	}
	return Item{}, nil
}

func plus(m *machine, a, b *Item) (Item, error) {
	switch {
	case a.kind == kindInteger && b.kind == kindInteger:
		return integers(a.num + b.num)
	case isNumber(a.kind) && isNumber(b.kind):
		return decimals(exact.Add, a.number(), b.number())
	case a.kind == kindString && b.kind == kindString:
		return joined(m, a.text, b.text)
	case isMoment(a.kind) && b.kind == kindQuantity:
		return shift(a.value.(*moment), b.quantity(), 1)
	case isMeasure(a.kind) && isMeasure(b.kind):
		return sumQuantities(exact.Add, a.quantity(), b.quantity())
	}
	return Item{}, wrongOperands
}

func minus(_ *machine, a, b *Item) (Item, error) {
	switch {
	case a.kind == kindInteger && b.kind == kindInteger:
		return integers(a.num - b.num)
	case isNumber(a.kind) && isNumber(b.kind):
		return decimals(exact.Sub, a.number(), b.number())
	case isMoment(a.kind) && b.kind == kindQuantity:
		return shift(a.value.(*moment), b.quantity(), -1)
	case isMeasure(a.kind) && isMeasure(b.kind):
		return sumQuantities(exact.Sub, a.quantity(), b.quantity())
	}
	return Item{}, wrongOperands
}

func times(_ *machine, a, b *Item) (Item, error) {
	switch {
	case a.kind == kindInteger && b.kind == kindInteger:
		return integers(a.num * b.num)
	case isNumber(a.kind) && isNumber(b.kind):
		return decimals(exact.Mul, a.number(), b.number())
	case isMeasure(a.kind) && isMeasure(b.kind):
		return productQuantities(exact.Mul, 1, a.quantity(), b.quantity())
	}
	return Item{}, wrongOperands
}

func divide(_ *machine, a, b *Item) (Item, error) {
	switch {
	case isNumber(a.kind) && isNumber(b.kind):
		return decimals(exactQuo, a.number(), b.number())
	case isMeasure(a.kind) && isMeasure(b.kind):
		return productQuantities(exactQuo, -1, a.quantity(), b.quantity())
	}
	return Item{}, wrongOperands
}

// exactQuo divides; a quotient has no zeros at its end.
func exactQuo(d, x, y *apd.Decimal) (apd.Condition, error) {
	c, err := quotient.Quo(d, x, y)
	if err == nil && d.Form == apd.Finite {
		d.Set(reduced(d))
	}
	return c, err
}

func wholeDivide(_ *machine, a, b *Item) (Item, error) {
	switch {
	case a.kind == kindInteger && b.kind == kindInteger:
		if b.num == 0 {
			return Item{}, nil
		}
		return integers(a.num / b.num)
	case isNumber(a.kind) && isNumber(b.kind):
		if d, ok := byContext(exact.QuoInteger, a.number(), b.number()); ok {
			return asInteger(d)
		}
		return Item{}, nil
	}
	return Item{}, wrongOperands
}

// asInteger returns a whole number as an Integer, or nothing if it has more than 32
// bits.
func asInteger(d *apd.Decimal) (Item, error) {
	n, err := d.Int64()
	if err != nil {
		return Item{}, nil
	}
	return integers(n)
}

func modulo(_ *machine, a, b *Item) (Item, error) {
	switch {
	case a.kind == kindInteger && b.kind == kindInteger:
		if b.num == 0 {
			return Item{}, nil
		}
		return integers(a.num % b.num)
	case isNumber(a.kind) && isNumber(b.kind):
		return decimals(exact.Rem, a.number(), b.number())
	}
	return Item{}, wrongOperands
}

// signed compiles a leading sign.
func signed(at pos, name string, of eval) eval {
	return func(m *machine, this Collection) (Collection, error) {
		c, err := of(m, this)
		if err != nil || len(c) == 0 {
			return nil, err
		}
		if len(c) > 1 {
			return nil, at.place(severalItems)
		}
		i, ok := c[0].toSystem()
		if !ok || !isMeasure(i.kind) {
			return nil, at.fail("only numbers and quantities have a sign")
		}
		if name == "+" {
			return m.single(i)
		}
		switch i.kind {
		case kindInteger:
			i, _ = integers(-i.num)
		case kindDecimal:
			i = decimalItem(new(apd.Decimal).Neg(i.value.(*apd.Decimal)))
		default:
			q := *i.quantity()
			q.value = new(apd.Decimal).Neg(q.value)
			i = quantityItem(&q)
		}
		if i.kind == kindNone {
			return nil, nil
		}
		return m.single(i)
	}
}

// concatenate is &: it joins strings, and nothing counts as an empty one.
func concatenate(m *machine, a, b Collection) (Collection, error) {
	x, err := stringOrEmpty(a)
	if err != nil {
		return nil, err
	}
	y, err := stringOrEmpty(b)
	if err != nil {
		return nil, err
	}
	i, err := joined(m, x, y)
	if err != nil {
		return nil, err
	}
	return m.single(i)
}

func joined(m *machine, a, b string) (Item, error) {
	if err := m.text(len(a) + len(b)); err != nil {
		return Item{}, err
	}
	return String(a + b), nil
}

func stringOrEmpty(c Collection) (string, error) {
	s, _, err := stringOf(c)
	return s, err
}
