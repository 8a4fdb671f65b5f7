package hl7

import (
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"slices"
)

// segmentKey is a segment in a form that can be compared.
type segmentKey struct {
	path   Path
	all    string         // all it says
	fields map[int]uint64 // and each field
}

var hashSeed = maphash.MakeSeed()

func keysOf(m *Message) []segmentKey {
	keys := make([]segmentKey, m.Len())
	seen := map[string]int{}
	for i := range keys {
		s := m.Segment(i)
		seen[s.Name()]++
		k := &keys[i]
		k.path = Path{Segment: s.Name(), Occurrence: seen[s.Name()]}
		k.fields = map[int]uint64{}
		all := append([]byte(s.Name()), torn(s)...)
		for p, v := range s.Leaves() {
			from := len(all)
			for _, n := range [...]int{p.Field, p.Rep, p.Component, p.Sub} {
				all = binary.AppendUvarint(all, uint64(n))
			}
			text := v.Text()
			if v.Null() {
				text = Null
				all = append(all, 0)
			} else {
				all = append(all, 1)
			}
			all = append(binary.AppendUvarint(all, uint64(len(text))), text...)
			k.fields[p.Field] = k.fields[p.Field]*31 + maphash.Bytes(hashSeed, all[from:])
		}
		k.all = string(all)
	}
	return keys
}

// alike says how much two segments share: nothing when their names differ, and else
// from 1 for the name alone up to many for all.
func alike(a, b *segmentKey) int32 {
	switch {
	case a.path.Segment != b.path.Segment:
		return 0
	case a.all == b.all:
		return 1 << 12
	}
	n := int32(1)
	for field, hash := range a.fields {
		if b.fields[field] == hash {
			n += 16
		}
	}
	return min(n, 1<<11)
}

// maxCells is the greatest table for which the best matching is worked out.
const maxCells = 1 << 20

// align matches the segments of two messages in their order. A pair is two indices, of
// which one is -1 when there is no match.
func align(a, b []segmentKey) (pairs [][2]int) {
	start := 0
	for start < len(a) && start < len(b) && a[start].all == b[start].all {
		start++
	}
	end := 0
	for end < len(a)-start && end < len(b)-start && a[len(a)-1-end].all == b[len(b)-1-end].all {
		end++
	}
	for i := range start {
		pairs = append(pairs, [2]int{i, i})
	}
	x, y := start, start
	for _, anchor := range append(anchors(a[start:len(a)-end], b[start:len(b)-end]), [2]int{len(a) - end - start, len(b) - end - start}) {
		i, j := start+anchor[0], start+anchor[1]
		for _, p := range match(a[x:i], b[y:j]) {
			pairs = append(pairs, shifted(p, x, y))
		}
		if i < len(a)-end {
			pairs = append(pairs, [2]int{i, j})
		}
		x, y = i+1, j+1
	}
	for i := range end {
		pairs = append(pairs, [2]int{len(a) - end + i, len(b) - end + i})
	}
	return pairs
}

func shifted(p [2]int, x, y int) [2]int {
	if p[0] >= 0 {
		p[0] += x
	}
	if p[1] >= 0 {
		p[1] += y
	}
	return p
}

// anchors cuts what is too large to be matched at once at segments that are in both
// messages exactly once and are the same, the most of them that keep their order.
func anchors(a, b []segmentKey) [][2]int {
	if len(a)*len(b) <= maxCells {
		return nil
	}
	once := func(keys []segmentKey) map[string]int {
		at := map[string]int{}
		for i, k := range keys {
			if _, twice := at[k.all]; twice {
				i = -1
			}
			at[k.all] = i
		}
		return at
	}
	inB := once(b)
	var common [][2]int
	for key, i := range once(a) {
		if j, ok := inB[key]; ok && i >= 0 && j >= 0 {
			common = append(common, [2]int{i, j})
		}
	}
	slices.SortFunc(common, func(x, y [2]int) int { return cmp.Compare(x[0], y[0]) })
	// the longest run with rising second index: ends[n] is the pair with the least
	// second index that ends a run of n+1
	var ends []int
	before := make([]int, len(common))
	for i, p := range common {
		n, _ := slices.BinarySearchFunc(ends, p[1], func(e, j int) int { return cmp.Compare(common[e][1], j) })
		if before[i] = -1; n > 0 {
			before[i] = ends[n-1]
		}
		if n == len(ends) {
			ends = append(ends, i)
		} else {
			ends[n] = i
		}
	}
	run := make([][2]int, len(ends))
	for n, i := len(ends)-1, last(ends); n >= 0; n, i = n-1, before[i] {
		run[n] = common[i]
	}
	return run
}

