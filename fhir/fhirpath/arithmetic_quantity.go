package fhirpath

import (
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

// productQuantities multiplies or divides quantities and their units.
func productQuantities(of func(d, x, y *apd.Decimal) (apd.Condition, error), units func(a, b ucum.Unit) (ucum.Unit, error), a, b *Quantity) (Item, error) {
	d, ok := byContext(of, a.value, b.value)
	if !ok || a.system != "" || b.system != "" {
		return Item{}, nil
	}
	if b.unit == noUnit {
		return quantityItem(&Quantity{value: d, unit: a.unit, calendar: a.calendar}), nil
	}
	x, errX := ucum.Parse(a.code())
	y, errY := ucum.Parse(b.code())
	if errX != nil || errY != nil {
		return Item{}, nil
	}
	unit, err := units(x, y)
	if len(unit.String()) > maxUnit {
		return Item{}, nil
	}
	if err != nil || a.unit == b.unit && ucum.Comparable(unit, unitless) {
		unit = unitless
	}
	return quantityItem(&Quantity{value: d, unit: unit.String()}), nil
}

// maxUnit is how long the code of a unit may grow by multiplication.
const maxUnit = 256

var unitless, _ = ucum.Parse(noUnit)
