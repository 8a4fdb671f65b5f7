package r4

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf8"
)

// xmlReader reads one XML document. Strict, it stops at the first problem;
// lenient, it takes all down and goes on. Either way it is the same code, and
// both accept the same documents.
//
// It has its own tokenizer: encoding/xml would copy every name and value, and
// keeps neither the text of a narrative nor positions.
type xmlReader struct {
	s       string // the document, known to be UTF-8
	pos     int
	doc     *Document // takes down problems and places; nil if strict
	err     *Error    // strict: the problem
	stopped bool      // nothing more is read; pos is at the end

	path  []xmlStep    // from the root to the element that is read
	open  []string     // the tags that are open, by their names as written
	attrs []xmlAttr    // of the tag read last
	names []xmlBinding // namespaces in scope
	depth int
	room  int
	loose bool   // prefixes may have no namespace
	value []byte // for undoing references
	kept  keeper // strings of the result
	colon bool   // the name read last has one
	work  int    // bytes looked at and steps taken, so that tests can count them

	instead string // a namespace that was told of, and is taken for that of FHIR
	moved   bool   // there is one

	outer *Type // for the primitive whose extensions are read next
}

// newXMLReader returns a reader of s. Where its lists begin comes in one piece of
// memory, of a size that most documents do not exceed.
func newXMLReader(s string) *xmlReader {
	r := &struct {
		xmlReader
		path  [10]xmlStep
		open  [14]string
		attrs [3]xmlAttr
		names [2]xmlBinding
	}{}
	r.s, r.room = s, roomFree+roomPerByte*len(s)
	r.xmlReader.path, r.xmlReader.open = r.path[:0], r.open[:0]
	r.xmlReader.attrs, r.xmlReader.names = r.attrs[:0], r.names[:0]
	return &r.xmlReader
}

// xmlStep is an element on the path.
type xmlStep struct {
	name  string
	index int
	list  bool
	place int32 // in doc.places
}

// problem takes down a problem of the element that is read, or by name of one in
// it.
func (r *xmlReader) problem(kind ProblemKind, pos int, name, text string) {
	switch {
	case r.stopped || r.doc != nil && len(r.doc.Problems) > maxProblems:
	case r.doc != nil:
		r.doc.problem(kind, pos, r.at(name), text)
	default:
		r.err = &Error{At: r.at(name), Kind: kind, Problem: text}
		r.err.Line, r.err.Column = lineColumn(r.s, pos)
		r.stop()
	}
}

// fail takes down a problem after which nothing more can be read.
func (r *xmlReader) fail(kind ProblemKind, pos int, text string) {
	r.problem(kind, pos, "", text)
	r.stop()
}

func (r *xmlReader) stop() {
	if r.doc != nil && !r.stopped {
		r.doc.Cut = true
	}
	r.stopped, r.pos = true, len(r.s)
}

func lineColumn(s string, pos int) (line, column int) {
	before := s[:min(pos, len(s))]
	return 1 + strings.Count(before, "\n"), len(before) - strings.LastIndexByte(before, '\n')
}

// hold returns a copy of s that the result may hold.
func (r *xmlReader) hold(s string) string { return r.kept.keep(s, (len(r.s)-r.pos)/4) }

// at returns the path of the element that is read, or of one in it.
func (r *xmlReader) at(name string) string {
	var b []byte
	for i := range r.path {
		if i > 0 {
			b = append(b, '.')
		}
		b = append(b, r.path[i].name...)
		if r.path[i].list {
			b = append(strconv.AppendInt(append(b, '['), int64(r.path[i].index), 10), ']')
		}
	}
	if len(b) > 0 && name != "" {
		b = append(b, '.')
	}
	return string(append(b, name...))
}

// xmlSpecial returns a number whose lowest bit set is the top bit of the first
// byte of w (its lowest is the first) that has a meaning in an attribute or must
// be changed: the quote, <, & and control characters; 0 if there is none.
func xmlSpecial(w uint64, quote byte) uint64 {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	q, less, amp := w^ones*uint64(quote), w^ones*'<', w^ones*'&'
	return ((q-ones)&^q | (less-ones)&^less | (amp-ones)&^amp | (w-ones*' ')&^w) & tops
}

// xmlPlainLen returns how many bytes at the start of s have no meaning of their
// own in an attribute.
func xmlPlainLen(s string, quote byte) int {
	b := bytesOf(s)
	i := 0
	for ; i+8 <= len(b); i += 8 {
		if hit := xmlSpecial(binary.LittleEndian.Uint64(b[i:]), quote); hit != 0 {
			return i + bits.TrailingZeros64(hit)/8
		}
	}
	for i < len(b) && b[i] >= ' ' && b[i] != quote && b[i] != '<' && b[i] != '&' {
		i++
	}
	return i
}

