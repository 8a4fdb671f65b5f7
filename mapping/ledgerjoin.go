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

// Disjoin takes back what Join told a patient of another one, as far as it still
// stands: the cells that both have of the same messages, and the old identifiers.
// What these had replaced is in the history of the resource alone. by is the
// message that says so: it speaks of both.
func (l *Ledger) Disjoin(survivor r4.Resource, prior *r4.Patient, of *Ledger, by Origin) (parted r4.Resource, changed bool) {
	p := r4.Clone(survivor).(*r4.Patient)
	p.Identifier = slices.DeleteFunc(p.Identifier, func(id r4.Identifier) bool {
		return id.Use == "old" && slices.ContainsFunc(prior.Identifier, func(o r4.Identifier) bool {
			return o.System == id.System && o.Value == id.Value
		})
	})
	since := of.cells[mergeCell]
	foreign := func(is, was mark) bool {
		return is.by != nil && was.by != nil && is.by.same(was.by) && is.by.Origin != by && (since.by == nil || !is.by.same(since.by))
	}
	for path := range cellsOf(prior, "Patient") {
		if owned[path[len("Patient."):]] || path == mergeCell || !foreign(l.was(path, true), of.was(path, true)) {
			continue
		}
		remove(p, path[len("Patient."):])
		delete(l.cells, path)
	}
	t := r4.TypeOf(p)
	for i := range t.Fields {
		f := &t.Fields[i]
		path := "Patient." + f.Name
		if !ownLists[path] || f.Name == "identifier" || !filled(f, p) {
			continue
		}
		have := entriesOf(f, p, nil, "")
		theirs := of.senders(path, entriesOf(f, prior, nil, ""))
		marks := l.senders(path, have)
		var kept []uint64
		for s, m := range marks {
			if foreign(m, theirs[s]) {
				delete(marks, s)
			} else {
				kept = append(kept, m.own...)
			}
		}
		f.Clear(p)
		for _, e := range only(have, kept) {
			put(f, p, e.value)
		}
		l.setSenders(path, marks)
	}
	l.compact(p)
	if r4.Equal(survivor, p) {
		return survivor, false
	}
	return p, true
}
