package hl7

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf8"
)

// CharsetError says that bytes are not in the character set that they claim,
// or that text cannot be written in one.
type CharsetError struct {
	At      string // "MSH-18"
	Charset string // the name as declared, or the one asked for
	Problem string // plain words
}

// Error returns the place and the problem.
func (e *CharsetError) Error() string { return "hl7: " + e.At + ": " + e.Problem }

// Decode turns the bytes of a message, as they came, into UTF-8 and says which
// character set it took them for, by the name of table 0211 if it has one. It
// must come before [Parse], because the second bytes of some Asian sets look
// like delimiters.
//
// What decides, in this order: a byte order mark or the zero bytes of UTF-16
// and UTF-32; the first repetition of MSH-18 (HL7 v2.9 2.14.9.18, table 0211,
// and names in use such as UTF8 or WINDOWS-1252). Where MSH-18 is empty,
// unknown, or not true of these bytes: UTF-8 if they are valid UTF-8, and else
// the set named by fallback. A receiver may want to warn when the name is not
// what MSH-18 says.
//
// Where MSH-18 has more repetitions or MSH-20 names ISO 2022, ESC sequences switch
// between sets (table 0356), up to the end of a segment. The switching by \Cxxyy\ and
// \Mxxyyzz\ is done later, when a text is asked for, because it is part of the text.
//
// MSH-18 itself is read with care: in Shift-JIS, Big5 and GB 18030 the second byte of
// a character may look like the field separator, and fields before MSH-18 may hold
// some. Where counting separators finds no set, that set is taken which, when the
// header is decoded by it, finds its own name there.
//
// raw itself is returned where it is UTF-8 or ASCII already. U+FFFD never
// stands in for bytes: what cannot be decoded gives no text and a
// *[CharsetError]. With an empty fallback that is everything that is neither
// what it claims to be nor UTF-8; windows-1252 can read anything.
func Decode(raw []byte, fallback string) (text []byte, charset string, err error) {
	if c, ok := wideCharset(raw); ok {
		if text, ok = c.decode(raw); ok {
			return bytes.TrimPrefix(text, []byte(byteOrderMark)), c.name, nil
		}
		return nil, "", &CharsetError{"MSH-18", c.name, "the bytes are not in the character set that their start shows"}
	}
	names, scheme := declaredCharsets(raw)
	declared := ""
	if len(names) > 0 {
		declared = names[0]
	}
	c, known := lookupCharset(declared)
	known = known && !strings.Contains(c.name, "UTF-16") && !strings.Contains(c.name, "UTF-32") // those would have shown
	shifts := bytes.IndexByte(raw, 0x1b) >= 0
	if isASCII(raw) && !shifts {
		if !known {
			c = ascii
		}
		return raw, c.name, nil
	}
	if bytes.HasPrefix(raw, []byte(byteOrderMark)) && utf8.Valid(raw) {
		return raw, utf8cs.name, nil
	}
	if shifts && (len(names) > 1 || foldCharset(scheme) == "ISO20221994") {
		base := c
		if !known {
			base = ascii
		}
		if text, ok := decodeISO2022(raw, base); ok {
			return text, shiftedName(names), nil
		}
	}
	if known {
		if text, ok := c.decode(raw); ok {
			return text, c.name, nil
		}
	}
	if utf8.Valid(raw) {
		return raw, utf8cs.name, nil
	}
	if known {
		if text, ok := c.decodeLoosely(raw); ok {
			return text, c.name, nil
		}
	}
	if c, ok := lookupCharset(fallback); ok {
		if text, ok := c.decodeLoosely(raw); ok {
			return text, c.name, nil
		}
	}
	problem := "the bytes are not in the declared character set"
	switch {
	case declared == "":
		problem = "no character set is declared and the bytes are not UTF-8"
	case !known:
		problem = "the declared character set is not known and the bytes are not UTF-8"
	}
	return nil, "", &CharsetError{"MSH-18", declared, problem}
}

// wideCharset recognises UTF-16 and UTF-32 by their byte order mark or by the
// zero bytes around the M of MSH.
func wideCharset(b []byte) (charset, bool) {
	starts := func(s string) bool { return bytes.HasPrefix(b, []byte(s)) }
	switch {
	case starts("\xff\xfe\x00\x00"), starts("M\x00\x00\x00"):
		return charsets["UTF32LE"], true
	case starts("\x00\x00\xfe\xff"), starts("\x00\x00\x00M"):
		return charsets["UTF32BE"], true
	case starts("\xff\xfe"), starts("M\x00"):
		return charsets["UTF16LE"], true
	case starts("\xfe\xff"), starts("\x00M"):
		return charsets["UTF16BE"], true
	}
	return charset{}, false
}

// shiftedName names a text that switches between sets: by the one that is not
// ASCII if there is one such, and else by all; by ASCII, which each begins with,
// if MSH-18 names no other.
func shiftedName(names []string) string {
	var others []string
	for _, name := range names {
		if c, ok := lookupCharset(name); ok && c != ascii {
			others = append(others, c.name)
		}
	}
	if len(others) == 0 {
		return ascii.name
	}
	if others[len(others)-1] == jis.name {
		return jis.name
	}
	return strings.Join(others, "~")
}

func isASCII(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		if binary.LittleEndian.Uint64(b)&0x8080808080808080 != 0 {
			return false
		}
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
