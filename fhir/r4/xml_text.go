package r4

import "strings"

// narrative writes the XHTML of a narrative.
func (e *xmlEncoder) narrative(b []byte, text string) ([]byte, *Error) {
	if e.check {
		if problem := xmlProblem(text); problem != "" {
			return b, &Error{Kind: ProblemEncoding, Problem: problem}
		}
	}
	text, problem := xhtmlOf(text)
	if problem != "" {
		return b, &Error{Kind: ProblemNarrative, Problem: problem}
	}
	return append(b, text...), nil
}

// xhtmlOf returns a narrative as it stands in XML.
func xhtmlOf(s string) (text, problem string) {
	s = strings.Trim(s, " \t\r\n")
	r := &xmlReader{s: s}
	if !strings.HasPrefix(s, "<") {
		return "", "not a div of XHTML"
	}
	r.pos++
	t, ok := r.startTag()
	bound := false
	for _, n := range r.names {
		bound = bound || n.prefix == t.prefix
	}
	if ok && !bound && t.prefix == "" {
		r.names = append([]xmlBinding{{"", nsXHTML}}, r.names...) // as if around it
		t.names = 1
	}
	if ok && t.local != "div" {
		return "", "not a div of XHTML"
	}
	plain := ok && bound && t.prefix == ""
	if ok {
		_, ok = r.narrative(&t)
	}
	switch {
	case r.err != nil:
		return "", "not XHTML: " + r.err.Problem
	case !ok || r.pos < len(s):
		return "", "not a div of XHTML"
	case !plain || strings.IndexByte(s, '\r') >= 0:
		s = rewriteXHTML(s, !plain, writeText, writeTag)
	}
	return s, ""
}

// appendXMLAttr appends an attribute. White space that a reader would take for
// blanks is written by number.
func appendXMLAttr(b []byte, name, text string) []byte {
	b = append(append(append(b, ' '), name...), `="`...)
	for {
		n := xmlPlainLen(text, '"')
		b = append(b, text[:n]...)
		if n == len(text) {
			return append(b, '"')
		}
		switch c := text[n]; c {
		case '"':
			b = append(b, "&quot;"...)
		case '&':
			b = append(b, "&amp;"...)
		case '<':
			b = append(b, "&lt;"...)
		case '\n':
			b = append(b, "&#xA;"...)
		case '\r':
			b = append(b, "&#xD;"...)
		case '\t':
			b = append(b, "&#x9;"...)
		default: // told of by check
			b = append(b, c)
		}
		text = text[n+1:]
	}
}
