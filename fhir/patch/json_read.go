package patch

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// reader reads one JSON document (RFC 8259), strictly: no name twice in an
// object, no bad UTF-8 or lone surrogate, nothing after the end.
type reader struct {
	s     string
	pos   int
	depth int
	room  int // how many values may still come
}

// readJSON reads a document of at most so many values. problem is "" if it is
// one.
func readJSON(b []byte, values int) (v *value, problem string) {
	if !utf8.Valid(b) {
		return nil, "not UTF-8"
	}
	r := reader{s: string(b), room: values}
	v, problem = r.value()
	if problem == "" && r.next() != 0 {
		problem = "more after the end of the document"
	}
	if problem != "" {
		line := 1
		for _, c := range []byte(r.s[:min(r.pos, len(r.s))]) {
			if c == '\n' {
				line++
			}
		}
		return nil, problem + " (line " + strconv.Itoa(line) + ")"
	}
	return v, ""
}

const (
	notJSON = "not JSON"
	tooMany = "too many values"
)

// next skips white space and returns the byte at which it stops, 0 at the end.
func (r *reader) next() byte {
	for ; r.pos < len(r.s); r.pos++ {
		switch c := r.s[r.pos]; c {
		case ' ', '\t', '\r', '\n':
		case 0:
			return 1 // no byte that may stand anywhere
		default:
			return c
		}
	}
	return 0
}

func (r *reader) value() (*value, string) {
	if r.room--; r.room < 0 {
		return nil, tooMany
	}
	switch c := r.next(); {
	case c == '"':
		s, problem := r.string()
		return &value{kind: text, text: s}, problem
	case c == '{':
		return r.nested(r.object)
	case c == '[':
		return r.nested(r.array)
	case c == '-' || '0' <= c && c <= '9':
		return r.number()
	case c == 't':
		return r.word("true", boolTrue)
	case c == 'f':
		return r.word("false", boolFalse)
	case c == 'n':
		return r.word("null", null)
	}
	return nil, notJSON
}

func (r *reader) nested(read func() (*value, string)) (*value, string) {
	if r.depth++; r.depth > maxDepth {
		return nil, errDepth.Problem
	}
	r.pos++
	v, problem := read()
	r.depth--
	return v, problem
}

func (r *reader) word(w string, k kind) (*value, string) {
	if len(r.s)-r.pos < len(w) || r.s[r.pos:r.pos+len(w)] != w {
		return nil, notJSON
	}
	r.pos += len(w)
	return &value{kind: k}, ""
}

func (r *reader) array() (*value, string) {
	v := &value{kind: array, group: new(group)}
	if r.next() == ']' {
		r.pos++
		return v, ""
	}
	for {
		e, problem := r.value()
		if problem != "" {
			return nil, problem
		}
		v.list = append(v.list, e)
		switch r.next() {
		case ',':
			r.pos++
		case ']':
			r.pos++
			return v, ""
		default:
			return nil, notJSON
		}
	}
}

func (r *reader) object() (*value, string) {
	v := &value{kind: object, group: new(group)}
	if r.next() == '}' {
		r.pos++
		return v, ""
	}
	for {
		if r.next() != '"' {
			return nil, notJSON
		}
		name, problem := r.string()
		if problem != "" {
			return nil, problem
		}
		if v.find(name) >= 0 {
			return nil, "a name twice in an object"
		}
		if r.next() != ':' {
			return nil, notJSON
		}
		r.pos++
		e, problem := r.value()
		if problem != "" {
			return nil, problem
		}
		v.set(name, e)
		switch r.next() {
		case ',':
			r.pos++
		case '}':
			r.pos++
			return v, ""
		default:
			return nil, notJSON
		}
	}
}

func (r *reader) digits() bool {
	from := r.pos
	for r.pos < len(r.s) && '0' <= r.s[r.pos] && r.s[r.pos] <= '9' {
		r.pos++
	}
	return r.pos > from
}

// skip skips one of the bytes of any.
func (r *reader) skip(any string) bool {
	if r.pos < len(r.s) {
		for i := range len(any) {
			if r.s[r.pos] == any[i] {
				r.pos++
				return true
			}
		}
	}
	return false
}

func (r *reader) number() (*value, string) {
	from := r.pos
	r.skip("-")
	ok := r.skip("0") || r.digits()
	if ok && r.skip(".") {
		ok = r.digits()
	}
	if ok && r.skip("eE") {
		r.skip("+-")
		ok = r.digits()
	}
	if !ok {
		return nil, notJSON
	}
	return &value{kind: number, text: r.s[from:r.pos]}, ""
}

// string reads a string; the quote comes next.
func (r *reader) string() (string, string) {
	r.pos++
	from := r.pos
	var out []byte // what was read, if there was an escape
	for r.pos < len(r.s) {
		switch c := r.s[r.pos]; {
		case c == '"':
			s := r.s[from:r.pos]
			r.pos++
			if out != nil {
				s = string(append(out, s...))
			}
			return s, ""
		case c < ' ':
			return "", "a control character in a string"
		case c == '\\':
			out = append(out, r.s[from:r.pos]...)
			var ok bool
			if out, ok = r.escape(out); !ok {
				return "", "a bad escape in a string"
			}
			from = r.pos
		default:
			r.pos++
		}
	}
	return "", notJSON
}

func (r *reader) escape(out []byte) ([]byte, bool) {
	if r.pos+2 > len(r.s) {
		return nil, false
	}
	c := r.s[r.pos+1]
	r.pos += 2
	switch c {
	case '"', '\\', '/':
		return append(out, c), true
	case 'b':
		return append(out, '\b'), true
	case 'f':
		return append(out, '\f'), true
	case 'n':
		return append(out, '\n'), true
	case 'r':
		return append(out, '\r'), true
	case 't':
		return append(out, '\t'), true
	case 'u':
		u, ok := r.hex()
		if ok && utf16.IsSurrogate(u) {
			ok = r.skip("\\") && r.skip("u")
			var low rune
			if ok {
				low, ok = r.hex()
			}
			u = utf16.DecodeRune(u, low)
			ok = ok && u != utf8.RuneError
		}
		return utf8.AppendRune(out, u), ok
	}
	return nil, false
}

func (r *reader) hex() (rune, bool) {
	if r.pos+4 > len(r.s) {
		return 0, false
	}
	n, err := strconv.ParseUint(r.s[r.pos:r.pos+4], 16, 16)
	r.pos += 4
	return rune(n), err == nil
}
