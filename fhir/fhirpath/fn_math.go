package fhirpath

import "github.com/cockroachdb/apd/v3"

// Mathematics (N1, "Math"). Results that are no number, such as the root of -1,
// are nothing.
var mathFunctions = map[string]function{
	"abs":      onNumber(0, 2, absolute),
	"ceiling":  rounding(apd.RoundCeiling),
	"floor":    rounding(apd.RoundFloor),
	"truncate": rounding(apd.RoundDown),
	"exp":      computed(func(x *apd.Decimal) (*apd.Decimal, bool) { return unary(quotient.Exp, x) }),
	"ln":       computed(func(x *apd.Decimal) (*apd.Decimal, bool) { return unary(quotient.Ln, x) }),
	"sqrt":     computed(func(x *apd.Decimal) (*apd.Decimal, bool) { return unary(quotient.Sqrt, x) }),
	"log":      onNumber(1, costOfSeries, logarithm),
	"power":    onNumber(1, costOfSeries, power),
	"round":    onNumber(0, 2, round),
}

// costOfSeries is how many steps a root, a power or a logarithm takes.
const costOfSeries = 2000

// onNumber makes a function on one number that takes so many steps, with a second
// number as argument or, with least 0, perhaps one.
func onNumber(least, cost int, f func(i *Item, arg *Item) (Item, error)) function {
	return valued(least, 1, func(m *machine, in Collection, args []Collection) (Collection, error) {
		i, ok, err := numeric(in)
		if err != nil || !ok {
			return nil, err
		}
		var arg *Item
		if len(args) > 0 {
			a, ok, err := numeric(args[0])
			if err != nil || !ok {
				return nil, err
			}
			arg = &a
		}
		if err := m.step(cost); err != nil {
			return nil, err
		}
		r, err := f(&i, arg)
		if err != nil || r.kind == kindNone {
			return nil, err
		}
		return m.single(r)
	})
}

// numeric returns the one number or quantity of c.
func numeric(c Collection) (i Item, ok bool, err error) {
	switch {
	case len(c) == 0:
		return Item{}, false, nil
	case len(c) > 1:
		return Item{}, false, severalItems
	}
	i, ok = c[0].toSystem()
	if !ok && (c[0].kind == kindPrimitive || isQuantity(&c[0])) {
		return Item{}, false, nil
	}
	if !isMeasure(i.kind) {
		return Item{}, false, problem("something else where a number is expected")
	}
	return i, true, nil
}

const notQuantity = problem("a quantity where a number is expected")

func absolute(i, arg *Item) (Item, error) {
	switch {
	case arg != nil:
		return Item{}, problem("a wrong number of arguments")
	case i.kind == kindInteger:
		return integers(max(i.num, -i.num))
	case i.kind == kindDecimal:
		return decimalItem(new(apd.Decimal).Abs(i.number())), nil
	}
	q := *i.quantity()
	q.value = new(apd.Decimal).Abs(q.value)
	return quantityItem(&q), nil
}

// rounding makes the functions that give an Integer.
func rounding(how apd.Rounder) function {
	return onNumber(0, 2, func(i, arg *Item) (Item, error) {
		switch {
		case arg != nil:
			return Item{}, problem("a wrong number of arguments")
		case i.kind == kindQuantity:
			return Item{}, notQuantity
		case i.kind == kindInteger:
			return *i, nil
		}
		d, err := roundTo(i.number(), 0, how)
		if err != nil {
			return Item{}, nil
		}
		return asInteger(d)
	})
}

func computed(f func(x *apd.Decimal) (*apd.Decimal, bool)) function {
	return onNumber(0, costOfSeries, func(i, arg *Item) (Item, error) {
		switch {
		case arg != nil:
			return Item{}, problem("a wrong number of arguments")
		case i.kind == kindQuantity:
			return Item{}, notQuantity
		}
		if d, ok := f(short(i.number())); ok {
			return decimalItem(d), nil
		}
		return Item{}, nil
	})
}

// short rounds a number to the digits that roots and logarithms are computed
// with, which keeps their cost low.
func short(d *apd.Decimal) *apd.Decimal {
	r := new(apd.Decimal)
	if _, err := quotient.Round(r, d); err != nil {
		return d
	}
	return r
}

// unary runs a function of the library. Whole results come without digits behind
// the point.
func unary(f func(d, x *apd.Decimal) (apd.Condition, error), x *apd.Decimal) (*apd.Decimal, bool) {
	var d apd.Decimal
	_, err := f(&d, x)
	if _, err = checked(&d, err); err != nil {
		return nil, false
	}
	return reduced(&d), true
}

// reduced drops zeros at the end behind the point.
func reduced(d *apd.Decimal) *apd.Decimal {
	r := new(apd.Decimal)
	if r.Reduce(d); r.Exponent > 0 {
		if q, err := roundTo(r, 0, apd.RoundDown); err == nil {
			return q
		}
	}
	return r
}

func logarithm(i, base *Item) (Item, error) {
	if i.kind == kindQuantity || base.kind == kindQuantity {
		return Item{}, notQuantity
	}
	// two more digits than the result, so that log(8, 2) is 3
	wide := quotient
	wide.Precision += 4
	x, okX := unary(wide.Ln, short(i.number()))
	y, okY := unary(wide.Ln, short(base.number()))
	if !okX || !okY {
		return Item{}, nil
	}
	d, ok := byContext(wide.Quo, x, y)
	if !ok {
		return Item{}, nil
	}
	return decimalItem(reduced(short(d))), nil
}

// power of two Integers is an Integer unless it has a fraction.
func power(i, by *Item) (Item, error) {
	if i.kind == kindQuantity || by.kind == kindQuantity {
		return Item{}, notQuantity
	}
	d, ok := byContext(quotient.Pow, short(i.number()), short(by.number()))
	if !ok {
		return Item{}, nil
	}
	d = reduced(d)
	if i.kind == kindInteger && by.kind == kindInteger && d.Exponent >= 0 {
		return asInteger(d)
	}
	return decimalItem(d), nil
}

// round rounds half away from zero, to a number of digits behind the point.
func round(i, digits *Item) (Item, error) {
	if i.kind == kindQuantity {
		return Item{}, notQuantity
	}
	n := 0
	if digits != nil {
		if digits.kind != kindInteger || digits.num < 0 {
			return Item{}, problem("a number of digits that is negative or not whole")
		}
		n = int(min(digits.num, maxExponent))
	}
	if n >= places(i.number()) {
		return decimalItem(i.number()), nil
	}
	d, err := roundTo(i.number(), n, apd.RoundHalfUp)
	if err != nil {
		return Item{}, nil
	}
	return decimalItem(d), nil
}
