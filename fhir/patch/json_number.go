package patch

import (
	"strconv"
	"strings"
)

// equalNumbers compares two JSON numbers by what they are worth, in linear time
// however large their exponents are: 1.0, 1 and 10e-1 are equal.
func equalNumbers(a, b string) bool {
	if a == b {
		return true
	}
	x, okX := decimalOf(a)
	y, okY := decimalOf(b)
	return okX && okY && x == y
}

// decimal is a number as 0.digits times ten to the exponent, the digits without
// zeros at either end; none of them is zero.
type decimal struct {
	minus    bool
	digits   string
	exponent int64
}

// decimalOf reads a JSON number. Its exponent may have eighteen digits; one
// with more equals only the same text.
func decimalOf(s string) (d decimal, ok bool) {
	s, d.minus = strings.TrimPrefix(s, "-"), strings.HasPrefix(s, "-")
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e := strings.TrimPrefix(s[i+1:], "+")
		if len(e) > 18 {
			return d, false
		}
		n, err := strconv.ParseInt(e, 10, 64)
		if err != nil {
			return d, false
		}
		d.exponent, s = n, s[:i]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	d.digits = strings.TrimLeft(whole+fraction, "0")
	d.exponent += int64(len(whole) - (len(whole) + len(fraction) - len(d.digits)))
	d.digits = strings.TrimRight(d.digits, "0")
	if d.digits == "" {
		return decimal{}, true
	}
	return d, true
}
