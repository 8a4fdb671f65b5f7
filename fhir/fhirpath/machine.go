package fhirpath

import (
	"sync"
	"time"
)

// Limits of one evaluation.
const (
	defaultSteps = 10_000_000
	maxItems     = 1 << 19  // held at once
	maxProduced  = 32 << 20 // bytes of all strings that functions make
)

// machine is the state of one evaluation.
type machine struct {
	env      *Env
	input    Collection // %context
	now      time.Time  // set when first asked for
	index    int        // $index
	total    Collection // $total
	steps    int        // left
	produced int        // bytes of strings made
	lenient  bool       // see Env.Lenient

	// Collections that live no longer than the evaluation stand one behind the
	// other in chunk, which the next evaluation uses again.
	chunk []Item
	high  int // how much of chunk was in use at most
	items int // in chunks given up
	one   [1]Item
}

var machines = sync.Pool{New: func() any { return &machine{chunk: make([]Item, 0, 32)} }}

// start returns a machine for one evaluation.
func start(env *Env, input Item) *machine {
	m := machines.Get().(*machine)
	m.env, m.lenient = env, env.Lenient
	m.steps = defaultSteps
	if env.MaxSteps > 0 {
		m.steps = env.MaxSteps
	}
	m.one[0] = input
	m.input = m.one[:]
	if input.kind == kindNone {
		m.input = nil
	}
	return m
}

// done gives the machine back without anything of the data in it.
func (m *machine) done() {
	chunk := m.chunk[:0]
	if cap(chunk) > 4096 {
		chunk = make([]Item, 0, 32)
	} else {
		clear(chunk[:m.high])
	}
	*m = machine{chunk: chunk}
	machines.Put(m)
}

// result copies what the caller gets.
func (m *machine) result(c Collection) Collection {
	if len(c) == 0 {
		return nil
	}
	return append(make(Collection, 0, len(c)), c...)
}

const (
	tooManySteps = limit("more steps than allowed")
	tooManyItems = limit("more items than allowed")
	tooMuchText  = limit("more text than allowed")
)

// step counts n steps.
func (m *machine) step(n int) error {
	if m.steps -= n; m.steps < 0 {
		return tooManySteps
	}
	return nil
}

// text counts a string of n bytes that is about to be made.
func (m *machine) text(n int) error {
	if m.produced += n; m.produced > maxProduced || n > maxProduced {
		return tooMuchText
	}
	return m.step(n >> 6)
}

// list returns an empty collection with room for n items.
func (m *machine) list(n int) (Collection, error) {
	used := len(m.chunk)
	if n > cap(m.chunk)-used {
		if m.items += used; n > maxItems || m.items > maxItems {
			return nil, tooManyItems
		}
		m.chunk = make([]Item, 0, max(2*cap(m.chunk), 2*n))
		m.high, used = 0, 0
	}
	m.chunk = m.chunk[:used+n]
	m.high = max(m.high, used+n)
	return Collection(m.chunk[used : used : used+n]), nil
}

// single returns a collection of one item.
func (m *machine) single(i Item) (Collection, error) {
	c, err := m.list(1)
	if err != nil {
		return nil, err
	}
	return append(c, i), nil
}

// add appends an item; the collection may move.
func (m *machine) add(c Collection, i Item) (Collection, error) {
	c, err := m.room(c)
	if err != nil {
		return nil, err
	}
	return append(c, i), nil
}

// room returns c with room for one more item; it may have moved.
func (m *machine) room(c Collection) (Collection, error) {
	if len(c) < cap(c) {
		return c, nil
	}
	if m.last(c) && len(m.chunk) < cap(m.chunk) {
		from, size := len(m.chunk)-len(c), len(c)
		m.chunk = m.chunk[:min(from+2*size+2, cap(m.chunk))]
		m.high = max(m.high, len(m.chunk))
		return m.chunk[from : from+size : len(m.chunk)], nil
	}
	moved, err := m.list(max(2*len(c), 4))
	if err != nil {
		return nil, err
	}
	return append(moved, c...), nil
}

// last says whether c ends where the chunk does.
func (m *machine) last(c Collection) bool {
	return len(c) > 0 && len(m.chunk) > 0 && &c[len(c)-1] == &m.chunk[len(m.chunk)-1]
}

// A mark is a state of the chunk to go back to when the collections made since
// are no longer needed.
type mark struct{ base, used int }

func (m *machine) mark() mark { return mark{m.items, len(m.chunk)} }

func (m *machine) release(to mark) {
	if to.base == m.items && to.used <= len(m.chunk) {
		m.chunk = m.chunk[:to.used]
	}
}

// time returns the time of the evaluation, which is the same wherever an
// expression asks for it.
func (m *machine) time() time.Time {
	if m.now.IsZero() {
		if m.now = m.env.Now; m.now.IsZero() {
			m.now = time.Now()
		}
	}
	return m.now
}
