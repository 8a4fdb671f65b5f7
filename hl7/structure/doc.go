// Package structure puts the segments of an HL7 v2 message into the groups of
// its message structure, for every version from 2.1 to 2.9.1 (HL7 v2.9 2.12 and
// the abstract message definitions of the chapters; grammar: package
// hl7/grammar).
//
//	t := structure.Match(m)
//	for order := range t.Each("/PATIENT_RESULT/ORDER_OBSERVATION") {
//		fmt.Println(order.Get("/OBR-4.1"))
//	}
//	fmt.Println(t.Get("/PATIENT_RESULT(0)/ORDER_OBSERVATION(1)/OBX(2)-5.1"))
//
// Every segment of the message is in the tree exactly once, and the tree read
// from left to right is the message. A message that follows its structure has
// no problems, and one without problems follows its structure. For all others
// the reading with the least to complain about is taken: a segment that fits
// nowhere, be it out of order, too often, unknown or a Z segment, stays in the
// group where it stands, a required one that is not there is left out, and
// [Tree.Problems] tells. Z segments are no problem (HL7 v2.9 2.5.2: their
// place is the business of the site).
//
// # Addresses
//
// An address starts with a slash and names groups from the outside in:
//
//	/PATIENT_RESULT(0)/ORDER_OBSERVATION(1)/OBX(2)-5.1
//
// Numbers in parentheses count from 0, as is the custom for such addresses; one
// that is left out is 0 where one place is asked for and stands for all where
// [Tree.Each] iterates. The numbers after the dash are those of package hl7 and
// count from 1. Groups may be left out: OBX in the example lies in the groups
// OBSERVATION of that order, and OBX(2) is the third of them all. Only where
// the structure has the name directly in the group, that one is meant: /OBX in
// an ADT_A01 is not an OBX of a group below.
package structure
