package fhirpath

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// unescape resolves the escape sequences of a string literal (N1, "String"). Two
// \u sequences may stand for one character beyond the basic plane; half of such a
// pair is none. Before anything else a backslash means nothing.
func unescape(s string) (text string, ok bool) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, utf8.ValidString(s)
	}
	var b strings.Builder
	for s != "" {
		plain, rest, found := strings.Cut(s, `\`)
		b.WriteString(plain)
		if !found {
			break
		}
		if rest == "" {
			return "", false
		}
		s = rest[1:]
		switch rest[0] {
		case 'r':
			b.WriteByte('\r')
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'f':
			b.WriteByte('\f')
		default:
			r, size, isEscape := unicodeEscape(rest)
			switch {
			case !isEscape:
				s = rest
				if rest[0] == '\\' {
					b.WriteByte('\\')
					s = rest[1:]
				}
			case size == 0:
				return "", false
			default:
				b.WriteRune(r)
				s = rest[size:]
			}
		}
	}
	return b.String(), utf8.ValidString(b.String())
}

// unicodeEscape reads uXXXX at the start of s, and what follows when that is
// the first half of a surrogate pair; size is 0 when it is half of one.
func unicodeEscape(s string) (r rune, size int, isEscape bool) {
	first, ok := hex4(s)
	if !ok {
		return 0, 0, false
	}
	if !utf16.IsSurrogate(first) {
		return first, 5, true
	}
	if len(s) > 6 && s[5] == '\\' {
		if second, ok := hex4(s[6:]); ok {
			if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
				return r, 11, true
			}
		}
	}
	return 0, 0, true
}

func hex4(s string) (rune, bool) {
	if len(s) < 5 || s[0] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[1:5], 16, 16)
	return rune(n), err == nil
}

// quote writes text as a literal between two quotation marks q.
func quote(b *strings.Builder, text string, q byte) {
	b.WriteByte(q)
	for i := range len(text) {
		switch c := text[i]; c {
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		case '\f':
			b.WriteString(`\f`)
		case q, '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte(q)
}
