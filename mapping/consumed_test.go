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

// wellConsumed are the segments of which at least 90 % of the values, together, are consumed.
var wellConsumed = []string{"PID", "PV1", "PV2", "NK1", "AL1", "DG1", "IN1", "ORC", "OBR", "OBX", "SPM", "RXA", "SCH", "TXA"}

// What share of the values is consumed, by segment. What is unmapped is there and is named
// once.
func TestConsumed(t *testing.T) {
	m := newMapper(t)
	total, unmapped := map[string]int{}, map[string]int{}
	for msg, res := range converted(t, m) {
		for at := range valued(msg) {
			var i int
			fmt.Sscan(at, &i)
			total[msg.Segment(i).Name()]++
		}
		for _, u := range res.Unmapped {
			p, ok := placed(u.Segment, u.Path)
			v := p.in(msg)
			switch {
			case !ok || v.Empty():
				t.Errorf("%s of segment %d is unmapped, and there is no value", u.Path, u.Segment)
			case !v.Null():
				unmapped[msg.Segment(u.Segment).Name()]++
			}
		}
	}
	sum, left, of, un := 0, 0, 0, 0
	for _, name := range slices.Sorted(maps.Keys(total)) {
		sum, left = sum+total[name], left+unmapped[name]
		if slices.Contains(wellConsumed, name) {
			of, un = of+total[name], un+unmapped[name]
		}
		t.Logf("%s %7d values, %5.1f %% consumed", name, total[name], share(total[name], unmapped[name]))
		if unmapped[name] > total[name] {
			t.Errorf("%s: more is unmapped than there is", name)
		}
	}
	t.Logf("all %7d values, %5.1f %% consumed", sum, share(sum, left))
	t.Logf("listed %d values, %5.1f %% consumed", of, share(of, un))
	if share(of, un) < 90 {
		t.Errorf("at least 90 %% of the values of %v have to be consumed", wellConsumed)
	}
}

func share(all, left int) float64 { return 100 * (1 - float64(left)/float64(max(all, 1))) }
