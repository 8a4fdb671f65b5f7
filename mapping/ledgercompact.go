package mapping

import (
	"slices"

	"github.com/ponshealth/pons/fhir/r4"
)

// compact makes the ledger short again: who said most of the cells said the
// rest, and of cells that are no more only deletions count.
func (l *Ledger) compact(r r4.Resource) {
	type origin struct {
		by   *stamp
		rank rank
	}
	eachSenders(r, func(base string, have []entry) { l.setSenders(base, l.senders(base, have)) })
	there, count := map[string]bool{}, map[origin]int{}
	best := origin{l.rest.by, l.rest.rank}
	for path := range cellsOf(r, r.ResourceType()) {
		there[path] = true
		m := l.was(path, true)
		o := origin{m.by, m.rank}
		for known := range count { // one message may have several stamps that are equal
			if known.rank == o.rank && (mark{by: known.by, rank: o.rank}).equal(m) {
				o = known
			}
		}
		if count[o]++; count[o] > count[best] {
			best = o
		}
	}
	rest := mark{by: best.by, rank: best.rank}
	for path := range there {
		if m := l.was(path, true); !m.equal(rest) || m.text != "" || m.own != nil {
			l.set(path, mark{by: m.by, rank: m.rank, own: m.own, text: m.text})
		} else {
			delete(l.cells, path)
		}
	}
	for path, m := range l.cells {
		if !there[path] && !m.gone && m.text == "" && m.own == nil && !ofSenders(path) {
			delete(l.cells, path)
		}
	}
	l.rest = rest
	if visit, ok := r.(*r4.Encounter); ok {
		l.shows(visit)
	}
	eachSenders(r, func(base string, have []entry) {
		marks := l.senders(base, have)
		if m := marks[rest.by.Source]; len(marks) == 1 && m.equal(rest) && !m.gone {
			l.setSenders(base, nil)
		}
	})
}

func (l *Ledger) equal(k *Ledger) bool {
	if len(l.cells) != len(k.cells) || !l.rest.equal(k.rest) {
		return false
	}
	for path, m := range l.cells {
		n, ok := k.cells[path]
		if !ok || !m.equal(n) || m.gone != n.gone || m.text != n.text || !slices.Equal(m.own, n.own) {
			return false
		}
	}
	return true
}
