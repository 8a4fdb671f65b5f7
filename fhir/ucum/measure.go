package ucum

import (
	"errors"
	"math/big"
)

// ErrDimension says that two units do not compare.
var ErrDimension = errors.New("ucum: units of different dimensions")

// ErrDomain says that a value has no place on the scale of its unit or of the
// one asked for: the logarithm of what is not positive, or a power too large to
// be written down.
var ErrDomain = errors.New("ucum: the value is outside the scale of the unit")

// The limits of a code; see the package documentation.
const (
	maxLength   = 512
	maxDepth    = 32
	maxExponent = 9999
	maxBits     = 1 << 15
)

// measure is what a unit is worth: factor times its dimensions, or, with a
// scale, factor times what the function of the scale makes of the value.
// Measures are shared and never changed.
type measure struct {
	factor *big.Rat
	dims   dims
	scale  *scale
}

var one = big.NewRat(1, 1)

var unity = &measure{factor: one}

// toBase gives a value in this unit in base units.
func (m *measure) toBase(value *big.Rat) (*big.Rat, error) {
	if m.scale != nil {
		v, err := m.scale.toRatio(value)
		if err != nil {
			return nil, err
		}
		return v.Mul(v, m.factor), nil
	}
	return new(big.Rat).Mul(value, m.factor), nil
}

// fromBase is the other way round; it may use up its argument.
func (m *measure) fromBase(v *big.Rat) (*big.Rat, error) {
	v.Quo(v, m.factor)
	if m.scale != nil {
		return m.scale.fromRatio(v)
	}
	return v, nil
}

// Why a product or a power is refused.
const (
	tooLarge  = "the factor is too large"
	tooHigh   = "the exponent is too high"
	notInTerm = "a unit with a scale of its own within a product or power"
)

// number makes the measure of a plain number.
func number(n *big.Rat) *measure { return &measure{factor: n} }

// product gives m times n, or m divided by n where sign is -1. problem is ""
// unless it is refused.
func (m *measure) product(n *measure, sign int) (_ *measure, problem string) {
	if m.scale != nil || n.scale != nil {
		return m.scaled(n, sign)
	}
	if m == unity && sign > 0 {
		return n, ""
	}
	d, ok := m.dims.add(n.dims, sign)
	if !ok {
		return nil, tooHigh
	}
	f, ok := times(m.factor, n.factor, sign)
	if !ok {
		return nil, tooLarge
	}
	return &measure{factor: f, dims: d}, ""
}

// scaled multiplies a unit that has a scale by a number (UCUM 22): of "10.Cel"
// the value is in tens of degrees.
func (m *measure) scaled(n *measure, sign int) (*measure, string) {
	if m.scale == nil {
		if sign < 0 {
			return nil, notInTerm
		}
		m, n = n, m
	}
	if n.scale != nil || len(n.dims) > 0 {
		return nil, notInTerm
	}
	f, ok := times(m.scale.number, n.factor, sign)
	if !ok {
		return nil, tooLarge
	}
	s := *m.scale
	s.number = f
	return &measure{factor: m.factor, dims: m.dims, scale: &s}, ""
}

func times(a, b *big.Rat, sign int) (*big.Rat, bool) {
	switch {
	case b == one:
		return a, true
	case sign < 0:
		b = new(big.Rat).Inv(b)
	case a == one:
		return b, true
	}
	r := new(big.Rat).Mul(a, b)
	return r, bits(r) <= maxBits
}

func bits(r *big.Rat) int { return max(r.Num().BitLen(), r.Denom().BitLen()) }

// power gives m to the power of n.
func (m *measure) power(n int) (_ *measure, problem string) {
	if n == 1 {
		return m, ""
	}
	if m.scale != nil {
		return nil, notInTerm
	}
	d, ok := m.dims.times(n)
	if !ok {
		return nil, tooHigh
	}
	if m.factor == one {
		return &measure{factor: one, dims: d}, ""
	}
	k := max(n, -n)
	if bits(m.factor)*k > maxBits {
		return nil, tooLarge
	}
	e := big.NewInt(int64(k))
	num, den := new(big.Int).Exp(m.factor.Num(), e, nil), new(big.Int).Exp(m.factor.Denom(), e, nil)
	if n < 0 {
		num, den = den, num
	}
	return &measure{factor: new(big.Rat).SetFrac(num, den), dims: d}, ""
}
