package hl7

// Header holds the fields of MSH (HL7 v2.9 2.14.9) that say what a message is and whence
// it comes. The texts are as they stand in the message, escapes included, so that
// they can be compared and sent back byte for byte.
type Header struct {
	SendingApp        string // MSH-3, whole
	SendingFacility   string // MSH-4, whole
	ReceivingApp      string // MSH-5, whole
	ReceivingFacility string // MSH-6, whole
	Time              string // MSH-7, first component
	Type              string // MSH-9.1, such as "ADT"
	Event             string // MSH-9.2, such as "A01"
	Structure         string // MSH-9.3, such as "ADT_A01"; often empty
	ControlID         string // MSH-10, whole
	ProcessingID      string // MSH-11, first component: P, T or D
	Version           string // MSH-12, first component
	Sequence          string // MSH-13, of the sequence number protocol (2.10.1)
	Continuation      string // MSH-14, of a fragment, see [Assembler]
	AcceptAck         string // MSH-15; with MSH-16 it asks for enhanced mode
	ApplicationAck    string // MSH-16
	Charset           string // MSH-18, whole, with its repetitions
}

// Header returns the header of the message.
func (m *Message) Header() Header {
	msh := m.Segment(0)
	field := func(n int) string { return msh.Field(n).raw() }
	first := func(n, component int) string { return msh.Field(n).Component(component).raw() }
	return Header{
		SendingApp: field(3), SendingFacility: field(4),
		ReceivingApp: field(5), ReceivingFacility: field(6),
		Time: first(7, 1),
		Type: first(9, 1), Event: first(9, 2), Structure: first(9, 3),
		ControlID: field(10), ProcessingID: first(11, 1), Version: first(12, 1),
		Sequence: field(13), Continuation: field(14),
		AcceptAck: field(15), ApplicationAck: field(16), Charset: field(18),
	}
}

// raw returns the bytes of a value as a string.
func (v Value) raw() string {
	if v.m == nil {
		return ""
	}
	return v.m.string(v.start, v.end)
}

// charset returns the first character set that MSH-18 names, or "".
func (m *Message) charset() string { return m.Segment(0).Field(18).Component(1).raw() }
