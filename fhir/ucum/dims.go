package ucum

import (
	"slices"
	"strconv"
	"strings"
)

// dims are the dimensions of a unit: the exponents of base units and of
// arbitrary units, by symbol in the order of its bytes, none of them zero.
// They never change once made.
type dims []dim

type dim struct {
	symbol   string
	exponent int
}

func (d dims) equal(e dims) bool { return slices.Equal(d, e) }

// add adds sign times e. False means an exponent beyond maxExponent.
func (d dims) add(e dims, sign int) (dims, bool) {
	if len(e) == 0 {
		return d, true
	}
	if len(d) == 0 && sign > 0 {
		return e, true
	}
	sum := make(dims, 0, len(d)+len(e))
	for len(d) > 0 || len(e) > 0 {
		var next dim
		switch {
		case len(e) == 0 || len(d) > 0 && d[0].symbol < e[0].symbol:
			next, d = d[0], d[1:]
		case len(d) == 0 || e[0].symbol < d[0].symbol:
			next, e = dim{e[0].symbol, sign * e[0].exponent}, e[1:]
		default:
			next, d, e = dim{d[0].symbol, d[0].exponent + sign*e[0].exponent}, d[1:], e[1:]
		}
		if next.exponent > maxExponent || next.exponent < -maxExponent {
			return nil, false
		}
		if next.exponent != 0 {
			sum = append(sum, next)
		}
	}
	return sum, true
}

// times multiplies every exponent by n. False means one beyond maxExponent.
func (d dims) times(n int) (dims, bool) {
	if n == 1 || len(d) == 0 {
		return d, true
	}
	if n == 0 {
		return nil, true
	}
	product := make(dims, len(d))
	for i, e := range d {
		product[i] = dim{e.symbol, e.exponent * n}
		if x := product[i].exponent; x > maxExponent || x < -maxExponent {
			return nil, false
		}
	}
	return product, true
}

func (d dims) code() string {
	switch {
	case len(d) == 0:
		return "1"
	case len(d) == 1 && d[0].exponent == 1:
		return d[0].symbol
	}
	var b strings.Builder
	for i, e := range d {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(e.symbol)
		if e.exponent != 1 {
			b.WriteString(strconv.Itoa(e.exponent))
		}
	}
	return b.String()
}
