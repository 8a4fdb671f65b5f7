package structure

import (
	"math"

	"github.com/ponshealth/pons/hl7/grammar"
)

// Matcher is a message structure made ready for matching. It is read-only and
// safe for concurrent use.
type Matcher struct {
	name    string
	version string
	items   []item
	leaves  []int            // items that are segments, in order
	byName  map[string][]int // numbers in leaves
	any     []int            // numbers in leaves of the placeholders for any segment
	start   []move           // from before the message to each leaf
	moves   []move           // from leaf p to leaf q at p*len(leaves)+q
	end     []int32          // cost of ending the message after each leaf
}

// item is a segment or group of the structure, in the order in which they are
// printed. The root is item 0.
type item struct {
	name   string
	group  bool
	choice bool
	many   bool
	cost   int32 // of leaving it out: 0 when it is optional or may be empty
	chain  []int // items from the root to this one
	index  int   // among the children of its parent
	// of a group:
	children []int
	before   []int32 // cost of leaving out the children before number i
}

// move is how to get from one leaf to another.
type move struct {
	cost   int32
	shared int16 // how many groups stay open, counted from the root
	closed int16 // how many groups are closed
}

// What a deviation costs. A reading of the message is the better the less it
// costs; only the order of these numbers and of their small sums matters.
const (
	costMissing   = 2 // a required segment or group is not there
	costAnchor    = 4 // the same, at the beginning of one more repetition: most groups begin with the segment that makes them one
	costTooMany   = 2 // a repetition of what does not repeat
	costMisplaced = 3 // a segment that stands where it does not belong
	impossible    = math.MaxInt32 / 4
)

// Compile makes a structure ready for matching.
func Compile(s *grammar.Structure) *Matcher {
	m := &Matcher{name: s.Name, byName: map[string][]int{}}
	m.add(grammar.Node{Group: true, Min: 1, Max: 1, Children: s.Nodes}, nil, 0)
	for i, it := range m.items {
		if it.group {
			continue
		}
		if it.name == "*" {
			m.any = append(m.any, len(m.leaves))
		} else {
			m.byName[it.name] = append(m.byName[it.name], len(m.leaves))
		}
		m.leaves = append(m.leaves, i)
	}
	n := len(m.leaves)
	m.start, m.moves, m.end = make([]move, n), make([]move, n*n), make([]int32, n)
	for p := range n {
		from := &m.items[m.leaves[p]]
		m.start[p] = move{cost: m.enter(from, 0), shared: 1}
		m.end[p] = m.leave(from, 0)
		for q := range n {
			m.moves[p*n+q] = m.move(from, &m.items[m.leaves[q]])
		}
	}
	return m
}

// add appends a node and what is below it, and returns its number.
func (m *Matcher) add(n grammar.Node, above []int, index int) int {
	at := len(m.items)
	chain := append(append([]int{}, above...), at)
	m.items = append(m.items, item{name: n.Name, group: n.Group, choice: n.Choice, many: n.Max == grammar.Unbounded, chain: chain, index: index})
	total, least := int32(0), int32(impossible)
	before, children := make([]int32, 0, len(n.Children)+1), make([]int, 0, len(n.Children))
	for i, child := range n.Children {
		before = append(before, total)
		children = append(children, m.add(child, chain, i))
		cost := m.items[children[i]].cost
		total, least = total+cost, min(least, cost)
	}
	before = append(before, total)
	mayBeEmpty := n.Group && total == 0
	if n.Choice { // exactly one child occurs: nothing is missing beside it
		clear(before)
		mayBeEmpty = least == 0
	}
	it := &m.items[at]
	it.before, it.children = before, children
	if n.Min > 0 && !mayBeEmpty {
		it.cost = costMissing
	}
	return at
}

// begins returns the segment that an item begins with, see [Problem].
func (m *Matcher) begins(i int) string {
	for len(m.items[i].children) > 0 {
		next := m.items[i].children[0]
		for _, c := range m.items[i].children {
			if m.items[c].cost > 0 {
				next = c
				break
			}
		}
		i = next
	}
	return m.items[i].name
}

// leave is the cost of what is missing after an item, in all groups around it
// that are deeper than depth.
func (m *Matcher) leave(from *item, depth int) int32 {
	cost := int32(0)
	for d := depth; d < len(from.chain)-1; d++ {
		g, child := &m.items[from.chain[d]], &m.items[from.chain[d+1]]
		if !g.choice {
			cost += g.before[len(g.children)] - g.before[child.index+1]
		}
	}
	return cost
}

// enter is the cost of what is missing before an item.
func (m *Matcher) enter(to *item, depth int) int32 {
	cost := int32(0)
	for d := depth; d < len(to.chain)-1; d++ {
		cost += m.items[to.chain[d]].before[m.items[to.chain[d+1]].index]
	}
	return cost
}

// move finds the cheapest way from one leaf to another: forward, or by one more
// repetition of the leaf or of a group that both lie in. Of equal ways it takes
// the one that closes the fewest groups.
func (m *Matcher) move(from, to *item) move {
	common := 0
	for common < min(len(from.chain), len(to.chain)) && from.chain[common] == to.chain[common] {
		common++
	}
	open := len(from.chain) - 1
	best := move{cost: impossible}
	if common < len(from.chain) {
		g := &m.items[from.chain[common-1]]
		a, b := m.items[from.chain[common]].index, m.items[to.chain[common]].index
		if !g.choice && a < b {
			cost := m.leave(from, common) + g.before[b] - g.before[a+1] + m.enter(to, common)
			best = move{cost, int16(common), int16(open - common)}
		}
	}
	for d := common - 1; d > 0; d-- {
		cost := m.leave(from, d) + m.enter(to, d)*costAnchor/costMissing
		if !m.items[from.chain[d]].many {
			cost += costTooMany
		}
		if cost < best.cost {
			best = move{cost, int16(d), int16(open - d)}
		}
	}
	return best
}
