package mapping

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// convert turns the text of a v2 value into that of a FHIR primitive. With
// problem and no text it cannot; with both it could not keep everything.
func (c *conv) convert(typ *r4.Type, text string) (out, problem string) {
	switch typ.Name {
	case "date":
		return fhirDate(text)
	case "dateTime":
		return fhirDateTime(text, c.zone)
	case "instant":
		return fhirInstant(text, c.zone)
	case "time":
		return fhirTime(text)
	case "decimal":
		if n, ok := decimalText(text); ok {
			return n, ""
		}
		return "", "not a number"
	case "integer", "positiveInt", "unsignedInt":
		n, ok := integerText(text)
		if !ok || typ.Check(n) != nil {
			return "", "not a whole number of the kind that is wanted"
		}
		return n, ""
	case "string", "markdown":
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