func last(s []int) int {
	if len(s) == 0 {
		return -1
	}
	return s[len(s)-1]
}

// match finds the matching of two runs of segments that share the most.
func match(a, b []segmentKey) [][2]int {
	if len(a)*len(b) > maxCells {
		return matchNames(a, b)
	}
	return best(len(a), len(b), func(i, j int) int32 { return alike(&a[i], &b[j]) })
}

// best finds the pairs, rising in both indices, whose scores add up to the most. Pairs of
// score 0 are none.
func best(n, m int, score func(i, j int) int32) (pairs [][2]int) {
	width := m + 1
	sums := make([]int32, (n+1)*width) // of what is left from i and j on
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			sum := max(sums[(i+1)*width+j], sums[i*width+j+1])
			if s := score(i, j); s > 0 {
				sum = max(sum, s+sums[(i+1)*width+j+1])
			}
			sums[i*width+j] = sum
		}
	}
	i, j := 0, 0
	for i < n && j < m {
		s := score(i, j)
		switch here := sums[i*width+j]; {
		case s > 0 && here == s+sums[(i+1)*width+j+1]:
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case here == sums[(i+1)*width+j]:
			pairs = append(pairs, [2]int{i, -1})
			i++
		default:
			pairs = append(pairs, [2]int{-1, j})
			j++
		}
	}
	for ; i < n; i++ {
		pairs = append(pairs, [2]int{i, -1})
	}
	for ; j < m; j++ {
		pairs = append(pairs, [2]int{-1, j})
	}
	return pairs
}

// matchNames matches the segments of each name in their order, for runs that are too
// long for more.
func matchNames(a, b []segmentKey) (pairs [][2]int) {
	left := map[string][]int{}
	for j, k := range b {
		left[k.path.Segment] = append(left[k.path.Segment], j)
	}
	for i, k := range a {
		p := [2]int{i, -1}
		if js := left[k.path.Segment]; len(js) > 0 {
			p[1], left[k.path.Segment] = js[0], js[1:]
		}
		pairs = append(pairs, p)
	}
	for j, k := range b {
		if js := left[k.path.Segment]; len(js) > 0 && js[0] == j {
			pairs = append(pairs, [2]int{-1, j})
			left[k.path.Segment] = js[1:]
		}
	}
	return pairs
}

// alignReps matches the repetitions of two fields, by number: the same ones, and what
// lies between them in its order.
func alignReps(x, y Value) (pairs [][2]int) {
	as, bs := repKeys(x), repKeys(y)
	score := func(i, j int) int32 {
		if as[i] == bs[j] {
			return 1 << 12
		}
		return 1
	}
	if len(as)*len(bs) > maxCells {
		for n := range max(len(as), len(bs)) {
			p := [2]int{n + 1, n + 1}
			if n >= len(as) {
				p[0] = 0
			}
			if n >= len(bs) {
				p[1] = 0
			}
			pairs = append(pairs, p)
		}
		return pairs
	}
	for _, p := range best(len(as), len(bs), score) {
		pairs = append(pairs, [2]int{p[0] + 1, p[1] + 1})
	}
	return pairs
}

// repKeys writes the repetitions of a field so that the same are the same.
func repKeys(v Value) []string {
	var keys []string
	for _, rep := range v.EachRep() {
		var key []byte
		for n, c := range rep.EachComponent() {
			for i, s := range c.EachSub() {
				if s.Empty() {
					continue
				}
				text := s.Text()
				if s.Null() {
					text = Null
				}
				key = binary.AppendUvarint(binary.AppendUvarint(key, uint64(n)), uint64(i))
				key = append(binary.AppendUvarint(key, uint64(len(text))<<1|uint64(b2i(s.Null()))), text...)
			}
		}
		keys = append(keys, string(key))
	}
	return keys
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
