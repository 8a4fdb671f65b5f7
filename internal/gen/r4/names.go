package main

import (
	"strings"
	"unicode"
)

// initialisms are the words that Go writes in capitals.
var initialisms = map[string]string{"Id": "ID", "Url": "URL", "Uri": "URI", "Oid": "OID", "Uuid": "UUID"}

// goName turns an element name into a Go field name: "birthDate" into
// BirthDate, "fullUrl" into FullURL.
func goName(name string) string {
	var b strings.Builder
	for name != "" {
		n := 1
		for n < len(name) && !unicode.IsUpper(rune(name[n])) {
			n++
		}
		word := strings.ToUpper(name[:1]) + name[1:n]
		if short, ok := initialisms[word]; ok {
			word = short
		}
		b.WriteString(word)
		name = name[n:]
	}
	return b.String()
}

// primitives are the Go types of primitives inside a choice.
var primitives = map[string]string{
	"base64Binary": "Base64Binary", "boolean": "Bool", "canonical": "Canonical", "code": "Code", "date": "Date",
	"dateTime": "DateTime", "decimal": "Decimal", "id": "ID", "instant": "Instant", "integer": "Integer",
	"markdown": "Markdown", "oid": "OID", "positiveInt": "PositiveInt", "string": "String", "time": "Time",
	"unsignedInt": "UnsignedInt", "uri": "URI", "url": "URL", "uuid": "UUID",
}

// plain are the Go types of primitives in a field that is no choice, where
// they are not string.
var plain = map[string]string{
	"boolean": "Bool", "decimal": "Decimal", "integer": "Int", "positiveInt": "Int", "unsignedInt": "Int",
}

// goType is the Go type of a field.
func (m *model) goType(f field) string {
	t := m.byName[f.types[0]]
	switch {
	case f.choice:
		return f.iface
	case t.kind == "resource":
		return list(f, "Resource", "Resource")
	case t.kind != "primitive":
		return list(f, t.goName, "*"+t.goName)
	case plain[t.name] != "":
		return list(f, plain[t.name], plain[t.name])
	}
	return list(f, "string", "string")
}

func list(f field, many, one string) string {
	if f.list {
		return "[]" + many
	}
	return one
}
