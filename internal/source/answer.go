package source

import (
	"cmp"
	"strconv"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/fault"
)

// verdicts is the MLLP edge's table of failures to take a message (HL7 tables
// 0008 and 0357): AE where the message itself is at fault, so that to send it
// again as it is will not help; AR where it is not, or not alone. A header that
// is not acceptable is AR by rule; see check.
var verdicts = map[fault.Kind]struct {
	ack  string
	code int
}{
	fault.Invalid:     {"AE", 199}, // other HL7 error
	fault.NotFound:    {"AE", 204}, // unknown key identifier
	fault.Gone:        {"AE", 204},
	fault.Unsupported: {"AR", 200}, // unsupported message type
	fault.Conflict:    {"AR", 206}, // record locked
	fault.TooLarge:    {"AR", 207}, // application error
	fault.Denied:      {"AR", 207},
	fault.Busy:        {"AR", 207},
	fault.Internal:    {"AR", 207},
}

// ackCode is MSA-1 for a failure.
func ackCode(k fault.Kind) string { return cmp.Or(verdicts[k].ack, "AR") }

// errorCode is the code in ERR that goes with it.
func errorCode(k fault.Kind) int { return cmp.Or(verdicts[k].code, 207) }

// answer writes an acknowledgment. m is nil where there is no message to refer
// to.
func (s *MLLP) answer(m *hl7.Message, a arrival, code string, problems ...problem) []byte {
	return s.answerNumbered(m, a, code, "", problems...)
}

// answerNumbered is answer with a number for MSA-4.
func (s *MLLP) answerNumbered(m *hl7.Message, a arrival, code, sequence string, problems ...problem) []byte {
	o := hl7.AckOptions{Code: code, ControlID: s.answers.Next(a.at).String(), Time: a.at, Sequence: sequence}
	if m != nil && !ascii(m.Header()) {
		// The answer repeats the sender's bytes, so it is in the sender's set.
		o.Charset = m.Segment(0).Field(18).Rep(1).String()
	}
	for _, p := range problems {
		if p.expected != 0 {
			o.Sequence = strconv.FormatInt(p.expected, 10)
		}
		o.Errors = append(o.Errors, hl7.AckError{At: p.at, Code: p.code, Severity: "E", Text: p.text})
	}
	return hl7.Ack(m, o)
}

// ascii tells whether all that an answer repeats is ASCII.
func ascii(h hl7.Header) bool {
	for _, field := range []string{h.SendingApp, h.SendingFacility, h.ReceivingApp, h.ReceivingFacility,
		h.Event, h.ControlID, h.ProcessingID, h.Version} {
		for i := range len(field) {
			if field[i] >= 0x80 {
				return false
			}
		}
	}
	return true
}
