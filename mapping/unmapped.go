package mapping

import (
	"slices"

	"github.com/ponshealth/pons/hl7"
)

// engineFields are what the engine itself reads: of MSH the delimiters, type,
// control id, version, character set and what is to be acknowledged, and of EVN
// the event when it is that of MSH.
var engineFields = map[string][]int{"MSH": {1, 2, 9, 10, 12, 15, 16, 18}}

// numbered are the segments whose first field counts them (data type SI). Their
// order says as much, and it is kept.
var numbered = []string{
	"PID", "PV1", "NK1", "AL1", "IAM", "DG1", "PR1", "IN1", "IN2", "IN3", "GT1", "NTE", "OBR", "OBX", "SPM", "TQ1", "TQ2", "ARV", "RXA", "ACC", "TXA",
}

func (c *conv) engineReads(s *segment, f int) bool {
	switch {
	case slices.Contains(engineFields[s.name], f):
		return true
	case f != 1:
		return false
	case s.name == "EVN":
		return s.field(1).String() == c.segs[0].field(9).Component(2).String()
	}
	return slices.Contains(numbered, s.name) && allDigits(s.field(1).String())
}

// unmapped lists the valued places of the message that nothing consumed: parts
// down to subcomponents, in the order of the message.
func (c *conv) unmapped() []Place {
	u := unmappedFinder{c: c}
	for i := range c.segs {
		for f := 1; f < len(c.segs[i].fields); f++ {
			if v := c.segs[i].fields[f].v; !v.Empty() && !c.engineReads(&c.segs[i], f) {
				u.field(i, f, v)
			}
		}
	}
	return u.all
}

type unmappedFinder struct {
	c   *conv
	all []Place
}

func (u *unmappedFinder) field(seg, f int, v hl7.Value) {
	used := u.c.segs[seg].used
	for r, rep := range v.EachRep() {
		if rep.Empty() {
			continue
		}
		comps := rep.Components()
		for k, comp := range rep.EachComponent() {
			if comp.Empty() {
				continue
			}
			subs := comp.Subs()
			for s, sub := range comp.EachSub() {
				if sub.Empty() || isUsed(used, placeOf(seg, f, r, k, s)) {
					continue
				}
				shown := placeOf(seg, f, r, 0, 0)
				if comps > 1 || subs > 1 {
					shown |= place(k) << 8
				}
				if subs > 1 {
					shown |= place(s)
				}
				u.all = append(u.all, Place{seg, u.c.mem.names.place(shown, u.c.segs[seg].name)})
			}
		}
	}
}

func isUsed(used []place, p place) bool {
	for _, q := range used {
		if q.covers(p) {
			return true
		}
	}
	return false
}
