package r4

import (
	"slices"
	"strings"
)

// prolog reads the byte order mark and the XML declaration.
func (r *xmlReader) prolog() {
	r.pos = len(r.s) - len(strings.TrimPrefix(r.s, "\ufeff"))
	if !strings.HasPrefix(r.s[r.pos:], "<?xml") || r.pos+5 >= len(r.s) || !isSpace(r.s[r.pos+5]) {
		return
	}
	start := r.pos
	end := strings.Index(r.s[start:], "?>")
	if end < 0 {
		r.fail(ProblemSyntax, start, "the XML declaration does not end")
		return
	}
	inside := &xmlReader{s: r.s[:start+end], pos: start + 5}
	for n, want := 0, []string{"version", "encoding", "standalone"}; ; n++ {
		space := inside.blank()
		if inside.pos >= len(inside.s) && n > 0 {
			break
		}
		inside.attrs = inside.attrs[:0]
		if inside.pos < len(inside.s) {
			inside.attribute()
		}
		i := -1
		if len(inside.attrs) == 1 && inside.attrs[0].prefix == "" && space {
			i = slices.Index(want, inside.attrs[0].local)
		}
		if i < 0 || n == 0 && i != 0 {
			r.problem(ProblemSyntax, start, "", "not an XML declaration")
			break
		}
		want = want[i+1:]
		switch a := inside.attrs[0]; {
		case a.local == "version" && (!strings.HasPrefix(a.value, "1.") || digits(a.value[2:]) != len(a.value)-2 || len(a.value) < 3):
			r.problem(ProblemSyntax, start, "", "not a version of XML 1")
		case a.local == "encoding" && !strings.EqualFold(a.value, "UTF-8"):
			r.problem(ProblemEncoding, start, "", "another encoding than UTF-8 is declared")
		case a.local == "standalone" && a.value != "yes" && a.value != "no":
			r.problem(ProblemSyntax, start, "", "not an XML declaration")
		}
	}
	if !r.stopped {
		r.pos = start + end + 2
	}
}

// misc skips what may stand before and after the root element. It returns true
// when an element, or something that should not be there, comes next.
func (r *xmlReader) misc(before bool) bool {
	for !r.stopped {
		r.blank()
		if r.pos >= len(r.s) {
			if before {
				r.fail(ProblemSyntax, r.pos, "the document ends too early")
			}
			return false
		}
		if r.s[r.pos] != '<' {
			if !before {
				return true
			}
			r.problem(ProblemSyntax, r.pos, "", "text before the root element")
			if next := strings.IndexByte(r.s[r.pos:], '<'); next >= 0 {
				r.pos += next
			} else {
				r.stop()
			}
			continue
		}
		if !r.markup() {
			return true
		}
	}
	return false
}

// markup skips a comment, a processing instruction or a document type definition
// at pos, which is a <. It returns false when it is something else.
func (r *xmlReader) markup() bool {
	rest := r.s[r.pos:]
	defer func(start int) { r.work += 1 + r.pos - start }(r.pos)
	switch {
	case strings.HasPrefix(rest, "<!--"):
		end := strings.Index(rest[4:], "--")
		if end < 0 {
			r.fail(ProblemSyntax, r.pos, "a comment does not end")
			return true
		}
		if end += 6; end >= len(rest) || rest[end] != '>' {
			r.problem(ProblemSyntax, r.pos, "", "-- in a comment")
			if end = strings.Index(rest, "-->"); end < 0 {
				r.stop()
				return true
			}
			end += 2
		}
		r.pos += end + 1
	case strings.HasPrefix(rest, "<?"):
		end := strings.Index(rest, "?>")
		if end < 0 {
			r.fail(ProblemSyntax, r.pos, "a processing instruction does not end")
			return true
		}
		r.instruction(end)
	case strings.HasPrefix(rest, "<!") && !strings.HasPrefix(rest, "<![CDATA["):
		r.problem(ProblemEntity, r.pos, "", "a document type definition")
		r.skipDeclaration()
	default:
		return false
	}
	return true
}

// instruction skips a processing instruction, whose ?> is at pos+end.
func (r *xmlReader) instruction(end int) {
	start := r.pos
	r.pos += 2
	target := r.name()
	switch {
	case target == "" || strings.IndexByte(target, ':') >= 0 || r.pos > start+end || r.pos < start+end && !isSpace(r.s[r.pos]):
		r.problem(ProblemSyntax, start, "", "not a processing instruction")
	case strings.EqualFold(target, "xml"):
		r.problem(ProblemSyntax, start, "", "an XML declaration that is not at the start")
	}
	if !r.stopped {
		r.pos = start + end + 2
	}
}

// skipDeclaration skips a <! with what it holds in quotes and brackets.
func (r *xmlReader) skipDeclaration() {
	inside := 0
	for ; r.pos < len(r.s); r.pos++ {
		switch c := r.s[r.pos]; c {
		case '<':
			inside++
		case '>':
			if inside--; inside == 0 {
				r.pos++
				return
			}
		case '"', '\'':
			if end := strings.IndexByte(r.s[r.pos+1:], c); end >= 0 {
				r.pos += end + 1
			}
		}
	}
	r.stop()
}
