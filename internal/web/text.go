package web

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// line is one segment of a message as it came, with its end made visible.
type line struct {
	Name string // the segment's name, "" when the line does not begin with one
	Rest string
	End  string // CR, LF or CRLF; "" when the bytes just stop
}

// rawLines cuts a body, as UTF-8 where it is, into its lines: at most maxBytes
// of it. It says how many bytes it left out.
func rawLines(b []byte, maxBytes int) (lines []line, left int) {
	if len(b) > maxBytes {
		b, left = b[:maxBytes], len(b)-maxBytes
	}
	for len(b) > 0 {
		n := bytes.IndexAny(b, "\r\n")
		if n < 0 {
			return append(lines, newLine(b, "")), left
		}
		end := "CR"
		next := n + 1
		switch {
		case b[n] == '\n':
			end = "LF"
		case next < len(b) && b[next] == '\n':
			end, next = "CRLF", next+1
		}
		lines = append(lines, newLine(b[:n], end))
		b = b[next:]
	}
	return lines, left
}

func newLine(b []byte, end string) line {
	if len(b) >= 3 && segmentName(b[:3]) {
		return line{string(b[:3]), visible(b[3:]), end}
	}
	return line{"", visible(b), end}
}

func segmentName(b []byte) bool {
	for i, c := range b {
		if !('A' <= c && c <= 'Z' || i > 0 && '0' <= c && c <= '9') {
			return false
		}
	}
	return true
}

// visible returns bytes as text in which nothing hides: control characters as
// their pictures, characters without a shape (such as those that turn the
// direction of writing) by number, bytes that are not UTF-8 as hexadecimal.
// The joiners that Arabic and Indic scripts need stay.
func visible(b []byte) string {
	clean := true
	for _, c := range b {
		if c < ' ' || c >= 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return string(b)
	}
	var out strings.Builder
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&out, `\x%02x`, b[0])
		case r < ' ':
			out.WriteRune('␀' + r)
		case r == 0x7f:
			out.WriteRune('␡')
		case r == '\u200c' || r == '\u200d':
			out.WriteRune(r)
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029':
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			out.Write(b[:n])
		}
		b = b[n:]
	}
	return out.String()
}

// short cuts a text after max characters and says how many it left out.
func short(s string, max int) (head string, left int) {
	if len(s) <= max {
		return s, 0
	}
	n := 0
	for i := range s {
		if n == max {
			return s[:i], utf8.RuneCountInString(s[i:])
		}
		n++
	}
	return s, 0
}
