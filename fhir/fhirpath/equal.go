package fhirpath

import (
	"github.com/ponshealth/pons/fhir/r4"
)

// opEqual is =: nothing if a side is nothing, false if the sizes differ,
// otherwise item by item in order (N1, "Equals").
func opEqual(m *machine, a, b Collection) (Collection, error) {
	t, err := equalCollections(m, a, b)
	return t.collection(), err
}

func opUnequal(m *machine, a, b Collection) (Collection, error) {
	t, err := equalCollections(m, a, b)
	return t.not().collection(), err
}

func equalCollections(m *machine, a, b Collection) (truth, error) {
	if len(a) == 0 || len(b) == 0 {
		return unknown, nil
	}
	if len(a) != len(b) {
		return isFalse, nil
	}
	all := isTrue
	for k := range a {
		t, err := equalItems(m, &a[k], &b[k])
		if err != nil || t == isFalse {
			return t, err
		}
		if t == unknown {
			all = unknown
		}
	}
	return all, nil
}

// equalItems compares by value. Elements are equal when all their children are,
// whatever their place; unknown is the answer for dates of different precision.
func equalItems(m *machine, a, b *Item) (truth, error) {
	if err := m.step(1); err != nil {
		return unknown, err
	}
	if x, ok := a.str(); ok {
		if y, ok := b.str(); ok {
			if len(x) != len(y) {
				return isFalse, nil
			}
			return truthIf(x == y), m.step(len(x) >> 6)
		}
	}
	x, okX := a.toSystem()
	y, okY := b.toSystem()
	if okX != okY {
		return isFalse, nil
	}
	if !okX {
		return equalElements(m, a, b)
	}
	return equalSystem(&x, &y), m.step(costOf(&x) + costOf(&y))
}

// costOf is how many steps it takes to compute with a value, beyond one.
func costOf(i *Item) int {
	switch i.kind {
	case kindQuantity:
		return 40 // units are parsed
	case kindDate, kindDateTime, kindTime, kindDecimal:
		return 2
	}
	return len(i.text) >> 6
}

func equalSystem(x, y *Item) truth {
	switch {
	case isMoment(x.kind) && isMoment(y.kind) && (x.kind == kindTime) == (y.kind == kindTime):
		order, known := compareMoments(x.value.(*moment), y.value.(*moment))
		if !known {
			return unknown
		}
		return truthIf(order == 0)
	case isNumber(x.kind) && isNumber(y.kind):
		if x.kind == kindInteger && y.kind == kindInteger {
			return truthIf(x.num == y.num)
		}
		return truthIf(x.number().Cmp(y.number()) == 0)
	case isMeasure(x.kind) && isMeasure(y.kind):
		order, known := compareQuantities(x.quantity(), y.quantity())
		if !known {
			return unknown
		}
		return truthIf(order == 0)
	case x.kind != y.kind:
		return isFalse
	case x.kind == kindTypeInfo:
		return truthIf(*x.value.(*typeInfo) == *y.value.(*typeInfo))
	}
	return truthIf(x.num == y.num && x.text == y.text)
}

// equalElements compares two elements that have no value in System.
func equalElements(m *machine, a, b *Item) (truth, error) {
	if a.kind != b.kind || a.typ != b.typ {
		return isFalse, nil
	}
	if a.kind == kindPrimitive {
		return truthIf(r4.Equal(a.aside(), b.aside())), nil
	}
	if a.value == b.value {
		return isTrue, nil
	}
	for k := range a.typ.Fields {
		f := &a.typ.Fields[k]
		n := f.Len(a.value)
		if n != f.Len(b.value) {
			return isFalse, nil
		}
		for j := range max(n, 1) {
			x, okX := elementAt(a.value, f, j)
			y, okY := elementAt(b.value, f, j)
			if okX != okY {
				return isFalse, nil
			}
			if !okX {
				continue
			}
			if t, err := equalItems(m, &x, &y); err != nil || t != isTrue {
				return t, err
			}
		}
	}
	return isTrue, nil
}
