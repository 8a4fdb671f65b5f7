package mapping

import (
	"strings"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
)

// A conv is one conversion.
type conv struct {
	m         *Mapper
	mem       *memory
	segs      []segment
	zone      *time.Location // of times that name none
	times     [2]timeText    // the last dateTime and instant
	root      *group
	apps      uint32
	dedupes   int // how many elements were looked through for duplicates
	resources []*resource
	pending   []pending
	links     []link // found by prune
	notes     []Note
	stop      *Error
	sets      []setMember
	known     Known
	traced    bool // Lineage and Unmapped are wanted
	got       got  // of the row at hand
	call      call // likewise
}

// Convert turns a message into a transaction Bundle. The error is an *[Error]:
// the message type is not supported, or a row of the tables refuses it.
func (m *Mapper) Convert(msg *hl7.Message) (*Result, error) { return m.convert(msg, nil, true) }

// Known tells under which id a resource is known that has any of these business
// identifiers, "" if none is. It is asked once for each that has some.
type Known func(typ string, identifiers []Identifier) (id string)

// ConvertKnown is Convert for who keeps resources: one that is known has the id
// under which it is, and so what is told apart by it (the allergies of a patient)
// does not depend on which of its identifiers a message names first. It leaves
// Lineage and Unmapped away, which take a third of the time and nobody stores.
func (m *Mapper) ConvertKnown(msg *hl7.Message, known Known) (*Result, error) {
	return m.convert(msg, known, false)
}

func (m *Mapper) convert(msg *hl7.Message, known Known, traced bool) (*Result, error) {
	table, err := m.prog.choose(msg)
	if err != nil {
		return nil, err
	}
	c := m.pool.Get().(*conv)
	defer m.pool.Put(c)
	defer c.reset()
	c.known, c.traced = known, traced
	c.mem.names.trim()
	c.split(msg)
	c.zone = c.messageZone()
	c.root = bind(table.root, c.segs)
	for i := range c.segs {
		if c.segs[i].part == nil {
			continue
		}
		for _, r := range c.segs[i].part.rows {
			c.messageRow(r, i)
		}
		if c.stop != nil {
			return nil, c.stop
		}
	}
	for i := range c.pending {
		c.settle(&c.pending[i])
	}
	c.prune()
	c.identify()
	c.mend()
	res := c.result()
	res.Unlink, res.Move = table.unlink, table.move
	if rule := m.prog.identity[r4.TypeByName("Patient")]; rule != nil && res.Move != "" {
		res.Weak = rule.weak
	}
	return res, nil
}

// messageZone is the zone of times that name none: that of MSH-7 where it has
// one (HL7 v2.9 2.14.9.7), else the configured one. Where both agree on the
// offset of MSH-7 it is the configured one, which knows summer from winter.
func (c *conv) messageZone() *time.Location {
	configured := c.m.opt.Zone
	sent, ok := parseDTM(c.segs[0].field(7).Component(1).String())
	if !ok || !sent.zoned || sent.precision < toHour {
		return configured
	}
	if configured != nil {
		local := sent
		local.zoned, local.zone = false, ""
		if local = local.in(configured); local.zoned && local.zone == sent.zone {
			return configured
		}
	}
	at, err := time.Parse("-07:00", sent.zone)
	if err != nil {
		return configured
	}
	_, offset := at.Zone()
	return time.FixedZone(sent.zone, offset)
}

// choose finds the table of a message: by event, which a message of an old
// version may give only in EVN-1; without any event by MSH-9.3, or when its
// type has only one.
func (p *program) choose(msg *hl7.Message) (*messageTable, error) {
	h := msg.Header()
	typ, event := strings.TrimSpace(h.Type), strings.TrimSpace(h.Event)
	if event == "" {
		event = strings.TrimSpace(msg.Get("EVN-1"))
	}
	if t := p.messages[typ+"^"+event]; t != nil {
		return t, nil
	}
	switch {
	case typ == "":
		return nil, &Error{"MSH-9", "the message has no type", UnsupportedType}
	case !p.types[typ]:
		return nil, &Error{"MSH-9", "this type of message has no table", UnsupportedType}
	case event != "":
		return nil, &Error{"MSH-9", "this event has no table", UnsupportedEvent}
	}
	var only *messageTable
	several := false
	for trigger, t := range p.messages {
		if strings.HasPrefix(trigger, typ+"^") {
			if t.name == strings.TrimSpace(h.Structure) {
				return t, nil
			}
			several = several || only != nil && only != t
			only = t
		}
	}
	if several {
		return nil, &Error{"MSH-9", "the message has no event", UnsupportedEvent}
	}
	return only, nil
}

