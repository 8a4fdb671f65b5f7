package main

import (
	"bytes"
	"fmt"
	"strings"
)

// emitPlain writes Patient and all that it can hold as the tagged structs that
// a program without a model would give to encoding/json: a field for each
// member that may stand in the document. The benchmarks compare with them.
func (m *model) emitPlain(b *bytes.Buffer) {
	seen := map[string]bool{}
	var emit func(t *typ)
	emit = func(t *typ) {
		if seen[t.name] || t.kind == "primitive" || t.goName == "" {
			return
		}
		seen[t.name] = true
		fmt.Fprintf(b, "type plain%s struct {\n", t.goName)
		if t.kind == "resource" {
			b.WriteString("ResourceType string `json:\"resourceType\"`\n")
		}
		for _, f := range t.all {
			for _, name := range f.types {
				m.emitPlainMember(b, f, m.byName[name])
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
	emit(m.byName["Element"])
}

func (m *model) emitPlainMember(b *bytes.Buffer, f field, t *typ) {
	name := f.name
	if f.choice {
		name += strings.ToUpper(t.name[:1]) + t.name[1:]
	}
	goType := "plain" + t.goName
	switch {
	case t.kind == "resource":
		goType = "json.RawMessage"
	case t.kind != "primitive":
		goType = pointerUnlessList(f, goType)
	case plain[t.name] == "Bool":
		goType = "*bool"
	case plain[t.name] == "Int":
		goType = "*int32"
	case plain[t.name] == "Decimal":
		goType = "json.Number"
	case f.list:
		goType = "*string" // may be null
	default:
		goType = "string"
	}
	fmt.Fprintf(b, "%s %s `json:\"%s,omitempty\"`\n", goName(name), list(f, goType, goType), name)
	if t.kind == "primitive" && f.name != "id" && t.name != "xhtml" {
		aside := list(f, "*plainElement", "*plainElement")
		fmt.Fprintf(b, "%sAside %s `json:\"_%s,omitempty\"`\n", goName(name), aside, name)
	}
}

func pointerUnlessList(f field, goType string) string {
	if f.list {
		return goType
	}
	return "*" + goType
}
