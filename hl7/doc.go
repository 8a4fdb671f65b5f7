// Package hl7 reads, edits, writes and answers HL7 version 2 messages in the
// vertical-bar encoding (HL7 v2.9 chapter 2), of every version from 2.1 on.
//
// # Reading
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
// sender's character set. A [Reader] does the first four for a stream of any size, and an
// [Assembler] puts fragments together.
//
// The package takes what real senders write: CR, LF or CRLF segment ends, blank
// lines, a byte order mark, line breaks inside a field, unknown segments, and
// delimiters of their own.
//
// # Values
//
// A [Value] is a place in a message: [Value.String] its text with escapes decoded,
// [Value.Text] the same with the delimiters in it, [Value.Formatted] laid out, [Value.Raw]
// its bytes. Null ("delete what you hold") and absent are told apart by [Value.Null]
// and [Value.Empty]. Methods such as [Value.CX], [Value.XPN] and [Value.Time] read data
// types into small structs, with words for the numbers and nothing invented.
//
// # Writing
//
// [Edit] changes a message and rewrites only what it is told to; [New] starts one from
// nothing. Texts are escaped, structs such as [CX] are written by [Editor.Put], values of
// other messages by [Editor.Copy]. A [BatchWriter] writes batches with their counts.
//
//	m, err = hl7.Edit(m).Set("PID-5.1", "O'Hara & Sons").Set("PID-3[2].5", "MR").Message()
//
// # Comparing and sharing
//
// [Diff] lists where two messages differ. A [Redactor] takes out of messages what says
// who a person is, so that they can go into the report of a bug.
//
// # What it does not know
//
// The package knows nothing of segment definitions (package hl7/grammar does), of groups
// and rules (hl7/structure and hl7/validate), of transport (package mllp) or of
// FHIR.
//
// Errors name a place such as "MSH-2" and never quote the message.
package hl7
