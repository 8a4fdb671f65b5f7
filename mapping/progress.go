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

// comesLate reports whether in is a result that old has left behind: one that
// is not as far, or one that was issued before. A result that was issued later,
// or is of a later specimen, is never late.
func comesLate(old, in r4.Resource) bool {
	var was, is, issuedWas, issuedIs, takenWas, takenIs string
	switch in := in.(type) {
	case *r4.Observation:
		old := old.(*r4.Observation)
		was, is, issuedWas, issuedIs = old.Status, in.Status, old.Issued, in.Issued
		takenWas, takenIs = beginOf(old.Effective), beginOf(in.Effective)
	case *r4.DiagnosticReport:
		old := old.(*r4.DiagnosticReport)
		was, is, issuedWas, issuedIs = old.Status, in.Status, old.Issued, in.Issued
		takenWas, takenIs = beginOf(old.Effective), beginOf(in.Effective)
	default:
		return false
	}
	switch {
	case surelyAfter(issuedIs, issuedWas) || surelyAfter(takenIs, takenWas):
		return false
	case surelyAfter(issuedWas, issuedIs):
		return true
	}
	return stage[is] > 0 && stage[is] < stage[was]
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

// restate takes out of a stored result what in says anew. A message that has no
// value leaves the value alone (a result that becomes final without being sent
// again, OBX-11 U), unless it says that there is none (X, N). The comments of a
// report go when its results come again.
func restate(stored, in r4.Resource) {
	switch in := in.(type) {
	case *r4.Observation:
		document := slices.ContainsFunc(in.Extension, func(e r4.Extension) bool { return e.URL == documentValue })
		if in.Value == nil && in.DataAbsentReason == nil && in.Component == nil && !document && in.Status != "cancelled" {
			return
		}
		t := r4.TypeOf(stored)
		for _, name := range restated {
			if f, _, ok := t.Field(name); ok {
				f.Clear(stored)
			}
		}
		removeExtension(stored, "extension", documentValue)
	case *r4.DiagnosticReport:
		if len(in.Result) > 0 {
			removeExtension(stored, "extension", reportNote)
		}
	}
}

// over and open are the states of a visit.
var (
	over = map[string]bool{"finished": true, "cancelled": true, "entered-in-error": true}
	open = map[string]bool{"planned": true, "arrived": true, "triaged": true, "in-progress": true, "onleave": true}
)

// staysOver reports whether a visit that is over stays so, whatever in says of
// it: its data may be updated after the discharge (A08), but it is open again
// only when its end is deleted, as admission (A01) and cancelled discharge (A13)
// do.
func staysOver(old, in r4.Resource, nulls []string) bool {
	visit, ok := in.(*r4.Encounter)
	return ok && over[old.(*r4.Encounter).Status] && open[visit.Status] && !slices.Contains(nulls, "period.end")
}

// aside reports whether in speaks of a visit by the way: a result names the
// visit and the place that it was ordered from, and says no state of either.
func aside(in r4.Resource) bool {
	visit, ok := in.(*r4.Encounter)
	return ok && visit.Status == "unknown" && !slices.ContainsFunc(visit.Location, func(l r4.EncounterLocation) bool {
		return l.Status != "" && l.Status != "completed"
	})
}

// withResults adds to a report the results of a late one that it lacks. It
// returns old itself when there are none.
func withResults(old, in r4.Resource) (merged r4.Resource, changed bool) {
	report, ok := in.(*r4.DiagnosticReport)
	if !ok {
		return old, false
	}
	all := r4.Clone(old.(*r4.DiagnosticReport))
	for i := range report.Result {
		if !slices.ContainsFunc(all.Result, func(r r4.Reference) bool { return r4.Equal(&r, &report.Result[i]) }) {
			all.Result = append(all.Result, *r4.Clone(&report.Result[i]))
		}
	}
	if len(all.Result) == len(old.(*r4.DiagnosticReport).Result) {
		return old, false
	}
	return all, true
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
