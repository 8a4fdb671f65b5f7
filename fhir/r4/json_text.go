package r4

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// In a JSON string a byte is plain when it stands for itself: no control
// character, quote or backslash. Most strings are plain, so reading and writing
// look for other bytes eight at a time.

// special returns a number whose lowest bit set is the top bit of the first byte
// of w (its lowest is the first) that is not plain; 0 if all are.
func special(w uint64) uint64 {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	quote, back := w^ones*'"', w^ones*'\\'
	return ((quote-ones)&^quote | (back-ones)&^back | (w-ones*' ')&^w) & tops
}

// plainLen returns how many bytes at the start of s are plain.
func plainLen(s string) int {
	b := bytesOf(s)
	i := 0
	for ; i+8 <= len(b); i += 8 {
		if hit := special(binary.LittleEndian.Uint64(b[i:])); hit != 0 {
			return i + bits.TrailingZeros64(hit)/8
		}
	}
	switch {
	case i == len(b):
		return i
	case i > 0: // the last eight, of which the first are known
		hit := special(binary.LittleEndian.Uint64(b[len(b)-8:]))
		if hit == 0 {
			return len(b)
		}
		return len(b) - 8 + bits.TrailingZeros64(hit)/8
	case len(b) >= 4: // its first four and its last four
		w := uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint32(b[len(b)-4:]))<<32
		if special(w) == 0 {
			return len(b)
		}
	}
	for i < len(b) && escapes[b[i]] == 0 {
		i++
	}
	return i
}

// escapes holds the letter that follows the backslash for each byte that is not
// plain, 0 for the others. The letter u is followed by four hexadecimal digits.
var escapes = func() (table [256]byte) {
	for c := range byte(' ') {
		table[c] = 'u'
	}
	table['\n'], table['\r'], table['\t'], table['"'], table['\\'] = 'n', 'r', 't', '"', '\\'
	return table
}()

// copyPlain copies s to dst, which is as long, if all of it is plain.
func copyPlain(dst []byte, s string) bool {
	b := bytesOf(s)
	n := len(b)
	dst = dst[:n]
	switch {
	case n >= 8:
		for i := 0; i+8 <= n; i += 8 {
			w := binary.LittleEndian.Uint64(b[i:])
			if special(w) != 0 {
				return false
			}
			binary.LittleEndian.PutUint64(dst[i:], w)
		}
		w := binary.LittleEndian.Uint64(b[n-8:]) // again what is known of it
		binary.LittleEndian.PutUint64(dst[n-8:], w)
		return special(w) == 0
	case n >= 4:
		first, last := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[n-4:])
		binary.LittleEndian.PutUint32(dst, first)
		binary.LittleEndian.PutUint32(dst[n-4:], last)
		return special(uint64(first)|uint64(last)<<32) == 0
	}
	for i, c := range b {
		if escapes[c] != 0 {
			return false
		}
		dst[i] = c
	}
	return true
}

// text writes a string with its name before it and a comma after it. Only what
// must be escaped is.
func (e *encoder) text(b []byte, key, s string) ([]byte, *Error) {
	if e.checkUTF8 && !utf8.ValidString(s) {
		return b, &Error{Problem: "not UTF-8"}
	}
	from := len(b)
	if need := from + len(key) + len(s) + 3; need <= cap(b) {
		b = b[:need]
		at := from + copy(b[from:], key)
		b[at] = '"'
		if copyPlain(b[at+1:], s) {
			b[need-2], b[need-1] = '"', ','
			return b, nil
		}
	}
	b = append(append(slices.Grow(b[:from], len(key)+len(s)+64), key...), '"')
	return append(appendEscaped(b, s), '"', ','), nil
}

func appendEscaped(b []byte, text string) []byte {
	s := bytesOf(text)
	for n := 0; n < len(s); {
		c := s[n]
		switch letter := escapes[c]; {
		case letter == 'u':
			const hex = "0123456789abcdef"
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			n++
		case letter != 0:
			b = append(b, '\\', letter)
			n++
		case n+8 <= len(s) && len(b)+8 <= cap(b): // copy eight, keep the plain ones
			w := binary.LittleEndian.Uint64(s[n:])
			binary.LittleEndian.PutUint64(b[len(b):len(b)+8], w)
			plain := bits.TrailingZeros64(special(w)) / 8
			b = b[:len(b)+plain]
			n += plain
		default:
			b = append(b, c)
			n++
		}
	}
	return b
}
