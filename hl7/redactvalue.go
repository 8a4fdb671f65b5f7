package hl7

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// value returns the bytes that stand for a value, by the word of an action, and what was
// done. An action that does not fit what it finds masks it.
func (s *redaction) value(v Value, action string) ([]byte, RedactAction) {
	d, raw, text := v.m.delim, v.Raw(), v.Text()
	kept, fake, did := false, "", RedactFaked
	switch action {
	case "id":
		fake = s.r.fakeID(text)
	case "name":
		fake = s.r.fakeName(text)
	case "date":
		fake, _ = shiftDate(text, s.days)
		did = RedactShifted
	case "data":
		return maskRaw(raw, d, true), RedactMasked
	case "keep":
		kept = true
	case "long":
		kept = isCode(text)
	case "code":
		kept = isCode(text) && (len(text) <= longestWord || strings.IndexFunc(text, func(r rune) bool { return !isAlnum(byte(r)) || isDigit(byte(r)) }) >= 0)
	case "mime":
		kept = isCode(text) && strings.Contains(mimeTypes, " "+strings.ToLower(text)+" ")
	case "number":
		_, err := ParseNM(strings.TrimLeft(text, "<>="))
		kept = err == nil
	case "clock":
		_, err := ParseClock(text)
		kept = err == nil
	case "sign":
		kept = len(text) <= 2 && strings.Trim(text, "<>=+-/:.") == ""
	case "range":
		kept = len(text) <= 20 && strings.Trim(text, "0123456789.,-<>=% ") == ""
	case "charset":
		_, known := lookupCharset(text)
		kept = known || foldCharset(text) == "ISO20221994"
	}
	switch {
	case kept:
		return raw, RedactKept
	case fake != "" && fake != Null: // a text that only looks like null was escaped, and stays no null
		return []byte(Escape(fake, d)), did
	}
	return maskRaw(raw, d, false), RedactMasked
}

// longestWord is the longest word of letters alone that passes for a code.
const longestWord = 6

func isCode(text string) bool {
	return len(text) <= 20 && strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f }) < 0
}

// mimeTypes are the words of tables 0191, 0291 and 0834.
const mimeTypes = " ap application au audio ft im image model multipart ns sd si text tx video basic dicom fax gif hl7 html jot jpeg " +
	"octet-stream pdf pict plain png postscript rtf sgml tiff x-hl7-cda-level-one xml "

// maskRaw puts x for each letter and 0 for each digit, and what remains of a text keeps
// its place: blanks, punctuation, line ends, formatting commands and escaped
// delimiters. Other escape sequences become x. As data it stays what could be base64 or
// hexadecimal.
func maskRaw(raw []byte, d Delimiters, data bool) []byte {
	out := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		if d.Escape != 0 && raw[0] == d.Escape {
			n := escapeLen(raw, d)
			if body := raw[1:max(1, n-1)]; n == 1 || len(body) == 1 || body[0] == '.' {
				out = append(out, raw[:n]...)
			} else {
				out = append(out, bytes.Repeat([]byte{'x'}, n)...)
			}
			raw = raw[n:]
			continue
		}
		r, n := utf8.DecodeRune(raw)
		raw = raw[n:]
		out = append(out, maskRune(r, data))
	}
	return out
}

func maskRune(r rune, data bool) byte {
	switch {
	case r >= utf8.RuneSelf:
		return 'x'
	case data && (isAlnum(byte(r)) || r == '+' || r == '/'):
		return 'A'
	case isDigit(byte(r)):
		return '0'
	case isUpper(byte(r)):
		return 'X' // so that a line does not begin like a segment which did not before
	case isAlnum(byte(r)):
		return 'x'
	}
	return byte(r)
}
