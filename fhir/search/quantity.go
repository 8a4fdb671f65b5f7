package search

import (
	"math"
	"strconv"

	"github.com/ponshealth/pons/fhir/r4"
)

// quantity makes the entry of a Quantity, of one of the types that are made on
// it, of a Range or of Money. SampledData has many values and gives none.
func (x *extractor) quantity(value any) {
	switch v := value.(type) {
	case *r4.Money:
		if n, ok := decimal(v.Value); ok {
			x.add(Entry{Min: n, Max: n, System: currencies, Code: v.Currency})
		}
	case *r4.Range:
		x.between(v)
	default:
		if q, ok := asQuantity(value); ok {
			x.measured(q)
		}
	}
}

const currencies = "urn:iso:std:iso:4217"

// asQuantity reads a Quantity or a type that is made on it (Age, Duration, ...),
// which all have the same elements.
func asQuantity(value any) (r4.Quantity, bool) {
	if q, ok := value.(*r4.Quantity); ok {
		return *q, true
	}
	t := r4.TypeOf(value)
	if t == nil || t.Base != "Quantity" {
		return r4.Quantity{}, false
	}
	text := func(name string) string {
		f, _, ok := t.Field(name)
		if !ok {
			return ""
		}
		return f.Text(value, 0)
	}
	return r4.Quantity{
		Value: r4.Decimal(text("value")), Comparator: text("comparator"),
		Unit: text("unit"), System: text("system"), Code: text("code"),
	}, true
}

// measured honours the comparator: "<5" is all below five.
func (x *extractor) measured(q r4.Quantity) {
	n, ok := decimal(q.Value)
	if !ok {
		return
	}
	e := Entry{Min: n, Max: n, System: q.System, Code: q.Code, Text: FoldCode(q.Unit)}
	switch q.Comparator {
	case "<", "<=":
		e.Min = math.Inf(-1)
	case ">", ">=":
		e.Max = math.Inf(1)
	}
	x.add(e)
}

func (x *extractor) between(v *r4.Range) {
	e := Entry{Min: math.Inf(-1), Max: math.Inf(1)}
	low, hasLow := end(v.Low, &e)
	high, hasHigh := end(v.High, &e)
	if hasLow {
		e.Min = low
	}
	if hasHigh {
		e.Max = high
	}
	if hasLow || hasHigh {
		x.add(e)
	}
}

// end reads one end of a Range and takes its unit for the whole.
func end(q *r4.Quantity, e *Entry) (float64, bool) {
	if q == nil {
		return 0, false
	}
	n, ok := decimal(q.Value)
	if ok {
		e.System, e.Code, e.Text = q.System, q.Code, FoldCode(q.Unit)
	}
	return n, ok
}

func decimal(d r4.Decimal) (float64, bool) {
	n, err := strconv.ParseFloat(string(d), 64)
	return n, err == nil
}
