package hl7

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Unescape decodes the escape sequences of raw once (HL7 v2.9 2.7):
// \F\ \S\ \T\ \R\ \E\ \P\ become the delimiters, \Xhh..\ the bytes it names,
// \.br\ and \.ce\ a line feed, \.spn\ n line feeds, \.skn\ n blanks; the other formatting
// commands and highlighting (\H\ \N\) have no text and vanish. What is unknown,
// broken or local (\Zxx\, \Cxxyy\, \Mxxyyzz\) stays as it stands.
//
// Bytes of \X..\ that are not UTF-8 are read as windows-1252; those of a message are
// read by its MSH-18, see [Value.String].
func Unescape(raw []byte, d Delimiters) string {
	if d.Escape == 0 || bytes.IndexByte(raw, d.Escape) < 0 {
		return string(raw)
	}
	return string(unescape(raw, d, func() string { return "" }))
}

// longestEscape is the greatest length of an escape sequence that is not \X..\.
const longestEscape = 64

func unescape(raw []byte, d Delimiters, charset func() string) []byte {
	out := make([]byte, 0, len(raw))
	hexFrom := -1 // where in out bytes of \X..\ start that are not decoded yet
	for len(raw) > 0 {
		i := bytes.IndexByte(raw, d.Escape)
		if i != 0 && hexFrom >= 0 {
			out, hexFrom = decodeHex(out, hexFrom, charset), -1
		}
		if i < 0 {
			return append(out, raw...)
		}
		out = append(out, raw[:i]...)
		raw = raw[i:]
		n := bytes.IndexByte(raw[1:], d.Escape)
		if n < 0 {
			n = len(raw) // no second escape character: the rest is text
			out = append(decodeHex(out, hexFrom, charset), raw...)
			return out
		}
		body := raw[1 : n+1]
		if n > 1 && body[0] == 'X' {
			if b, ok := hexBytes(body[1:]); ok {
				if hexFrom < 0 {
					hexFrom = len(out)
				}
				out, raw = append(out, b...), raw[n+2:]
				continue
			}
		}
		if hexFrom >= 0 {
			out, hexFrom = decodeHex(out, hexFrom, charset), -1
		}
		switch text, known := escapeText(body, d); {
		case known:
			out, raw = append(out, text...), raw[n+2:]
		case looksLikeEscape(body):
			out, raw = append(out, raw[:n+2]...), raw[n+2:]
		default: // a lone escape character; the next may begin a sequence
			out, raw = append(out, d.Escape), raw[1:]
		}
	}
	return decodeHex(out, hexFrom, charset)
}

// escapeText returns what a sequence other than \X..\ stands for.
func escapeText(body []byte, d Delimiters) (string, bool) {
	if len(body) == 1 {
		or := func(c, standard byte) (string, bool) {
			if c == 0 {
				c = standard
			}
			return string(rune(c)), true
		}
		switch body[0] {
		case 'F':
			return or(d.Field, '|')
		case 'S':
			return or(d.Component, '^')
		case 'T':
			return or(d.Subcomponent, '&')
		case 'R':
			return or(d.Repetition, '~')
		case 'E':
			return or(d.Escape, '\\')
		case 'P':
			return or(d.Truncation, '#')
		case 'H', 'N':
			return "", true
		}
		return "", false
	}
	if len(body) < 3 || body[0] != '.' {
		return "", false
	}
	n, number := 1, strings.TrimSpace(string(body[3:]))
	if number != "" {
		var err error
		if n, err = strconv.Atoi(number); err != nil || n < -99 || n > 99 {
			return "", false
		}
	}
	switch strings.ToLower(string(body[1:3])) {
	case "br", "ce":
		return "\n", number == ""
	case "sp":
		return strings.Repeat("\n", max(n, 0)), n >= 0
	case "sk":
		return strings.Repeat(" ", max(n, 0)), n >= 0
	case "fi", "nf":
		return "", number == ""
	case "in", "ti":
		return "", true
	}
	return "", false
}

// looksLikeEscape reports whether an unknown sequence is one, and not two lone
// escape characters with text between them.
func looksLikeEscape(body []byte) bool {
	if len(body) == 0 || len(body) > longestEscape {
		return false
	}
	for _, c := range body {
		if !isAlnum(c) && c != '.' && c != '+' && c != '-' {
			return false
		}
	}
	return isUpper(body[0]) || body[0] == '.'
}

// hexBytes reads the digits of \X..\. Four digits that start with 00 are taken
// as one character, which is how some senders write a line break (\X000D\).
// Zero bytes are no text and refused.
func hexBytes(digits []byte) ([]byte, bool) {
	if len(digits)%2 != 0 {
		return nil, false
	}
	b := make([]byte, len(digits)/2)
	if _, err := hex.Decode(b, digits); err != nil {
		return nil, false
	}
	if len(b) == 2 && b[0] == 0 {
		b = b[1:]
	}
	return b, bytes.IndexByte(b, 0) < 0
}

// decodeHex turns the bytes of out from a place on into UTF-8.
func decodeHex(out []byte, from int, charset func() string) []byte {
	if from < 0 || isASCII(out[from:]) {
		return out
	}
	b := out[from:]
	c, known := lookupCharset(charset())
	if known {
		if text, ok := c.decode(b); ok {
			return append(out[:from], text...)
		}
	}
	if utf8.Valid(b) {
		return out
	}
	if known {
		if text, ok := c.decodeLoosely(b); ok {
			return append(out[:from], text...)
		}
	}
	text, _ := windows1252.decodeLoosely(b)
	return append(out[:from], text...)
}

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
