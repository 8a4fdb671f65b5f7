// Package validate checks HL7 v2 messages against the standard, in the version
// of each message, and against the rules of a sender.
//
//	report := validate.New(validate.Options{}).Bytes(block)
//	for _, f := range report.Findings {
//		fmt.Println(f.Severity, f.At, f.Code, f.Text) // E PID-7 102 Date/Time of Birth: not a date and time …
//	}
//
// It works in five levels, each with those before it: [Parse], [Structure],
// [Fields], [Types] and [Tables]. Each finding has a place as package hl7 writes it,
// a code of HL7 table 0357 and a severity of table 0516, as ERR wants them, and
// a text for people. No text holds a value of the message.
//
// # What is an error
//
// An error is what the standard forbids without exception: a required segment
// or field that is missing, a number that is none, a code that is not in a
// table that HL7 defines. A warning is what it asks receivers to put up with or
// what is forbidden in a part of the standard that nobody keeps to: unexpected
// segments and fields, lengths before version 2.7, codes beside a table where
// the data type allows exceptions (CE, CWE), withdrawn fields. Information is
// what a site may define: user tables. The table in rules.go has them all.
//
// Not checked: conditional fields (except OBX-2), whether identifiers are
// right, TN and GTS, and what free text says.
//
// # Profiles
//
// A [Profile] holds what is agreed with one sender: fields that must be there,
// lengths, values, Z segments with their fields, and which rules of the standard
// count more or less. It is a YAML file, see [ParseProfile] and
// examples/profiles.
package validate
