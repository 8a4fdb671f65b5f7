// Package hl7 reads and answers HL7 version 2 messages in the vertical-bar
// encoding (HL7 v2.9 chapter 2).
//
// [Parse] keeps the bytes it is given and finds segments in them; fields,
// repetitions, components and subcomponents are located when they are asked
// for. Nothing is normalised, so [Message.Bytes] gives back exactly what came
// in, trailing delimiters, blank lines and odd segment ends included. To find
// values copies nothing; the first text that is asked for makes one string that
// all texts of the message share.
//
//	m, err := hl7.Parse(block)
//	name := m.Get("PID-5.1")
//	for obx := range m.All("OBX") {
//		fmt.Println(obx.Field(3).String(), obx.Field(5).Text())
//	}
//
// The order of work for bytes from outside is [Decode] (character set, before
// anything is split), [CheckBatch] and [Split] where one block may hold several
// messages, [Parse], and [Ack] for the answer, which [Encode] puts into the
// sender's character set.
//
// The package takes what real senders write: CR, LF or CRLF segment ends, blank
// lines, a byte order mark, line breaks inside a field, unknown segments, and
// delimiters of their own. It knows nothing of segment definitions (package
// hl7/grammar does), of transport (package mllp) or of FHIR.
//
// Errors name a place such as "MSH-2" and never quote the message.
package hl7
