package hl7

import (
	"math/big"
	"strconv"
	"strings"
)

// NM is a number as it was written (HL7 v2.9 2A, NM): "3.10" keeps its zero, which
// may say how exact it is.
type NM struct{ text string }

// maxDigits bounds the work that a number from outside can ask for.
const maxDigits = 1000

// ParseNM reads a number: an optional sign, digits, an optional decimal point. It
// refuses exponents, commas, blanks and more than 1000 characters. The error is a
// *[SyntaxError].
func ParseNM(s string) (NM, error) {
	digits := strings.TrimLeft(s, "+-")
	whole, fraction, _ := strings.Cut(digits, ".")
	if len(s)-len(digits) > 1 || whole+fraction == "" || len(s) > maxDigits || !allDigits(whole) || !allDigits(fraction) {
		return NM{}, &SyntaxError{"", "not a number: [+/-]digits[.digits]"}
	}
	return NM{s}, nil
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

// NM reads the value as a number, see [ParseNM].
func (v Value) NM() (NM, error) { return ParseNM(v.String()) }

// String returns the number as it was written.
func (n NM) String() string { return n.text }

// Rat returns the number exactly; 0 for the zero NM.
func (n NM) Rat() *big.Rat {
	r := new(big.Rat)
	if n.text != "" {
		r.SetString(n.text)
	}
	return r
}

// Float64 returns the nearest float64.
func (n NM) Float64() float64 {
	f, _ := strconv.ParseFloat(n.text, 64)
	return f
}
