package reverse

import (
	"slices"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7/grammar"
)

// env is the state of one message.
type env struct {
	r       *Reverter
	ix      *index
	to      Target
	grammar *grammar.Version
	patient string // id of whom it is about

	frame    *frame
	segments []*segment
	name     string                    // of the segment at hand
	swaps    map[*r4.Coding]*r4.Coding // see original
	pending  []key                     // carried over, if the row is taken
	used     map[key]bool              // carried over
}

// A frame holds the slots of one iteration, and how many segments of a kind are in
// it.
type frame struct {
	up     *frame
	slots  map[string]node
	counts map[string]int
	set    int // number of the iteration, for set ids
}

func (f *frame) slot(name string) (node, bool) {
	for ; f != nil; f = f.up {
		if n, ok := f.slots[name]; ok {
			return n, true
		}
	}
	return node{}, false
}

func (f *frame) bind(name string, n node) {
	if f.slots == nil {
		f.slots = map[string]node{}
	}
	n.via = nil
	f.slots[name] = n
}

func (e *env) mark(k key) { e.pending = append(e.pending, k) }

// markAll counts all of an element as carried over.
func (e *env) markAll(v any) {
	leaves(v, func(k key) { e.mark(k) })
}

func (e *env) commit(ks []key) {
	for _, k := range ks {
		e.used[k] = true
	}
}

// items runs rows of a message table.
func (e *env) items(items []*item) error {
	for _, it := range items {
		if _, ok := e.holds(it.when, node{}); !ok {
			continue
		}
		switch {
		case it.let != "":
			if err := e.letItem(it); err != nil {
				return err
			}
		case it.each != "":
			if err := e.eachItem(it); err != nil {
				return err
			}
		default:
			e.write(it)
		}
	}
	return nil
}

// nodes lists what a path leads to. Of patients only the one counts whom the
// message is about.
func (e *env) nodes(p *path) []node {
	var out []node
	e.walk(p, node{}, func(n node) bool {
		if pat, ok := n.v.(*r4.Patient); ok && pat.ID != e.patient {
			return true
		}
		out = append(out, n)
		return true
	})
	return out
}

func (e *env) letItem(it *item) error {
	all := e.nodes(it.path)
	if len(all) == 0 {
		if it.need {
			return &Error{it.path.text, "there is none, and the message needs one"}
		}
		return nil
	}
	e.commit(all[0].via)
	e.frame.bind(it.let, all[0])
	return nil
}

func (e *env) eachItem(it *item) error {
	all := e.nodes(it.path)
	if len(all) == 0 && it.need {
		return &Error{it.path.text, "there is none, and the message needs one"}
	}
	outer := e.frame
	defer func() { e.frame = outer }()
	var seen []any
	for _, n := range all {
		e.commit(n.via)
		if slices.Contains(seen, n.v) {
			continue
		}
		seen = append(seen, n.v)
		e.frame = &frame{up: outer}
		e.frame.bind(it.each, n)
		if it.segment != nil {
			e.write(it)
		}
		if err := e.items(it.items); err != nil {
			return err
		}
	}
	return nil
}

// write writes one segment, if a row has something to say.
func (e *env) write(it *item) {
	seg := &segment{name: it.segment.name}
	e.name = seg.name
	counter := e.frame
	if counter.up != nil {
		counter = counter.up
	}
	if counter.counts == nil {
		counter.counts = map[string]int{}
	}
	counter.counts[seg.name]++
	e.frame.set = counter.counts[seg.name]
	said := false
	for _, r := range it.segment.rows {
		if e.segmentRow(r, seg) {
			said = said || r.from != nil
		}
	}
	if !said && !it.always {
		counter.counts[seg.name]--
		return
	}
	e.segments = append(e.segments, seg)
}

