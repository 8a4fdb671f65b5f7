package patch

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// readXML reads a document into at most so many nodes. It takes no document type declaration
// and so no entities beyond those of XML. problem is "" if it is a document.
func readXML(b []byte, nodes int) (doc *node, problem string) {
	if !utf8.Valid(b) {
		return nil, "not UTF-8"
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	r := xmlReader{decoder: xml.NewDecoder(bytes.NewReader(b)), source: string(b)}
	doc = &node{kind: nodeRoot}
	r.at, r.room = doc, nodes
	for {
		r.begin = r.decoder.InputOffset()
		token, err := r.decoder.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, "not XML" // the decoder's text may hold a part of the document
		}
		if problem := r.token(token); problem != "" {
			return nil, problem
		}
		if r.room < 0 {
			return nil, tooMany
		}
	}
	switch {
	case r.at != doc:
		return nil, "the document ends too early"
	case doc.root() == nil:
		return nil, "there is no document"
	}
	return doc, ""
}

type xmlReader struct {
	decoder *xml.Decoder
	source  string
	begin   int64 // of the token in source
	at      *node
	depth   int
	room    int           // how many nodes and attributes may still come
	scope   []declaration // in force, the innermost last
	open    []mark
}

// mark is what is known of an element that is open: where it begins, and the
// length of scope outside.
type mark struct {
	begin int64
	scope int
}

func (r *xmlReader) token(t xml.Token) (problem string) {
	switch t := t.(type) {
	case xml.StartElement:
		return r.start(t)
	case xml.EndElement:
		return r.end(t)
	case xml.CharData:
		if r.at.kind == nodeRoot {
			if len(bytes.TrimSpace(t)) > 0 {
				return "text outside the document"
			}
			return ""
		}
		r.text(string(t))
	case xml.Comment:
		r.append(&node{kind: nodeComment, text: string(t)})
	case xml.ProcInst:
		if strings.EqualFold(t.Target, "xml") {
			return "" // the declaration
		}
		r.append(&node{kind: nodeInstruction, name: name{local: t.Target}, text: string(t.Inst)})
	case xml.Directive:
		return "a document type declaration"
	}
	return ""
}

const tooManyPrefixes = "too many namespace declarations"

func (r *xmlReader) append(n *node) {
	r.room -= 1 + len(n.attrs)
	n.parent = r.at
	r.at.children = append(r.at.children, n)
}

// text appends to the text before: a CDATA section does not end one.
func (r *xmlReader) text(s string) {
	if k := len(r.at.children); k > 0 && r.at.children[k-1].kind == nodeText {
		r.at.children[k-1].text += s
		return
	}
	r.append(&node{kind: nodeText, text: s})
}

func (r *xmlReader) start(t xml.StartElement) (problem string) {
	if r.depth++; r.depth > maxDepth {
		return errDepth.Problem
	}
	if r.at.kind == nodeRoot && r.at.root() != nil {
		return "more than one document"
	}
	n := &node{kind: nodeElement}
	r.open = append(r.open, mark{r.begin, len(r.scope)})
	seen := map[name]bool{}
	for _, a := range t.Attr {
		raw := name{prefix: a.Name.Space, local: a.Name.Local}
		if seen[raw] {
			return "an attribute twice"
		}
		seen[raw] = true
		switch {
		case raw.prefix == "xmlns":
			n.declared = append(n.declared, declaration{raw.local, a.Value})
		case raw.prefix == "" && raw.local == "xmlns":
			n.declared = append(n.declared, declaration{"", a.Value})
		}
	}
	r.scope = append(r.scope, n.declared...)
	if len(r.scope) > maxPrefixes {
		return tooManyPrefixes
	}
	var ok bool
	if n.name, ok = resolve(t.Name, r.scope); !ok {
		return "a prefix without namespace"
	}
	for _, a := range t.Attr {
		if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
			continue
		}
		an := name{local: a.Name.Local}
		if a.Name.Space != "" {
			if an, ok = resolve(a.Name, r.scope); !ok {
				return "a prefix without namespace"
			}
		}
		n.attrs = append(n.attrs, attr{an, a.Value})
	}
	r.append(n)
	r.at = n
	return ""
}

func (r *xmlReader) end(t xml.EndElement) (problem string) {
	if r.at.kind == nodeRoot || r.at.name.prefix != t.Name.Space || r.at.name.local != t.Name.Local {
		return "an element ends that did not begin"
	}
	last := len(r.open) - 1
	r.at.raw = r.source[r.open[last].begin:r.decoder.InputOffset()]
	r.scope, r.open = r.scope[:r.open[last].scope], r.open[:last]
	r.at = r.at.parent
	r.depth--
	return ""
}

// resolve finds the namespace of a name as it was written; the innermost
// declaration stands last.
func resolve(n xml.Name, scope []declaration) (name, bool) {
	if n.Space == "xml" {
		return name{"xml", spaceXML, n.Local}, true
	}
	for i := len(scope) - 1; i >= 0; i-- {
		if scope[i].prefix == n.Space {
			return name{n.Space, scope[i].space, n.Local}, scope[i].space != "" || n.Space == ""
		}
	}
	return name{local: n.Local}, n.Space == ""
}

// scopeOf lists the declarations in force inside n.
func scopeOf(n *node) []declaration {
	var chain []*node
	for ; n != nil; n = n.parent {
		chain = append(chain, n)
	}
	var scope []declaration
	for i := len(chain) - 1; i >= 0; i-- {
		scope = append(scope, chain[i].declared...)
	}
	return scope
}
