package fhirpath

import (
	"math/big"

	"github.com/cockroachdb/apd/v3"

	"github.com/ponshealth/pons/fhir/ucum"
)

// calendarUnit is a unit of a calendar duration: so many months, or milliseconds,
// where a month has 30 days and a year 365. code is the unit of UCUM that is the same
// or, of years and months, the next to it.
type calendarUnit struct {
	months, length int64
	code           string
}

const day = 24 * 3600 * 1000

var calendarUnits = map[string]calendarUnit{
	"year": {12, perYear * day, "a"}, "month": {1, perMonth * day, "mo"}, "week": {0, 7 * day, "wk"}, "day": {0, day, "d"},
	"hour": {0, 3600 * 1000, "h"}, "minute": {0, 60 * 1000, "min"}, "second": {0, 1000, "s"}, "millisecond": {0, 1, "ms"},
}

// ratio is how many y an x is: by months if both have such, and else by their
// lengths.
func ratio(x, y calendarUnit) *big.Rat {
	if x.months > 0 && y.months > 0 {
		return big.NewRat(x.months, y.months)
	}
	return big.NewRat(x.length, y.length)
}

// compareQuantities returns the order of two quantities. known is false when
// their units cannot be compared: other dimensions, unknown units, and years or
// months of the calendar against those of UCUM. Between calendar durations a year
// is 12 months or 365 days, and a month 30 days (N1, "Equals").
func compareQuantities(a, b *Quantity) (order int, known bool) {
	a, b = alike(a, b)
	if a.unit == b.unit && a.calendar == b.calendar && a.system == b.system {
		return a.value.Cmp(b.value), true
	}
	if a.system != "" || b.system != "" {
		return 0, false
	}
	x, y := calendarUnits[a.unit], calendarUnits[b.unit]
	switch {
	case a.calendar && b.calendar:
		return ratOf(a.value).Cmp(new(big.Rat).Mul(ratOf(b.value), ratio(y, x))), true
	case a.calendar && x.months > 0, b.calendar && y.months > 0:
		return 0, false
	}
	return compareUCUM(a, b)
}

// code returns the UCUM code of the unit.
func (q *Quantity) code() string {
	if q.calendar {
		return calendarUnits[q.unit].code
	}
	return q.unit
}

func compareUCUM(a, b *Quantity) (order int, known bool) {
	x, errX := ucum.Parse(a.code())
	y, errY := ucum.Parse(b.code())
	if errX != nil || errY != nil {
		return 0, false
	}
	order, err := ucum.Compare(ratOf(a.value), x, ratOf(b.value), y)
	return order, err == nil
}

// ratOf returns a decimal as a fraction.
func ratOf(d *apd.Decimal) *big.Rat {
	n := new(big.Int).Set(d.Coeff.MathBigInt())
	if d.Negative {
		n.Neg(n)
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(d.Exponent, -d.Exponent))), nil)
	if d.Exponent >= 0 {
		return new(big.Rat).SetInt(n.Mul(n, scale))
	}
	return new(big.Rat).SetFrac(n, scale)
}

// decimalOf returns a fraction as a decimal: exactly if it is one, otherwise with
// as many digits as a quotient has.
func decimalOf(r *big.Rat) (*apd.Decimal, error) {
	var d, n, q apd.Decimal
	if _, _, err := n.SetString(r.Num().String()); err != nil {
		return nil, outOfRange
	}
	if _, _, err := q.SetString(r.Denom().String()); err != nil {
		return nil, outOfRange
	}
	_, err := exactQuo(&d, &n, &q)
	return checked(&d, err)
}

// in converts a quantity to the unit of another; ok is false when it has none in
// common with it.
func (q *Quantity) in(other *Quantity) (d *apd.Decimal, ok bool) {
	q, other = alike(q, other)
	if q.unit == other.unit && q.calendar == other.calendar && q.system == other.system {
		return q.value, true
	}
	if q.system != "" || other.system != "" {
		return nil, false
	}
	x, y := calendarUnits[q.unit], calendarUnits[other.unit]
	switch {
	case q.calendar && other.calendar:
		d, err := decimalOf(new(big.Rat).Mul(ratOf(q.value), ratio(x, y)))
		return d, err == nil
	case q.calendar && x.months > 0, other.calendar && y.months > 0:
		return nil, false
	}
	from, errX := ucum.Parse(q.code())
	to, errY := ucum.Parse(other.code())
	if errX != nil || errY != nil {
		return nil, false
	}
	r, err := ucum.Convert(ratOf(q.value), from, to)
	if err != nil {
		return nil, false
	}
	d, err = decimalOf(r)
	return d, err == nil
}
