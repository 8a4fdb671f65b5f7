package hl7

import (
	"bytes"
	"encoding/hex"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// graphicSet is a set of characters to which an escape sequence of ISO 2022 can
// switch, be it written with the ESC byte (MSH-20 is "ISO 2022-1994", table 0356)
// or as \Cxxyy\ or \Mxxyyzz\ (MSH-20 is "2.3"; HL7 v2.9 2.7.3).
type graphicSet struct {
	right  bool              // it takes the bytes from A0 on (G1), not those up to 7F (G0)
	width  int               // bytes of one character
	enc    encoding.Encoding // reads the characters with their high bits set, after prefix
	prefix string
}

// designations maps the bytes that follow ESC to the set they designate. The first
// fourteen are those that the standard lists; the Korean and Chinese sets and Latin 9
// are in use with ESC. Of JIS X 0201 Roman the two characters that differ from ASCII
// are read as ASCII, since its senders mean the delimiters \ and ~ by them.
var designations = map[string]graphicSet{
	"(B":  {},                                              // ISO IR6, ASCII
	"-A":  {right: true, width: 1, enc: charmap.ISO8859_1}, // ISO IR100
	"-B":  {right: true, width: 1, enc: charmap.ISO8859_2}, // ISO IR101
	"-C":  {right: true, width: 1, enc: charmap.ISO8859_3}, // ISO IR109
	"-D":  {right: true, width: 1, enc: charmap.ISO8859_4}, // ISO IR110
	"-L":  {right: true, width: 1, enc: charmap.ISO8859_5}, // ISO IR144
	"-G":  {right: true, width: 1, enc: charmap.ISO8859_6}, // ISO IR127
	"-F":  {right: true, width: 1, enc: charmap.ISO8859_7}, // ISO IR126
	"-H":  {right: true, width: 1, enc: charmap.ISO8859_8}, // ISO IR138
	"-M":  {right: true, width: 1, enc: charmap.ISO8859_9}, // ISO IR148
	"(J":  {},                                              // ISO IR14, JIS X 0201 Roman
	")I":  {right: true, width: 1, enc: japanese.ShiftJIS}, // ISO IR13, JIS X 0201 Katakana
	"$B":  {width: 2, enc: japanese.EUCJP},                 // ISO IR87, JIS X 0208
	"$(D": {width: 2, enc: japanese.EUCJP, prefix: "\x8f"}, // ISO IR159, JIS X 0212

	"$@":  {width: 2, enc: japanese.EUCJP}, // ISO IR42, JIS C 6226-1978
	"(I":  {width: 1, enc: japanese.ShiftJIS},
	"-b":  {right: true, width: 1, enc: charmap.ISO8859_15},
	"$)C": {right: true, width: 2, enc: korean.EUCKR}, // ISO IR149, KS X 1001
	"$(C": {width: 2, enc: korean.EUCKR},
	"$)A": {right: true, width: 2, enc: simplifiedchinese.GBK}, // ISO IR58, GB 2312
	"$A":  {width: 2, enc: simplifiedchinese.GBK},
	"$(A": {width: 2, enc: simplifiedchinese.GBK},
}

// iso2022 is the sets that are designated at a place of a text.
type iso2022 struct{ left, right graphicSet }

func (s iso2022) active() bool { return s.left.width > 0 || s.right.width > 0 }

// designate returns the state after a designation.
func (s iso2022) designate(sequence string) (iso2022, bool) {
	set, ok := designations[sequence]
	switch {
	case !ok:
	case set.right:
		s.right = set
	default:
		s.left = set
	}
	return s, ok
}

// designator reads C2842 or M2442 as the bytes that would follow ESC; "" when it is
// neither.
func designator(body []byte) string {
	if len(body) < 5 || len(body) > 7 || body[0] != 'C' && body[0] != 'M' {
		return ""
	}
	b, err := hex.DecodeString(string(body[1:]))
	if err != nil || (b[0] == '$') != (body[0] == 'M') {
		return ""
	}
	return string(b)
}

// decode turns bytes into UTF-8. Bytes for which no set is designated are read by
// base.
func (s iso2022) decode(b []byte, base charset) (text []byte, ok bool) {
	for len(b) > 0 {
		set, n := s.setOf(b[0]), 1
		if set.width == 0 {
			for n < len(b) && s.setOf(b[n]).width == 0 {
				n++
			}
			t, ok := base.decode(b[:n])
			if !ok {
				return nil, false
			}
			text, b = append(text, t...), b[n:]
			continue
		}
		for n < len(b) && s.setOf(b[n]) == set {
			n++
		}
		t, ok := set.decode(b[:n])
		if !ok {
			return nil, false
		}
		text, b = append(text, t...), b[n:]
	}
	return text, true
}

// setOf returns the set that a byte belongs to, one of width 0 when none is
// designated. Control characters and the blank are in none.
func (s iso2022) setOf(c byte) graphicSet {
	switch {
	case c > ' ' && c < 0x7f:
		return s.left
	case c >= 0xa0:
		return s.right
	}
	return graphicSet{}
}

func (set graphicSet) decode(b []byte) ([]byte, bool) {
	if len(b)%set.width != 0 {
		return nil, false
	}
	high := make([]byte, 0, len(b)+len(b)/2)
	for i, c := range b {
		if i%set.width == 0 {
			high = append(high, set.prefix...)
		}
		if c |= 0x80; set.enc == japanese.ShiftJIS && c > 0xdf {
			return nil, false // the Katakana end there
		}
		high = append(high, c)
	}
	return charset{enc: set.enc}.decode(high)
}

// decodeISO2022 decodes bytes that switch sets with ESC sequences. At the end of each
// line the sets are those of the start again. It reports false when there is no
// switch, or one that is not known, or a byte that is in no set.
func decodeISO2022(b []byte, base charset) (text []byte, ok bool) {
	var s iso2022
	for len(b) > 0 {
		n := bytes.IndexAny(b, "\x1b\r\n")
		if n < 0 {
			n = len(b)
		}
		t, good := s.decode(b[:n], base)
		if !good {
			return nil, false
		}
		if text, b = append(text, t...), b[n:]; len(b) == 0 {
			break
		}
		if b[0] != 0x1b {
			text, b, s = append(text, b[0]), b[1:], iso2022{}
			continue
		}
		for n = min(4, len(b)); n > 2; n-- {
			if next, known := s.designate(string(b[1:n])); known {
				s, ok = next, true
				break
			}
		}
		if n <= 2 {
			return nil, false
		}
		b = b[n:]
	}
	return text, ok
}
