package mapping

import "github.com/ponshealth/pons/fhir/r4"

// chunk hands out values of one type from blocks that are used again for the
// next message. What it hands out is zero.
type chunk[T any] struct {
	blocks [][]T
	block  int // the block in use
	next   int // its first free value
}

const chunkSize = 128

// slice returns n values that lie together, length 0.
func (c *chunk[T]) slice(n int) []T {
	for {
		if c.block == len(c.blocks) {
			c.blocks = append(c.blocks, make([]T, max(n, chunkSize)))
		}
		if b := c.blocks[c.block]; c.next+n <= len(b) {
			s := b[c.next : c.next : c.next+n]
			c.next += n
			return s
		}
		c.block++
		c.next = 0
	}
}

func (c *chunk[T]) new() *T { return &c.slice(1)[:1][0] }

// reset clears what was handed out. Memory beyond keep blocks goes back, so that
// one huge message is not remembered for ever.
func (c *chunk[T]) reset(keep int) {
	for i := range min(c.block+1, len(c.blocks)) {
		clear(c.blocks[i])
	}
	if len(c.blocks) > keep {
		c.blocks = c.blocks[:keep]
	}
	c.block, c.next = 0, 0
}

// keepBlocks is how many blocks of each kind a conversion keeps for the next.
const keepBlocks = 256

// memory is what a conversion works in. None of it is in the result.
type memory struct {
	nodes     chunk[node]
	kids      chunk[kid]
	apps      chunk[app]
	resources chunk[resource]
	envs      []*env // a stack
	depth     int
	fields    []fieldValue
	found     []*resource // of find
	parts     []val       // components of the values at hand, a stack
	lineage   []Lineage
	names     names
	maker     r4.Maker // of what is in results
	ids       identities
	systems   map[string]foundURI // of code systems
	spaces    map[assigned]foundURI
	claims    map[claim]bool
}

func (m *memory) reset() {
	m.nodes.reset(keepBlocks)
	m.kids.reset(keepBlocks)
	m.apps.reset(keepBlocks)
	m.resources.reset(keepBlocks)
	for _, e := range m.envs {
		*e = env{}
	}
	m.depth = 0
	m.ids.reset()
	clear(m.fields)
	clear(m.found[:cap(m.found)])
	clear(m.parts[:cap(m.parts)])
	m.parts = m.parts[:0]
	if cap(m.lineage) > maxNames {
		m.lineage = nil
	}
	m.names.trim()
}

// newNode returns an empty node.
func (c *conv) newNode(typ *r4.Type, info *typeInfo) *node {
	if info == nil {
		info = c.m.prog.types4[typ]
	}
	n := c.mem.nodes.new()
	n.typ, n.info = typ, info
	return n
}

// add gives n one more child.
func (c *conv) add(n *node, k kid) {
	if len(n.kids) == cap(n.kids) {
		more := c.mem.kids.slice(max(4, 2*cap(n.kids)))
		n.kids = append(more, n.kids...)
	}
	n.kids = append(n.kids, k)
}

// enter returns an env for one more level of maps; leave gives it back.
func (c *conv) enter() *env {
	if c.mem.depth == len(c.mem.envs) {
		c.mem.envs = append(c.mem.envs, &env{})
	}
	e := c.mem.envs[c.mem.depth]
	c.mem.depth++
	*e = env{c: c}
	return e
}

func (c *conv) leave() {
	c.mem.depth--
	if e := c.mem.envs[c.mem.depth]; len(e.parts) > 0 {
		c.mem.parts = c.mem.parts[:e.from]
	}
}

// reset makes the conversion ready for another message.
func (c *conv) reset() {
	for i := range c.segs {
		used := c.segs[i].used[:0]
		c.segs[i] = segment{used: used}
	}
	clear(c.pending)
	clear(c.links)
	clear(c.sets)
	*c = conv{
		m: c.m, mem: c.mem, segs: c.segs[:0], pending: c.pending[:0], links: c.links[:0], resources: c.resources[:0], sets: c.sets[:0],
	}
	c.mem.reset()
}
