package hl7

import (
	"bytes"
	"math"
	"strconv"
	"sync/atomic"
)

// Message is one HL7 v2 message. It is read-only and safe for concurrent use.
// Texts taken from it share its memory: clone a short one that is to outlive it.
type Message struct {
	raw   []byte
	delim Delimiters
	seps  [levelLiteral]byte // what separates the values of a level
	spans []span
	text  atomic.Pointer[string] // raw once more as a string, made on first use
}

// span is where one segment lies in the bytes of its message.
type span struct {
	start, end int32
	joined     bool // it swallowed lines that are not segments
}

// textLimit is the greatest message of which one string is made for all its
// values to share. Beyond it each value is copied when it is asked for, so that
// a short text does not hold a document of many megabytes in memory.
const textLimit = 1 << 20

// maxSegments bounds the memory that a hostile message can take beyond its bytes.
const maxSegments = 1 << 20

// Parse reads one message. It takes CR, LF and CRLF as segment ends (HL7 v2.9
// 2.4 has CR alone), skips blank lines, and lets a byte order mark and blanks
// stand before MSH. A line that does not begin like a segment, with three
// characters and the field separator, is what a line break inside a field left
// behind: it belongs to the segment before it, and [Message.Warnings] tells.
//
// b is kept, not copied: it must not change while the message is in use. It
// must be in UTF-8 or ASCII for texts to be right, see [Decode].
//
// The error is a *[SyntaxError]: no MSH at the start, delimiters missing or
// ambiguous, a second MSH (use [Split]), more than 2 GiB, or more than 2^20
// segments.
func Parse(b []byte) (*Message, error) {
	if len(b) > math.MaxInt32 {
		return nil, &SyntaxError{byteAt(math.MaxInt32), "the message is longer than 2 GiB"}
	}
	start := skipToHeader(b)
	if !bytes.HasPrefix(b[start:], []byte("MSH")) {
		return nil, &SyntaxError{byteAt(start), "the message does not start with MSH"}
	}
	m := &Message{raw: b}
	ends := max(bytes.Count(b[start:], []byte{'\r'}), bytes.Count(b[start:], []byte{'\n'}))
	m.spans = make([]span, 0, min(ends+1, maxSegments))
	lines := lines{b: b, next: start}
	for lines.scan() {
		line := b[lines.start:lines.end]
		s := span{start: int32(lines.start), end: int32(lines.end)}
		switch {
		case len(m.spans) == 0:
			d, err := readDelimiters(line)
			if err != nil {
				return nil, err
			}
			m.delim, m.seps = d, d.separators()
			m.spans = append(m.spans, s)
		case isBlank(line):
		case isHeader(line):
			return nil, &SyntaxError{"MSH(2)", "a second message starts here"}
		case !isSegment(line, m.delim.Field):
			last := &m.spans[len(m.spans)-1]
			last.end, last.joined = s.end, true
		case len(m.spans) == maxSegments:
			return nil, &SyntaxError{byteAt(lines.start), "the message has more than a million segments"}
		default:
			m.spans = append(m.spans, s)
		}
	}
	return m, nil
}

// byteAt is a place where there is no segment to name, from 0 on.
func byteAt(offset int) string { return "byte " + strconv.Itoa(offset) }

// skipToHeader returns where the first thing stands that is neither a byte
// order mark nor blank.
func skipToHeader(b []byte) int {
	i := 0
	if bytes.HasPrefix(b, []byte(byteOrderMark)) {
		i = 3
	}
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func isBlank(line []byte) bool {
	for _, c := range line {
		if c != ' ' && c != '\t' {
			return false
		}
	}
	return true
}

// isSegment reports whether a line begins like a segment: [A-Z][A-Z0-9]{2} and
// the field separator or nothing.
func isSegment(line []byte, sep byte) bool {
	return len(line) >= 3 && isUpper(line[0]) &&
		(isUpper(line[1]) || isDigit(line[1])) && (isUpper(line[2]) || isDigit(line[2])) &&
		(len(line) == 3 || line[3] == sep)
}

// isHeader reports whether a message starts with this line, be it a good one
// or not.
func isHeader(line []byte) bool {
	return len(line) > 3 && string(line[:3]) == "MSH" && mayDelimit(line[3])
}

// lines walks over the lines of b. It looks for CR and for LF separately and
// remembers where the next of each is, so a message with only one of them is
// read at the speed of one search.
type lines struct {
	b          []byte
	next       int // where the next line starts
	start, end int // the line found
	cr, lf     int // next of each at or after next; 0 not looked for yet
}

func (l *lines) scan() bool {
	if l.next >= len(l.b) {
		return false
	}
	l.start = l.next
	l.cr = l.find(l.cr, '\r')
	l.lf = l.find(l.lf, '\n')
	l.end = min(l.cr, l.lf)
	l.next = l.end + 1
	return true
}

func (l *lines) find(known int, c byte) int {
	if known >= l.next && known > 0 {
		return known
	}
	if i := bytes.IndexByte(l.b[l.next:], c); i >= 0 {
		return l.next + i
	}
	return len(l.b)
}

// Bytes returns the message as it was given to Parse. It must not be changed.
func (m *Message) Bytes() []byte { return m.raw }

// Delimiters returns what MSH-1 and MSH-2 say.
func (m *Message) Delimiters() Delimiters { return m.delim }

// Len returns the number of segments, at least one.
func (m *Message) Len() int { return len(m.spans) }

// Segment returns the segment with number i, from 0 on, or an empty Segment.
func (m *Message) Segment(i int) Segment {
	if i < 0 || i >= len(m.spans) {
		return Segment{}
	}
	return Segment{m: m, index: int32(i), start: m.spans[i].start, end: m.spans[i].end}
}

// First returns the first segment of a name.
func (m *Message) First(name string) (Segment, bool) { return m.nth(name, 1) }

// nth returns occurrence n, from 1 on, of the segments of a name.
func (m *Message) nth(name string, n int) (Segment, bool) {
	for i := range m.spans {
		if m.named(i, name) {
			if n--; n == 0 {
				return m.Segment(i), true
			}
		}
	}
	return Segment{}, false
}

func (m *Message) named(i int, name string) bool {
	start := m.spans[i].start
	return string(m.raw[start:start+3]) == name
}

// Warnings lists what Parse put up with: an escape character that MSH-2 doubles,
// and segments that swallowed lines which do not start like segments.
func (m *Message) Warnings() []Warning {
	var all []Warning
	if doubledEscape(m.Segment(0).Field(2).Raw()) {
		all = append(all, Warning{"MSH-2", "the escape character is written twice"})
	}
	seen := map[string]int{}
	for i, s := range m.spans {
		name := m.Segment(i).Name()
		seen[name]++
		if s.joined {
			all = append(all, Warning{name + "(" + strconv.Itoa(seen[name]) + ")", "a line that does not start like a segment was taken as part of this one"})
		}
	}
	return all
}

// string returns a part of the message as a string, without a new allocation
// for each unless the message is very long.
func (m *Message) string(start, end int32) string {
	if start == end {
		return ""
	}
	if len(m.raw) > textLimit {
		return string(m.raw[start:end])
	}
	text := m.text.Load()
	if text == nil {
		s := string(m.raw) // two goroutines may both do this; either string is right
		text = &s
		m.text.Store(text)
	}
	return (*text)[start:end]
}
