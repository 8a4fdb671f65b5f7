package patch

import (
	"slices"
	"strconv"
	"strings"
)

// pointer is a JSON Pointer (RFC 6901): the names and indexes on the way from
// the root. An empty one is the whole document.
type pointer []string

// parsePointer reads a pointer. ok is false for text that is none.
func parsePointer(s string) (p pointer, ok bool) {
	if s == "" {
		return nil, true
	}
	if s[0] != '/' {
		return nil, false
	}
	p = strings.Split(s[1:], "/")
	for i, t := range p {
		if strings.IndexByte(t, '~') < 0 {
			continue
		}
		// "~01" is "~1", so ~0 comes last.
		plain := strings.ReplaceAll(strings.ReplaceAll(t, "~1", "/"), "~0", "~")
		if strings.Count(t, "~") != strings.Count(t, "~0")+strings.Count(t, "~1") {
			return nil, false
		}
		p[i] = plain
	}
	return p, true
}

// display is the pointer for an error. What does not look like the name of an
// element or an index might be data and is left out.
func (p pointer) display() string {
	var b strings.Builder
	for i, t := range p {
		if i == 32 {
			b.WriteString("/...")
			break
		}
		b.WriteByte('/')
		if isName(t) || t == "-" {
			b.WriteString(t)
		} else {
			b.WriteString("...")
		}
	}
	if len(p) == 0 {
		return `""`
	}
	return b.String()
}

func isName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// within reports whether p is a place inside q.
func (p pointer) within(q pointer) bool {
	return len(p) > len(q) && slices.Equal(p[:len(q)], q)
}

func (p pointer) equal(q pointer) bool { return slices.Equal(p, q) }

// index reads the token of an array of n items: digits without leading zero
// (RFC 6901 4), or "-" for the place after the last, which is n.
func index(token string, n int) (int, bool) {
	if token == "-" {
		return n, true
	}
	if token == "" || len(token) > 9 || token[0] == '0' && len(token) > 1 {
		return 0, false
	}
	for i := range len(token) {
		if token[i] < '0' || token[i] > '9' {
			return 0, false
		}
	}
	i, err := strconv.Atoi(token)
	return i, err == nil
}

const noPlace = "there is no such place"

// get finds the value at p, nil if there is none.
func (v *value) get(p pointer) *value {
	for _, token := range p {
		if v = v.child(token); v == nil {
			return nil
		}
	}
	return v
}

// child is the value that a token leads to, nil if there is none.
func (v *value) child(token string) *value {
	switch v.kind {
	case object:
		return v.member(token)
	case array:
		if i, ok := index(token, len(v.list)); ok && i < len(v.list) {
			return v.list[i]
		}
	}
	return nil
}
