package mapping

import (
	"strings"
	"time"

	"github.com/ponshealth/pons/hl7"
)

// origin says whose word the message is, and of when.
func (c *conv) origin() Origin {
	msh := &c.segs[0]
	o := Origin{
		Sent:    c.sortable(msh.field(7)),
		Source:  cellName(msh.field(3).Text() + "|" + msh.field(4).Text()),
		Control: strings.TrimSpace(msh.field(10).String()),
	}
	o.At = o.Sent
	for i := range c.segs {
		if c.segs[i].name == "EVN" {
			if at := c.sortable(c.segs[i].field(2)); at != "" {
				o.At = at
			}
			break
		}
	}
	return o
}

// cellName takes out of the name of a sender what ends it in the names of cells.
func cellName(s string) string { return strings.ReplaceAll(clean(s), "@", " ") }

// sortable writes a time that has an hour for an [Origin], of others nothing: a
// day does not say what came first.
func (c *conv) sortable(v hl7.Value) string {
	m, ok := parseDTM(v.Component(1).String())
	if !ok || m.precision < toHour {
		return ""
	}
	fraction := (m.fraction + "000000")[:6]
	at := time.Date(m.year, time.Month(m.month), m.day, m.hour, m.minute, m.sec, 0, time.UTC)
	if m = m.in(c.zone); m.zoned {
		if zone, err := time.Parse("-07:00", m.zone); err == nil {
			_, offset := zone.Zone()
			at = at.Add(-time.Duration(offset) * time.Second)
		}
	}
	return at.Format("20060102150405") + "." + fraction
}

// setMember is a resource of a set, or the deletion of all.
type setMember struct {
	name   string
	res    *resource
	action bool // an action code: the segments are no set
	none   bool // the segment deletes all of them
}

// listed notes that segment i is one of a set, whose resource is res.
func (c *conv) listed(t *setTerms, res *resource, i int, e *env) {
	m := setMember{name: t.name, res: res, none: allNull(&c.segs[i])}
	if t.parted {
		if v := t.by.first(e); v.v.Valued() {
			m.name += " " + cellName(v.v.String())
		}
	}
	m.action = t.acts && t.action.first(e).v.Valued()
	c.sets = append(c.sets, m)
}

// allNull reports whether all that a segment says is "", but for its number: the
// way to delete a whole set (HL7 v2.9 2.10.4.1).
func allNull(s *segment) bool {
	any := false
	for n := 2; n < len(s.fields); n++ {
		switch v := s.fields[n].v; {
		case v.Null():
			any = true
		case !v.Empty():
			return false
		}
	}
	return any
}

// setsOf lists the sets, in the order of the message.
func (c *conv) setsOf() []Set {
	var all []Set
	skip := map[string]bool{}
	for _, m := range c.sets {
		skip[m.name] = skip[m.name] || m.action
	}
	for _, m := range c.sets {
		r := m.res.final()
		if skip[m.name] || r == nil && !m.none {
			continue
		}
		owner := c.ownerOfSet(m.res)
		if owner == nil {
			continue
		}
		i := 0
		for i < len(all) && (all[i].Name != m.name || all[i].Owner != owner.entry) {
			i++
		}
		if i == len(all) {
			all = append(all, Set{Name: m.name, Owner: owner.entry})
		}
		if r != nil && !m.none {
			all[i].Members = append(all[i].Members, r.entry)
		}
	}
	return all
}

// ownerOfSet is the visit that a resource is of, else the patient.
func (c *conv) ownerOfSet(r *resource) *resource {
	if f := r.final(); f != nil {
		r = f
	}
	for _, name := range [...]string{"encounter", "patient", "subject", "beneficiary"} {
		if n := r.root.kid(name); n != nil && n.ref != nil && n.ref.final() != nil {
			return n.ref.final()
		}
	}
	return c.anywhere(&slotRef{name: "Patient[1]", exact: true})
}
