package hl7

import (
	"strings"
	"unicode/utf8"
)

// Escape writes text so that [Unescape] gives it back and so that it can stand
// in a field: delimiters, line ends and the two bytes that frame a block in
// MLLP become escape sequences. It escapes the truncation character only where
// the message names one. Without an escape character (d.Escape is 0) there is
// no way to write a delimiter; each becomes a blank.
func Escape(text string, d Delimiters) string {
	first := strings.IndexFunc(text, func(r rune) bool { return r < utf8.RuneSelf && escapeLetter(byte(r), d) != "" })
	if first < 0 {
		return text
	}
	var b strings.Builder
	b.Grow(len(text) + 8)
	b.WriteString(text[:first])
	for i := first; i < len(text); i++ {
		switch letter := escapeLetter(text[i], d); {
		case letter == "":
			b.WriteByte(text[i])
		case d.Escape == 0:
			b.WriteByte(' ')
		default:
			b.WriteByte(d.Escape)
			b.WriteString(letter)
			b.WriteByte(d.Escape)
		}
	}
	return b.String()
}

// EscapeFormatted is [Escape] for a text that holds formatting commands, such as a
// field of type FT: \.br\ and its kind, \H\ and \N\ are kept as they are (HL7
// v2.9 2.7.2 and 2.7.6).
func EscapeFormatted(text string, d Delimiters) string {
	if d.Escape == 0 {
		return Escape(text, d)
	}
	var b strings.Builder
	for text != "" {
		i := strings.IndexByte(text, d.Escape)
		if i < 0 {
			break
		}
		b.WriteString(Escape(text[:i], d))
		text = text[i:]
		n := strings.IndexByte(text[1:], d.Escape) + 1
		if n > 0 && isFormatting(text[1:n], d) {
			b.WriteString(text[:n+1])
			text = text[n+1:]
			continue
		}
		b.WriteString(Escape(text[:1], d))
		text = text[1:]
	}
	return b.String() + Escape(text, d)
}

// isFormatting reports whether what stands between escape characters is a
// formatting command.
func isFormatting(body string, d Delimiters) bool {
	if body != "H" && body != "N" && !strings.HasPrefix(body, ".") {
		return false
	}
	_, known := escapeText([]byte(body), d)
	return known
}

// escapeLetter returns what stands between escape characters for c, "" when c
// stands for itself.
func escapeLetter(c byte, d Delimiters) string {
	switch c {
	case '\r':
		return "X0D"
	case '\n':
		return "X0A"
	case 0x0b:
		return "X0B"
	case 0x1c:
		return "X1C"
	case 0:
		return ""
	case d.Field:
		return "F"
	case d.Component:
		return "S"
	case d.Subcomponent:
		return "T"
	case d.Repetition:
		return "R"
	case d.Escape:
		return "E"
	case d.Truncation:
		return "P"
	}
	return ""
}
