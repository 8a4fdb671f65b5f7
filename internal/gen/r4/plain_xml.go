package main

import (
	"bytes"
	"fmt"
	"strings"
)

// emitPlainXML is emitPlain for encoding/xml: a field for each element that may
// stand in the document, attributes where FHIR has them.
func (m *model) emitPlainXML(b *bytes.Buffer) {
	b.WriteString("type tagged[T any] struct {\nID string `xml:\"id,attr,omitempty\"`\nValue T `xml:\"value,attr\"`\n" +
		"Extension []taggedExtension `xml:\"extension\"`\n}\n\ntype taggedText struct {\nInner string `xml:\",innerxml\"`\n}\n\n")
	seen := map[string]bool{}
	var emit func(t *typ)
	emit = func(t *typ) {
		if seen[t.name] || t.kind == "primitive" || t.goName == "" {
			return
		}
		seen[t.name] = true
		fmt.Fprintf(b, "type tagged%s struct {\n", t.goName)
		if t.kind == "resource" {
			fmt.Fprintf(b, "XMLName xml.Name `xml:\"http://hl7.org/fhir %s\"`\n", t.name)
		}
		for _, f := range t.all {
			for _, name := range f.types {
				m.emitTagged(b, t, f, m.byName[name])
			}
		}
		b.WriteString("}\n\n")
		for _, f := range t.all {
			for _, name := range f.types {
				emit(m.byName[name])
			}
		}
	}
	emit(m.byName["Patient"])
}

func (m *model) emitTagged(b *bytes.Buffer, in *typ, f field, t *typ) {
	name := f.name
	if f.choice {
		name += strings.ToUpper(t.name[:1]) + t.name[1:]
	}
	if name == "id" && in.kind != "resource" || name == "url" && in.name == "Extension" {
		fmt.Fprintf(b, "%s string `xml:\"%s,attr,omitempty\"`\n", goName(name), name)
		return
	}
	goType := "tagged" + t.goName
	switch {
	case t.kind == "resource", t.name == "xhtml":
		goType = "taggedText"
	case t.kind != "primitive":
	case plain[t.name] == "Bool":
		goType = "tagged[bool]"
	case plain[t.name] == "Int":
		goType = "tagged[int32]"
	default:
		goType = "tagged[string]"
	}
	fmt.Fprintf(b, "%s %s `xml:\"%s\"`\n", goName(name), list(f, goType, "*"+goType), name)
}
