package fhirpath

import "strings"

const notComparable = problem("values of types that have no order between them")

// ordering makes one of < <= > >=. Both sides are single items; nothing on a
// side, or an order that cannot be known, gives nothing (N1, "Comparison").
func ordering(holds func(order int) bool) operator {
	return func(m *machine, a, b Collection) (Collection, error) {
		if len(a) > 1 || len(b) > 1 {
			return nil, severalItems
		}
		if len(a) == 0 || len(b) == 0 {
			return nil, nil
		}
		order, known, err := compareItems(m, &a[0], &b[0])
		if err != nil || !known {
			return nil, err
		}
		return boolean(holds(order)), nil
	}
}

// compareItems returns the order of two items. known is false when it cannot be
// told, as between 2018-03 and 2018-03-01, or when one has no value.
func compareItems(m *machine, a, b *Item) (order int, known bool, err error) {
	if a.kind == kindComplex && b.kind == kindComplex && a.typ != b.typ && (quantityOf(a) == nil || quantityOf(b) == nil) {
		return 0, false, notComparable
	}
	x, okX := a.toSystem()
	y, okY := b.toSystem()
	if !okX || !okY {
		if a.kind == kindComplex && !isQuantity(a) || b.kind == kindComplex && !isQuantity(b) {
			return 0, false, notComparable
		}
		return 0, false, nil
	}
	if err := m.step(costOf(&x) + costOf(&y)); err != nil {
		return 0, false, err
	}
	switch {
	case x.kind == kindString && y.kind == kindString:
		return strings.Compare(x.text, y.text), true, nil
	case x.kind == kindInteger && y.kind == kindInteger:
		return sign(int(x.num - y.num)), true, nil
	case isNumber(x.kind) && isNumber(y.kind):
		return x.number().Cmp(y.number()), true, nil
	case isMoment(x.kind) && isMoment(y.kind) && (x.kind == kindTime) == (y.kind == kindTime):
		order, known := compareMoments(x.value.(*moment), y.value.(*moment))
		return order, known, nil
	case isMeasure(x.kind) && isMeasure(y.kind):
		order, known := compareQuantities(x.quantity(), y.quantity())
		return order, known, nil
	}
	if a.malformed(&x) || b.malformed(&y) {
		return 0, false, nil
	}
	return 0, false, notComparable
}

// malformed says whether an element has a text that is no value of its type, so
// that s, its value in System, is a mere String. A document that was read
// leniently has such.
func (i *Item) malformed(s *Item) bool {
	return i.kind == kindPrimitive && s.kind != systemKindOf(i.typ)
}

func isNumber(k kind) bool  { return k == kindInteger || k == kindDecimal }
func isMoment(k kind) bool  { return k >= kindDate && k <= kindTime }
func isMeasure(k kind) bool { return k == kindQuantity || isNumber(k) }

// isQuantity says whether the item is a FHIR quantity, also one that has no
// counterpart in System.
func isQuantity(i *Item) bool {
	return i.kind == kindComplex && (i.typ.Name == "Quantity" || i.typ.Base == "Quantity")
}

// quantity returns a number as a quantity without unit, and a quantity as it is.
func (i *Item) quantity() *Quantity {
	if q, ok := i.value.(*Quantity); ok {
		return q
	}
	return &Quantity{value: i.number(), unit: noUnit}
}
