package source

import (
	"strings"

	"github.com/ponshealth/pons/hl7"
)

// mode is how the sender of a message wants it answered.
type mode struct {
	commit bool // by an accept acknowledgment, CA, CE or CR, instead of AA, AE or AR
	good   bool // if the message is taken
	bad    bool // if it is not
}

// original is the mode of a sender that asks for nothing in particular (HL7 v2.9
// 2.9.2).
var original = mode{good: true, bad: true}

// conditions are HL7 table 0155.
var conditions = map[string]mode{
	"AL": {good: true, bad: true},
	"SU": {good: true},
	"ER": {bad: true},
	"NE": {},
}

// mode reads MSH-15 and MSH-16 (HL7 v2.9 2.9.3). A valued MSH-15 asks for an
// accept acknowledgment, which says that the message is in safe storage or is
// not. What the application has to say, by MSH-16, would be a message of its own
// and later; there is none. But a sender that wants that and no accept
// acknowledgment waits for an AA on this connection, in practice, and gets one
// as in original mode: to take responsibility for the message is all that there
// is to say of it.
//
// Values that are not of the table count as absent, for what stands there is
// then not meant for us.
func (s *MLLP) mode(h hl7.Header) mode {
	accept, accepts := conditions[strings.TrimSpace(h.AcceptAck)]
	application, applies := conditions[strings.TrimSpace(h.ApplicationAck)]
	switch {
	case s.Original, !accepts && !applies:
		return original
	case accept.good, accept.bad:
		accept.commit = true
		return accept
	default:
		return application
	}
}

// yes is MSA-1 of a message that is taken.
func (m mode) yes() string {
	if m.commit {
		return "CA"
	}
	return "AA"
}

// no is MSA-1 of one that is not, where code is that of original mode. An accept
// acknowledgment rejects for three fields of the header, and for all else it is
// an error (HL7 v2.9 2.9.3.2).
func (m mode) no(code, at string) string {
	if !m.commit {
		return code
	}
	switch at {
	case "MSH-9", "MSH-11", "MSH-12":
		return "CR"
	}
	return "CE"
}

// refusal is the answer to a message that is not taken, with the code that
// original mode has for it, or nil if the sender wants none. m is nil where
// there is no header that is fit to be repeated.
func (s *MLLP) refusal(r *reception, m *hl7.Message, code string, p problem) []byte {
	md := original
	if m != nil {
		md = s.mode(m.Header())
	}
	if !md.bad {
		return nil
	}
	return s.answer(m, r.arrival, md.no(code, p.at), p)
}
