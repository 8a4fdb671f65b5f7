package web

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"
)

// token is a piece of pretty JSON in one colour; a reference is a link.
type token struct {
	Class string // key, text, number, word; "" is punctuation and space
	Text  string
	Href  string
}

// relative is a reference to a resource of this server.
var relative = regexp.MustCompile(`^[A-Z][A-Za-z]{1,63}/[A-Za-z0-9.-]{1,64}$`)

// prettyJSON lays out a resource over lines, at most maxBytes of them, and says
// how many bytes it left out. It splits for colour only: every byte of the
// layout is in exactly one token. What is not JSON comes back as it is.
// href gives the address of a reference such as Patient/123.
func prettyJSON(body []byte, maxBytes int, href func(ref string) string) (tokens []token, lines, left int) {
	var out bytes.Buffer
	if json.Indent(&out, body, "", "  ") != nil {
		out.Reset()
		out.Write(body)
	}
	text := out.Bytes()
	if len(text) > maxBytes {
		cut := maxBytes
		if nl := bytes.LastIndexByte(text[:cut], '\n'); nl > 0 {
			cut = nl + 1
		}
		text, left = text[:cut], len(text)-cut
	}
	lines = bytes.Count(text, []byte("\n")) + 1
	key := ""
	for len(text) > 0 {
		n, class := nextToken(text)
		t := token{Class: class, Text: string(text[:n])}
		text = text[n:]
		switch class {
		case "key":
			key = t.Text
		case "text":
			ref := strings.Trim(t.Text, `"`)
			if key == `"reference"` && relative.MatchString(ref) {
				t.Href = href(ref)
			}
		}
		tokens = append(tokens, t)
	}
	return tokens, lines, left
}

func nextToken(b []byte) (n int, class string) {
	switch c := b[0]; {
	case c == '"':
		n = stringEnd(b)
		if n < len(b) && b[n] == ':' {
			return n, "key"
		}
		return n, "text"
	case c == '-' || '0' <= c && c <= '9':
		return lead(b, "+-.0123456789eE"), "number"
	case 'a' <= c && c <= 'z':
		return lead(b, "abcdefghijklmnopqrstuvwxyz"), "word"
	default:
		n = 1
		for n < len(b) && !tokenStart(b[n]) {
			n++
		}
		return n, ""
	}
}

func tokenStart(c byte) bool {
	return c == '"' || c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z'
}

func stringEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

func lead(b []byte, set string) int {
	n := 1
	for n < len(b) && b[n] < utf8.RuneSelf && strings.IndexByte(set, b[n]) >= 0 {
		n++
	}
	return n
}
