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

// tops has the top bit of each of eight bytes.
const tops = 0x8080808080808080

// special returns a number whose lowest bit set is the top bit of the first byte
// of w (its lowest is the first) that is not plain; 0 if all are.
func special(w uint64) uint64 {
	const ones = 0x0101010101010101
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
	for i < len(b) && plain(b[i]) {
		i++
	}
	return i
}

// escapes holds what is written for each byte, as it lies in memory: the byte
// itself, or a backslash and a letter. The third byte says how long that is. The
// letter u, after which four hexadecimal digits follow, has long set.
var escapes = func() (table [256]uint32) {
	for c := range table {
		table[c] = 1<<16 | uint32(c)
		if c < ' ' {
			table[c] = long | 2<<16 | 'u'<<8 | '\\'
		}
	}
	for c, letter := range map[byte]uint32{'\n': 'n', '\r': 'r', '\t': 't', '"': '"', '\\': '\\'} {
		table[c] = 2<<16 | letter<<8 | '\\'
	}
	return table
}()

const long = 1 << 24

// plain says whether c stands for itself.
func plain(c byte) bool { return escapes[c]>>16 == 1 }

// copyPlain copies s to dst, which is as long, if all of it is plain. some has the
// bits that any of its bytes has.
func copyPlain(dst []byte, s string) (some uint64, ok bool) {
	b := bytesOf(s)
	n := len(b)
	dst = dst[:n]
	switch {
	case n >= 8:
		for i := 0; i+8 <= n; i += 8 {
			w := binary.LittleEndian.Uint64(b[i:])
			if special(w) != 0 {
				return 0, false
			}
			some |= w
			binary.LittleEndian.PutUint64(dst[i:], w)
		}
		w := binary.LittleEndian.Uint64(b[n-8:]) // again what is known of it
		binary.LittleEndian.PutUint64(dst[n-8:], w)
		return some | w, special(w) == 0
	case n >= 4:
		first, last := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[n-4:])
		binary.LittleEndian.PutUint32(dst, first)
		binary.LittleEndian.PutUint32(dst[n-4:], last)
		w := uint64(first) | uint64(last)<<32
		return w, special(w) == 0
	}
	for i, c := range b {
		if !plain(c) {
			return 0, false
		}
		some |= uint64(c)
		dst[i] = c
	}
	return some, true
}

// text writes a string with its name before it and a comma after it. Only what
// must be escaped is.
func (e *encoder) text(b []byte, key, s string) ([]byte, *Error) {
	b = append(slices.Grow(b, len(key)+len(s)+3), key...)
	b = append(b, '"')
	return e.quoted(b, s)
}

// textOf is text for a field of one string.
func (e *encoder) textOf(b []byte, s *step, text string) ([]byte, *Error) {
	from := len(b)
	if need := from + len(s.wide) + len(text) + 2; need > cap(b) {
		b = slices.Grow(b, need-from+64)
	}
	room := b[from : from+len(s.wide)]
	for i := 0; i+16 <= len(s.wide); i += 16 { // mostly once
		binary.LittleEndian.PutUint64(room[i:], binary.LittleEndian.Uint64(bytesOf(s.wide[i:])))
		binary.LittleEndian.PutUint64(room[i+8:], binary.LittleEndian.Uint64(bytesOf(s.wide[i+8:])))
	}
	return e.quoted(b[:from+s.quoted], text)
}

// quoted writes a string after its opening quote, and a comma.
func (e *encoder) quoted(b []byte, s string) ([]byte, *Error) {
	from, need := len(b), len(b)+len(s)+2
	if need <= cap(b) {
		if some, ok := copyPlain(b[from:need], s); ok {
			if some&tops != 0 && !utf8.ValidString(s) {
				return b, &Error{Problem: "not UTF-8"}
			}
			b = b[:need]
			b[need-2], b[need-1] = '"', ','
			return b, nil
		}
	}
	if !utf8.ValidString(s) {
		return b, &Error{Problem: "not UTF-8"}
	}
	return append(appendEscaped(b, s), '"', ','), nil
}

// appendEscaped appends text with its escapes, part by part with room for the
// worst. Where one byte is not plain, others are near: after it, sixteen go one
// by one.
func appendEscaped(b []byte, text string) []byte {
	const part = 256
	for s := bytesOf(text); len(s) > 0; s = s[min(part, len(s)):] {
		b = slices.Grow(b, 6*part)
		to, from := b[len(b):cap(b)], s[:min(part, len(s))]
		at, n := 0, 0
		for n < len(from) {
			if n+8 <= len(from) {
				if w := binary.LittleEndian.Uint64(from[n:]); special(w) == 0 {
					binary.LittleEndian.PutUint64(to[at:], w)
					n, at = n+8, at+8
					continue
				}
			}
			for _, c := range from[n:min(n+16, len(from))] {
				with := escapes[c]
				binary.LittleEndian.PutUint16(to[at:], uint16(with))
				at += int(with >> 16 & 0xff)
				if with&long != 0 {
					const hex = "0123456789abcdef"
					at += copy(to[at:], []byte{'0', '0', hex[c>>4], hex[c&15]})
				}
			}
			n += 16
		}
		b = b[:len(b)+at]
	}
	return b
}
