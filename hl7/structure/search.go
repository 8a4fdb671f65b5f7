package structure

import (
	"cmp"
	"math"
	"slices"

	"github.com/ponshealth/pons/hl7"
)

// The search keeps the readings that cost at most slack more than the cheapest,
// and at most width of them. A wrong turn shows within a few segments, so more
// would find nothing better; less would follow the first segment that stands
// out of order.
const (
	slack = 8
	width = 16
)

// before is the leaf of a reading that has placed nothing yet.
const before = math.MaxUint16

// reading is a way to read the message up to some segment: the last leaf that
// was placed, and what it took.
type reading struct {
	leaf uint16
	cost int64 // deviations in the upper half; below, what decides between equals: groups closed
}

// deviations are the upper half of a cost.
const deviations = 32

// step says where a reading came from.
type step struct {
	leaf  uint16
	from  uint16 // number of the reading before the segment
	moved bool   // the segment was placed at leaf; else it stays where it stands
}

// search finds the reading of a message that costs the least, in time linear in
// the number of segments. It returns for each segment the leaf at which it is
// placed, or -1 where it stays. Readings that cost limit more than the cheapest
// are given up; with limit 0, only a message that follows the structure is read.
func (m *Matcher) search(msg *hl7.Message, limit int64) (leaves []int, ok bool) {
	now := append(make([]reading, 0, width), reading{leaf: before})
	next := make([]reading, 0, 4*width)
	from := make([]step, 0, 4*width)
	steps := make([]step, 0, 2*msg.Len())
	ends := make([]int, 0, msg.Len())
	for i := range msg.Len() {
		next, from = m.advance(msg.Segment(i).Name(), now, next[:0], from[:0])
		next, from = prune(next, from, limit)
		if limit == 0 && next[0].cost>>deviations > 0 {
			return nil, false
		}
		steps = append(steps, from...)
		ends = append(ends, len(steps))
		now, next = next, now
	}
	best, cost := -1, int64(0)
	for i, r := range now {
		end := m.items[0].before[len(m.items[0].children)] // of a message in which nothing was placed
		if r.leaf != before {
			end = m.end[r.leaf]
		}
		c := r.cost + int64(end)<<deviations
		if best < 0 || c < cost {
			best, cost = i, c
		}
	}
	if limit == 0 && cost>>deviations > 0 {
		return nil, false
	}
	leaves = make([]int, msg.Len())
	for i := msg.Len() - 1; i >= 0; i-- {
		first := 0
		if i > 0 {
			first = ends[i-1]
		}
		s := steps[first+best]
		leaves[i] = -1
		if s.moved {
			leaves[i] = int(s.leaf)
		}
		best = int(s.from)
	}
	return leaves, true
}

// advance takes every reading over one segment, in all ways there are.
func (m *Matcher) advance(name string, now, next []reading, from []step) ([]reading, []step) {
	place := func(leaves []int, extra int64) {
		for _, q := range leaves {
			best, at := int64(-1), 0
			for i, r := range now {
				mv := m.between(r.leaf, q)
				if mv.cost >= impossible {
					continue
				}
				c := r.cost + int64(mv.cost)<<deviations + int64(mv.closed) + extra
				if best < 0 || c < best {
					best, at = c, i
				}
			}
			if best >= 0 {
				next = append(next, reading{uint16(q), best})
				from = append(from, step{uint16(q), uint16(at), true})
			}
		}
	}
	place(m.byName[name], 0)
	place(m.any, 1)
	stay := int64(costMisplaced) << deviations
	if name[0] == 'Z' {
		stay = 2
	}
	for i, r := range now {
		next = append(next, reading{r.leaf, r.cost + stay})
		from = append(from, step{r.leaf, uint16(i), false})
	}
	return next, from
}

func (m *Matcher) between(p uint16, q int) move {
	if p == before {
		return m.start[q]
	}
	return m.moves[int(p)*len(m.leaves)+q]
}

// prune keeps of several readings with the same last leaf the cheapest, and of
// all those that are worth following.
func prune(all []reading, from []step, limit int64) ([]reading, []step) {
	least := int64(math.MaxInt64)
	for _, r := range all {
		least = min(least, r.cost)
	}
	least >>= deviations
	n := 0
next:
	for i, r := range all {
		if r.cost>>deviations > least+limit {
			continue
		}
		for j := range n {
			if all[j].leaf == r.leaf {
				if r.cost < all[j].cost {
					all[j], from[j] = r, from[i]
				}
				continue next
			}
		}
		all[n], from[n] = r, from[i]
		n++
	}
	if limit > 0 && n > width {
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(all[a].cost, all[b].cost) })
		kept, keptFrom := make([]reading, width), make([]step, width)
		for i := range width {
			kept[i], keptFrom[i] = all[order[i]], from[order[i]]
		}
		copy(all, kept)
		copy(from, keptFrom)
		n = width
	}
	return all[:n], from[:n]
}
