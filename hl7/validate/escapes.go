package validate

import (
	"bytes"
	"fmt"
)

// escapeProblem tells what is wrong with the escape sequences of a value (HL7
// v2.9 2.7), "" when nothing is. It names the kind and length of a sequence and not
// what is in it.
func escapeProblem(raw []byte, escape byte) string {
	for {
		i := bytes.IndexByte(raw, escape)
		if i < 0 {
			return ""
		}
		raw = raw[i+1:]
		n := bytes.IndexByte(raw, escape)
		if n < 0 {
			return "an escape character that begins no escape sequence"
		}
		if body := raw[:n]; !isEscape(body) {
			if !bytes.ContainsFunc(body, func(r rune) bool { return !isAlnum(r) }) && n > 0 {
				return fmt.Sprintf("an escape sequence of %s that there is not", plural(n, "character"))
			}
			return "an escape character that begins no escape sequence"
		}
		raw = raw[n+1:]
	}
}

func isAlnum(r rune) bool {
	return '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
}

// isEscape reports whether what stands between two escape characters is an
// escape sequence.
func isEscape(body []byte) bool {
	if len(body) == 0 {
		return false
	}
	rest := body[1:]
	switch body[0] {
	case 'F', 'S', 'T', 'R', 'E', 'P', 'H', 'N':
		return len(rest) == 0
	case 'X', 'C', 'M': // bytes, and switching the character set by its escape sequence
		return isHex(rest) && (body[0] == 'X' || len(rest) == 4 || body[0] == 'M' && len(rest) == 6)
	case 'Z': // of the site
		return true
	case '.':
		if len(rest) < 2 {
			return false
		}
		number := bytes.TrimSpace(rest[2:])
		switch string(bytes.ToLower(rest[:2])) {
		case "br", "ce", "fi", "nf":
			return len(number) == 0
		case "sp", "sk", "in", "ti":
			return isNumber(number)
		}
	}
	return false
}

func isHex(b []byte) bool {
	for _, c := range b {
		if (c < '0' || c > '9') && (c < 'A' || c > 'F') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(b) > 0 && len(b)%2 == 0
}

// isNumber takes the count of a formatting command, which may be left out.
func isNumber(b []byte) bool {
	if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
		b = b[1:]
		if len(b) == 0 {
			return false
		}
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
