package mapping

import "strings"

// run applies a map at e.site: its rows in order, then those that want the
// elements of the others.
func (c *conv) run(t *table, e *env) {
	mark := len(c.segs[e.seg].used)
	if t.seg == "" {
		c.runParts(t, e, mark)
	} else {
		c.runFields(t, e, mark)
	}
	for _, r := range t.late {
		c.sources(r, e, mark)
	}
}

// runParts runs the rows of a data type map. Most are about components that are not
// there.
func (c *conv) runParts(t *table, e *env, mark int) {
	parts := -1 // not known
	if t.parts && e.dt.at.comp() == 0 {
		if e.parts == nil {
			e.split()
		}
		parts = len(e.parts)
	}
	for _, r := range t.rows {
		if parts < 0 || r.src.comp <= parts || r.absent || r.from.kind != accessPart {
			c.sources(r, e, mark)
		}
	}
}

// runFields runs the rows of a segment map. Most are about fields that are not there.
func (c *conv) runFields(t *table, e *env, mark int) {
	fields := c.segs[e.seg].fields
	for i := range t.runs {
		run := &t.runs[i]
		n := run.field
		if n > 0 && (n >= len(fields) || fields[n].reps == 0) {
			continue
		}
		single := n > 0 && fields[n].reps == 1
		var only val
		if single {
			only = val{fields[n].v.Rep(1), placeOf(e.seg, n, 1, 0, 0)}
			if only.v.Empty() {
				continue
			}
		}
		for _, r := range run.rows {
			switch {
			case r.guard.field > 0 && r.guard.fails(e) || single && r.src.rep > 1:
			case single && !r.whole:
				c.repetition(r, only, 1, e, mark)
			default:
				c.sources(r, e, mark)
			}
		}
		e.cur = val{}
	}
}

// repetition fires a row for repetition n of the field that it is about, and reports
// whether that says anything.
func (c *conv) repetition(r *row, cur val, n int, e *env, mark int) bool {
	e.cur = cur
	v := cur.part(r.src.comp, r.src.sub)
	switch {
	case v.v.Valued():
		if r.once {
			n = 1
		}
		c.fire(r, v, n, e, mark)
		return true
	case v.v.Null():
		c.null(r, e)
		return true
	}
	return false
}

// sources fires a row for each value that it is about.
func (c *conv) sources(r *row, e *env, mark int) {
	if r.from.kind == accessPart {
		v := e.dt
		if !r.bare {
			v = e.part(r.src.comp, r.src.sub)
		}
		if v.v.Valued() || r.absent && !v.v.Null() {
			c.fire(r, v, 1, e, mark)
		}
		return
	}
	if r.bare {
		c.fire(r, val{at: placeOf(e.seg, 0, 0, 0, 0)}, 1, e, mark)
		return
	}
	f, reps := r.from.field(e)
	if reps < 0 || (reps == 0 || f.v.Empty()) && !r.absent {
		return
	}
	if r.whole {
		e.cur = f.rep(1)
		c.fire(r, f, 1, e, mark)
		return
	}
	any, many := false, reps > 1
	for n := 1; n <= reps; n++ {
		if r.src.rep > 0 && n != r.src.rep {
			continue
		}
		if r.once && r.src.rep == 0 && reps > 1 {
			if f.v.Rep(n).Empty() {
				continue // the first that says something counts
			}
			reps = n
		}
		cur := f.only()
		if many {
			cur = f.rep(n)
		}
		any = c.repetition(r, cur, n, e, mark) || any
	}
	if !any && r.absent {
		e.cur = f.rep(1)
		c.fire(r, e.cur.part(r.src.comp, r.src.sub), 1, e, mark)
	}
	e.cur = val{}
}

