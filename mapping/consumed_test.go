package mapping_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

// valued lists the places of a message that have a value, by segment and path, as
// Unmapped names them: the parts that have no parts themselves. The delimiters of MSH are
// none.
func valued(m *hl7.Message) map[string]bool {
	all := map[string]bool{}
	for i := range m.Len() {
		s := m.Segment(i)
		first := 1
		if s.Name() == "MSH" {
			first = 3
		}
		for f := first; f <= s.Len(); f++ {
			field := s.Field(f)
			for r := 1; r <= field.Reps(); r++ {
				rep := field.Rep(r)
				for c := 1; c <= rep.Components(); c++ {
					comp := rep.Component(c)
					for n := 1; n <= comp.Subs(); n++ {
						if v := comp.Sub(n); v.Valued() {
							all[fmt.Sprintf("%d %s-%d %d %d %d", i, s.Name(), f, r, c, n)] = true
						}
					}
				}
			}
		}
	}
	return all
}

// Nothing vanishes: each valued part of a message is either consumed, on the word of the
// lineage or because it decided something, or named among the unmapped. What share is
// consumed is told by segment.
func TestConsumed(t *testing.T) {
	m := newMapper(t)
	total, unmapped := map[string]int{}, map[string]int{}
	for _, entry := range corpus(t) {
		msg, err := read(t, entry.File)
		if err != nil {
			continue
		}
		res, err := m.Convert(msg)
		if err != nil {
			continue
		}
		for at := range valued(msg) {
			var i int
			fmt.Sscan(at, &i)
			total[msg.Segment(i).Name()]++
		}
		for _, u := range res.Unmapped {
			unmapped[msg.Segment(u.Segment).Name()]++
		}
	}
	sum, left := 0, 0
	for _, name := range slices.Sorted(maps.Keys(total)) {
		sum, left = sum+total[name], left+unmapped[name]
		t.Logf("%s %7d values, %5.1f %% consumed", name, total[name], 100*(1-float64(unmapped[name])/float64(total[name])))
		if unmapped[name] > total[name] {
			t.Errorf("%s: more is unmapped than there is", name)
		}
	}
	t.Logf("all %7d values, %5.1f %% consumed", sum, 100*(1-float64(left)/float64(sum)))
}
