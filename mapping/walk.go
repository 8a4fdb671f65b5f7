package mapping

// A site is where a map is applied: an element, or a resource. A map with
// several values ([2].given) reaches the further ones through it.
type site struct {
	main   *node
	res    *resource
	parent *node // of main, when more values can stand beside it in a list
	list   *step
	key    slotKey
	owner  *resource   // of further resources
	more   []*resource // further resources by number; [1] is res
}

// at returns value n of the site, nil if there can be none.
func (s *site) at(c *conv, n int) (*node, *resource) {
	switch {
	case s.more != nil && n >= 1 && n < len(s.more):
		if s.more[n] == nil {
			s.more[n] = c.newResource(s.main.typ, "", s.owner)
		}
		return s.more[n].root, s.more[n]
	case n <= 1:
		return s.main, s.res
	case s.list != nil:
		k, _ := c.kid(s.parent, s.list, s.key|slotKey(n&0xff))
		return k, s.res
	}
	return nil, nil
}

// kid returns the child of n at a step, made if missing; nil when a choice
// already holds another type.
func (c *conv) kid(n *node, s *step, key slotKey) (*node, bool) {
	k, ok := n.child(s.f, s.typ, key)
	if k != nil || !ok {
		return k, ok
	}
	k = c.newNode(s.typ, s.info)
	c.add(n, kid{s.f, key, k})
	return k, true
}

// key tells which element of its list a step means.
func (s *step) key(a *app, rep int) slotKey {
	if !s.f.List {
		return 0
	}
	if !s.here {
		rep = 1
	}
	slot := max(s.slot, 1)
	if s.url != nil {
		slot = s.url.num
	}
	return keyOf(a, slot, rep, 0)
}

// descend follows the steps from n, making what is missing. It returns nil when
// something else stands in the way.
func (c *conv) descend(n *node, res *resource, steps []step, a *app, rep int) (*node, *resource) {
	for i := range steps {
		s := &steps[i]
		k, ok := c.kid(n, s, s.key(a, rep))
		if !ok {
			return nil, nil
		}
		if s.url != nil && len(k.kids) == 0 {
			c.stampURL(k, s.url, a)
		}
		n = k
		if s.create == nil {
			continue
		}
		if n.ref == nil {
			n.ref = c.newResource(s.create, "", res)
		}
		if n.ref.root.typ != s.create {
			return nil, nil
		}
		n, res = n.ref.root, n.ref
	}
	return n, res
}

// stampURL gives a new extension its url.
func (c *conv) stampURL(n *node, x *extension, a *app) {
	url, _ := c.kid(n, &c.m.prog.concept.url, 0)
	c.put(url, x.url, noPlace, x.row, a, true, false)
}

// noPlace is the source of what does not come from the message.
const noPlace = place(0xfffff) << 44

// each calls fn for every element that steps with [all] or [1-6] reach.
func (c *conv) each(n *node, res *resource, steps []step, a *app, rep int, fn func(*node, *resource)) {
	for i := range steps {
		s := &steps[i]
		if !s.all && s.slotTo == 0 {
			if n, res = c.descend(n, res, steps[i:i+1], a, rep); n == nil {
				return
			}
			continue
		}
		for k := 0; k < len(n.kids); k++ {
			kid := n.kids[k]
			if kid.f != s.f || kid.key.app() != a.id || !kid.n.filled() {
				continue
			}
			if slot := kid.key.slot(); s.slotTo > 0 && (slot < s.slot || slot > s.slotTo) {
				continue
			}
			next, nextRes := kid.n, res
			if s.create != nil {
				if next.ref == nil || next.ref.root.typ != s.create {
					continue
				}
				next, nextRes = next.ref.root, next.ref
			}
			c.each(next, nextRes, steps[i+1:], a, rep, fn)
		}
		return
	}
	fn(n, res)
}

// put writes a text into a primitive. The first one stays, unless it was weak;
// the same text again is welcome.
func (c *conv) put(n *node, text string, src place, r *rowName, a *app, literal, weak bool) bool {
	if n.set && (weak || !n.weak) {
		return n.text == text
	}
	n.text, n.set, n.literal, n.weak = text, true, literal, weak
	n.src, n.row, n.app = src, r, a
	return true
}