// null notes that the sender deleted what the row would have written.
func (c *conv) null(r *row, e *env) {
	s := &e.site
	if r.when != nil && !r.when(e) || s.res == nil || e.app.up != nil || s.main != s.res.root || len(r.steps) == 0 {
		return
	}
	if r.kind == rowClear || r.kind == rowStop {
		return
	}
	c.use(e.cur.part(r.src.comp, r.src.sub).at)
	s.res.clear(elementPath(r.steps))
}

func (r *resource) clear(path string) {
	for _, p := range r.nulls {
		if p == path {
			return
		}
	}
	r.nulls = append(r.nulls, path)
}

// elementPath writes steps as the path of the element that a deletion is about:
// down to the first list or reference, an extension with its url.
func elementPath(steps []step) string {
	var b strings.Builder
	for i := range steps {
		s := &steps[i]
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s.f.Name)
		if s.url != nil {
			b.WriteString(":" + s.url.url)
		}
		if s.f.List || s.create != nil || s.url != nil {
			break
		}
	}
	return b.String()
}

// fire runs a row for one value.
func (c *conv) fire(r *row, v val, rep int, e *env, mark int) {
	if r.once && rep > 1 || c.stop != nil {
		return
	}
	if r.when != nil && !r.when(e) || r.fallback && c.consumed(v, mark) {
		return
	}
	s := &e.site
	if r.multiTo > r.multi {
		for n := r.multi; n <= r.multiTo; n++ {
			if n < len(s.more) && s.more[n] != nil && s.more[n].root.filled() {
				c.act(r, v, rep, s.more[n].root, s.more[n], e)
			}
		}
		return
	}
	n, res := s.at(c, r.multi)
	if n != nil && c.act(r, v, rep, n, res, e) {
		for i := range r.marks {
			if m := &r.marks[i]; m.kind != accessSegment {
				c.use(m.first(e).leaf())
			}
		}
	}
}

// act does what the row says at node n of resource res. It reports whether
// anything was written.
func (c *conv) act(r *row, v val, rep int, n *node, res *resource, e *env) (done bool) {
	switch r.kind {
	case rowStop:
		c.stop = &Error{string(v.at.appendTo(nil, c.segs[v.at.seg()].name)), r.stop, ApplicationError}
		return false
	case rowClear:
		if s := &e.site; s.res != nil && s.main == s.res.root {
			s.res.clear(r.text)
			return true
		}
		return false
	case rowLink:
		c.pending = append(c.pending, pending{from: n, res: res, steps: r.steps, rep: rep, app: e.app, row: &r.rowName, src: v.at, links: e.site.more, link: r.link, seg: e.seg})
		return true
	case rowRef:
		c.pending = append(c.pending, pending{from: n, res: res, steps: r.steps, rep: rep, right: r.slot, seg: e.seg, group: e.group, app: e.app, row: &r.rowName, src: v.at})
		return true
	case rowAs:
		if r.vocab == nil && r.mode != asText {
			return c.apply(r, v, rep, n, res, e)
		}
	}
	if !r.tree && !c.textOf(r, v, e) {
		return false
	}
	if r.late {
		c.each(n, res, r.steps, e.app, rep, func(n *node, res *resource) {
			done = c.write(r, v, n, res, e) || done
		})
		return done
	}
	if n, res = c.descend(n, res, r.steps, e.app, rep); n != nil {
		return c.write(r, v, n, res, e)
	}
	return false
}

// write puts the text of the row, or what its function or vocabulary makes,
// into n.
func (c *conv) write(r *row, v val, n *node, res *resource, e *env) bool {
	switch {
	case r.vocab != nil:
		return c.coded(r, v, n, e)
	case r.tree:
		return c.callTree(r, v, n, res, e)
	}
	g := &c.got
	if g.text == "" && n.set || g.text != "" && !c.put(n, g.text, v.at, g.row, g.app, r.kind == rowLiteral, r.weak) {
		return false
	}
	if g.sent != "" {
		c.asSent(n, v.at)
	}
	for _, p := range g.places[:g.n] {
		c.use(p)
	}
	return true
}

