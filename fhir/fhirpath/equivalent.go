package fhirpath

import (
	"strings"
	"unicode"

	"github.com/cockroachdb/apd/v3"

	"github.com/ponshealth/pons/fhir/r4"
)

// opSame is ~: the same items in any order, strings without regard to case and
// white space, numbers as far as the less precise one goes (N1, "Equivalent").
// It always says true or false.
func opSame(m *machine, a, b Collection) (Collection, error) {
	is, err := sameCollections(m, a, b)
	return boolean(is), err
}

func opDifferent(m *machine, a, b Collection) (Collection, error) {
	is, err := sameCollections(m, a, b)
	return boolean(!is), err
}

func sameCollections(m *machine, a, b Collection) (bool, error) {
	if len(a) != len(b) {
		return false, nil
	}
	used := make([]bool, len(b))
next:
	for k := range a {
		for j := range b {
			if used[j] {
				continue
			}
			is, err := sameItems(m, &a[k], &b[j])
			if err != nil {
				return false, err
			}
			if is {
				used[j] = true
				continue next
			}
		}
		return false, nil
	}
	return true, nil
}

func sameItems(m *machine, a, b *Item) (bool, error) {
	if err := m.step(1); err != nil {
		return false, err
	}
	x, okX := a.toSystem()
	y, okY := b.toSystem()
	if okX != okY {
		return false, nil
	}
	if !okX {
		return sameElements(m, a, b)
	}
	if err := m.step(costOf(&x) + costOf(&y)); err != nil {
		return false, err
	}
	switch {
	case x.kind == kindString && y.kind == kindString:
		return x.text == y.text || folded(x.text) == folded(y.text), nil
	case x.kind == kindInteger && y.kind == kindInteger:
		return x.num == y.num, nil
	case isNumber(x.kind) && isNumber(y.kind):
		return sameDecimals(x.number(), y.number()), nil
	case isMeasure(x.kind) && isMeasure(y.kind):
		return sameQuantities(x.quantity(), y.quantity()), nil
	}
	return equalSystem(&x, &y) == isTrue, nil
}

// folded returns s in lower case, with all white space as blanks (N1, "String
// Equivalence").
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		return unicode.ToLower(r)
	}, s)
}

// sameDecimals compares with the digits behind the point of the less precise one;
// zeros at the end do not count as precision.
func sameDecimals(a, b *apd.Decimal) bool {
	var x, y apd.Decimal
	x.Reduce(a)
	y.Reduce(b)
	digits := min(places(&x), places(&y))
	p, errP := roundTo(&x, digits, apd.RoundHalfUp)
	q, errQ := roundTo(&y, digits, apd.RoundHalfUp)
	return errP == nil && errQ == nil && p.Cmp(q) == 0
}

// sameQuantities compares in the unit of the one with the coarser unit. Calendar
// durations count as their counterparts in UCUM.
func sameQuantities(a, b *Quantity) bool {
	x, y := a.definite(), b.definite()
	if d, ok := y.in(x); ok && sameDecimals(x.value, d) {
		return true
	}
	d, ok := x.in(y)
	return ok && sameDecimals(d, y.value)
}

func (q *Quantity) definite() *Quantity {
	if !q.calendar {
		return q
	}
	return &Quantity{value: q.value, unit: q.code()}
}

// sameCoding compares two Codings by system and code (FHIR R4
// fhirpath.html#changes).
func sameCoding(a, b *r4.Coding) bool { return a.System == b.System && a.Code == b.Code }

// sameConcept says whether two concepts have a Coding in common.
func sameConcept(m *machine, a, b *r4.CodeableConcept) (bool, error) {
	if err := m.step(len(a.Coding) * len(b.Coding)); err != nil {
		return false, err
	}
	for k := range a.Coding {
		for j := range b.Coding {
			if sameCoding(&a.Coding[k], &b.Coding[j]) {
				return true, nil
			}
		}
	}
	return false, nil
}

// sameElements compares two elements child by child, without their ids.
func sameElements(m *machine, a, b *Item) (bool, error) {
	if a.kind != b.kind || a.typ != b.typ {
		return false, nil
	}
	if a.kind == kindPrimitive {
		return r4.Equal(a.aside(), b.aside()), nil
	}
	if a.value == b.value {
		return true, nil
	}
	switch x := a.value.(type) {
	case *r4.Coding:
		return sameCoding(x, b.value.(*r4.Coding)), nil
	case *r4.CodeableConcept:
		return sameConcept(m, x, b.value.(*r4.CodeableConcept))
	}
	for k := range a.typ.Fields {
		f := &a.typ.Fields[k]
		if f.Name == "id" {
			continue
		}
		before := m.mark()
		x, err := addChildren(m, nil, a.value, f, nil)
		if err != nil {
			return false, err
		}
		y, err := addChildren(m, nil, b.value, f, nil)
		if err != nil {
			return false, err
		}
		is, err := sameCollections(m, x, y)
		if err != nil || !is {
			return false, err
		}
		m.release(before)
	}
	return true, nil
}