// segmentRow writes a field, or a part of its first repetition.
func (e *env) segmentRow(r *row, seg *segment) bool {
	if _, ok := e.holds(r.when, node{}); !ok {
		return false
	}
	limit := e.repetitions(seg.name, r.field)
	if limit == 0 {
		return false
	}
	nodes := []node{{}}
	if r.from != nil {
		nodes = e.nodes(r.from)
		if r.fn != nil && r.fn.list != nil {
			return e.listRow(r, seg, nodes)
		}
	}
	wrote := false
	for _, n := range nodes {
		var c cell
		e.pending = e.pending[:0]
		if !e.cellOf(r, n, &c, levelOf(r.comp, r.sub)) {
			continue
		}
		if !e.place(seg.field(r.field), r, c, limit) {
			continue
		}
		e.commit(n.via)
		e.commit(e.pending)
		wrote = true
	}
	return wrote
}

func levelOf(comp, sub int) int {
	switch {
	case sub > 0:
		return 2
	case comp > 0:
		return 1
	}
	return 0
}

// listRow lets a function make one value, or repetitions, of all elements.
func (e *env) listRow(r *row, seg *segment, nodes []node) bool {
	e.pending = e.pending[:0]
	wrote := false
	for _, c := range r.fn.list(e, r, nodes) {
		wrote = e.place(seg.field(r.field), r, c, e.repetitions(seg.name, r.field)) || wrote
	}
	if wrote {
		e.commit(e.pending)
	}
	return wrote
}

// cellOf makes the value of a row.
func (e *env) cellOf(r *row, n node, c *cell, level int) bool {
	switch {
	case r.value != nil:
		c.set(*r.value)
		return true
	case r.fn != nil:
		return r.fn.one != nil && r.fn.one(e, r, n, c, level)
	case r.vocab != nil && n.v == nil:
		text, ok := e.code(r.vocab, n)
		c.set(text)
		return ok
	case r.vocab != nil:
		defer e.original(r.vocab, n)()
		if coding, ok := n.v.(*r4.Coding); ok && e.swaps[coding] != nil {
			n.v = e.swaps[coding]
		}
		if r.as != nil {
			return e.fill(r.as, n, c, level)
		}
		return e.firstCode(n, c)
	case r.as != nil:
		return e.fill(r.as, n, c, level)
	}
	text, ok := e.text(n)
	c.set(text)
	return ok
}

// firstCode gives the code alone of a concept, for fields that hold no more.
func (e *env) firstCode(n node, c *cell) bool {
	p := firstCodePath()
	if n.typ.Name == "Coding" {
		p = codePath()
	}
	ok := false
	e.walk(p, n, func(m node) bool {
		var text string
		if text, ok = e.text(m); ok {
			c.set(text)
		}
		return !ok
	})
	return ok
}

// fill runs the map of a data type.
func (e *env) fill(t *table, n node, c *cell, level int) bool {
	wrote := false
	for _, r := range t.rows {
		via, ok := e.holds(r.when, n)
		if !ok || level+levelOf(1, r.sub) > 3 {
			continue
		}
		if r.fn != nil && r.fn.list != nil && r.from != nil {
			wrote = e.partList(r, n, c) || wrote
			continue
		}
		each := func(m node) bool {
			var v cell
			before := len(e.pending)
			if e.cellOf(r, m, &v, level+levelOf(1, r.sub)) && !v.empty() && e.putPart(c, r, v, level) {
				e.pending = append(append(e.pending, m.via...), via...)
				wrote = true
				return false
			}
			e.pending = e.pending[:before]
			return true
		}
		if r.from == nil {
			each(n)
		} else {
			e.walk(r.from, n, each)
		}
	}
	return wrote
}

// putPart puts a value into a part, if there are parts on this level.
func (e *env) putPart(c *cell, r *row, v cell, level int) bool {
	if level >= 2 {
		if r.comp != 1 || !c.empty() {
			return false
		}
		*c = v
		return true
	}
	return putInto(c, r, v)
}

func (e *env) partList(r *row, n node, c *cell) bool {
	var nodes []node
	e.walk(r.from, n, func(m node) bool { nodes = append(nodes, m); return true })
	before := len(e.pending)
	for _, v := range r.fn.list(e, r, nodes) {
		if !v.empty() && putInto(c, r, v) {
			return true
		}
	}
	e.pending = e.pending[:before]
	return false
}
