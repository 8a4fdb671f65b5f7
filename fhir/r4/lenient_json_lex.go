package r4

import "strings"

// next skips white space and comments and returns the byte at which it stops,
// 0 at the end.
func (r *jsonReader) next() byte {
	defer func(start int) { r.work += 1 + r.pos - start }(r.pos)
	for r.pos < len(r.s) {
		switch c := r.s[r.pos]; {
		case isSpace(c):
			r.pos++
		case c == '/' && r.comment():
		case c == 0:
			r.skip("not JSON") // or it would look like the end
		default:
			return c
		}
	}
	return 0
}

// comment skips a comment, if one begins here.
func (r *jsonReader) comment() bool {
	rest := r.s[r.pos:]
	end, n := "\n", 1
	switch {
	case strings.HasPrefix(rest, "/*"):
		end, n = "*/", 2
	case !strings.HasPrefix(rest, "//"):
		return false
	}
	r.problem(ProblemComment, "a comment, which JSON does not have")
	if at := strings.Index(rest[2:], end); at >= 0 {
		r.pos += 2 + at + n
	} else {
		r.pos = len(r.s)
	}
	return true
}

// word reads what has no quotes: true, a number, a name. Characters that begin
// nothing are skipped and told of; then it is "".
func (r *jsonReader) word() string {
	start := r.pos
	defer func() { r.work += r.pos - start }()
	for r.pos < len(r.s) && wordByte(r.s[r.pos]) {
		r.pos++
	}
	if r.pos > start {
		return r.s[start:r.pos]
	}
	r.problem(ProblemSyntax, "not JSON")
	for r.pos < len(r.s) && !wordByte(r.s[r.pos]) && !strings.ContainsRune("{}[],:\"'", rune(r.s[r.pos])) {
		r.pos++
	}
	if r.pos == start {
		r.pos++
	}
	return ""
}

// wordByte says whether c may be part of something without quotes.
func wordByte(c byte) bool { return partOfWord(c) || c == '$' || c == '%' || c >= 0x80 }

// str reads a string, in quotes of either kind. mended says that something was
// wrong inside and was told.
func (r *jsonReader) str(node int32) (text string, mended bool) {
	outer, from := r.node, r.pos
	r.node = node
	defer func() { r.node, r.work = outer, r.work+r.pos-from }()
	quote := r.s[r.pos]
	if quote != '"' {
		r.problem(ProblemSyntax, "single quotes around a string")
		mended = true
	}
	r.pos++
	start := r.pos
	var out []byte // once it differs from the source
	for r.pos < len(r.s) {
		c := r.s[r.pos]
		switch {
		case c == quote:
			r.pos++
			if out == nil {
				return r.s[start : r.pos-1], mended
			}
			return string(append(out, r.s[start:r.pos-1]...)), mended
		case c == '\\':
			out = append(out, r.s[start:r.pos]...)
			var ok bool
			out, ok = r.escape(out)
			mended = mended || !ok
			start = r.pos
		case c < ' ':
			if !mended && (c == '\n' || c == '\r') && r.endsHere() {
				r.problem(ProblemSyntax, "a quote is missing at the end of a line")
				cut := strings.TrimRight(r.s[start:r.pos], " \t\r")
				if strings.HasSuffix(cut, ",") { // it is the one after the string
					cut = strings.TrimSuffix(cut, ",")
					r.pos = start + len(cut)
				}
				return string(out) + cut, true
			}
			if !mended {
				r.problem(ProblemSyntax, "control character in a string")
			}
			mended = true
			r.pos++
		default:
			n := max(1, plainLen(r.s[r.pos:]))
			if quote == '\'' { // not plain here
				if at := strings.IndexByte(r.s[r.pos:r.pos+n], '\''); at >= 0 {
					n = at
				}
			}
			r.pos += n
		}
	}
	r.stop(ProblemSyntax, "the document ends too early")
	return string(out) + r.s[min(start, len(r.s)):], true
}

// endsHere says whether a string in which a line ends likely ends with it: what
// follows is what would follow a string.
func (r *jsonReader) endsHere() bool {
	r.work += 256
	rest := strings.TrimLeft(r.s[r.pos:min(len(r.s), r.pos+256)], " \t\r\n")
	if rest == "" {
		return false
	}
	switch rest[0] {
	case '}', ']':
		return true
	case '"': // the start of a name or item, not the end of this string
		after := rest[1:]
		return after != "" && (isLetter(after[0]) || after[0] == '_')
	}
	return false
}

// escape reads an escape and appends what it stands for.
func (r *jsonReader) escape(out []byte) (_ []byte, ok bool) {
	more, end, ok := unescape(out, r.s, r.pos)
	if ok {
		r.pos = end
		return more, true
	}
	r.problem(ProblemSyntax, "bad escape in a string")
	if _, hex := hex4(r.s, r.pos+2); hex && r.s[r.pos+1] == 'u' { // half a pair
		r.pos += 6
		return append(out, "\ufffd"...), false
	}
	r.pos++
	return append(out, '\\'), false
}
