package store

import (
	"cmp"
	"strings"

	"github.com/ponshealth/pons/fhir/search"
)

// sortKey is what one resource is sorted by.
type sortKey struct {
	has  bool
	n, m float64
	text string
}

func dateKey(lo, hi int64) sortKey { return sortKey{has: true, n: float64(lo), m: float64(hi)} }

// compare puts those that have none last.
func (a sortKey) compare(b sortKey, descending bool) int {
	switch {
	case !a.has || !b.has:
		return cmp.Compare(number(b.has), number(a.has))
	case descending:
		a, b = b, a
	}
	return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(a.m, b.m), strings.Compare(a.text, b.text))
}

// sortKeys finds for each key of the order the entry that comes first in it.
func (f *finder) sortKeys(id string, entries []search.Entry) []sortKey {
	keys := make([]sortKey, len(f.q.Sort))
	for i, by := range f.q.Sort {
		if by.Param == search.ParamID {
			keys[i] = sortKey{has: true, text: id}
			continue
		}
		for _, e := range entries {
			if e.Param != by.Param {
				continue
			}
			key := keyOf(e)
			if !keys[i].has || key.compare(keys[i], by.Descending) < 0 {
				keys[i] = key
			}
		}
	}
	return keys
}

func keyOf(e search.Entry) sortKey {
	switch e.Kind {
	case search.Date:
		return dateKey(e.Lo, e.Hi)
	case search.Number, search.Quantity:
		return sortKey{has: true, n: e.Min}
	case search.String:
		return sortKey{has: true, text: e.Text}
	case search.Reference:
		return sortKey{has: true, text: e.Ref}
	}
	return sortKey{has: true, text: search.FoldCode(e.Code)}
}
