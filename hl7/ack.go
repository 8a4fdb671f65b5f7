package hl7

import (
	"strconv"
	"strings"
	"time"
)

// AckOptions says what to answer (HL7 v2.9 2.9, segments MSA and ERR).
type AckOptions struct {
	// Code is MSA-1 of table 0008: AA, AE or AR in original mode and for the
	// application's answer, CA, CE or CR for the accept acknowledgment of
	// enhanced mode. Empty is never an acceptance: AE, or AR without a message.
	Code string
	// ControlID is MSH-10 of the answer. Empty gives the digits of Time to the
	// microsecond.
	ControlID string
	// Time is MSH-7 of the answer, written with its zone.
	Time time.Time
	// Charset is MSH-18 of the answer; empty leaves it out. See [Encode].
	Charset string
	// AcceptAck and ApplicationAck are MSH-15 and MSH-16 of the answer (table 0155).
	// They belong to an application acknowledgment of enhanced mode, which may ask for
	// an accept acknowledgment of its own; elsewhere they are empty.
	AcceptAck, ApplicationAck string
	// Sequence is MSA-4, the number that is expected next in the sequence number
	// protocol (2.10.1), "-1" for any; empty leaves it out.
	Sequence string
	// Errors go into ERR.
	Errors []AckError
}

// AckError is one finding of an answer, what ERR holds.
type AckError struct {
	At       string // place, as [ParsePath] reads it: "PID-7", "MSH-9.1"; may be ""
	Code     int    // table 0357, such as 101 for a required field that is missing; 0 leaves it out in ERR-1 and reads 207 in ERR-3
	Severity string // table 0516: E, W, I, and F from 2.7 on; empty is E
	Text     string // for people, plain; it travels to the sender and into logs, so it must not quote data
}

// errorNames are the names of table 0357.
var errorNames = map[int]string{
	0: "Message accepted", 100: "Segment sequence error", 101: "Required field missing", 102: "Data type error",
	103: "Table value not found", 104: "Value too long", 198: "Non-conformant cardinality", 199: "Other HL7 error",
	200: "Unsupported message type", 201: "Unsupported event code", 202: "Unsupported processing id",
	203: "Unsupported version id", 204: "Unknown key identifier", 205: "Duplicate key identifier",
	206: "Application record locked", 207: "Application internal error",
}

// Ack writes the acknowledgment of a message (HL7 v2.9 2.9.2 and 2.9.3): MSH, MSA
// and, when there are errors, ERR, each ended by CR. The answer uses the
// sender's delimiters, swaps MSH-3 and -4 with MSH-5 and -6, repeats MSH-11, MSH-12
// and, in MSA-2, MSH-10 byte for byte. [Header.WantsAccept] and
// [Header.WantsApplication] say which answers the sender waits for.
//
// The version in MSH-12 decides its shape: MSH-9 is ACK^event up to 2.3 and
// ACK^event^ACK from 2.3.1 on; errors share one ERR-1 up to 2.4, where the first
// text also goes into MSA-3, and have an ERR each (ERR-2, -3, -4, -8) from 2.5 on.
// A version that is empty or not a number is taken for 2.5.
//
// m is nil when what came was not HL7: then the answer has nothing to repeat
// and is of version 2.5.1.
func Ack(m *Message, o AckOptions) []byte {
	h, d := Header{ProcessingID: "P", Version: "2.5.1"}, Standard
	enc, processing, version := d.header(), "P", "2.5.1"
	if m != nil {
		h, d = m.Header(), m.delim
		msh := m.Segment(0)
		enc, processing, version = d.header(), msh.Field(11).raw(), msh.Field(12).raw()
		for _, s := range []*string{&h.SendingApp, &h.SendingFacility, &h.ReceivingApp, &h.ReceivingFacility, &h.Event, &h.ControlID, &processing, &version} {
			*s = onOneLine(*s, d)
		}
	}
	if o.Code == "" {
		o.Code = "AE"
		if m == nil {
			o.Code = "AR"
		}
	}
	if o.ControlID == "" {
		o.ControlID = strings.Replace(o.Time.UTC().Format("20060102150405.000000"), ".", "", 1)
	}
	v := versionOf(h.Version)
	w := ackWriter{d: d, version: v}

	msh := []string{"MSH" + enc, h.ReceivingApp, h.ReceivingFacility, h.SendingApp, h.SendingFacility,
		w.time(o.Time), "", w.messageType(h.Event), Escape(o.ControlID, d), processing, version}
	msh = append(msh, "", "", Escape(o.AcceptAck, d), Escape(o.ApplicationAck, d), "", Escape(o.Charset, d)) // MSH-13 to MSH-18
	w.segment(msh)

	text := ""
	if v < version25 && len(o.Errors) > 0 {
		text = Escape(o.Errors[0].Text, d)
	}
	w.segment([]string{"MSA", o.Code, h.ControlID, text, Escape(o.Sequence, d)})

	switch {
	case len(o.Errors) == 0:
	case v < version25:
		w.oldErrors(o.Errors)
	default:
		for _, e := range o.Errors {
			w.newError(e)
		}
	}
	return w.out
}