// use notes that what stands at p has become part of the result.
func (c *conv) use(p place) {
	if s := p.seg(); s < len(c.segs) && p.field() > 0 {
		c.segs[s].used = append(c.segs[s].used, p)
	}
}

// consumed reports whether anything of v has been used since mark.
func (c *conv) consumed(v val, mark int) bool {
	for _, p := range c.segs[v.at.seg()].used[mark:] {
		if v.at.covers(p) || p.covers(v.at) {
			return true
		}
	}
	return false
}

func (c *conv) note(at place, text string) {
	if at.seg() >= len(c.segs) {
		return // not a place in the message
	}
	c.noteAt(c.mem.names.place(at, c.segs[at.seg()].name), text)
}

// maxNotes is how many notes a result has at most: nobody reads more.
const maxNotes = 1_000

func (c *conv) noteAt(at, text string) {
	if len(c.notes) >= maxNotes {
		return
	}
	for _, n := range c.notes {
		if n.At == at && n.Text == text {
			return
		}
	}
	c.notes = append(c.notes, Note{at, text})
}

func (c *conv) newApp(up *app, row *rowName) *app {
	c.apps++
	a := c.mem.apps.new()
	a.id, a.up, a.row = c.apps, up, row
	return a
}

func (c *conv) newResource(typ *r4.Type, slot string, owner *resource) *resource {
	r := c.mem.resources.new()
	r.root, r.slot, r.owner, r.entry = c.newNode(typ, nil), slot, owner, -1
	r.fill = owner != nil && owner.fill
	c.resources = append(c.resources, r)
	return r
}

// messageRow runs a row of the message table for segment i.
func (c *conv) messageRow(r *messageRow, i int) {
	e := c.enter()
	defer c.leave()
	e.seg, e.group = i, c.segs[i].group
	if r.when != nil && !r.when(e) {
		return
	}
	e.app = c.newApp(nil, nil)
	e.res = c.inSlot(r.slot, i, r.fill)
	if r.set != nil {
		c.listed(r.set, e.res, i, e)
	}
	for k := range r.refs {
		c.ref(&r.refs[k], e)
	}
	if r.table == nil {
		return
	}
	if name := r.table.seg; name != c.segs[i].name {
		if e.seg = e.group.nearest(c.segs, name, i); e.seg < 0 {
			return
		}
		e.near = near{}
	}
	if last := len(r.sub) - 1; last >= 0 && r.sub[last].create != nil {
		if n, res := c.descend(e.res.root, e.res, r.sub[:last], e.app, 1); n != nil {
			c.inReference(r.table, n, res, &r.sub[last], e.app, 1, e)
		}
		return
	}
	n, res := c.descend(e.res.root, e.res, r.sub, e.app, 1)
	if n != nil {
		e.res, e.site = res, site{main: n, res: res}
		c.run(r.table, e)
	}
}

// inSlot returns the resource in a slot, made if missing.
func (c *conv) inSlot(s *slot, i int, fill bool) *resource {
	var values *[]slotValue
	if s.scope.segment {
		values = &c.segs[i].slots
	} else {
		g := c.segs[i].group
		for g.part != s.scope {
			g = g.parent
		}
		values = &g.slots
	}
	for _, v := range *values {
		if v.slot == s {
			v.res.fill = v.res.fill && fill
			return v.res
		}
	}
	r := c.newResource(s.typ, s.name, nil)
	r.fill = fill
	*values = append(*values, slotValue{s, r})
	return r
}