// badXMLChar returns the position of the next character at or after pos that XML
// does not have (XML 1.0 2.2), -1 if there is none.
func badXMLChar(s string, pos int) int {
	b := bytesOf(s)
	for i := pos; i < len(b); i++ {
		if i+8 <= len(b) {
			const ones, tops = 0x0101010101010101, 0x8080808080808080
			w := binary.LittleEndian.Uint64(b[i:])
			last := w ^ ones*0xef
			if ((w-ones*' ')&^w|(last-ones)&^last)&tops == 0 {
				i += 7
				continue
			}
		}
		switch c := b[i]; {
		case c < ' ' && !isSpace(c):
			return i
		case c == 0xef && i+2 < len(b) && b[i+1] == 0xbf && b[i+2] >= 0xbe: // U+FFFE, U+FFFF
			return i
		}
	}
	return -1
}

// xmlChar says whether r is a character of XML.
func xmlChar(r rune) bool {
	return r >= ' ' && r != 0xfffe && r != 0xffff && utf8.ValidRune(r) || r == '\t' || r == '\n' || r == '\r'
}

// blank skips white space and says whether there was any.
func (r *xmlReader) blank() bool {
	start := r.pos
	for r.pos < len(r.s) && isSpace(r.s[r.pos]) {
		r.pos++
	}
	r.work += r.pos - start
	return r.pos > start
}

// What an ASCII character may be in a name.
const (
	nameStart = 1 << iota
	namePart
)

var nameBytes = func() (table [256]uint8) {
	for c := range utf8.RuneSelf {
		switch b := byte(c); {
		case isLetter(b), b == '_':
			table[b] = nameStart | namePart
		case isDigit(b), b == '-', b == '.':
			table[b] = namePart
		}
	}
	return table
}()

// name reads a name as it is written, with its prefix; "" if there is none.
func (r *xmlReader) name() string {
	start := r.pos
	s := r.s
	i := start
	r.colon = false
	for want := uint8(nameStart); i < len(s); want = namePart {
		c := s[i]
		if nameBytes[c]&want != 0 {
			i++
			continue
		}
		if c == ':' {
			r.colon = true
			i++
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		x, n := utf8.DecodeRuneInString(s[i:])
		if !xmlNameRune(x, want == nameStart) {
			break
		}
		i += n
	}
	r.pos = i
	r.work += 1 + i - start
	return s[start:i]
}

// xmlNameRune says whether x, not ASCII, may be in a name (XML 1.0 2.3).
func xmlNameRune(x rune, first bool) bool {
	for _, span := range [...][2]rune{
		{0xc0, 0xd6}, {0xd8, 0xf6}, {0xf8, 0x2ff}, {0x370, 0x37d}, {0x37f, 0x1fff}, {0x200c, 0x200d}, {0x2070, 0x218f},
		{0x2c00, 0x2fef}, {0x3001, 0xd7ff}, {0xf900, 0xfdcf}, {0xfdf0, 0xfffd}, {0x10000, 0xeffff},
	} {
		if span[0] <= x && x <= span[1] {
			return true
		}
	}
	return !first && (x == 0xb7 || 0x300 <= x && x <= 0x36f || x == 0x203f || x == 0x2040)
}

// reference reads the reference at pos, which is a &, and returns what it stands
// for and the position after it. Only the five entities of XML itself are known:
// there is nothing to expand.
func (r *xmlReader) reference(pos int) (text string, end int, ok bool) {
	rest := r.s[pos+1 : min(len(r.s), pos+40)]
	r.work += len(rest)
	semi := strings.IndexByte(rest, ';')
	if semi <= 0 {
		r.problem(ProblemSyntax, pos, "", "& that begins no reference")
		return "&", pos + 1, false
	}
	name := rest[:semi]
	end = pos + 1 + semi + 1
	switch name {
	case "lt":
		return "<", end, true
	case "gt":
		return ">", end, true
	case "amp":
		return "&", end, true
	case "quot":
		return `"`, end, true
	case "apos":
		return "'", end, true
	}
	if name[0] != '#' {
		if strings.IndexFunc(name, func(x rune) bool { return x > 'z' || !isDigit(byte(x)) && !isLetter(byte(x)) }) >= 0 {
			r.problem(ProblemSyntax, pos, "", "& that begins no reference")
			return "&", pos + 1, false
		}
		r.problem(ProblemEntity, pos, "", "an entity that is not one of XML itself")
		return r.s[pos:end], end, false
	}
	x, ok := charReference(name[1:])
	switch {
	case !ok:
		r.problem(ProblemSyntax, pos, "", "not a reference to a character")
		return r.s[pos:end], end, false
	case !xmlChar(x):
		r.problem(ProblemEncoding, pos, "", "a character that XML does not have")
		return r.s[pos:end], end, false
	}
	return string(x), end, true
}

// charReference reads the number of a character: decimal, or hexadecimal after x.
func charReference(s string) (x rune, ok bool) {
	base := rune(10)
	if s != "" && s[0] == 'x' {
		base, s = 16, s[1:]
	}
	for _, c := range []byte(s) {
		d := rune(99)
		switch {
		case isDigit(c):
			d = rune(c - '0')
		case isLetter(c):
			d = rune(c|0x20-'a') + 10
		}
		if d >= base {
			return 0, false
		}
		if x = x*base + d; x > utf8.MaxRune {
			x = utf8.MaxRune + 1
		}
	}
	return x, s != ""
}
