package source

import (
	"errors"
	"slices"
	"strings"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
)

// problem is why a message is not taken. Its texts go to the sender and into
// logs and quote nothing.
type problem struct {
	kind       fault.Kind
	at         string // place, such as "MSH-10"
	code       int    // HL7 table 0357
	text       string
	headless   bool // the header is not fit to be repeated in the answer
	unanswered bool
	expected   int64 // the number that a message should have, if another one is the problem
}

func (p problem) cause() message.Cause {
	return message.Cause{Kind: p.kind.String(), At: p.at, Text: p.text}
}

// What can be wrong with a block.
var (
	truncated = problem{kind: fault.Invalid, code: 207, text: "the block has no end", unanswered: true}
	tooLarge  = problem{kind: fault.TooLarge, code: 207, text: "the block is too large; only its beginning was kept"}
	tooMany   = problem{kind: fault.TooLarge, code: 207, text: "there are too many messages in one block; only its beginning was kept"}
	tooBusy   = problem{kind: fault.Busy, code: 207, text: "too much is being received at once; send it again"}
)

// notHL7 is what cannot be answered with reference to a message (HL7 table 0357:
// 100 segment sequence error).
func notHL7(at, text string) problem {
	return problem{kind: fault.Invalid, at: at, code: 100, text: text, headless: true}
}

// syntax is what the parser has to say.
func syntax(err error) problem {
	if e, ok := errors.AsType[*hl7.SyntaxError](err); ok {
		return notHL7(e.At, e.Problem)
	}
	return notHL7("", "not an HL7 message")
}

// maxHeaderField is the longest header field, in bytes, that is taken. The
// standard's longest here is 227, for MSH-3 and MSH-4 (HL7 v2.5 2.15.9).
const maxHeaderField = 512

// rules are what a header must fulfil for its message to be taken, in the order
// in which they are looked at. A message that fails is rejected, AR, whatever
// its content (HL7 v2.9 2.9.2.1).
//
// What is absent is let pass where there is only one thing that it can mean:
// many senders leave out MSH-11 and MSH-12. Of types of message only those are looked at
// that want another answer than an acknowledgment; those that nothing is done with are
// found out later.
var rules = []struct {
	broken func(*MLLP, hl7.Header) bool
	problem
}{
	{func(_ *MLLP, h hl7.Header) bool { return headerTooLong(h) }, problem{fault.Invalid, "MSH", 104, "a field of the header is too long", true, false, 0}},
	{func(_ *MLLP, h hl7.Header) bool { return missing(h.ControlID) },
		problem{fault.Invalid, "MSH-10", 101, "the message control id is missing", false, false, 0}},
	{func(_ *MLLP, h hl7.Header) bool { return missing(h.Type) },
		problem{fault.Invalid, "MSH-9", 101, "the message type is missing", false, false, 0}},
	// To answer an answer would set off two engines on each other for ever.
	{func(_ *MLLP, h hl7.Header) bool { return h.Type == "ACK" },
		problem{fault.Unsupported, "MSH-9", 200, "an acknowledgment came where messages are taken", false, true, 0}},
	// Who asks waits for an answer with data; an AA would make him wait for ever.
	{func(_ *MLLP, h hl7.Header) bool { return slices.Contains(queries, strings.TrimSpace(h.Type)) },
		problem{fault.Unsupported, "MSH-9", 200, "a query: none is answered here, the FHIR interface searches", false, false, 0}},
	{func(s *MLLP, h hl7.Header) bool { return !s.processingID(h.ProcessingID) },
		problem{fault.Unsupported, "MSH-11", 202, "the processing id is not P, D or T", false, false, 0}},
	{func(_ *MLLP, h hl7.Header) bool { return !version2(h.Version) },
		problem{fault.Unsupported, "MSH-12", 203, "the version is not one of HL7 version 2", false, false, 0}},
}

// queries are the types of message that ask for data: HL7 v2.9 chapter 5, and those of
// older versions (HL7 table 0076).
var queries = []string{"QBP", "QRY", "QSB", "QVR", "EQQ", "MFQ", "OSQ", "RQC", "RQI", "RQP", "RQQ", "SPQ", "SQM", "VQQ", "VXQ"}

// check returns the first rule that a header breaks. untyped is a message that needs no
// type.
func (s *MLLP) check(h hl7.Header, untyped bool) (problem, bool) {
	for _, r := range rules {
		if r.broken(s, h) && !(untyped && r.at == "MSH-9" && r.code == 101) {
			return r.problem, true
		}
	}
	return problem{}, false
}

func headerTooLong(h hl7.Header) bool {
	for _, field := range []string{h.SendingApp, h.SendingFacility, h.ReceivingApp, h.ReceivingFacility,
		h.Type, h.Event, h.Structure, h.ControlID, h.ProcessingID, h.Version} {
		if len(field) > maxHeaderField {
			return true
		}
	}
	return false
}

func missing(field string) bool {
	field = strings.TrimSpace(field)
	return field == "" || field == `""`
}

// processingID: HL7 table 0103, and what this channel takes beside it.
func (s *MLLP) processingID(id string) bool {
	switch id = strings.TrimSpace(id); id {
	case "P", "D", "T", "":
		return true
	}
	return slices.Contains(s.Processing, id)
}

// version2: HL7 table 0104.
func version2(v string) bool {
	v = strings.TrimSpace(v)
	return v == "" || v == "2" || strings.HasPrefix(v, "2.")
}

// clip keeps a field that is too long out of the columns that are searched.
func clip(field string) string { return field[:min(len(field), maxHeaderField)] }
