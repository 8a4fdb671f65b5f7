package mapping

import (
	"slices"

	"github.com/ponshealth/pons/fhir/r4"
)

// Join tells the survivor of a merge what is known of the patient that was merged
// into it. What was said of that one since the merge counts as said of the
// survivor; what was said before only fills what is not known of it. Its
// identifiers become old ones of the survivor. l is the ledger of the survivor,
// of that of the other one. Neither patient is changed.
func (l *Ledger) Join(survivor r4.Resource, prior *r4.Patient, of *Ledger) (merged r4.Resource, changed, touched bool) {
	since := of.cells[mergeCell]
	if since.by == nil {
		since = of.rest
	}
	in := r4.Clone(prior)
	in.Active, in.Link, in.Meta = (&r4.Patient{}).Active, nil, nil
	for i := range in.Identifier {
		in.Identifier[i].Use = "old"
	}
	before := l.clone()
	m := merging{l: l, dst: r4.Clone(survivor), from: of, lift: func(is mark) mark {
		if is.rank == said && (since.by == nil || since.by.compare(is.by) > 0) {
			is.rank = fills
		}
		return is
	}}
	m.run(in)
	p := m.dst.(*r4.Patient)
	p.Identifier = slices.DeleteFunc(p.Identifier, func(id r4.Identifier) bool {
		return id.Use == "old" && slices.ContainsFunc(p.Identifier, func(o r4.Identifier) bool {
			return o.Use != "old" && o.System == id.System && o.Value == id.Value
		})
	})
	l.compact(p)
	touched = !l.equal(&before)
	if r4.Equal(survivor, p) {
		return survivor, false, touched
	}
	return p, true, true
}

// mergeCell is when a patient was merged into another one.
const mergeCell = "Patient.active"
