package r4

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"
	"unsafe"
)

// In a JSON string a byte is plain when it stands for itself: no control
// character, quote or backslash. Most strings are plain, so reading and writing
// look for other bytes eight at a time.

// tops has the top bit of each of eight bytes.
const tops = 0x8080808080808080

// special returns a number whose lowest bit set is the top bit of the first byte
// of w (its lowest is the first) that is not plain; 0 if all are. Changing one bit
// brings the quote beside the control characters: all are below '!' then.
func special(w uint64) uint64 {
	const ones = 0x0101010101010101
	low, back := w^ones*2, w^ones*'\\'
	return ((low-ones*'!')&^low | (back-ones)&^back) & tops
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
	for i < len(b) && escaped[b[i]] == 1 {
		i++
	}
	return i
}

// escapes holds what is written for each byte, as it lies in memory: the byte
// itself, or a backslash and a letter; escaped says how long that is. The letter
// u, after which four hexadecimal digits follow, counts as four.
var (
	escapes [256]uint16
	escaped [256]uint8
)

func init() {
	for c := range escapes {
		escapes[c], escaped[c] = uint16(c), 1
		if c < ' ' {
			escapes[c], escaped[c] = 'u'<<8|'\\', 4
		}
	}
	for c, letter := range map[byte]uint16{'\n': 'n', '\r': 'r', '\t': 't', '"': '"', '\\': '\\'} {
		escapes[c], escaped[c] = letter<<8|'\\', 2
	}
}

// appendText writes a string with its name before it and a comma after it. Only what
// must be escaped is.
func appendText(b []byte, key, s string) ([]byte, *Error) {
	return appendQuoted(append(append(b, key...), '"'), s)
}

// appendQuoted writes a string after its opening quote, and a comma. As long as it is
// plain it is copied in words, the last of which may overlap the one before.
func appendQuoted(b []byte, s string) ([]byte, *Error) {
	n, from := len(s), bytesOf(s)
	if cap(b)-len(b) < n+2 {
		b = slices.Grow(b, n+2)
	}
	to := b[len(b) : len(b)+n+2]
	var some, hit uint64 // the bits that any byte has
	switch {
	case n >= 8:
		for i := 0; i+8 <= n && hit == 0; i += 8 {
			w := binary.LittleEndian.Uint64(from[i:])
			binary.LittleEndian.PutUint64(to[i:], w)
			some |= w
			hit = special(w)
		}
		w := binary.LittleEndian.Uint64(from[n-8:])
		binary.LittleEndian.PutUint64(to[n-8:], w)
		some |= w
		hit |= special(w)
	case n >= 4:
		first, last := binary.LittleEndian.Uint32(from), binary.LittleEndian.Uint32(from[n-4:])
		binary.LittleEndian.PutUint32(to, first)
		binary.LittleEndian.PutUint32(to[n-4:], last)
		some = uint64(first) | uint64(last)<<32
		hit = special(some)
	default:
		for i, c := range from {
			to[i] = c
			some |= uint64(c)
			hit |= uint64(escaped[c]) &^ 1
		}
	}
	if hit != 0 {
		escaped, some := appendEscaped(b, s)
		if some&tops != 0 && !utf8.ValidString(s) {
			return b, &Error{Problem: "not UTF-8"}
		}
		return append(escaped, '"', ','), nil
	}
	if some&tops != 0 && !utf8.ValidString(s) {
		return b, &Error{Problem: "not UTF-8"}
	}
	to[n], to[n+1] = '"', ','
	return b[:len(b)+n+2], nil
}

// appendEscaped appends text with its escapes, part by part with room for the
// worst. some has the bits that any byte has.
func appendEscaped(b []byte, text string) (_ []byte, some uint64) {
	const part = 512
	for s := bytesOf(text); len(s) > 0; {
		from := s[:min(part, len(s))]
		s = s[len(from):]
		b = slices.Grow(b, 6*len(from)+8)
		n, seen := escape(b[len(b):cap(b)], from)
		b = b[:len(b)+n]
		some |= seen
	}
	return b, some
}

// escape writes from, with its escapes, to to and returns how much that is. There
// must be room for six bytes for each of from, and for eight more: this is the
// innermost loop of writing, and does not check it again at each step.
func escape(to, from []byte) (at int, some uint64) {
	in, out := unsafe.Pointer(unsafe.SliceData(from)), unsafe.Pointer(unsafe.SliceData(to))
	for n := 0; n < len(from); {
		c := from[n]
		switch {
		case escaped[c] == 2: // they come in runs
			binary.LittleEndian.PutUint16(bytesAt(out, at), escapes[c])
			n, at = n+1, at+2
		case escaped[c] == 4:
			const hex = "0123456789abcdef"
			at += copy(to[at:], []byte{'\\', 'u', '0', '0', hex[c>>4], hex[c&15]})
			n++
		case n+8 <= len(from): // copy eight, keep the plain ones
			w := binary.LittleEndian.Uint64(bytesAt(in, n))
			binary.LittleEndian.PutUint64(bytesAt(out, at), w)
			plain := bits.TrailingZeros64(special(w)) / 8
			n, at = n+plain, at+plain
			some |= w
		default:
			to[at] = c
			some |= uint64(c)
			n, at = n+1, at+1
		}
	}
	return at, some
}

// bytesAt returns the eight bytes at an offset from p, which must be there.
func bytesAt(p unsafe.Pointer, offset int) []byte { return (*[8]byte)(unsafe.Add(p, offset))[:] }
