package fhirpath

import (
	"math/big"

	"github.com/cockroachdb/apd/v3"

	"github.com/ponshealth/pons/fhir/ucum"
)

// calendarUnits says what a calendar duration is: so many months, or the UCUM
// code of a unit of fixed length.
var calendarUnits = map[string]struct {
	months int64
	code   string
}{
	"year": {12, "a"}, "month": {1, "mo"}, "week": {0, "wk"}, "day": {0, "d"},
	"hour": {0, "h"}, "minute": {0, "min"}, "second": {0, "s"}, "millisecond": {0, "ms"},
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
	case a.calendar && b.calendar && x.months > 0 && y.months > 0:
		return months(a, x.months).Cmp(months(b, y.months)), true
	case a.calendar && b.calendar:
		return compareUCUM(a.inDays(x.months), b.inDays(y.months))
	case a.calendar && x.months > 0, b.calendar && y.months > 0:
		return 0, false
	}
	return compareUCUM(a, b)
}

// inDays returns years and months in days, and other durations as they are.
func (q *Quantity) inDays(each int64) *Quantity {
	switch each {
	case 1:
		return &Quantity{value: months(q, perMonth), unit: "d"}
	case 12:
		return &Quantity{value: months(q, perYear), unit: "d"}
	}
	return q
}

// months returns a number of years or months in units of which one has so many.
func months(q *Quantity, each int64) *apd.Decimal {
	var d apd.Decimal
	if _, err := exact.Mul(&d, q.value, apd.New(each, 0)); err != nil {
		return q.value
	}
	return &d
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
	if q.calendar && x.months > 0 || other.calendar && y.months > 0 {
		if !q.calendar || !other.calendar || x.months == 0 || y.months == 0 {
			return nil, false
		}
		d, err := decimalOf(new(big.Rat).Mul(ratOf(q.value), big.NewRat(x.months, y.months)))
		return d, err == nil
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
