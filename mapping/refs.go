package mapping

import "slices"

// pending is a reference to set when all resources are there.
type pending struct {
	from  *node // the element from which steps go; nil: of the slot left
	res   *resource
	left  *slotRef
	steps []step
	rep   int
	right *slotRef // nil: all resources
	seg   int      // where the row ran
	group *group
	app   *app
	row   *rowName
	src   place
	links []*resource // values of a map: the reference goes to number link or a later one
	link  int
}

// find returns the resources that a slot reference means, seen from segment i
// in group g: the nearest outwards, else all in the same iteration.
func (c *conv) find(ref *slotRef, i int, g *group) []*resource {
	if res := match(c.segs[i].slots, ref); res != nil {
		c.mem.found = append(c.mem.found[:0], res)
		return c.mem.found
	}
	var inner *group
	for h := g; h != nil; h = h.parent {
		if res := match(h.slots, ref); res != nil {
			c.mem.found = append(c.mem.found[:0], res)
			return c.mem.found
		}
		if inner == nil && (h.part.repeats || h.parent == nil) {
			inner = h
		}
	}
	if inner == nil {
		return nil
	}
	c.mem.found = c.within(inner, ref, c.mem.found[:0])
	return c.mem.found
}

func match(values []slotValue, ref *slotRef) *resource {
	for _, v := range values {
		if ref.matches(v.slot) {
			return v.res
		}
	}
	return nil
}

func (c *conv) within(g *group, ref *slotRef, all []*resource) []*resource {
	for _, v := range g.slots {
		if ref.matches(v.slot) {
			all = append(all, v.res)
		}
	}
	for _, i := range g.segs {
		for _, v := range c.segs[i].slots {
			if ref.matches(v.slot) {
				all = append(all, v.res)
			}
		}
	}
	for _, child := range g.groups {
		all = c.within(child, ref, all)
	}
	return all
}

// ref runs one of a message row's refs, or leaves it for the end.
func (c *conv) ref(r *refRow, e *env) {
	switch r.kind {
	case refLiteral, refField:
		v := val{at: placeOf(e.seg, 0, 0, 0, 0)}
		text := r.text
		if r.kind == refField {
			if v = r.from.first(e); !v.v.Valued() {
				return
			}
			out, problem := c.convert(r.info, v.v.String())
			if problem != "" {
				c.note(v.at, problem)
			}
			if text = out; text == "" {
				return
			}
		}
		for _, res := range c.find(r.left, e.seg, e.group) {
			if n, _ := c.descend(res.root, res, r.steps, e.app, 1); n != nil && c.put(n, text, v.at, r.row, e.app, r.kind == refLiteral, false) {
				c.use(v.leaf())
			}
		}
	default:
		c.pending = append(c.pending, pending{
			left: r.left, steps: r.steps, rep: 1, right: r.right,
			seg: e.seg, group: e.group, app: e.app, row: r.row, src: placeOf(e.seg, 0, 0, 0, 0),
		})
	}
}

// settle sets a reference that waited for its resource.
func (c *conv) settle(p *pending) {
	targets := c.resources
	switch {
	case p.link > 0:
		targets = nil
		for i := p.link; i < len(p.links); i++ {
			if r := p.links[i]; r != nil && r.root.filled() {
				targets = p.links[i : i+1]
				break
			}
		}
	case p.right != nil:
		targets = c.find(p.right, p.seg, p.group)
	}
	if p.from != nil {
		c.link(p, p.from, p.res, targets)
		return
	}
	if len(targets) == 1 { // the usual case; find uses its list again
		only := [1]*resource{targets[0]}
		for _, res := range c.find(p.left, p.seg, p.group) {
			c.link(p, res.root, res, only[:])
		}
		return
	}
	targets = slices.Clone(targets)
	for _, res := range c.find(p.left, p.seg, p.group) {
		c.link(p, res.root, res, targets)
	}
}

// maxRefs bounds how often one row refers from one list.
const maxRefs = 8

// link makes the references of p in res from node n on.
func (c *conv) link(p *pending, n *node, res *resource, targets []*resource) {
	all := p.right == nil && p.link == 0
	rep := p.rep
	for _, t := range targets {
		if t == res || all && (t.root.typ.Name == "Provenance" || t.root.typ.Name == "Bundle") {
			continue
		}
		// Another reference of the same row may have the place: take the next.
		for range maxRefs {
			at, _ := c.descend(n, res, p.steps, p.app, rep)
			rep++
			if at == nil || at.ref == t {
				break
			}
			if at.ref == nil {
				at.ref, at.src, at.row, at.app, at.literal = t, p.src, p.row, p.app, true
				break
			}
		}
	}
}
