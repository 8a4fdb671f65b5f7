package validate

import (
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ponshealth/pons/fhir/r4"
)

// value checks what e says about the value of n itself.
func (r *run) value(n *node, e *element) {
	if e.fixed != nil {
		r.fixedValue(n, e.fixed)
	}
	if e.pattern != nil {
		r.patternValue(n, e.pattern)
	}
	if e.maxLength > 0 && n.text != "" && utf8.RuneCountInString(n.text) > e.maxLength {
		r.fail(n, "too-long", "longer than "+strconv.Itoa(e.maxLength)+" characters")
	}
	if e.minValue != nil {
		if c, ok := compare(n, e.minValue); ok && c < 0 {
			r.fail(n, "value", "less than the least value allowed")
		}
	}
	if e.maxValue != nil {
		if c, ok := compare(n, e.maxValue); ok && c > 0 {
			r.fail(n, "value", "more than the greatest value allowed")
		}
	}
	if e.binding != nil {
		r.bound(n, e.binding)
	}
	if e.maximum != nil {
		r.bound(n, e.maximum)
	}
}

// compare orders n and a limit; ok is false when that cannot be said: dates of
// different precision that agree as far as they go, quantities in other units.
func compare(n *node, limit any) (c int, ok bool) {
	if q, isQuantity := limit.(*r4.Quantity); isQuantity {
		mine, same := n.value.(*r4.Quantity)
		if !same || mine.System != q.System || mine.Code != q.Code || mine.Code == "" && mine.Unit != q.Unit {
			return 0, false
		}
		return compareNumbers(string(mine.Value), string(q.Value))
	}
	text, isText := r4.Text(limit)
	if !isText || n.text == "" || n.typ == nil {
		return 0, false
	}
	switch n.typ.Name {
	case "decimal", "integer", "positiveInt", "unsignedInt":
		return compareNumbers(n.text, text)
	case "date", "dateTime", "instant", "time":
		return compareDates(n.text, text)
	}
	return 0, false
}

func compareNumbers(a, b string) (int, bool) {
	if len(a) > 64 || len(b) > 64 || hugeExponent(a) || hugeExponent(b) {
		return 0, false
	}
	x, ok1 := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	if !ok1 || !ok2 {
		return 0, false
	}
	return x.Cmp(y), true
}

// hugeExponent keeps a short text from becoming a number of a million digits.
func hugeExponent(s string) bool {
	i := strings.IndexAny(s, "eE")
	if i < 0 {
		return false
	}
	n, err := strconv.Atoi(strings.TrimPrefix(s[i+1:], "+"))
	return err != nil || n > 400 || n < -400
}

// compareDates compares as far as both go; times in different zones not at all.
func compareDates(a, b string) (int, bool) {
	if len(a) > 10 && len(b) > 10 && zone(a) != zone(b) {
		a, b = a[:10], b[:10]
		if a == b {
			return 0, false
		}
	}
	short := min(len(a), len(b))
	if c := strings.Compare(a[:short], b[:short]); c != 0 {
		return c, true
	}
	return 0, len(a) == len(b)
}

func zone(s string) string {
	if i := strings.LastIndexAny(s, "Z+-"); i > 10 {
		return s[i:]
	}
	return ""
}
