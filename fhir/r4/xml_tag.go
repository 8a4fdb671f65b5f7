package r4

import "strings"

// Namespaces of FHIR in XML (FHIR R4 xml.html).
const (
	nsFHIR  = "http://hl7.org/fhir"
	nsXHTML = "http://www.w3.org/1999/xhtml"
	nsXSI   = "http://www.w3.org/2001/XMLSchema-instance"
	nsXML   = "http://www.w3.org/XML/1998/namespace"
)

const (
	// A tag may have so many attributes, and so many namespaces may be in scope.
	// They are compared with one another.
	maxAttrs, maxNames = 64, 64
	// So many tags may be open in a narrative, and in all: each object is at most
	// two of them.
	maxXHTMLDepth, maxXMLDepth = 4 * maxDepth, 8 * maxDepth
	maxXMLName                 = 256 // bytes
)

// xmlTag is a start tag.
type xmlTag struct {
	start  int    // of the tag in the document
	raw    string // its name as written
	prefix string // of it
	local  string // the rest of it
	closed bool   // <name/>
	names  int    // how many namespaces were in scope before it
	told   int    // how many problems there were before it
}

type xmlAttr struct {
	pos    int
	prefix string
	local  string
	value  string
	done   bool // it was made use of
}

type xmlBinding struct{ prefix, space string }

// startTag reads a start tag; pos is behind its <. Its attributes are then in
// r.attrs, without those that bind namespaces. ok is false when there is none.
func (r *xmlReader) startTag() (t xmlTag, ok bool) {
	t.start, t.names, t.told = r.pos-1, len(r.names), r.told()
	r.attrs = r.attrs[:0]
	if t.raw = r.name(); len(t.raw) > maxXMLName {
		r.fail(ProblemLimit, t.start, "the name of an element is too long")
		return t, false
	}
	if t.prefix, t.local, ok = r.split(t.raw); !ok {
		r.problem(ProblemSyntax, t.start, "", "not the name of an element")
		return t, false
	}
	for !r.stopped {
		space := r.blank()
		if r.pos >= len(r.s) {
			r.fail(ProblemSyntax, r.pos, "the document ends too early")
			return t, false
		}
		switch c := r.s[r.pos]; {
		case c == '>':
			r.pos++
			return t, r.endOfTag(&t)
		case c == '/' && strings.HasPrefix(r.s[r.pos:], "/>"):
			r.pos += 2
			t.closed = true
			return t, r.endOfTag(&t)
		case c == '<':
			r.problem(ProblemSyntax, t.start, "", "the tag is not closed")
			return t, r.endOfTag(&t)
		default:
			if !space {
				r.problem(ProblemSyntax, r.pos, "", "no white space before an attribute")
			}
			r.attribute()
		}
	}
	return t, false
}

// split splits the name read last at its colon.
func (r *xmlReader) split(raw string) (prefix, local string, ok bool) {
	if !r.colon {
		return "", raw, raw != ""
	}
	return splitName(raw)
}

// splitName splits a name at its colon.
func splitName(raw string) (prefix, local string, ok bool) {
	at := strings.IndexByte(raw, ':')
	if at < 0 {
		return "", raw, raw != ""
	}
	prefix, local = raw[:at], raw[at+1:]
	ok = prefix != "" && local != "" && strings.IndexByte(local, ':') < 0 && !isDigit(local[0]) && local[0] != '-' && local[0] != '.'
	return prefix, local, ok
}

// attribute reads an attribute.
func (r *xmlReader) attribute() {
	a := xmlAttr{pos: r.pos}
	raw := r.name()
	var ok bool
	if a.prefix, a.local, ok = r.split(raw); !ok {
		r.problem(ProblemSyntax, a.pos, "", "not the name of an attribute")
		if r.pos == a.pos {
			r.pos++
		}
		return
	}
	r.blank()
	if r.pos >= len(r.s) || r.s[r.pos] != '=' {
		r.problem(ProblemSyntax, a.pos, "", "an attribute without a value")
		return
	}
	r.pos++
	r.blank()
	if a.value, ok = r.attrValue(); !ok {
		return
	}
	switch {
	case a.prefix == "" && a.local == "xmlns":
		r.bind(a.pos, "", a.value)
	case a.prefix == "xmlns":
		r.bind(a.pos, a.local, a.value)
	case len(r.attrs) >= maxAttrs:
		r.fail(ProblemLimit, a.pos, "too many attributes")
	default:
		r.work += len(r.attrs)
		for i := range r.attrs {
			if r.attrs[i].local == a.local && r.attrs[i].prefix == a.prefix {
				r.problem(ProblemTwice, a.pos, cleanName(a.local), "an attribute twice")
				return
			}
		}
		r.attrs = append(r.attrs, a)
	}
}

// attrValue reads the value of an attribute with its quotes.
func (r *xmlReader) attrValue() (string, bool) {
	if r.pos >= len(r.s) {
		return "", false
	}
	quote := r.s[r.pos]
	if quote != '"' && quote != '\'' {
		r.problem(ProblemSyntax, r.pos, "", "no quotes around the value of an attribute")
		start := r.pos
		for r.pos < len(r.s) && !isSpace(r.s[r.pos]) && r.s[r.pos] != '>' && r.s[r.pos] != '<' && !strings.HasPrefix(r.s[r.pos:], "/>") {
			r.pos++
		}
		return r.s[start:r.pos], !r.stopped
	}
	r.pos++
	start := r.pos
	end := start + xmlPlainLen(r.s[start:], quote)
	r.work += end - start
	if end < len(r.s) && r.s[end] == quote { // most are plain
		r.pos = end + 1
		return r.s[start:end], true
	}
	return r.escapedValue(start, end, quote)
}

