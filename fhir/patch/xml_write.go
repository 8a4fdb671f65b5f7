package patch

import "strings"

// appendXML writes n. An element in which nothing changed is written as it was,
// so that a narrative elsewhere in the resource keeps its very text. Another one says again which namespace it is in where the
// place that it came to would mean another one.
func (n *node) appendXML(b []byte, scope []declaration) []byte {
	switch n.kind {
	case nodeRoot:
		for _, c := range n.children {
			b = c.appendXML(b, scope)
		}
	case nodeText:
		b = appendEscaped(b, n.text, false)
	case nodeComment:
		b = append(append(append(b, "<!--"...), n.text...), "-->"...)
	case nodeInstruction:
		b = append(append(b, "<?"...), n.name.local...)
		if n.text != "" {
			b = append(append(b, ' '), n.text...)
		}
		b = append(b, "?>"...)
	case nodeElement:
		if n.raw != "" {
			return append(b, n.raw...)
		}
		b = n.appendElement(b, scope)
	}
	return b
}

func (n *node) appendElement(b []byte, scope []declaration) []byte {
	b = append(append(b, '<'), n.name.String()...)
	inner := append(scope[:len(scope):len(scope)], n.declared...)
	declare := func(d declaration) {
		inner = append(inner, d)
		b = appendDeclaration(b, d)
	}
	for _, d := range n.declared {
		b = appendDeclaration(b, d)
	}
	if bound(n.name.prefix, inner) != n.name.space {
		declare(declaration{n.name.prefix, n.name.space})
	}
	for _, a := range n.attrs {
		if a.name.prefix != "" && bound(a.name.prefix, inner) != a.name.space {
			declare(declaration{a.name.prefix, a.name.space})
		}
	}
	for _, a := range n.attrs {
		b = append(append(append(b, ' '), a.name.String()...), '=', '"')
		b = append(appendEscaped(b, a.value, true), '"')
	}
	if len(n.children) == 0 {
		return append(b, '/', '>')
	}
	b = append(b, '>')
	for _, c := range n.children {
		b = c.appendXML(b, inner)
	}
	return append(append(append(b, '<', '/'), n.name.String()...), '>')
}

func appendDeclaration(b []byte, d declaration) []byte {
	b = append(b, " xmlns"...)
	if d.prefix != "" {
		b = append(append(b, ':'), d.prefix...)
	}
	return append(appendEscaped(append(b, '=', '"'), d.space, true), '"')
}

// bound returns the namespace that a prefix stands for.
func bound(prefix string, scope []declaration) string {
	if prefix == "xml" {
		return spaceXML
	}
	for i := len(scope) - 1; i >= 0; i-- {
		if scope[i].prefix == prefix {
			return scope[i].space
		}
	}
	return ""
}

func appendEscaped(b []byte, s string, attribute bool) []byte {
	special := "&<>\r"
	if attribute {
		special = "&<>\"\r\n\t"
	}
	for {
		i := strings.IndexAny(s, special)
		if i < 0 {
			return append(b, s...)
		}
		b = append(b, s[:i]...)
		switch s[i] {
		case '&':
			b = append(b, "&amp;"...)
		case '<':
			b = append(b, "&lt;"...)
		case '>':
			b = append(b, "&gt;"...)
		case '"':
			b = append(b, "&quot;"...)
		case '\r':
			b = append(b, "&#13;"...)
		case '\n':
			b = append(b, "&#10;"...)
		case '\t':
			b = append(b, "&#9;"...)
		}
		s = s[i+1:]
	}
}
