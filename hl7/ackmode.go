package hl7

// Enhanced reports whether the sender asks for enhanced mode (HL7 v2.9 2.9.3): MSH-15 or
// MSH-16 says something. In original mode (2.9.2) both are empty.
func (h Header) Enhanced() bool { return h.AcceptAck != "" || h.ApplicationAck != "" }

// WantsAccept reports whether the sender waits for an accept acknowledgment (CA, CE or
// CR), by MSH-15, once the message was stored or that failed. In original mode there
// is none.
func (h Header) WantsAccept(stored bool) bool { return h.Enhanced() && wants(h.AcceptAck, stored) }

// WantsApplication reports whether the sender waits for an application acknowledgment
// (AA, AE or AR), once the message was processed or that failed. In original mode it
// always does, as the direct answer. In enhanced mode MSH-16 decides, and the
// acknowledgment is a message of its own, later.
func (h Header) WantsApplication(processed bool) bool {
	return !h.Enhanced() || wants(h.ApplicationAck, processed)
}

// wants reads table 0155. Where one of the two fields says something, the other empty
// means never. What is not in the table is taken for always: an answer too many does
// less harm than a sender that waits.
func wants(condition string, good bool) bool {
	switch condition {
	case "", "NE", Null:
		return false
	case "ER":
		return !good
	case "SU":
		return good
	}
	return true
}

// AckOutcome is what became of a message.
type AckOutcome uint8

// The three outcomes. Failed is for what is wrong with the content, so that a resend
// would fail again; Rejected for a type, version or processing ID that is not
// supported, and for trouble of the receiver that has nothing to do with the message.
const (
	AckAccepted AckOutcome = iota + 1
	AckFailed
	AckRejected
)

// Code returns the code of table 0008 for MSA-1: CA, CE or CR as an accept
// acknowledgment, AA, AE or AR as an application acknowledgment or in original mode.
// What is no outcome is AE and CE, never an acceptance.
func (o AckOutcome) Code(accept bool) string {
	codes := [...]string{"AE", "AA", "AE", "AR", "CE", "CA", "CE", "CR"}
	if o > AckRejected {
		o = AckFailed
	}
	if accept {
		o += 4
	}
	return codes[o]
}
