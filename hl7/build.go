package hl7

import (
	"time"
	"unicode/utf8"
)

// Head says what the MSH of a new message holds. All are texts, escaped when they are
// written.
type Head struct {
	Version   string // MSH-12, "2.1" to "2.9.1"; it decides the shape of the rest
	Type      string // MSH-9.1, such as "ADT"
	Event     string // MSH-9.2, such as "A01"; may be empty
	Structure string // MSH-9.3, such as "ADT_A01", written from 2.3.1 on; package hl7/grammar knows it
	ControlID string // MSH-10: up to 20 characters, from 2.6 on 199

	SendingApp, SendingFacility     HD // MSH-3 and MSH-4; before 2.3 only the namespace
	ReceivingApp, ReceivingFacility HD // MSH-5 and MSH-6

	// Time is MSH-7, written to the second, from 2.2 on with its zone.
	Time time.Time
	// ProcessingID is MSH-11: P, D or T. Empty is P.
	ProcessingID string
	// AcceptAck and ApplicationAck are MSH-15 and MSH-16 (table 0155), which ask for
	// enhanced mode; from 2.2 on.
	AcceptAck, ApplicationAck string
	// Charset is MSH-18 (table 0211), from 2.3 on. It says so and no more: what [Editor.Bytes]
	// returns is UTF-8, for [Encode] to write in that set.
	Charset string
	// Delimiters are MSH-1 and MSH-2. The zero value is [Standard]. A truncation
	// character is allowed from 2.7 on.
	Delimiters Delimiters
}

// New starts a message: an editor whose only segment is the MSH that a version of the
// standard asks for (HL7 v2.9 2.14.9). [Editor.Append] adds the others. Nothing is
// made up: without a Version, Type or ControlID, or from 2.4 on without a Time, the
// editor is in error from the start. The same is true for what the version has no
// place for.
//
// Which segments and fields a type of message needs is for package hl7/validate.
func New(h Head) *Editor {
	if h.Delimiters == (Delimiters{}) {
		h.Delimiters = Standard
	}
	d := h.Delimiters
	e := &Editor{d: d, end: []byte{'\r'}, lines: []*line{{text: []byte("MSH" + d.header()), after: []byte{'\r'}}}}
	if read, err := readDelimiters(e.lines[0].text); err != nil || read != d {
		e.fail("MSH-2", "these are not delimiters for a message")
		return e
	}
	v := versionOf(h.Version)
	h.check(e, v)
	msh := e.Segment(0)
	msh.Put("3", &h.SendingApp).Put("4", &h.SendingFacility).Put("5", &h.ReceivingApp).Put("6", &h.ReceivingFacility)
	if !h.Time.IsZero() {
		msh.Set("7", FormatTime(h.Time, PrecisionSecond, v >= version22))
	}
	if v < version231 {
		h.Structure = ""
	}
	if h.ProcessingID == "" {
		h.ProcessingID = "P"
	}
	msh.Put("9", &MSG{h.Type, h.Event, h.Structure}).Set("10", h.ControlID).Set("11", h.ProcessingID).Set("12", h.Version)
	return msh.Set("15", h.AcceptAck).Set("16", h.ApplicationAck).Set("18", h.Charset).e
}

// Versions where the header got a new field, besides those for the answer.
const (
	version23 = 20300
	version24 = 20400
	version26 = 20600
	version27 = 20700
)

// check refuses what a version needs and does not get, or gets and has no place for.
func (h Head) check(e *Editor, v int) {
	universal := h.SendingApp.Universal + h.SendingFacility.Universal + h.ReceivingApp.Universal + h.ReceivingFacility.Universal
	longest := 20
	if v >= version26 {
		longest = 199
	}
	for _, rule := range []struct {
		broken      bool
		at, problem string
	}{
		{h.Version == "", "MSH-12", "a message needs a version"},
		{h.Type == "", "MSH-9.1", "a message needs a type"},
		{h.ControlID == "", "MSH-10", "a message needs a control ID"},
		{utf8.RuneCountInString(h.ControlID) > longest, "MSH-10", "the control ID is too long for this version"},
		{v >= version24 && h.Time.IsZero(), "MSH-7", "a message of this version needs a time"},
		{v < version22 && h.AcceptAck+h.ApplicationAck != "", "MSH-15", "this version has no enhanced mode"},
		{v < version23 && universal != "", "MSH-3", "this version has no universal IDs in its header"},
		{v < version23 && h.Charset != "", "MSH-18", "this version has no character sets"},
		{v < version27 && h.Delimiters.Truncation != 0, "MSH-2", "this version has no truncation character"},
	} {
		if rule.broken {
			e.fail(rule.at, rule.problem)
		}
	}
}
