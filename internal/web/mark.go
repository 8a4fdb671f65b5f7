package web

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/ponshealth/pons/hl7"
)

// mark finds the row of a place, or the nearest one around it. A field that is
// not in the message gets a row that says so.
func (s *segment) mark(at hl7.Path, name string) {
	if at.Field == 0 {
		s.HitHere = true
		return
	}
	best := -1
	for i, row := range s.Rows {
		if holds(row.at, at) && (best < 0 || row.Depth > s.Rows[best].Depth) {
			best = i
		}
	}
	if best >= 0 {
		s.Rows[best].Hit = true
		return
	}
	absent := fieldRow{
		Path: s.Name + "-" + strconv.Itoa(at.Field), Name: name, Absent: true, Hit: true,
	}
	if s.Nth > 0 {
		absent.Path = fmt.Sprintf("%s(%d)-%d", s.Name, s.Nth, at.Field)
	}
	where := slices.IndexFunc(s.Rows, func(r fieldRow) bool { return r.at.Field > at.Field })
	if where < 0 {
		where = len(s.Rows)
	}
	s.Rows = slices.Insert(s.Rows, where, absent)
}

// holds tells whether a row at outer is the place inner or one around it.
func holds(outer, inner hl7.Path) bool {
	return outer.Field == inner.Field && max(outer.Rep, 1) == inner.Rep &&
		(outer.Component == 0 || outer.Component == inner.Component) &&
		(outer.Sub == 0 || outer.Sub == inner.Sub)
}
