// Package reverse writes HL7 v2 messages from FHIR R4 resources, to feed systems that
// read nothing else: ADT A01, A03, A04, A08, A28 and A31, ORU^R01, ORM^O01, SIU S12 to
// S15 and S26, and VXU^V04, in any version from 2.3 on.
//
//	r, err := reverse.New(reverse.Options{})
//	res, err := r.Bundle(bundle, reverse.Target{Event: "ADT^A08", ControlID: "4711", Time: now})
//	send(res.Message.Bytes())
//
// It is the way back of package mapping: by tables that people read (tables/README.md),
// one row for each field, with codes turned around from the vocabularies of package
// mapping. Where several codes of v2 are one of FHIR a table says which is meant, and New
// refuses tables in which that is left open. Tables are compiled once: every element is
// looked up in the definitions of R4, every field has its place.
//
// # What is written
//
// A message is about one patient: the only one there is, the one that a MessageHeader
// names, or Target.Patient. Of the other resources those belong to it that refer to the
// patient, as the tables of messages say. A segment is written when a row has a value for
// it; those that a message cannot be without (EVN, PID, PV1 of ADT) always.
//
// Fields that are newer than the version asked for are written where there is a value,
// because receivers pass over what they do not know (HL7 v2.9 2.6.2); segments are not.
// Of what may stand once the first value counts. Times keep their precision and zone, a
// fraction its first four digits; a time that package mapping kept as it was sent comes
// back so. A code that came from v2 comes back as it was; one of FHIR alone becomes the
// code of the table, and stays as it is where there is none.
//
// # What is not
//
// Result.Left lists every element that no row carried over, so that nothing is lost
// unseen; neither it nor an Error holds values. MSH is what the Target says: resources
// that tell of an earlier message (MessageHeader, Provenance) are not read, nor is the
// narrative. Nothing is deleted: what resources do not hold is absent, not "".
//
// What v2 said comes back from mapping and reverse as it was, but for what FHIR cannot
// tell apart: testdata/exceptions.yaml lists that by field. The Reverter is pure: no clock
// but that of the Target, the same bytes for the same resources.
package reverse
