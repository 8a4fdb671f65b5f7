package hl7

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"
)

// longestEscape is the greatest length of an escape sequence that is not \X..\.
const longestEscape = 64

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
	name, n, given, ok := command(body)
	if !ok {
		return "", false
	}
	switch string(name[:]) {
	case "br", "ce":
		return "\n", !given
	case "sp":
		return strings.Repeat("\n", max(n, 0)), n >= 0
	case "sk":
		return strings.Repeat(" ", max(n, 0)), n >= 0
	case "fi", "nf":
		return "", !given
	case "in", "ti":
		return "", true
	}
	return "", false
}

// command reads a formatting command such as ".sp" or ".in+2" (HL7 v2.9 2.7.6): its
// two letters in lower case and its number, 1 when none is given.
func command(body []byte) (name [2]byte, n int, given, ok bool) {
	if len(body) < 3 || body[0] != '.' {
		return name, 0, false, false
	}
	n, number := 1, strings.TrimSpace(string(body[3:]))
	if number != "" {
		var err error
		if n, err = strconv.Atoi(number); err != nil || n < -99 || n > 99 {
			return name, 0, false, false
		}
	}
	return [2]byte{body[1] | 0x20, body[2] | 0x20}, n, number != "", true
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

// hexEscape reads a sequence X with digits. Four digits that start with 00 are taken
// as one character, which is how some senders write a line break (\X000D\).
// Zero bytes are no text and refused.
func hexEscape(body []byte) ([]byte, bool) {
	if len(body) < 2 || body[0] != 'X' || len(body)%2 == 0 {
		return nil, false
	}
	b := make([]byte, len(body)/2)
	if _, err := hex.Decode(b, body[1:]); err != nil {
		return nil, false
	}
	if len(b) == 2 && b[0] == 0 {
		b = b[1:]
	}
	return b, bytes.IndexByte(b, 0) < 0
}

// decodeHex appends bytes of \X..\ as UTF-8.
func decodeHex(out, b []byte, charset func() string) []byte {
	if isASCII(b) {
		return append(out, b...)
	}
	c, known := lookupCharset(charset())
	if known {
		if text, ok := c.decode(b); ok {
			return append(out, text...)
		}
	}
	if utf8.Valid(b) {
		return append(out, b...)
	}
	if known {
		if text, ok := c.decodeLoosely(b); ok {
			return append(out, text...)
		}
	}
	text, _ := windows1252.decodeLoosely(b)
	return append(out, text...)
}
