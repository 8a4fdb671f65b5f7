package fhirpath

import (
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// Decimals are computed exactly where that can be: sums, differences and
// products keep all digits up to maxDigits. Quotients, roots and the like have
// quotientDigits digits.
const (
	maxDigits      = 400
	quotientDigits = 34
	maxExponent    = 200 // powers of ten of numbers that are computed with
)

var (
	exact    = apd.Context{Precision: maxDigits, MaxExponent: 2 * maxExponent, MinExponent: -2 * maxExponent, Traps: decimalTraps, Rounding: apd.RoundHalfUp}
	quotient = apd.Context{Precision: quotientDigits, MaxExponent: 2 * maxExponent, MinExponent: -2 * maxExponent, Traps: decimalTraps, Rounding: apd.RoundHalfUp}
)

const decimalTraps = apd.Overflow | apd.Underflow | apd.Subnormal | apd.InvalidOperation |
	apd.DivisionUndefined | apd.DivisionByZero | apd.DivisionImpossible

const outOfRange = problem("a number out of range")

// parseDecimal reads a decimal as JSON and FHIR write it. Numbers of more than
// 200 digits, before or behind the point, are refused.
func parseDecimal(text string) (*apd.Decimal, error) {
	if len(text) > maxExponent {
		return nil, outOfRange
	}
	d, _, err := apd.NewFromString(text)
	if err != nil || d.Form != apd.Finite {
		return nil, problem("not a decimal")
	}
	if e := int64(d.Exponent) + d.NumDigits(); e > maxExponent || d.Exponent < -maxExponent {
		return nil, outOfRange
	}
	return d, nil
}

// decimalText writes a decimal without exponent, with all its digits.
func decimalText(d *apd.Decimal) string { return d.Text('f') }

// numberItem returns the Integer or Decimal that a literal stands for.
func numberItem(text string) (Item, error) {
	d, err := parseDecimal(text)
	if err != nil {
		return Item{}, err
	}
	if strings.IndexByte(text, '.') >= 0 {
		return decimalItem(d), nil
	}
	n, err := d.Int64()
	if err != nil || n > maxInteger {
		return Item{}, problem("an integer of more than 31 bits")
	}
	return Item{kind: kindInteger, num: n}, nil
}

// Integers have 32 bits (N1, "Integer").
const (
	maxInteger = 1<<31 - 1
	minInteger = -1 << 31
)

// number returns an Integer or a Decimal as a decimal, nil for anything else.
func (i *Item) number() *apd.Decimal {
	switch i.kind {
	case kindInteger:
		return apd.New(i.num, 0)
	case kindDecimal:
		return i.value.(*apd.Decimal)
	}
	return nil
}

// places returns how many digits a decimal has behind the point.
func places(d *apd.Decimal) int { return max(0, -int(d.Exponent)) }

// roundTo rounds to a number of digits behind the point.
func roundTo(d *apd.Decimal, digits int, how apd.Rounder) (*apd.Decimal, error) {
	r := new(apd.Decimal)
	if drop := -int64(digits) - int64(d.Exponent); drop > d.NumDigits() {
		// less than a tenth of the last digit, which Quantize takes for nothing
		up := how == apd.RoundCeiling && d.Sign() > 0 || how == apd.RoundFloor && d.Sign() < 0
		if up {
			r.SetInt64(int64(d.Sign()))
		}
		r.Exponent = -int32(digits)
		return r, nil
	}
	c := exact
	c.Rounding = how
	_, err := c.Quantize(r, d, -int32(digits))
	return checked(r, err)
}

// checked turns the errors of the library into one of ours.
func checked(d *apd.Decimal, err error) (*apd.Decimal, error) {
	if err != nil || d.Form != apd.Finite {
		return nil, outOfRange
	}
	return d, nil
}
