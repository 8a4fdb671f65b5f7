package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// letters that people leave out or spell out, and that no decomposition covers
var spelled = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", 'ħ': "h", 'ŋ': "n",
}

// Fold brings a text into the form in which strings are compared: lower case,
// without accents, apostrophes and full stops; other punctuation and white space
// become one space between words (search.html#string says to disregard case,
// combining characters, punctuation and insignificant white space).
// So "O'Brien" is "obrien" and "Smith-Jones" is "smith jones".
func Fold(s string) string {
	if folded(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space := false
	if !ascii(s) {
		s = norm.NFKD.String(s)
	}
	for _, r := range s {
		r = unicode.ToLower(r)
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9': // most of all
		case r == '\'' || r == '’' || r == 'ʼ' || r == '`' || r == '.' || unicode.Is(unicode.Mn, r):
			continue
		case unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsControl(r):
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		if r < utf8.RuneSelf {
			b.WriteByte(byte(r))
		} else if t, ok := spelled[r]; ok {
			b.WriteString(t)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// folded tells of plain lower-case words, quickly, that Fold would not change
// them.
func folded(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
		case c == ' ' && i > 0 && i < len(s)-1 && s[i-1] != ' ':
		default:
			return false
		}
	}
	return true
}

// FoldCode makes two codes or identifiers equal that differ in letter case
// only. search.html#token advises servers to find too much rather than too
// little when they cannot know whether a system minds the case.
func FoldCode(code string) string { return strings.ToLower(code) }
