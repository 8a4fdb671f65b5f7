package fhirpath

import (
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/ponshealth/pons/fhir/ucum"
)

// sumQuantities adds or subtracts quantities in the finer of their units.
func sumQuantities(of func(d, x, y *apd.Decimal) (apd.Condition, error), a, b *Quantity) (Item, error) {
	unit, each := a, *a
	each.value = one
	if size, ok := each.in(b); ok && size.Cmp(one) > 0 {
		unit = b
	}
	x, okX := a.in(unit)
	y, okY := b.in(unit)
	if !okX || !okY {
		return Item{}, nil
	}
	d, ok := byContext(of, x, y)
	if !ok {
		return Item{}, nil
	}
	sum := *unit
	sum.value = d
	return quantityItem(&sum), nil
}

// productQuantities multiplies or divides quantities and their units: by is 1 to
// multiply and -1 to divide.
func productQuantities(of func(d, x, y *apd.Decimal) (apd.Condition, error), by int, a, b *Quantity) (Item, error) {
	d, ok := byContext(of, a.value, b.value)
	if !ok || a.system != "" || b.system != "" {
		return Item{}, nil
	}
	if b.unit == noUnit {
		return quantityItem(&Quantity{value: d, unit: a.unit, calendar: a.calendar}), nil
	}
	unit, ok := productUnit(a.code(), b.code(), by)
	if !ok {
		return Item{}, nil
	}
	return quantityItem(&Quantity{value: d, unit: unit}), nil
}

// productUnit is the unit of a product or a quotient. Units without parentheses
// and annotations are drawn together: m/s times s is m.
func productUnit(a, b string, by int) (string, bool) {
	x, errX := ucum.Parse(a)
	y, errY := ucum.Parse(b)
	if errX != nil || errY != nil {
		return "", false
	}
	both := ucum.Multiply
	if by < 0 {
		both = ucum.Divide
	}
	whole, err := both(x, y)
	if err != nil || len(whole.String()) > maxUnit {
		return "", false
	}
	var p powers
	if strings.ContainsAny(a+b, "(){}") || !p.add(a, 1) || !p.add(b, by) {
		return whole.String(), true
	}
	simple, err := ucum.Parse(p.String())
	if err != nil || !ucum.Comparable(simple, whole) {
		return whole.String(), true
	}
	return simple.String(), true
}

// powers are units with their exponents, in order.
type powers []struct {
	unit string
	n    int
}

// add multiplies by a code, or divides.
func (p *powers) add(code string, by int) bool {
	sign := by
	for code != "" {
		if rest, ok := strings.CutPrefix(code, "/"); ok {
			code, sign = rest, -by
		}
		n := strings.IndexAny(code, "./")
		if n < 0 {
			n = len(code)
		}
		unit, exponent := splitPower(code[:n])
		if exponent == 0 {
			return false
		}
		p.multiply(unit, exponent*sign)
		// a solidus holds for one unit
		sign, code = by, code[n:]
		if strings.HasPrefix(code, ".") {
			code = code[1:]
		}
	}
	return true
}

func (p *powers) multiply(unit string, n int) {
	if unit == noUnit {
		return
	}
	for k := range *p {
		if (*p)[k].unit == unit {
			(*p)[k].n += n
			return
		}
	}
	*p = append(*p, struct {
		unit string
		n    int
	}{unit, n})
}

// splitPower cuts an exponent off a unit; it returns 0 for one that is none.
func splitPower(term string) (unit string, exponent int) {
	n := len(term)
	for n > 0 && isDigit(term[n-1]) {
		n--
	}
	if n == 0 || n == len(term) {
		return term, 1
	}
	if term[n-1] == '-' || term[n-1] == '+' {
		n--
	}
	if n == 0 || n < len(term)-3 {
		return term, 0
	}
	exponent, err := strconv.Atoi(term[n:])
	if err != nil {
		return term, 0
	}
	return term[:n], exponent
}

// String writes the code, with negative powers behind a solidus.
func (p powers) String() string {
	var above, below strings.Builder
	for _, u := range p {
		b, n := &above, u.n
		switch {
		case n == 0:
			continue
		case n < 0:
			b, n = &below, -n
			b.WriteByte('/')
		case b.Len() > 0:
			b.WriteByte('.')
		}
		b.WriteString(u.unit)
		if n > 1 {
			b.WriteString(strconv.Itoa(n))
		}
	}
	if above.Len()+below.Len() == 0 {
		return noUnit
	}
	return above.String() + below.String()
}

// maxUnit is how long the code of a unit may grow by multiplication.
const maxUnit = 256
