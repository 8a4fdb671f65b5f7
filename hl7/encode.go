package hl7

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Encode writes UTF-8 text, such as an answer, in the character set of a name, or of
// what a whole MSH-18 names: where its first set lacks a character and a later one is
// ISO IR87, with the escape sequences of ISO-2022-JP.
//
// A character that the set does not have is a *[CharsetError]; nothing is replaced,
// and nothing is written that would read back as another character, such as a yen
// sign as the backslash that shares its code. The empty name and ASCII take ASCII
// only.
func Encode(text []byte, name string) ([]byte, error) {
	first, others, _ := strings.Cut(name, "~")
	c, ok := lookupCharset(first)
	if first == "" {
		c, ok = ascii, true
	}
	if !ok {
		return nil, &CharsetError{"MSH-18", name, "the character set is not known"}
	}
	out, ok := c.encode(text)
	if others != "" && bytes.IndexByte(text, 0x1b) >= 0 {
		ok = false // it would be taken for a switch
	}
	for other := range strings.SplitSeq(others, "~") {
		if ok || c != ascii {
			break // what is not ASCII has no place for the bytes of another set
		}
		if o, known := lookupCharset(other); known && o.enc == jis.enc {
			out, ok = o.encode(text)
		}
	}
	if !ok {
		return nil, &CharsetError{"MSH-18", name, "the text has characters that the character set lacks"}
	}
	return out, nil
}

// encode writes text in the set, and reports false when it cannot.
func (c charset) encode(text []byte) (out []byte, ok bool) {
	if c.enc == nil {
		_, ok = c.decode(text)
		return text, ok
	}
	out, err := c.enc.NewEncoder().Bytes(text)
	if err != nil || !utf8.Valid(text) {
		return nil, false
	}
	back, ok := c.decodeLoosely(out) // as a receiver would who wants to read it
	return out, ok && bytes.Equal(back, text)
}