// apply runs the data type map of a row on a value.
func (c *conv) apply(r *row, v val, rep int, n *node, res *resource, e *env) bool {
	inner := c.enter()
	defer c.leave()
	inner.seg, inner.group, inner.dt, inner.res = e.seg, e.group, v, res
	inner.app = c.newApp(e.app, &r.rowName)
	before := len(c.segs[v.at.seg()].used)
	steps := r.steps[:r.climb]
	last := len(steps) - 1
	switch {
	case r.mode == asFree:
		inner.res = c.newResource(r.table.typ, "", res)
		inner.site = site{main: inner.res.root, res: inner.res}
		c.run(r.table, inner)
	case last < 0:
		inner.site = site{main: n, res: res}
		c.run(r.table, inner)
	case !r.late:
		if n, res = c.descend(n, res, steps[:last], e.app, rep); n != nil {
			c.applyAt(r, n, res, &steps[last], rep, e.app, inner)
		}
	case late(steps[last:]):
		c.each(n, res, steps, e.app, rep, func(n *node, res *resource) {
			inner.res, inner.site = res, site{main: n, res: res}
			c.run(r.table, inner)
		})
	default:
		c.each(n, res, steps[:last], e.app, rep, func(n *node, res *resource) {
			c.applyAt(r, n, res, &steps[last], rep, e.app, inner)
		})
	}
	return len(c.segs[v.at.seg()].used) > before
}

// applyAt runs the map of a row at step s of n.
func (c *conv) applyAt(r *row, n *node, res *resource, s *step, rep int, a *app, inner *env) {
	if r.mode == asResource {
		c.inReference(r.table, n, res, s, a, rep, inner)
		return
	}
	key := s.key(a, rep)
	k, ok := c.kid(n, s, key)
	if !ok {
		return
	}
	if s.url != nil && len(k.kids) == 0 {
		c.stampURL(k, s.url, a)
	}
	inner.site = site{main: k, res: res}
	switch {
	case s.create != nil:
		if k, res = c.descend(n, res, []step{*s}, a, rep); k == nil {
			return
		}
		inner.site = site{main: k, res: res}
	case s.f.List:
		inner.site.parent, inner.site.list, inner.site.key = n, s, key
	}
	inner.res = res
	c.run(r.table, inner)
}

// inReference runs a map for a resource that the Reference at step s of n is to.
// Of a map with several resources the reference goes to the first that has
// content.
func (c *conv) inReference(t *table, n *node, owner *resource, s *step, a *app, rep int, inner *env) {
	link, ok := c.kid(n, s, s.key(a, rep))
	if !ok || link.ref != nil && link.ref.root.typ != s.create {
		return
	}
	if s.url != nil && len(link.kids) == 0 {
		c.stampURL(link, s.url, a)
	}
	first := link.ref
	if first == nil {
		first = c.newResource(s.create, "", owner)
	}
	inner.site = site{main: first.root, res: first, owner: owner}
	if t.multi {
		inner.site.more = make([]*resource, maxMulti+1)
		inner.site.more[1] = first
	}
	inner.res = first
	c.run(t, inner)
	for _, r := range inner.site.more {
		if r != nil && r.root.filled() {
			first = r
			break
		}
	}
	if link.ref == nil && first.root.filled() {
		link.ref, link.src, link.row, link.app = first, inner.dt.at, inner.app.row, a
	}
}

// maxMulti is the greatest number in leading brackets.
const maxMulti = 9

// isTree reports whether the row writes more than a text at its target.
func (r *row) isTree() bool {
	return r.vocab != nil && r.leaf != nil || r.kind == rowFn && r.fn.tree != nil
}

// lateRow reports whether the row goes through elements that others make.
func (r *row) lateRow() bool { return late(r.steps[:r.climb]) || late(r.steps) && r.kind != rowAs }
