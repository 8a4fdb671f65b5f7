package mapping

import (
	"slices"
	"strings"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
)

// stage is how far a result has come (HL7 v2.9 tables 0085 and 0123; the codes
// are those of FHIR). A final result is changed by a correction alone. unknown,
// and cancelled, after which a laboratory may begin again, are no stage.
var stage = map[string]int{
	"registered":       1,
	"preliminary":      2,
	"partial":          2,
	"final":            3,
	"amended":          3,
	"corrected":        3,
	"appended":         3,
	"entered-in-error": 3,
}

// progressOf notes how far a result is, of any other resource nothing.
func (s *stamp) progressOf(r r4.Resource) {
	switch r := r.(type) {
	case *r4.Observation:
		s.issued, s.taken, s.stage = r.Issued, beginOf(r.Effective), stage[r.Status]
	case *r4.DiagnosticReport:
		s.issued, s.taken, s.stage = r.Issued, beginOf(r.Effective), stage[r.Status]
	}
}

// beginOf is the time, or the beginning of the period, of an effective[x].
func beginOf(effective any) string {
	switch e := effective.(type) {
	case r4.DateTime:
		return string(e)
	case *r4.Period:
		return e.Start
	}
	return ""
}

// surelyAfter reports whether one time is after another: a day is not after an
// hour of the same day.
func surelyAfter(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	x, err1 := time.Parse(time.RFC3339, a)
	y, err2 := time.Parse(time.RFC3339, b)
	if err1 == nil && err2 == nil {
		return x.After(y)
	}
	n := min(len(a), len(b), len("2006-01-02"))
	return a[:n] > b[:n]
}

// restated are the parts of an Observation that a laboratory sends as one: the
// flag and the comments of the value before are not those of the new value.
var restated = []string{"value", "dataAbsentReason", "interpretation", "referenceRange", "note", "component"}

// Extensions that hold what R4 has no element for: a document as the value of an
// Observation, the comments of a report.
const (
	documentValue = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.value"
	reportNote    = "http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.note"
)

// The cells of what is said as one.
const (
	statementCell = "Observation.=value"
	resultsCell   = "DiagnosticReport.=result"
	noteCell      = "DiagnosticReport.extension:" + reportNote
)

// statement merges what an Observation found. A message that has no value leaves
// the value alone (a result that becomes final without being sent again, OBX-11
// U), unless it says that there is none (X, N).
func (m *merging) statement(dst, in *r4.Observation) {
	if in.Value == nil && in.DataAbsentReason == nil && in.Component == nil && !hasDocument(in) && in.Status != "cancelled" {
		return
	}
	is := m.is(statementCell)
	take := is.beats(m.l.was(statementCell, states(dst)))
	if take {
		m.l.set(statementCell, mark{by: is.by, rank: is.rank, gone: !states(in)})
		removeExtension(dst, "extension", documentValue)
	}
	t := r4.TypeOf(in)
	for _, name := range restated {
		f, _, _ := t.Field(name)
		if take {
			f.Clear(dst)
			if filled(f, in) {
				copyAll(f, dst, in)
			}
		}
		f.Clear(in)
	}
	if !take {
		removeExtension(in, "extension", documentValue)
	}
}

func hasDocument(o *r4.Observation) bool {
	return slices.ContainsFunc(o.Extension, func(e r4.Extension) bool { return e.URL == documentValue })
}

// states reports whether an Observation has any part of a statement.
func states(o *r4.Observation) bool {
	t := r4.TypeOf(o)
	return hasDocument(o) || slices.ContainsFunc(restated, func(name string) bool {
		f, _, _ := t.Field(name)
		return filled(f, o)
	})
}

// results merges what a report lists. Its comments go when its results come
// again.
func (m *merging) results(in *r4.DiagnosticReport) {
	if len(in.Result) == 0 {
		return
	}
	is := m.is(noteCell)
	is.gone = true
	if !hasNote(in) && is.beats(m.l.was(noteCell, true)) {
		removeExtension(m.dst, "extension", reportNote)
		m.l.set(noteCell, is)
	}
	m.l.listResults(in, m.is(resultsCell))
}

func hasNote(r *r4.DiagnosticReport) bool {
	return slices.ContainsFunc(r.Extension, func(e r4.Extension) bool { return e.URL == reportNote })
}

// listResults keeps the list of the newest version of a report: the report itself
// has those of all.
func (l *Ledger) listResults(in *r4.DiagnosticReport, is mark) {
	if len(in.Result) == 0 || !is.beats(l.cells[resultsCell]) {
		return
	}
	var refs []string
	for i := range in.Result {
		refs = append(refs, in.Result[i].Reference)
	}
	is.text = strings.Join(refs, " ")
	l.set(resultsCell, is)
}

// LeftOut says which results of a stored report its newest version does not list
// though it is final, and of when that is. Those of them that are not final
// themselves are no results any more.
func (l *Ledger) LeftOut(report *r4.DiagnosticReport) (refs []string, by Said) {
	m := l.cells[resultsCell]
	if m.by == nil || m.by.stage < stage["final"] {
		return nil, by
	}
	listed := strings.Fields(m.text)
	for i := range report.Result {
		if ref := report.Result[i].Reference; ref != "" && !slices.Contains(listed, ref) {
			refs = append(refs, ref)
		}
	}
	return refs, Said{Origin: m.by.Origin}
}

// lessPrecise reports whether text is the beginning of a date or time that is
// known more precisely.
func lessPrecise(t *r4.Type, text, known string) bool {
	switch t.Name {
	case "date", "dateTime":
		return len(text) < len(known) && strings.HasPrefix(known, text)
	}
	return false
}
