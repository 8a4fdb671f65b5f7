// Package ucum reads and computes with codes of the Unified Code for Units of
// Measure (UCUM, https://ucum.org), the units of FHIR's quantities
// (http://unitsofmeasure.org).
//
// It takes the whole case-sensitive syntax: prefixes, exponents, '.' and '/',
// parentheses, numbers and annotations.
//
//	from, _ := ucum.Parse("mm[Hg]")
//	to, _ := ucum.Parse("kPa")
//	p, _ := ucum.Convert(big.NewRat(120, 1), from, to) // 15.99864
//
// # What is exact
//
// Values are [big.Rat]. Conversions between units of a ratio scale are exact:
// they use the factors that UCUM publishes and round nothing. So are Cel,
// [degF] and [degRe]. The other units with a scale of their own (logarithms,
// [pH], dB, [p'diop]) give fifteen significant digits, or the exact value where
// a whole power makes it one.
//
// # Dimensions
//
// Two units compare when their dimensions are equal. The base units are m, s, g,
// rad, K, C and cd; the mole is a number, as UCUM has it, so "mmol/L" and "/m3"
// compare. An arbitrary unit such as [iU] is a dimension of its own: "[iU]/L"
// compares with "k[iU]/mL" and with nothing without [iU]. Annotations mean
// nothing for the comparison: "{RBC}/uL" is "/uL".
//
// # Limits
//
// A code has at most 512 bytes, 32 levels of parentheses, exponents up to 9999,
// and a factor of at most 32,768 bits. Whatever is in a code, reading it takes
// time in proportion to its length within these bounds.
package ucum

import (
	"math/big"
	"strconv"
)

//go:generate go run ../../internal/gen/ucum -from ../../../shared/fhir-test-cases/ucum -out units.tsv

// System is the URI of UCUM in FHIR (Quantity.system).
const System = "http://unitsofmeasure.org"

// Unit is a parsed unit. It is a small value, never changes, and is safe for
// concurrent use. The zero Unit is the unity, "1".
type Unit struct {
	code string
	m    *measure
}

// String returns the code as it was given.
func (u Unit) String() string {
	if u.code == "" {
		return "1"
	}
	return u.code
}

func (u Unit) measure() *measure {
	if u.m == nil {
		return unity
	}
	return u.m
}

// Special reports whether the unit has a scale of its own (UCUM 21), such as
// Cel or [pH]: its values convert by a function, not by a factor.
func (u Unit) Special() bool { return u.measure().scale != nil }

// Error says what is wrong with a code, and where. It does not hold the code.
type Error struct {
	At      int    // offset in the code, in bytes
	Problem string // such as "no such unit"
}

func (e *Error) Error() string {
	return "ucum: " + e.Problem + " (at " + strconv.Itoa(e.At) + ")"
}

// Parse reads a case-sensitive code (UCUM 2 to 12). The error is an [*Error].
//
// It refuses what the grammar refuses ("12h" for "12.h", "iU" for
// "[iU]"), units that UCUM does not know, the number zero, and units with a
// scale of their own within a product or power ("Cel/m"; UCUM 22), which have
// no meaning. "10.Cel" and "dB" are products with a number and stand.
func Parse(code string) (Unit, error) {
	if code == "1" {
		return Unit{code: code, m: unity}, nil // needs no table
	}
	t := load()
	if m, ok := t.units[code]; ok {
		return Unit{code: code, m: m}, nil
	}
	p := parser{code: code, table: t}
	m, err := p.main()
	if err != nil {
		return Unit{}, err
	}
	return Unit{code: code, m: m}, nil
}

// Comparable reports whether values of a can be converted to b: whether their
// dimensions are equal.
func Comparable(a, b Unit) bool {
	return a.measure().dims.equal(b.measure().dims)
}

// Convert gives value, which is in from, in the unit to. The argument is not
// changed. Errors: [ErrDimension] for units that do not compare, [ErrDomain] for
// a value that a function of either unit has no answer for.
func Convert(value *big.Rat, from, to Unit) (*big.Rat, error) {
	a, b := from.measure(), to.measure()
	if !a.dims.equal(b.dims) {
		return nil, ErrDimension
	}
	if a.scale != nil && b.scale != nil && a.scale.same(b.scale) {
		v := new(big.Rat).Mul(value, a.scale.number)
		return v.Quo(v, b.scale.number), nil
	}
	v, err := a.toBase(value)
	if err != nil {
		return nil, err
	}
	return b.fromBase(v)
}

// Canonical gives value, which is in u, in base units, and the code of these:
// their symbols in the order of their bytes with exponents, such as
// "g.m-1.s-2"; "1" for a number. Equal quantities give equal results. The
// argument is not changed. The error is [ErrDomain].
func Canonical(value *big.Rat, u Unit) (*big.Rat, string, error) {
	m := u.measure()
	v, err := m.toBase(value)
	if err != nil {
		return nil, "", err
	}
	return v, m.dims.code(), nil
}

// Compare compares x in unit a with y in unit b: -1, 0 or +1 as [big.Rat.Cmp].
// The errors are those of [Convert].
func Compare(x *big.Rat, a Unit, y *big.Rat, b Unit) (int, error) {
	if !Comparable(a, b) {
		return 0, ErrDimension
	}
	v, err := a.measure().toBase(x)
	if err != nil {
		return 0, err
	}
	w, err := b.measure().toBase(y)
	if err != nil {
		return 0, err
	}
	return v.Cmp(w), nil
}

// Multiply gives the unit of a product of two quantities: "m" and "m/s" give
// "(m).(m/s)". It refuses what [Parse] refuses of such a code.
func Multiply(a, b Unit) (Unit, error) { return Parse(a.operand() + "." + b.operand()) }

// Divide gives the unit of a quotient of two quantities: "g" and "L" give
// "(g)/(L)". It refuses what [Parse] refuses of such a code.
func Divide(a, b Unit) (Unit, error) { return Parse(a.operand() + "/" + b.operand()) }

// operand is the code as a part of another one. Only a whole code may begin
// with '/'.
func (u Unit) operand() string {
	code := u.String()
	if code[0] == '/' {
		code = "1" + code
	}
	return "(" + code + ")"
}
