package r4

import (
	"encoding/binary"
	"math/bits"
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
	for i < len(b) && escapes[b[i]] == "" {
		i++
	}
	return i
}

// escapes holds what is written for each byte that is not plain.
var escapes = func() (table [256]string) {
	const hex = "0123456789abcdef"
	for c := range byte(' ') {
		table[c] = `\u00` + string([]byte{hex[c>>4], hex[c&15]})
	}
	table['\n'], table['\r'], table['\t'], table['"'], table['\\'] = `\n`, `\r`, `\t`, `\"`, `\\`
	return table
}()

// text writes a string with its name before it and a comma after it. Only what
// must be escaped is.
func (e *encoder) text(b []byte, key, s string) ([]byte, *Error) {
	if e.checkUTF8 && !utf8.ValidString(s) {
		return b, &Error{Problem: "not UTF-8"}
	}
	n := plainLen(s)
	if at := len(b); n == len(s) && cap(b)-at >= len(key)+n+3 {
		b = b[:at+len(key)+n+3]
		at += copy(b[at:], key)
		b[at] = '"'
		at += 1 + copy(b[at+1:], s)
		b[at], b[at+1] = '"', ','
		return b, nil
	}
	b = append(append(append(b, key...), '"'), s[:n]...)
	for n < len(s) {
		for n < len(s) && escapes[s[n]] != "" {
			b = append(b, escapes[s[n]]...)
			n++
		}
		plain := s[n : n+plainLen(s[n:])]
		b = append(b, plain...)
		n += len(plain)
	}
	return append(b, '"', ','), nil
}
