package search

import (
	"cmp"
	"strings"
)

// Compare orders two resources by their entries: negative if the one with a
// comes first. Dates go by their start and then their end, numbers by their
// lower end, strings as Fold makes them, tokens by their code. Of several
// entries the one counts that comes first in the order asked for
// (search.html#sort); a resource without any comes last in both orders.
//
// A store that keeps the time of the last change elsewhere adds LastUpdated;
// ParamID is not in the entries and is the store's to compare.
func (s Sort) Compare(a, b []Entry) int {
	x, y := s.first(a), s.first(b)
	switch {
	case x == nil && y == nil:
		return 0
	case x == nil:
		return 1
	case y == nil:
		return -1
	}
	return s.order(x, y)
}

// first is the entry that comes first in the order, nil if there is none.
func (s Sort) first(entries []Entry) *Entry {
	var best *Entry
	for i := range entries {
		if e := &entries[i]; e.Param == s.Param && (best == nil || s.order(e, best) < 0) {
			best = e
		}
	}
	return best
}

func (s Sort) order(a, b *Entry) int {
	if s.Descending {
		a, b = b, a
	}
	switch a.Kind {
	case Date:
		return cmp.Or(cmp.Compare(a.Lo, b.Lo), cmp.Compare(a.Hi, b.Hi))
	case Number, Quantity:
		return cmp.Compare(a.Min, b.Min)
	case String:
		return strings.Compare(a.Text, b.Text)
	case Reference:
		return strings.Compare(a.Ref, b.Ref)
	}
	return strings.Compare(FoldCode(a.Code), FoldCode(b.Code))
}