// onOneLine escapes in a field, that is to be repeated as it stands, what would
// end the segment or the MLLP block of the answer. Fields of MSH that a line
// break has torn have such bytes.
func onOneLine(raw string, d Delimiters) string {
	if !strings.ContainsAny(raw, "\r\n\x0b\x1c") {
		return raw
	}
	var b strings.Builder
	for i := range len(raw) {
		switch c := raw[i]; {
		case c != '\r' && c != '\n' && c != 0x0b && c != 0x1c:
			b.WriteByte(c)
		case d.Escape == 0:
			b.WriteByte(' ')
		default:
			b.WriteByte(d.Escape)
			b.WriteString(escapeLetter(c, d))
			b.WriteByte(d.Escape)
		}
	}
	return b.String()
}

// ackWriter writes segments with the delimiters of the message that it answers.
type ackWriter struct {
	d       Delimiters
	version int
	out     []byte
}

// segment writes fields up to the last that has something in it.
func (w *ackWriter) segment(fields []string) {
	for len(fields) > 0 && fields[len(fields)-1] == "" {
		fields = fields[:len(fields)-1]
	}
	for i, f := range fields {
		if i > 0 {
			w.out = append(w.out, w.d.Field)
		}
		w.out = append(w.out, f...)
	}
	w.out = append(w.out, '\r')
}

// parts joins the parts of a value and leaves out empty ones at the end. A
// delimiter that the message does not have ends the value after its first part.
func (w *ackWriter) parts(sep byte, parts ...string) string {
	for len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	if sep == 0 && len(parts) > 1 {
		parts = parts[:1]
	}
	return strings.Join(parts, string(rune(sep)))
}

func (w *ackWriter) time(t time.Time) string {
	layout := "20060102150405-0700"
	if w.version < version22 {
		layout = "20060102150405" // TS has no zone before 2.2
	}
	return Escape(t.Format(layout), w.d) // + may be a delimiter
}

func (w *ackWriter) messageType(event string) string {
	if event == "" {
		return "ACK"
	}
	if w.version < version231 {
		return w.parts(w.d.Component, "ACK", event)
	}
	return w.parts(w.d.Component, "ACK", event, "ACK")
}

// oldErrors writes the one ERR of versions up to 2.4: ERR-1 repeats, and each
// repetition is segment, its number, field, and code with text and system.
func (w *ackWriter) oldErrors(errors []AckError) {
	reps := make([]string, 0, len(errors))
	for _, e := range errors {
		p, _ := parsePath(e.At)
		code := ""
		if e.Code != 0 {
			code = w.parts(w.d.Subcomponent, strconv.Itoa(e.Code), Escape(errorNames[e.Code], w.d), "HL70357")
		}
		reps = append(reps, w.parts(w.d.Component, p.Segment, occurrence(p), number(p.Field), code))
	}
	if w.d.Repetition == 0 {
		reps = reps[:1]
	}
	w.segment([]string{"ERR", strings.Join(reps, string(rune(w.d.Repetition)))})
}

// newError writes one ERR of version 2.5 or later: ERR-2 the place (ERL), ERR-3 the
// code of table 0357, ERR-4 the severity, ERR-8 the text for people.
func (w *ackWriter) newError(e AckError) {
	p, _ := parsePath(e.At)
	rep := number(p.Rep)
	if rep == "" && p.Component > 0 {
		rep = "1"
	}
	at := w.parts(w.d.Component, p.Segment, occurrence(p), number(p.Field), rep, number(p.Component), number(p.Sub))
	if e.Code == 0 {
		e.Code = 207
	}
	code := w.parts(w.d.Component, strconv.Itoa(e.Code), Escape(errorNames[e.Code], w.d), "HL70357")
	if e.Severity == "" {
		e.Severity = "E"
	}
	w.segment([]string{"ERR", "", at, code, e.Severity, "", "", "", Escape(e.Text, w.d)})
}

func occurrence(p Path) string {
	if p.Segment == "" {
		return ""
	}
	return strconv.Itoa(max(p.Occurrence, 1))
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// Versions as versionOf gives them, where the shape of an answer changed.
const (
	version22  = 20200
	version231 = 20301
	version25  = 20500
)

// versionOf turns "2.3.1" into 20301. What is no version counts as 2.5.
func versionOf(s string) int {
	n, scale := 0, 10000
	for part := range strings.SplitSeq(s, ".") {
		i, err := strconv.Atoi(part)
		if err != nil || i < 0 || i > 99 || scale == 0 {
			return version25
		}
		n, scale = n+i*scale, scale/100
	}
	return n
}
