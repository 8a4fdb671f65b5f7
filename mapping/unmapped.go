package mapping

import "github.com/ponshealth/pons/hl7"

// engineFields are those of MSH that the engine itself reads: delimiters, type,
// control id, version and character set.
var engineFields = map[int]bool{1: true, 2: true, 9: true, 10: true, 12: true, 18: true}

// unmapped lists the valued places of the message that nothing consumed: parts
// down to subcomponents, in the order of the message.
func (c *conv) unmapped() []Place {
	u := unmappedFinder{c: c}
	for i := range c.segs {
		for f := 1; f < len(c.segs[i].fields); f++ {
			if c.segs[i].name == "MSH" && engineFields[f] {
				continue
			}
			if v := c.segs[i].fields[f]; !v.Empty() {
				u.field(i, f, v)
			}
		}
	}
	return u.all
}

type unmappedFinder struct {
	c   *conv
	all []Place
	buf []byte
}

func (u *unmappedFinder) field(seg, f int, v hl7.Value) {
	used := u.c.segs[seg].used
	for r := 1; r <= v.Reps(); r++ {
		rep := v.Rep(r)
		if rep.Empty() {
			continue
		}
		comps := rep.Components()
		for k := 1; k <= comps; k++ {
			comp := rep.Component(k)
			if comp.Empty() {
				continue
			}
			subs := comp.Subs()
			for s := 1; s <= subs; s++ {
				if comp.Sub(s).Empty() || isUsed(used, placeOf(seg, f, r, k, s)) {
					continue
				}
				shown := placeOf(seg, f, r, 0, 0)
				if comps > 1 || subs > 1 {
					shown |= place(k) << 8
				}
				if subs > 1 {
					shown |= place(s)
				}
				u.buf = shown.appendTo(u.buf[:0], u.c.segs[seg].name)
				u.all = append(u.all, Place{seg, string(u.buf)})
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
