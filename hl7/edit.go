package hl7

import (
	"bytes"
	"strconv"
)

// Null is the text that HL7 takes for "delete what you hold" (HL7 v2.9 2.5.3.4):
// two quotation marks. [Editor.Set] writes it as it is.
const Null = `""`

// EditError says why an edit could not be made. It names the place and the
// rule, never a value.
type EditError struct {
	At      string // place, such as "PID-3[2].4"
	Problem string // plain words
}

// Error returns the place and the problem.
func (e *EditError) Error() string {
	if e.At == "" {
		return "hl7: " + e.Problem
	}
	return "hl7: " + e.At + ": " + e.Problem
}

// Editor changes a message by the rules for its construction (HL7 v2.9 2.6). It rewrites only what it is told to: every other
// byte, segment ends, blank lines and trailing delimiters included, comes out as it
// came in. [Edit] starts from a message and [New] from nothing.
//
// The first call that fails stops it. Later calls do nothing, and Err, Bytes and
// Message return that error; so a chain of edits needs one check at its end. The
// zero Editor is of no use, and one is not safe for concurrent use.
type Editor struct {
	d     Delimiters
	lead  []byte  // what stands before MSH
	lines []*line // segments
	end   []byte  // how segments end in this message
	err   error
}

// line is one segment under edit.
type line struct {
	text  []byte // shared with the message until it is changed
	after []byte // its end, and blank lines behind it
}

// Edit returns an editor that starts with a message. The message itself stays as
// it is.
func Edit(m *Message) *Editor {
	e := &Editor{d: m.delim, lines: make([]*line, len(m.spans)), end: []byte{'\r'}}
	all := make([]line, len(m.spans))
	for i, s := range m.spans {
		next := int32(len(m.raw))
		if i+1 < len(m.spans) {
			next = m.spans[i+1].start
		}
		all[i] = line{text: m.raw[s.start:s.end:s.end], after: m.raw[s.end:next:next]}
		e.lines[i] = &all[i]
	}
	e.lead = m.raw[:m.spans[0].start]
	switch after := e.lines[0].after; {
	case bytes.HasPrefix(after, []byte("\r\n")):
		e.end = []byte("\r\n")
	case bytes.HasPrefix(after, []byte("\n")):
		e.end = []byte("\n")
	}
	return e
}

// Err returns the first error, nil when all edits were made.
func (e *Editor) Err() error { return e.err }

// Bytes returns the message as edited. The error is the first of the edits, a
// *[EditError].
func (e *Editor) Bytes() ([]byte, error) {
	if e.err != nil {
		return nil, e.err
	}
	size := len(e.lead)
	for _, l := range e.lines {
		size += len(l.text) + len(l.after)
	}
	b := append(make([]byte, 0, size), e.lead...)
	for _, l := range e.lines {
		b = append(append(b, l.text...), l.after...)
	}
	return b, nil
}

// Message returns the message as edited, parsed.
func (e *Editor) Message() (*Message, error) {
	b, err := e.Bytes()
	if err != nil {
		return nil, err
	}
	return Parse(b)
}

// Set writes text at a path such as "PID-5.1", with its delimiters escaped:
// afterwards [Message.Get] of the path gives the text, but for [Null], which is
// written as null. The path says how much is replaced, as in [Message.At]:
// "PID-3" all repetitions, "PID-3[2]" one, "PID-3.1" one component of the first.
// Separators that are missing before the place are added; a repetition one above
// the last is a new one. The empty text empties the place and adds nothing.
//
// It refuses a segment that is not there, MSH-1 and MSH-2, on which every other
// byte depends, and what the delimiters of the message cannot express.
func (e *Editor) Set(path, text string) *Editor {
	e.at(path, func(s EditSegment, p Path) { s.set(p, text) })
	return e
}

// SetRaw writes bytes at a path as they stand, escaped by the caller: "A^B&C". It
// refuses delimiters of a level above the place, and line ends.
func (e *Editor) SetRaw(path, raw string) *Editor {
	e.at(path, func(s EditSegment, p Path) { s.setRaw(p, raw) })
	return e
}

// Put writes a composite such as a [CX] at a path: a field or a repetition, where
// it has components, or a component, where it has subcomponents.
func (e *Editor) Put(path string, c Composite) *Editor {
	e.at(path, func(s EditSegment, p Path) { s.put(p, c) })
	return e
}

