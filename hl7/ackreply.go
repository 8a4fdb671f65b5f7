package hl7

import "strconv"

// AckReply is an acknowledgment (HL7 v2.9 2.9, segments MSA and ERR) as its receiver reads it.
type AckReply struct {
	Code      string     // MSA-1: AA, AE, AR, CA, CE or CR
	ControlID string     // MSA-2, as it stands: compare it with the MSH-10 that was sent
	Text      string     // MSA-3, or else the first text of ERR; may hold patient data, so it does not belong in logs
	Sequence  string     // MSA-4, the number expected next in the sequence number protocol (2.10.1)
	Errors    []AckError // from ERR, of either shape
}

// Accepted reports whether the receiver took the message: AA or CA.
func (r AckReply) Accepted() bool { return r.Code == "AA" || r.Code == "CA" }

// ParseAck reads an acknowledgment (HL7 v2.9 2.9.2). It takes any message with an MSA
// whose code is in table 0008, so answers to queries as well. The error is a
// *[SyntaxError]; what it refuses must not be taken for an acceptance.
func ParseAck(b []byte) (AckReply, error) {
	m, err := Parse(b)
	if err != nil {
		return AckReply{}, err
	}
	msa, ok := m.First("MSA")
	if !ok {
		return AckReply{}, &SyntaxError{"MSA", "the answer has no MSA"}
	}
	r := AckReply{Code: msa.Field(1).String(), ControlID: msa.Field(2).raw(), Text: msa.Field(3).Text(), Sequence: msa.Field(4).String()}
	switch r.Code {
	case "AA", "AE", "AR", "CA", "CE", "CR":
	default:
		return AckReply{}, &SyntaxError{"MSA-1", "not a code of table 0008"}
	}
	for err := range m.All("ERR") {
		r.Errors = append(r.Errors, readErrors(err)...)
	}
	for _, e := range r.Errors {
		if r.Text == "" {
			r.Text = e.Text
		}
	}
	return r, nil
}

// readErrors reads one ERR: of 2.5 and later when ERR-3 is there, else of up to 2.4.
func readErrors(s Segment) []AckError {
	if code := s.Field(3); code.Valued() {
		e := AckError{Severity: s.Field(4).String(), Text: s.Field(8).Text()}
		if e.Text == "" {
			e.Text = s.Field(7).Text()
		}
		if e.Text == "" {
			e.Text = code.Component(2).String()
		}
		e.Code, _ = strconv.Atoi(code.String())
		e.At = readPlace(s.Field(2), 6)
		return []AckError{e}
	}
	var all []AckError
	for i := range s.Field(1).Reps() {
		v := s.Field(1).Rep(i + 1)
		e := AckError{At: readPlace(v, 3), Text: v.Component(4).Sub(2).String()}
		e.Code, _ = strconv.Atoi(v.Component(4).String())
		all = append(all, e)
	}
	return all
}

// readPlace reads the components of ERL, or the first three of ELD, as a path;
// "" when they are not one.
func readPlace(v Value, components int) string {
	var n [6]int
	for i := 1; i < components; i++ {
		n[i], _ = strconv.Atoi(v.Component(i + 1).String())
	}
	p := Path{v.Component(1).String(), n[1], n[2], n[3], n[4], n[5]}
	s := p.String()
	if _, ok := parsePath(s); !ok {
		return ""
	}
	return s
}
