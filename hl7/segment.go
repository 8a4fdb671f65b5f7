package hl7

import "bytes"

// Segment is one segment of a message (HL7 v2.9 2.5.2): a small value that points into it. The
// zero Segment is empty and has no fields.
type Segment struct {
	m          *Message
	index      int32
	start, end int32
}

// Name returns the segment's three characters, such as "PID".
func (s Segment) Name() string {
	if s.m == nil {
		return ""
	}
	return s.m.string(s.start, s.start+3)
}

// Index returns the place of the segment in its message, from 0 on.
func (s Segment) Index() int { return int(s.index) }

// Raw returns the bytes of the segment without its end. They must not be changed.
func (s Segment) Raw() []byte {
	if s.m == nil {
		return nil
	}
	return s.m.raw[s.start:s.end:s.end]
}

// Len returns the highest field number for which a separator is there. Trailing
// separators count although they mean nothing.
func (s Segment) Len() int {
	if s.m == nil {
		return 0
	}
	n := bytes.Count(s.Raw(), []byte{s.m.delim.Field})
	if s.header() {
		n++
	}
	return n
}

// Field returns field n, from 1 on, or an empty Value when the segment is
// shorter. In MSH, FHS and BHS field 1 is the field separator and field 2 the
// encoding characters (HL7 v2.9 2.14.9.1 and 2.14.9.2); both are single texts
// that are never split or unescaped.
func (s Segment) Field(n int) Value {
	if s.m == nil || n < 1 {
		return Value{}
	}
	lv := levelField
	if s.header() {
		if n == 1 {
			return Value{m: s.m, start: s.start + 3, end: s.start + 4, kind: levelLiteral}
		}
		if n == 2 {
			lv = levelLiteral
		}
		n--
	}
	from, to, ok := cut(s.m.raw, s.start, s.end, s.m.delim.Field, n+1)
	if !ok {
		return Value{}
	}
	return Value{m: s.m, start: from, end: to, kind: lv}
}

// header reports whether this segment names its delimiters itself.
func (s Segment) header() bool { return namesDelimiters(s.m.raw[s.start:s.end], s.m.delim.Field) }

func namesDelimiters(b []byte, sep byte) bool {
	return len(b) >= 4 && b[3] == sep &&
		(b[1] == 'H' && b[2] == 'S' && (b[0] == 'F' || b[0] == 'B') || string(b[:3]) == "MSH")
}