// Copy writes a value of this or another message at a path, with all its parts and
// escape sequences. Where the messages differ in delimiters they are translated.
// The place must be as deep as the value, or deeper if the value has no parts.
func (e *Editor) Copy(path string, v Value) *Editor {
	e.at(path, func(s EditSegment, p Path) { s.copy(p, v) })
	return e
}

// InsertRep makes room for a repetition, empty at first, at a path such as
// "PID-3[2]"; those from there on move up by one.
func (e *Editor) InsertRep(path string) *Editor {
	e.at(path, func(s EditSegment, p Path) { s.insertRep(p) })
	return e
}

// RemoveRep takes out the repetition at a path such as "PID-3[2]"; those behind it
// move down. To remove one that is not there changes nothing.
func (e *Editor) RemoveRep(path string) *Editor {
	e.at(path, func(s EditSegment, p Path) { s.removeRep(p) })
	return e
}

// at reads a path and finds its segment.
func (e *Editor) at(path string, do func(EditSegment, Path)) {
	if e.err != nil {
		return
	}
	p, ok := parsePath(path)
	if !ok || p.Field == 0 {
		e.fail("", "not a path to a field, like PID-3[2].4.1 or OBX(3)-5")
		return
	}
	n := max(p.Occurrence, 1)
	for _, l := range e.lines {
		if string(l.text[:3]) == p.Segment {
			if n--; n == 0 {
				do(EditSegment{e, l}, p)
				return
			}
		}
	}
	e.fail(p.String(), "there is no such segment")
}

func (e *Editor) fail(at, problem string) {
	if e.err == nil {
		e.err = &EditError{at, problem}
	}
}

// Len returns the number of segments.
func (e *Editor) Len() int { return len(e.lines) }

// Segment returns the segment with number i, from 0 on. It stays the same segment
// when others are inserted or removed before it.
func (e *Editor) Segment(i int) EditSegment {
	if i < 0 || i >= len(e.lines) {
		e.fail("", "there is no segment number "+strconv.Itoa(i))
		return EditSegment{e: e}
	}
	return EditSegment{e, e.lines[i]}
}

// Append adds a segment at the end. It is given as it is to stand in the message,
// "ZPI|1|x", or by its name alone.
func (e *Editor) Append(segment string) EditSegment { return e.Insert(len(e.lines), segment) }

// Insert adds a segment before the one with number i, from 1 on: nothing can
// stand before MSH. It refuses what does not begin like a segment, line ends, a
// second MSH, and headers and trailers of batches.
func (e *Editor) Insert(i int, segment string) EditSegment {
	l := &line{text: []byte(segment), after: e.end}
	switch {
	case e.err != nil:
	case i < 1 || i > len(e.lines):
		e.fail("", "no segment can be inserted as number "+strconv.Itoa(i))
	case !isSegment(l.text, e.d.Field):
		e.fail("", "a segment begins with three capitals or digits and the field separator")
	case isHeader(l.text) || string(l.text) == "MSH" || isBatch(l.text):
		e.fail(segment[:3], "this segment cannot stand within a message")
	case bytes.ContainsAny(l.text, "\r\n"):
		e.fail(segment[:3], "a segment has no line ends in it")
	default:
		before := e.lines[i-1]
		if n := len(before.after); n == 0 || before.after[n-1] != '\r' && before.after[n-1] != '\n' {
			if n == 0 {
				l.after = nil // the message has no end behind its last segment, and keeps none
			}
			before.after = append(before.after[:n:n], e.end...)
		}
		e.lines = append(e.lines[:i:i], append([]*line{l}, e.lines[i:]...)...)
	}
	if e.err != nil {
		return EditSegment{e: e}
	}
	return EditSegment{e, l}
}

// Remove takes out the segment with number i, from 1 on: MSH must stay.
func (e *Editor) Remove(i int) *Editor {
	if i < 1 || i >= len(e.lines) {
		e.fail("", "there is no segment number "+strconv.Itoa(i)+" that can be removed")
		return e
	}
	if e.err == nil {
		e.lines = append(e.lines[:i:i], e.lines[i+1:]...)
	}
	return e
}
