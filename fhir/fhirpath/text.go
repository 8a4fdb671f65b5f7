package fhirpath

import "github.com/cockroachdb/apd/v3"

// toText writes a value as toString() does; ok is false for what has none.
func (i *Item) toText() (string, bool) {
	switch i.kind {
	case kindPrimitive:
		return i.text, i.text != ""
	case kindBoolean:
		if i.num != 0 {
			return "true", true
		}
		return "false", true
	case kindInteger:
		return apd.New(i.num, 0).Text('f'), true
	case kindDecimal:
		return decimalText(i.value.(*apd.Decimal)), true
	case kindString:
		return i.text, true
	case kindDate, kindDateTime, kindTime:
		return i.value.(*moment).String(), true
	case kindQuantity:
		return i.value.(*Quantity).String(), true
	case kindTypeInfo:
		info := i.value.(*typeInfo)
		return info.namespace + "." + info.name, true
	}
	return "", false
}
