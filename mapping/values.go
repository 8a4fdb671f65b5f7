package mapping

import (
	"strings"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
)

// A form is how the text of a v2 value becomes that of a FHIR primitive.
type form uint8

const (
	formToken  form = iota // without blanks around it
	formString             // as it stands
	formDate
	formDateTime
	formInstant
	formTime
	formDecimal
	formInteger
)

func formOf(typ *r4.Type) form {
	switch typ.Name {
	case "string", "markdown":
		return formString
	case "date":
		return formDate
	case "dateTime":
		return formDateTime
	case "instant":
		return formInstant
	case "time":
		return formTime
	case "decimal":
		return formDecimal
	case "integer", "positiveInt", "unsignedInt":
		return formInteger
	}
	return formToken
}

// convert turns the text of a v2 value into that of a FHIR primitive. With
// problem and no text it cannot; with both it could not keep everything.
func (c *conv) convert(to *typeInfo, text string) (out, problem string) {
	typ := to.typ
	switch to.form {
	case formDate:
		return fhirDate(text)
	case formDateTime:
		return c.times[0].in(text, c.zone, fhirDateTime)
	case formInstant:
		return c.times[1].in(text, c.zone, fhirInstant)
	case formTime:
		return fhirTime(text)
	case formDecimal:
		if n, ok := decimalText(text); ok {
			return n, ""
		}
		return "", "not a number"
	case formInteger:
		n, ok := integerText(text)
		if !ok || typ.Check(n) != nil {
			return "", "not a whole number of the kind that is wanted"
		}
		return n, ""
	case formString:
		if strings.TrimSpace(text) == "" {
			return "", "blank"
		}
		out = text
	default:
		out = strings.TrimSpace(text)
	}
	if err := typ.Check(out); err != nil {
		return "", "not a " + typ.Name
	}
	return out, ""
}

// A timeText is a time of the message and what it is in FHIR.
type timeText struct{ text, out, note string }

// in is what write makes of a text. The results of one specimen have all the same time.
func (t *timeText) in(text string, zone *time.Location, write func(string, *time.Location) (out, note string)) (out, note string) {
	if text == "" || text != t.text {
		t.text = text
		t.out, t.note = write(text, zone)
	}
	return t.out, t.note
}

// decimalText reads an NM (HL7 v2.9 2A.2.46) as FHIR writes a decimal: without
// plus sign and superfluous zeros in front, with those behind, which say how
// exact it is.
func decimalText(s string) (string, bool) {
	s = strings.TrimSpace(s)
	sign := ""
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		s, sign = rest, "-"
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	whole, fraction, point := strings.Cut(s, ".")
	if whole == "" && fraction == "" || whole != "" && !allDigits(whole) || fraction != "" && !allDigits(fraction) {
		return "", false
	}
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		whole = "0"
	}
	if !point || fraction == "" {
		return sign + whole, true
	}
	return sign + whole + "." + fraction, true
}

func integerText(s string) (string, bool) {
	n, ok := decimalText(s)
	if !ok || strings.Contains(n, ".") {
		return "", false
	}
	if n == "-0" {
		n = "0"
	}
	return n, true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
