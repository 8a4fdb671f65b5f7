package r4

import "time"

// Name returns a name: the family, and the given names in their order.
func Name(family string, given ...string) HumanName {
	return HumanName{Family: family, Given: given}
}

// Ident returns the identifier that a value is in a system, which is a URI such
// as "https://fhir.nhs.uk/Id/nhs-number".
func Ident(system, value string) Identifier { return Identifier{System: system, Value: value} }

// IdentifierIn returns the value of the first identifier of a system in list, ""
// if there is none. One whose use is old does not count.
func IdentifierIn(list []Identifier, system string) string {
	for i := range list {
		if id := &list[i]; id.System == system && id.Use != "old" && id.Value != "" {
			return id.Value
		}
	}
	return ""
}

// Concept returns a concept of one coding. display may be "".
func Concept(system, code, display string) CodeableConcept {
	return CodeableConcept{Coding: []Coding{{System: system, Code: code, Display: display}}}
}

// CodeIn returns the first code of a system in c, "" if there is none, also when
// c is nil.
func (c *CodeableConcept) CodeIn(system string) string {
	if c == nil {
		return ""
	}
	for i := range c.Coding {
		if c.Coding[i].System == system && c.Coding[i].Code != "" {
			return c.Coding[i].Code
		}
	}
	return ""
}

// Has says whether c has the code of the system. A nil c has none.
func (c *CodeableConcept) Has(system, code string) bool {
	if c == nil || code == "" {
		return false
	}
	for i := range c.Coding {
		if c.Coding[i].System == system && c.Coding[i].Code == code {
			return true
		}
	}
	return false
}

// UCUM is the system of units of measure.
const UCUM = "http://unitsofmeasure.org"

// QuantityOf returns a value with its unit, a code of [UCUM] such as "mmol/L",
// which is also shown as the unit.
func QuantityOf(value Decimal, unit string) Quantity {
	return Quantity{Value: value, Unit: unit, System: UCUM, Code: unit}
}

// DateOf returns the date of t in its own location: 2024-05-17.
func DateOf(t time.Time) string { return t.Format("2006-01-02") }

// DateTimeOf returns t as a dateTime to the second, with its offset from UTC:
// 2024-05-17T10:00:00+01:00.
func DateTimeOf(t time.Time) string { return t.Format(time.RFC3339) }

// InstantOf returns t as an instant to the millisecond, with its offset from
// UTC: 2024-05-17T10:00:00.123Z.
func InstantOf(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z07:00") }

// As returns v if it is a T, and else the zero T. It reads a choice in one
// expression:
//
//	if q := r4.As[*r4.Quantity](observation.Value); q != nil && q.Code == "mmol/L"
//
// A choice that holds something else, or nothing, gives nil for a pointer, and
// an absent value for a primitive ("" for [String], [Date] and so on).
// Where 0 must be told from absence, use a type assertion.
func As[T any](v any) T {
	t, _ := v.(T)
	return t
}
