package r4

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"
)

const (
	// maxDepth is how many objects may stand inside one another.
	maxDepth = 128

	// A document may ask for structs of so many bytes, and for so many more for
	// each of its own bytes. The official examples ask for 3 each at most, a
	// Bundle of resources with nothing but a type for 26, an attack for 60.
	roomFree, roomPerByte = 64 << 10, 32
)

// decoder reads one JSON document. The whole text is known to be valid UTF-8.
// A method that fails sets nothing but returns an error; pos is then where it
// stopped, for the line number.
type decoder struct {
	s       string // the document in the caller's memory: nothing of it is kept
	pos     int
	depth   int
	room    int            // bytes that structs may still take
	escapes bool           // the string read last had escapes
	scratch []byte         // for undoing them
	kept    keeper         // where the strings of the result are copied to, as far as it is filled
	late    map[int]string // resource types that stand late in their object, by where the object starts
}

func (d *decoder) fail(problem string) *Error { return &Error{Problem: problem} }

// next skips white space and returns the byte at which it stops, 0 at the end.
func (d *decoder) next() byte {
	if d.pos < len(d.s) {
		if c := d.s[d.pos]; c > ' ' {
			return c
		}
	}
	return d.space()
}

// space is next where there may be white space, most of which is a line's end
// and spaces.
func (d *decoder) space() byte {
	const spaces = 0x2020202020202020
	b := bytesOf(d.s)
	for d.pos < len(b) {
		if c := b[d.pos]; c > ' ' || !isSpace(c) {
			return c
		}
		d.pos++
		for d.pos+8 <= len(b) {
			n := bits.TrailingZeros64(binary.LittleEndian.Uint64(b[d.pos:])^spaces) / 8
			d.pos += n
			if n < 8 {
				break
			}
		}
	}
	return 0
}

// keep returns a copy of s that the result may hold.
func (d *decoder) keep(s string) string { return d.kept.keep(s, (len(d.s)-d.pos)*2/5) }

// begin wants c next, and calls anything else a problem.
func (d *decoder) begin(c byte, problem string) *Error {
	if d.next() == c {
		return nil
	}
	if d.pos >= len(d.s) {
		return d.unexpected()
	}
	return d.fail(problem)
}

// byte wants c next and skips it.
func (d *decoder) byte(c byte) *Error {
	if d.next() != c {
		return d.unexpected()
	}
	d.pos++
	return nil
}

func (d *decoder) unexpected() *Error {
	if d.pos >= len(d.s) {
		return d.fail("the document ends too early")
	}
	return d.fail("not JSON")
}

// str reads a string. It is a part of the document or of the scratch memory, good
// until the next string is read.
func (d *decoder) str() (string, *Error) {
	if err := d.begin('"', "must be a string"); err != nil {
		return "", err
	}
	start := d.pos + 1
	end := start + plainLen(d.s[start:])
	d.pos = end
	switch {
	case end == len(d.s):
		return "", d.unexpected()
	case d.s[end] == '"':
		d.escapes = false
		d.pos++
		return d.s[start:end], nil
	case d.s[end] == '\\':
		d.escapes = true
		return d.escaped(start, end)
	}
	return "", d.fail("control character in a string")
}

// escaped reads on a string that began at start and has its first escape at i.
func (d *decoder) escaped(start, i int) (string, *Error) {
	b := bytesOf(d.s)
	out := append(d.scratch[:0], b[start:i]...)
	defer func() { d.scratch = out }()
	for i < len(b) {
		d.pos = i
		switch c := b[i]; {
		case c == '"':
			d.pos++
			return unsafe.String(unsafe.SliceData(out), len(out)), nil
		case c == '\\':
			var ok bool
			if out, i, ok = unescape(out, d.s, i); !ok {
				return "", d.fail("bad escape in a string")
			}
		case c < ' ':
			return "", d.fail("control character in a string")
		case i+8 <= len(b): // copy eight, keep the plain ones
			w := binary.LittleEndian.Uint64(b[i:])
			n := bits.TrailingZeros64(special(w)) / 8
			out = slices.Grow(out, 8)
			binary.LittleEndian.PutUint64(out[len(out):len(out)+8], w)
			out = out[:len(out)+n]
			i += n
		default:
			out = append(out, c)
			i++
		}
	}
	d.pos = len(b)
	return "", d.unexpected()
}

// unescaped holds what an escape of one letter stands for.
var unescaped = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape appends what the escape at s[i] stands for and returns where it ends.
// A half of a surrogate pair alone stands for nothing.
func unescape(out []byte, s string, i int) (_ []byte, end int, ok bool) {
	if i+1 >= len(s) {
		return out, i, false
	}
	switch c := s[i+1]; {
	case unescaped[c] != 0:
		return append(out, unescaped[c]), i + 2, true
	case c == 'u':
		r, ok := hex4(s, i+2)
		end = i + 6
		if ok && 0xD800 <= r && r < 0xDC00 && end+1 < len(s) && s[end] == '\\' && s[end+1] == 'u' {
			low, lowOK := hex4(s, end+2)
			if !lowOK || low < 0xDC00 || low > 0xDFFF {
				return out, i, false
			}
			r = 0x10000 + (r-0xD800)<<10 + (low - 0xDC00)
			end += 6
		}
		if !ok || !utf8.ValidRune(r) {
			return out, i, false
		}
		return utf8.AppendRune(out, r), end, true
	}
	return out, i, false
}

func hex4(s string, i int) (r rune, ok bool) {
	if i+4 > len(s) {
		return 0, false
	}
	for _, c := range []byte(s[i : i+4]) {
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// key reads a member's name and the colon after it.
func (d *decoder) key() (string, *Error) {
	if d.next() != '"' {
		return "", d.unexpected()
	}
	k, err := d.str()
	if err != nil {
		return "", err
	}
	return k, d.byte(':')
}

// number reads the literal text of a number.
func (d *decoder) number() (string, *Error) {
	c := d.next()
	if c != '-' && !isDigit(c) {
		if c == 0 {
			return "", d.unexpected()
		}
		return "", d.fail("must be a number")
	}
	n := numberLen(d.s[d.pos:])
	if n == 0 || d.pos+n < len(d.s) && partOfWord(d.s[d.pos+n]) {
		return "", d.fail("not a number as JSON writes it")
	}
	d.pos += n
	return d.s[d.pos-n : d.pos], nil
}

func partOfWord(c byte) bool {
	return isDigit(c) || isLetter(c) || c == '.' || c == '+' || c == '-' || c == '_'
}

// word skips w (true, false, null) if it stands next.
func (d *decoder) word(w string) bool {
	d.next()
	rest := d.s[d.pos:]
	if !strings.HasPrefix(rest, w) || len(rest) > len(w) && partOfWord(rest[len(w)]) {
		return false
	}
	d.pos += len(w)
	return true
}

// more reads the comma or the end after a member or an item.
func (d *decoder) more(end byte) (bool, *Error) {
	switch d.next() {
	case ',':
		d.pos++
		return true, nil
	case end:
		d.pos++
		return false, nil
	}
	return false, d.unexpected()
}
