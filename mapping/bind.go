package mapping

// A group is one iteration of a group of the structure in a message.
type group struct {
	part   *part
	parent *group
	last   int    // index of the part that was bound last
	seen   uint64 // parts that are there, by index
	segs   []int  // segments bound directly here
	groups []*group
	slots  []slotValue
}

// bind gives each segment of the message its place in the structure. It does
// not insist on the order of the standard, which differs between versions and
// more so between senders. A segment belongs to the nearest open group that
// knows it, where it can come next; or, out of order, where it is still
// missing; or it starts the next iteration of that group. What no open group
// knows, such as a Z segment, stays unbound. A segment that starts an iteration
// is never given to an earlier one, so no result gets the order of another.
func bind(root *part, segs []segment) *group {
	b := binder{root: &group{part: root, last: -1}}
	b.open = b.root
	for i := range segs {
		if g, p := b.place(segs[i].name); p != nil {
			segs[i].group, segs[i].part = g, p
			g.segs = append(g.segs, i)
		}
	}
	return b.root
}

type binder struct {
	root *group
	open *group // the innermost group that is open
}

func (b *binder) place(name string) (*group, *part) {
	for g := b.open; g != nil; g = g.parent {
		if i := g.next(name); i >= 0 {
			return b.enter(g, i, name, true)
		}
		if i := g.missing(name); i >= 0 {
			return b.enter(g, i, name, false)
		}
		if g.part.repeats && g.part.starts[name] {
			again := g.parent.start(g.part)
			return b.enter(again, again.next(name), name, true)
		}
		if i := g.earlier(name); i >= 0 {
			return b.enter(g, i, name, false)
		}
	}
	return nil, nil
}

// enter binds name at part i of g, or inside it. forward says that what stands
// before i can no longer come.
func (b *binder) enter(g *group, i int, name string, forward bool) (*group, *part) {
	for {
		g.seen |= 1 << (i & 63)
		if forward {
			g.last = i
		}
		child := g.part.parts[i]
		b.open = g
		if child.segment {
			return g, child
		}
		g = g.start(child)
		i, forward = g.next(name), true
	}
}

func (g *group) start(p *part) *group {
	child := &group{part: p, parent: g, last: -1}
	g.groups = append(g.groups, child)
	return child
}

func (g *group) has(i int) bool { return g.seen&(1<<(i&63)) != 0 }

// next returns the first part where name can come after what came before, or -1.
func (g *group) next(name string) int {
	for _, i := range g.part.places[name] {
		if i > g.last && !g.has(i) || i >= g.last && g.part.parts[i].repeats {
			return i
		}
	}
	return -1
}

// missing returns a required part before the position that is not there yet.
func (g *group) missing(name string) int {
	for _, i := range g.part.places[name] {
		if !g.has(i) && !g.part.parts[i].optional {
			return i
		}
	}
	return -1
}

// earlier returns a part before the position that may be there (again) and does
// not start the group.
func (g *group) earlier(name string) int {
	if g.part.repeats && g.part.starts[name] {
		return -1
	}
	for _, i := range g.part.places[name] {
		if !g.has(i) || g.part.parts[i].repeats {
			return i
		}
	}
	return -1
}

// nearest returns the segment of that name that is nearest to segment at in g:
// in the same iteration, then in the groups inside it, then outwards; of several
// the last one up to at, else the first. It never looks into another iteration.
// -1 if there is none.
func (g *group) nearest(segs []segment, name string, at int) int {
	deep := true // the first repeating group outwards is looked through whole
	for ; g != nil; g = g.parent {
		if i := g.search(segs, name, at, false); i >= 0 {
			return i
		}
		if deep && (g.part.repeats || g.parent == nil) {
			if i := g.search(segs, name, at, true); i >= 0 {
				return i
			}
			deep = false
		}
	}
	return -1
}

// search looks in the group and in those inside it; into repeating ones only
// when deep.
func (g *group) search(segs []segment, name string, at int, deep bool) int {
	best := -1
	consider := func(i int) {
		if i >= 0 && (best < 0 || i <= at && i > best) {
			best = i
		}
	}
	for _, i := range g.segs {
		if segs[i].name == name {
			consider(i)
		}
	}
	for _, child := range g.groups {
		if deep || !child.part.repeats {
			consider(child.search(segs, name, at, deep))
		}
	}
	return best
}

// count returns how many segments of that name the nearest group has that has any.
func (g *group) count(segs []segment, name string) int {
	for ; g != nil; g = g.parent {
		n := 0
		for _, i := range g.segs {
			if segs[i].name == name {
				n++
			}
		}
		if n > 0 {
			return n
		}
	}
	return 0
}
