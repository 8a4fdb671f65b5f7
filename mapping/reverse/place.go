package reverse

import (
	"errors"
	"strings"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/grammar"
)

// place puts a value where a row says. A second value for a place that has one is
// refused, unless it says the same.
func (e *env) place(reps *[]cell, r *row, c cell, limit int) bool {
	if c.empty() {
		return false
	}
	if r.comp == 0 {
		for i := range *reps {
			if sameCell(&(*reps)[i], &c) {
				return true
			}
		}
		if len(*reps) > 0 && (r.weak || limit > 0 && len(*reps) >= limit) {
			return limit == 1 && r.isDate() && strings.HasPrefix((*reps)[0].text, c.text) // said, and more
		}
		*reps = append(*reps, c)
		return true
	}
	if len(*reps) == 0 {
		*reps = append(*reps, cell{})
	}
	return putInto(&(*reps)[0], r, c)
}

// isDate reports whether a row copies a date.
func (r *row) isDate() bool {
	return r.from != nil && r.from.typ != nil && (r.from.typ.Name == "date" || r.from.typ.Name == "dateTime")
}

func sameCell(a, b *cell) bool { return string(a.appendTo(nil, 0)) == string(b.appendTo(nil, 0)) }

// putInto puts a value into the part of a repetition or component.
func putInto(c *cell, r *row, v cell) bool {
	at := c.part(r.comp)
	if r.sub > 0 {
		at = at.part(r.sub)
	}
	if !at.empty() {
		return sameCell(at, &v)
	}
	*at = v
	return true
}

// newest is the version whose fields older ones may borrow: receivers pass over
// fields that they do not know (HL7 v2.9 2.6.2), and senders use them so.
const newest = "2.9"

// repetitions returns how often a field may stand: -1 without limit, 0 where the
// version does not have the segment.
func (e *env) repetitions(segment string, field int) int {
	s, ok := e.grammar.Segment(segment)
	if !ok {
		return 0
	}
	if field > len(s.Fields) {
		if s, ok = grammar.For(newest).Segment(segment); !ok || field > len(s.Fields) {
			return 1
		}
	}
	f := &s.Fields[field-1]
	if f.MaxRep == grammar.Unbounded {
		return -1
	}
	return max(1, f.MaxRep)
}

// message puts the segments behind an MSH.
func (e *env) message() (*hl7.Message, error) {
	typ, event, _ := strings.Cut(e.to.Event, "^")
	structure, _ := e.grammar.StructureOf(typ, event)
	edit := hl7.New(hl7.Head{
		Version: e.to.Version, Type: typ, Event: event, Structure: structure, ControlID: e.to.ControlID, Time: e.to.Time,
		SendingApp: e.to.SendingApp, SendingFacility: e.to.SendingFacility,
		ReceivingApp: e.to.ReceivingApp, ReceivingFacility: e.to.ReceivingFacility,
		ProcessingID: e.to.ProcessingID, Charset: e.to.Charset,
	})
	for _, s := range e.segments {
		edit.Append(string(s.bytes()))
	}
	msg, err := edit.Message()
	if err != nil {
		var bad *hl7.EditError
		if errors.As(err, &bad) {
			return nil, &Error{bad.At, bad.Problem}
		}
		return nil, &Error{"Target", "the message cannot be written"}
	}
	return msg, nil
}
