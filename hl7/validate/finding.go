package validate

import (
	"fmt"

	"github.com/ponshealth/pons/hl7"
)

// Severity is a code of HL7 table 0516.
type Severity string

// The severities that are used. Off is for profiles: such a finding is left out.
const (
	Error       Severity = "E"
	Warning     Severity = "W"
	Information Severity = "I"
	Off         Severity = ""
)

// Finding is one thing that is wrong, with what an ERR segment says of it (HL7 v2.9
// chapter 2, ERR).
type Finding struct {
	// At is the place, as hl7.ParsePath reads it: "PID-5[2].1", "OBX(3)-5", "EVN". Occurrence and
	// repetition are left out where there is only one. "" is the message as a whole.
	At string `json:"at"`
	// Group is the address of the group, as structure.ParsePath reads it, where the
	// finding is about the order of segments and not at the outermost level.
	Group    string   `json:"group,omitempty"`
	Code     int      `json:"code"`     // HL7 table 0357
	Severity Severity `json:"severity"` // HL7 table 0516
	Rule     Rule     `json:"rule"`
	Text     string   `json:"text"` // for people; never a value of the message
}

// String writes the finding on one line.
func (f Finding) String() string {
	at := f.At
	if at == "" {
		at = "message"
	}
	return fmt.Sprintf("%s %s %d %s", f.Severity, at, f.Code, f.Text)
}

// AckError is the finding as [hl7.Ack] takes it.
func (f Finding) AckError() hl7.AckError {
	return hl7.AckError{At: f.At, Code: f.Code, Severity: string(f.Severity), Text: f.Text}
}

// Report is what was found in one message.
type Report struct {
	Type      string    `json:"type"`                // MSH-9.1 and MSH-9.2: "ADT^A01"; "" when the bytes are no message
	Version   string    `json:"version,omitempty"`   // of the standard that the message was read by
	Structure string    `json:"structure,omitempty"` // message structure, "" when none is known
	Profile   string    `json:"profile,omitempty"`   // name of the profile
	Findings  []Finding `json:"findings"`            // in the order of the message
	More      int       `json:"more,omitempty"`      // findings beyond the greatest number

	worse bool // there may be errors among those
}

// Count returns the number of findings of a severity.
func (r *Report) Count(s Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// OK reports whether there are no errors, also not among the findings beyond the
// greatest number.
func (r *Report) OK() bool { return r.Count(Error) == 0 && !r.worse }

// AckErrors are the findings of a severity that is at least least, as [hl7.Ack] takes
// them. Information is least of all.
func (r *Report) AckErrors(least Severity) []hl7.AckError {
	var all []hl7.AckError
	for _, f := range r.Findings {
		if f.Severity == Error || f.Severity == least || least == Information {
			all = append(all, f.AckError())
		}
	}
	return all
}