// escapedValue reads on a value that began at start and has something that does
// not stand for itself at i.
func (r *xmlReader) escapedValue(start, i int, quote byte) (string, bool) {
	out := append(r.value[:0], r.s[start:i]...)
	defer func() { r.value = out }()
	for i < len(r.s) && !r.stopped {
		switch c := r.s[i]; {
		case c == quote:
			r.pos = i + 1
			return string(out), true
		case c == '&':
			text, end, _ := r.reference(i)
			out, i = append(out, text...), end
		case isSpace(c): // a line end or a tab is a blank (XML 1.0 3.3.3)
			if c == '\r' && strings.HasPrefix(r.s[i:], "\r\n") {
				i++
			}
			out, i = append(out, ' '), i+1
		default:
			n := xmlPlainLen(r.s[i:], quote)
			r.work += n
			if n == 0 {
				if c == '<' {
					r.problem(ProblemSyntax, i, "", "< in the value of an attribute")
				}
				n = 1
			}
			out, i = append(out, r.s[i:i+n]...), i+n
		}
	}
	if !r.stopped {
		r.fail(ProblemSyntax, start-1, "the value of an attribute does not end")
	}
	return "", false
}

// bind puts a namespace into scope.
func (r *xmlReader) bind(pos int, prefix, space string) {
	switch {
	case len(r.names) >= maxNames:
		r.fail(ProblemLimit, pos, "too many namespaces")
	case prefix == "xmlns" || (prefix == "xml") != (space == nsXML) || space == "" && prefix != "" || space == "http://www.w3.org/2000/xmlns/":
		r.problem(ProblemNamespace, pos, "", "a prefix or a namespace that cannot be bound")
	default:
		r.names = append(r.names, xmlBinding{prefix, space})
	}
}

// endOfTag checks what is known once all attributes are read.
func (r *xmlReader) endOfTag(t *xmlTag) bool {
	if r.loose {
		return !r.stopped
	}
	own := r.names[t.names:]
	r.work += len(own)*len(own) + len(r.attrs)
	for i := range own {
		for k := range i {
			if own[k].prefix == own[i].prefix {
				r.problem(ProblemTwice, t.start, "", "a namespace twice")
			}
		}
	}
	for i := range r.attrs {
		a := &r.attrs[i]
		if a.prefix == "" || r.stopped {
			continue
		}
		space, ok := r.space(a.prefix)
		if !ok {
			r.problem(ProblemNamespace, a.pos, "", "a prefix without a namespace")
		}
		r.work += i
		for k := range i {
			if b := &r.attrs[k]; b.local == a.local && b.prefix != "" {
				if other, _ := r.space(b.prefix); ok && other == space {
					r.problem(ProblemTwice, a.pos, "", "an attribute twice")
				}
			}
		}
	}
	return !r.stopped
}

// space returns the namespace of a prefix; that of "" is the default one.
func (r *xmlReader) space(prefix string) (space string, ok bool) {
	for i := len(r.names) - 1; i >= 0; i-- {
		r.work++
		if r.names[i].prefix == prefix {
			return r.names[i].space, true
		}
	}
	if prefix == "xml" {
		return nsXML, true
	}
	return "", prefix == ""
}

// enter opens an element.
func (r *xmlReader) enter(t *xmlTag) {
	if len(r.open) >= maxXMLDepth {
		r.fail(ProblemLimit, t.start, "nested too deep")
		return
	}
	r.open = append(r.open, t.raw)
}

// leave closes it.
func (r *xmlReader) leave(t *xmlTag) {
	r.names = r.names[:t.names]
	if !r.stopped {
		r.open = r.open[:len(r.open)-1]
	}
}

// endTag reads the rest of an end tag; pos is behind its </. It returns true
// when the element t ends here. An end tag that belongs further out ends it too
// and is read again; one that belongs nowhere is skipped.
func (r *xmlReader) endTag(t *xmlTag) bool {
	start := r.pos - 2
	rest := r.s[r.pos:]
	if len(rest) > len(t.raw) && rest[:len(t.raw)] == t.raw && rest[len(t.raw)] == '>' { // most are
		r.pos += len(t.raw) + 1
		return true
	}
	raw := r.name()
	r.blank()
	if r.pos >= len(r.s) {
		r.fail(ProblemSyntax, r.pos, "the document ends too early")
		return true
	}
	if r.s[r.pos] != '>' {
		r.problem(ProblemSyntax, start, "", "not an end tag")
		if r.stopped {
			return true
		}
	} else {
		r.pos++
	}
	if raw == t.raw {
		return true
	}
	r.problem(ProblemSyntax, start, "", "the end tag of another element")
	if r.stopped {
		return true
	}
	r.work += len(r.open)
	for _, o := range r.open {
		if o == raw {
			r.pos = start
			return true
		}
	}
	return false
}
