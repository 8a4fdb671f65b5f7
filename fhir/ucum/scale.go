package ucum

import (
	"math"
	"math/big"
	"strconv"
)

// scale is that of a unit with a scale of its own (UCUM 21): a value v stands
// for what the function makes of number times v, times a factor in base units.
type scale struct {
	function *function
	factor   *big.Rat // of the unit that the function is defined on
	number   *big.Rat // prefixes and numbers before the unit (UCUM 22)
}

// same reports whether only the numbers before the two units differ, so that
// the function need not be used.
func (s *scale) same(t *scale) bool {
	return s.function == t.function && s.factor.Cmp(t.factor) == 0
}

func (s *scale) toRatio(v *big.Rat) (*big.Rat, error) {
	return s.function.toRatio(new(big.Rat).Mul(v, s.number))
}

func (s *scale) fromRatio(v *big.Rat) (*big.Rat, error) {
	v, err := s.function.fromRatio(v)
	if err != nil {
		return nil, err
	}
	return v.Quo(v, s.number), nil
}

// function is a pair of the table of functions in UCUM: from a value on the
// special scale to one on a ratio scale, and back. Both may use up their
// argument.
type function struct {
	toRatio, fromRatio func(v *big.Rat) (*big.Rat, error)
}

// functions are those of the table by name.
var functions = map[string]*function{
	"cel":    offset("273.15"),
	"degf":   offset("459.67"),
	"degre":  offset("218.52"),
	"ln":     logarithm(math.E, 1),
	"lg":     logarithm(10, 1),
	"2lg":    logarithm(10, 2),
	"ld":     logarithm(2, 1),
	"pH":     logarithm(10, -1),
	"hpX":    logarithm(10, -1),
	"hpC":    logarithm(100, -1),
	"hpM":    logarithm(1000, -1),
	"hpQ":    logarithm(50000, -1),
	"sqrt":   {square, root},
	"100tan": {arcTangent, tangent},
}

// offset is a scale of equal steps with another zero.
func offset(zero string) *function {
	z, _ := new(big.Rat).SetString(zero)
	return &function{
		toRatio:   func(v *big.Rat) (*big.Rat, error) { return v.Add(v, z), nil },
		fromRatio: func(v *big.Rat) (*big.Rat, error) { return v.Sub(v, z), nil },
	}
}

// logarithm is times * log(x) to the base, and its inverse base^(x/times).
func logarithm(base float64, times int64) *function {
	k := big.NewRat(times, 1)
	return &function{
		toRatio: func(v *big.Rat) (*big.Rat, error) { return power(base, v.Quo(v, k)) },
		fromRatio: func(v *big.Rat) (*big.Rat, error) {
			x, err := float(v)
			if err != nil || x <= 0 {
				return nil, ErrDomain
			}
			l, err := rounded(log(x, base))
			if err != nil {
				return nil, err
			}
			return l.Mul(l, k), nil
		},
	}
}

func log(x, base float64) float64 {
	switch base {
	case math.E:
		return math.Log(x)
	case 2:
		return math.Log2(x)
	}
	return math.Log10(x) / math.Log10(base)
}

// maxPower bounds the whole powers that are worked out exactly.
const maxPower = 300

func power(base float64, exponent *big.Rat) (*big.Rat, error) {
	if n := exponent.Num(); exponent.IsInt() && base == math.Trunc(base) && n.IsInt64() &&
		-maxPower <= n.Int64() && n.Int64() <= maxPower {
		b := big.NewInt(int64(base))
		b.Exp(b, new(big.Int).Abs(n), nil)
		r := new(big.Rat).SetInt(b)
		if n.Sign() < 0 {
			r.Inv(r)
		}
		return r, nil
	}
	x, err := float(exponent)
	if err != nil {
		return nil, err
	}
	return rounded(math.Pow(base, x))
}

func square(v *big.Rat) (*big.Rat, error) {
	if v.Sign() < 0 {
		return nil, ErrDomain
	}
	return v.Mul(v, v), nil
}

func root(v *big.Rat) (*big.Rat, error) {
	if v.Sign() < 0 {
		return nil, ErrDomain
	}
	if v.Sign() == 0 {
		return v, nil
	}
	n, d := new(big.Int).Sqrt(v.Num()), new(big.Int).Sqrt(v.Denom())
	if r := new(big.Rat).SetFrac(n, d); new(big.Rat).Mul(r, r).Cmp(v) == 0 {
		return r, nil
	}
	x, err := float(v)
	if err != nil {
		return nil, err
	}
	return rounded(math.Sqrt(x))
}

func arcTangent(v *big.Rat) (*big.Rat, error) {
	x, err := float(v)
	if err != nil {
		return nil, err
	}
	return rounded(math.Atan(x / 100))
}

func tangent(v *big.Rat) (*big.Rat, error) {
	x, err := float(v)
	if err != nil || math.Abs(x) >= math.Pi/2 {
		return nil, ErrDomain
	}
	return rounded(100 * math.Tan(x))
}

func float(v *big.Rat) (float64, error) {
	x, _ := v.Float64()
	if math.IsInf(x, 0) || x == 0 && v.Sign() != 0 {
		return 0, ErrDomain
	}
	return x, nil
}

// rounded takes the fifteen digits of a float64 that are sure, so that the
// logarithm of a thousand is three.
func rounded(x float64) (*big.Rat, error) {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil, ErrDomain
	}
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(x, 'e', 14, 64))
	if !ok {
		return nil, ErrDomain
	}
	return r, nil
}
