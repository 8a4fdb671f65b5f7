package hl7

// SyntaxError says that bytes are not an HL7 v2 message, or a text not what it is read
// as, such as a path, a time or a number. It names the place and the rule, never what
// stood there.
type SyntaxError struct {
	At      string // place, such as "MSH-2", or "byte 7" where no segment is; "" for a text that is read alone
	Problem string // plain words
}

// Error returns the place and the rule.
func (e *SyntaxError) Error() string {
	if e.At == "" {
		return "hl7: " + e.Problem
	}
	return "hl7: " + e.At + ": " + e.Problem
}

// Warning says that a message was read although it breaks a rule.
type Warning struct {
	At      string // place, such as "OBX(3)"
	Problem string // plain words, without data
}
