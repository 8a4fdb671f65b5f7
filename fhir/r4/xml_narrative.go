package r4

import "strings"

// narrative reads the XHTML of a narrative, the element t, whose start tag is
// read. The text is what stands in the document, if that says the same alone.
func (r *xmlReader) narrative(t *xmlTag) (text string, ok bool) {
	told := r.told()
	plain, returns := r.xhtmlTag(t, t), r.attrReturns()
	inText := r.through(t, maxXHTMLDepth, func(in xmlTag) {
		plain = r.xhtmlTag(&in, t) && plain
		returns = r.attrReturns() || returns
	})
	if r.stopped && r.doc == nil {
		return "", false
	}
	text = r.s[t.start:r.pos]
	if r.told() == told && (!plain || returns || inText || strings.IndexByte(text, '\r') >= 0) {
		return rewriteXHTML(text, !plain, readText, readTag), true
	}
	return strings.Clone(text), true
}

// told counts the problems so far.
func (r *xmlReader) told() int {
	if r.doc != nil {
		return len(r.doc.Problems)
	}
	return 0
}

// xhtmlTag checks a start tag of a narrative that begins with root. plain says
// that it may stay as it is.
func (r *xmlReader) xhtmlTag(t, root *xmlTag) (plain bool) {
	if space, ok := r.space(t.prefix); !ok {
		r.problem(ProblemNamespace, t.start, "", "a prefix without a namespace")
	} else if space != nsXHTML {
		r.problem(ProblemNamespace, t.start, "", "not in the namespace of XHTML")
	}
	for i := range r.attrs {
		a := &r.attrs[i]
		if a.prefix == "" || a.prefix == "xml" {
			continue
		}
		inside := false
		for _, b := range r.names[root.names:] {
			inside = inside || b.prefix == a.prefix
		}
		if !inside {
			r.problem(ProblemNamespace, a.pos, "", "an attribute of another namespace in a narrative")
		}
	}
	if t != root {
		return t.prefix == ""
	}
	for _, b := range r.names[t.names:] {
		if b.prefix == "" {
			return t.prefix == ""
		}
	}
	return false
}

// attrReturns says whether the tag read last has carriage returns, which only a
// reference can put there.
func (r *xmlReader) attrReturns() bool {
	for i := range r.attrs {
		if strings.IndexByte(r.attrs[i].value, '\r') >= 0 {
			return true
		}
	}
	return false
}

// xhtmlText skips text and checks the references in it. returns says that there
// is one of a carriage return.
func (r *xmlReader) xhtmlText() (returns bool) {
	start := r.pos
	if n := strings.IndexByte(r.s[start:], '<'); n >= 0 {
		r.pos += n
	} else {
		r.pos = len(r.s)
	}
	text := r.s[start:r.pos]
	r.work += 1 + len(text)
	if at := strings.Index(text, "]]>"); at >= 0 {
		r.problem(ProblemSyntax, start+at, "", "]]> in text")
	}
	for i := strings.IndexByte(text, '&'); i >= 0 && !r.stopped; {
		stands, end, _ := r.reference(start + i)
		returns = returns || stands == "\r"
		next := end - start
		if next >= len(text) {
			break
		}
		if i = strings.IndexByte(text[next:], '&'); i >= 0 {
			i += next
		}
	}
	return returns
}

// cdata skips a CDATA section.
func (r *xmlReader) cdata() {
	end := strings.Index(r.s[r.pos:], "]]>")
	r.work += max(end, 1)
	if end < 0 {
		r.fail(ProblemSyntax, r.pos, "a CDATA section does not end")
		return
	}
	r.pos += end + 3
}

// rewriteXHTML returns XHTML, which is known to be right, with each text and each
// tag (or comment) changed by the functions. With strip, elements lose their
// prefixes and the namespace is bound as the default one, at the first.
func rewriteXHTML(s string, strip bool, text, tag func(string) string) string {
	var b strings.Builder
	r := &xmlReader{s: s, loose: true}
	for r.pos < len(s) && !r.stopped {
		if s[r.pos] != '<' {
			end := len(s)
			if n := strings.IndexByte(s[r.pos:], '<'); n >= 0 {
				end = r.pos + n
			}
			b.WriteString(text(s[r.pos:end]))
			r.pos = end
			continue
		}
		start := r.pos
		next := byte(0)
		if start+1 < len(s) {
			next = s[start+1]
		}
		switch {
		case next == '!' || next == '?':
			if !r.markup() {
				r.cdata()
			}
		case next == '/':
			r.pos += 2
			raw := r.name()
			if _, local, _ := splitName(raw); strip {
				b.WriteString("</" + local)
				start = r.pos
			}
			r.blank()
			r.pos++
		default:
			r.pos++
			t, ok := r.startTag()
			if !ok {
				return s // it was right before
			}
			if strip {
				b.WriteString(r.bareTag(&t, start == 0))
			}
			if r.names = r.names[:0]; strip {
				continue
			}
		}
		b.WriteString(tag(s[start:min(r.pos, len(s))]))
	}
	return b.String()
}

// bareTag returns the start tag t, read last, without its prefix and with the
// default namespace if it is the first.
func (r *xmlReader) bareTag(t *xmlTag, first bool) string {
	var b []byte
	b = append(append(b, '<'), t.local...)
	if first {
		b = append(b, ` xmlns="`+nsXHTML+`"`...)
	}
	for _, n := range r.names {
		if n.prefix != "" {
			b = appendXMLAttr(b, "xmlns:"+n.prefix, n.space)
		}
	}
	for _, a := range r.attrs {
		if a.prefix != "" {
			a.local = a.prefix + ":" + a.local
		}
		b = appendXMLAttr(b, a.local, a.value)
	}
	if t.closed {
		b = append(b, '/')
	}
	return string(append(b, '>'))
}

// lineFeeds makes all line ends line feeds (XML 1.0 2.11).
func lineFeeds(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// carriageReturns are the ways to write a carriage return that is meant.
var carriageReturns = strings.NewReplacer("&#13;", "\r", "&#xD;", "\r", "&#xd;", "\r", "&#x0D;", "\r", "&#x0d;", "\r")

// readText and readTag return text and a tag of XHTML in XML as they stand in JSON;
// writeText and writeTag do the reverse.
func readText(s string) string { return carriageReturns.Replace(lineFeeds(s)) }

func readTag(s string) string {
	if strings.HasPrefix(s, "<!") || strings.HasPrefix(s, "<?") {
		return lineFeeds(s)
	}
	return readText(s)
}

func writeText(s string) string { return strings.ReplaceAll(s, "\r", "&#xD;") }

func writeTag(s string) string {
	if strings.IndexByte(s, '\r') < 0 || strings.HasPrefix(s, "<!") || strings.HasPrefix(s, "<?") {
		return s
	}
	b := make([]byte, 0, len(s)+16)
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\r' && quote != 0:
			b = append(b, "&#xD;"...)
			continue
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		}
		b = append(b, s[i])
	}
	return string(b)
}
