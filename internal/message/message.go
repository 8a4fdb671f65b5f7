// Package message holds the envelope that travels through the engine and the
// one table of the states that it can be in. It knows nothing of HL7 or SQL.
package message

import "time"

// Message is one HL7 message as it was received, with what the engine needs to
// know of it without parsing it again. It is immutable once accepted.
type Message struct {
	ID       ID
	Channel  string    // name of the channel that took it in
	Lane     string    // messages of one lane are worked in order of arrival
	Received time.Time // when the last byte came
	Peer     string    // network address of the sender

	ControlID   string // MSH-10, verbatim
	SendingApp  string // MSH-3, verbatim
	SendingFac  string // MSH-4, verbatim
	Type        string // MSH-9.1 and MSH-9.2, such as "ADT^A01"; "" when not known
	Version     string // MSH-12.1
	Body        []byte // the bytes as received, without the MLLP frame; read-only
	Ack         []byte // the answer that was given; read-only
	AckCode     string // its MSA-1, such as "AA"
	ReusedID    bool   // the sender used this control id before for other content
	Destination string // name of the destination that this copy is for
	Attempts    int    // how often it was tried there and failed
}

// Cause says why a message is retrying or dead. None of it quotes the message.
type Cause struct {
	Kind string // fault kind, such as "invalid"
	At   string // place in the data, such as "PID-7"
	Text string // plain words
}

// Step is one thing that happened to a message, for its timeline.
type Step struct {
	Name string // "received", "acknowledged", "mapped", "delivered", ...
	At   time.Time
	Note string // plain words, never a value from the message
}
