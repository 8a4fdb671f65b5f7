package fhirpath

import (
	"reflect"
	"strconv"

	"github.com/ponshealth/pons/fhir/r4"
)

// toSystem turns a FHIR primitive or quantity into the System value it stands
// for. ok is false for other elements, and for a primitive without a value; a
// System value stays as it is. A text that is no value of its type, such as a
// document has that was read leniently, is a String.
func (i *Item) toSystem() (Item, bool) {
	switch i.kind {
	case kindNone:
		return Item{}, false
	case kindComplex:
		if q := quantityOf(i); q != nil {
			return quantityItem(q), true
		}
		return Item{}, false
	case kindPrimitive:
		return i.primitiveToSystem()
	}
	return *i, true
}

func (i *Item) primitiveToSystem() (Item, bool) {
	if i.text == "" {
		return Item{}, false
	}
	switch k := systemKindOf(i.typ); k {
	case kindBoolean:
		return Boolean(i.text == "true"), true
	case kindInteger:
		if n, err := strconv.ParseInt(i.text, 10, 32); err == nil {
			return Item{kind: kindInteger, num: n}, true
		}
	case kindDecimal:
		if d, err := parseDecimal(i.text); err == nil {
			return decimalItem(d), true
		}
	case kindDate, kindDateTime, kindTime:
		if m, err := parseMoment(i.text, k); err == nil {
			return momentItem(m), true
		}
	}
	return String(i.text), true
}

// systemKindOf returns the type of System that a primitive of FHIR turns into where
// an operator or a function needs one (FHIR R4 fhirpath.html#types).
func systemKindOf(t *r4.Type) kind {
	if t == nil || t.Kind != r4.KindPrimitive {
		return kindNone
	}
	switch t.Name {
	case "boolean":
		return kindBoolean
	case "integer", "unsignedInt", "positiveInt":
		return kindInteger
	case "decimal":
		return kindDecimal
	case "date":
		return kindDate
	case "dateTime", "instant":
		return kindDateTime
	case "time":
		return kindTime
	}
	return kindString // string, uri, code and what is built on them, base64Binary, xhtml
}

// str returns the string that the item is, if it is one.
func (i *Item) str() (string, bool) {
	if i.kind == kindString {
		return i.text, true
	}
	if i.kind == kindPrimitive && i.text != "" && systemKindOf(i.typ) == kindString {
		return i.text, true
	}
	return "", false
}

// primitiveValue returns a primitive as it stands in a choice.
func primitiveValue(typ, text string) any {
	if text == "" {
		return nil
	}
	switch typ {
	case "boolean":
		return r4.BoolOf(text == "true")
	case "integer":
		return r4.Integer(int32Of(text))
	case "positiveInt":
		return r4.PositiveInt(int32Of(text))
	case "unsignedInt":
		return r4.UnsignedInt(int32Of(text))
	case "decimal":
		return r4.Decimal(text)
	case "code":
		return r4.Code(text)
	case "dateTime":
		return r4.DateTime(text)
	case "date":
		return r4.Date(text)
	case "instant":
		return r4.Instant(text)
	case "time":
		return r4.Time(text)
	case "uri":
		return r4.URI(text)
	case "url":
		return r4.URL(text)
	case "canonical":
		return r4.Canonical(text)
	case "id":
		return r4.ID(text)
	case "markdown":
		return r4.Markdown(text)
	case "base64Binary":
		return r4.Base64Binary(text)
	case "oid":
		return r4.OID(text)
	case "uuid":
		return r4.UUID(text)
	}
	return r4.String(text)
}

func int32Of(text string) int32 {
	n, _ := strconv.ParseInt(text, 10, 32)
	return int32(n)
}

// isNil says whether v holds a nil pointer.
func isNil(v any) bool {
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}
