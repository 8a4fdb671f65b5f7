package hl7

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
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
	for other := range strings.SplitSeq(others, "~") {
		if ok || c != ascii {
			break
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
func (c charset) encode(text []byte) ([]byte, bool) {
	if c.enc == nil {
		_, ok := c.decode(text)
		return text, ok
	}
	out, err := c.enc.NewEncoder().Bytes(text)
	if err != nil || !utf8.Valid(text) {
		return nil, false
	}
	if _, single := c.enc.(*charmap.Charmap); single {
		return out, true // each character has one code, and each code one character
	}
	back, ok := c.decode(out)
	return out, ok && bytes.Equal(back, text)
}
