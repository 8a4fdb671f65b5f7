package fhirpath

import (
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/ponshealth/pons/fhir/r4"
)

// Quantity is a System.Quantity: a number with a unit of UCUM, or a calendar
// duration such as 3 months (N1, "Quantity").
type Quantity struct {
	value    *apd.Decimal
	unit     string // UCUM code, "1" for none; of a calendar duration its singular
	calendar bool
	dual     bool   // of a FHIR quantity: a unit of time of UCUM that stands for one of the calendar, too
	system   string // of a FHIR quantity whose unit is not of UCUM
}

// Value returns the number.
func (q Quantity) Value() r4.Decimal {
	if q.value == nil {
		return ""
	}
	return r4.Decimal(decimalText(q.value))
}

// Unit returns the UCUM code, or the word of a calendar duration: "month".
func (q Quantity) Unit() string { return q.unit }

// Calendar says whether the unit is a calendar duration.
func (q Quantity) Calendar() bool { return q.calendar }

// String writes the quantity as a literal: 4 'mg', 3 months.
func (q Quantity) String() string {
	number := decimalText(q.value)
	if q.calendar {
		plural := "s"
		if one.Cmp(q.value) == 0 {
			plural = ""
		}
		return number + " " + q.unit + plural
	}
	var b strings.Builder
	b.WriteString(number)
	b.WriteByte(' ')
	quote(&b, q.unit, '\'')
	return b.String()
}

var one = apd.New(1, 0)

const (
	ucumSystem = "http://unitsofmeasure.org"
	noUnit     = "1"
)

// newQuantity returns a quantity by the text of its unit. The words of calendar
// durations are none of UCUM, so they mean these also where they are quoted.
func newQuantity(value *apd.Decimal, unit string) *Quantity {
	if word := durations[unit]; word != "" {
		return &Quantity{value: value, unit: word, calendar: true}
	}
	return &Quantity{value: value, unit: unit}
}

// quantityOf turns a FHIR Quantity, Age, Count, Distance or Duration into one
// of System; nil when it is none, has no number, or says only that it is more or
// less than that number. One whose unit is not of UCUM is kept, but compares with
// the same unit alone.
func quantityOf(i *Item) *Quantity {
	var value r4.Decimal
	var unit, system, comparator string
	switch q := i.value.(type) {
	case *r4.Quantity:
		value, system, comparator = q.Value, q.System, q.Comparator
		unit = codeOr(q.Code, q.Unit)
	case *r4.Age:
		value, system, comparator = q.Value, q.System, q.Comparator
		unit = codeOr(q.Code, q.Unit)
	case *r4.Count:
		value, system, comparator = q.Value, q.System, q.Comparator
		unit = codeOr(q.Code, q.Unit)
	case *r4.Distance:
		value, system, comparator = q.Value, q.System, q.Comparator
		unit = codeOr(q.Code, q.Unit)
	case *r4.Duration:
		value, system, comparator = q.Value, q.System, q.Comparator
		unit = codeOr(q.Code, q.Unit)
	}
	if value == "" || comparator != "" {
		return nil
	}
	number, err := parseDecimal(string(value))
	if err != nil {
		return nil
	}
	if unit == "" {
		unit = noUnit
	} else if system == "" {
		system = "-" // a unit in words
	}
	if system == ucumSystem || unit == noUnit {
		system = ""
	}
	_, isTime := calendarOf[unit]
	return &Quantity{value: number, unit: unit, system: system, dual: isTime && system == ""}
}

// calendarOf maps units of UCUM to the calendar durations that they are in a FHIR
// quantity (FHIR R4 fhirpath.html#quantity).
var calendarOf = map[string]string{"a": "year", "mo": "month", "d": "day", "h": "hour", "min": "minute", "s": "second"}

// asCalendar returns a FHIR quantity of time as a calendar duration.
func (q *Quantity) asCalendar() *Quantity {
	if !q.dual {
		return q
	}
	return &Quantity{value: q.value, unit: calendarOf[q.unit], calendar: true}
}

// alike returns two quantities both as calendar durations if one is such and the
// other may be. FHIR quantities of time compare with units of UCUM as well, for that
// is what they have.
func alike(a, b *Quantity) (x, y *Quantity) {
	switch {
	case a.dual && b.calendar:
		return a.asCalendar(), b
	case b.dual && a.calendar:
		return a, b.asCalendar()
	}
	return a, b
}

func codeOr(code, unit string) string {
	if code != "" {
		return code
	}
	return unit
}
