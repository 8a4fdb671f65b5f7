package patch

import "slices"

// value is a JSON value as RFC 8259 has it: numbers keep their text, members
// their order.
type value struct {
	kind kind
	text string // of a string, unescaped; of a number, as it was written
	*group
}

// group is what an array or an object holds. Other values have none.
type group struct {
	list    []*value
	members []member
	index   map[string]int // of members, when they are many
}

type kind uint8

const (
	null kind = iota
	boolFalse
	boolTrue
	number
	text
	array
	object
)

// member is one of an object. One that was removed stays as a gap without
// value, so that the index holds.
type member struct {
	name  string
	value *value
}

// fewMembers are searched one by one.
const fewMembers = 16

// find returns where a member is, -1 if there is none.
func (v *value) find(name string) int {
	if v.index != nil {
		if i, ok := v.index[name]; ok {
			return i
		}
		return -1
	}
	for i := range v.members {
		if m := &v.members[i]; m.name == name && m.value != nil {
			return i
		}
	}
	return -1
}

func (v *value) member(name string) *value {
	if i := v.find(name); i >= 0 {
		return v.members[i].value
	}
	return nil
}

// set replaces a member or puts it last.
func (v *value) set(name string, to *value) {
	if i := v.find(name); i >= 0 {
		v.members[i].value = to
		return
	}
	v.members = append(v.members, member{name, to})
	switch {
	case v.index != nil:
		v.index[name] = len(v.members) - 1
	case len(v.members) > fewMembers:
		v.index = make(map[string]int, 2*len(v.members))
		for i, m := range v.members {
			if m.value != nil {
				v.index[m.name] = i
			}
		}
	}
}

func (v *value) remove(i int) {
	delete(v.index, v.members[i].name)
	v.members[i] = member{}
}

// valueSize is what a value takes at least, in the count of measure.
const valueSize = 4

// measure gives the bytes that v takes when written, about, and how many values
// stand inside one another in it.
func (v *value) measure() (size, depth int) {
	size = len(v.text) + valueSize
	if v.group == nil {
		return size, 1
	}
	for _, c := range v.list {
		s, d := c.measure()
		size, depth = size+s, max(depth, d)
	}
	for _, m := range v.members {
		if m.value != nil {
			s, d := m.value.measure()
			size, depth = size+s+len(m.name)+valueSize, max(depth, d)
		}
	}
	return size, depth + 1
}

// clone copies v with all that is in it.
func (v *value) clone() *value {
	c := &value{kind: v.kind, text: v.text}
	if v.group == nil {
		return c
	}
	c.group = new(group)
	if v.list != nil {
		c.list = make([]*value, len(v.list))
		for i, e := range v.list {
			c.list[i] = e.clone()
		}
	}
	for _, m := range v.members {
		if m.value != nil {
			c.set(m.name, m.value.clone())
		}
	}
	return c
}

// equal is the equality of RFC 6902 4.6: numbers by what they are worth, lists
// in order, members in any.
func (v *value) equal(w *value) bool {
	if v.kind != w.kind {
		return false
	}
	switch v.kind {
	case number:
		return equalNumbers(v.text, w.text)
	case text:
		return v.text == w.text
	case array:
		return slices.EqualFunc(v.list, w.list, (*value).equal)
	case object:
		n := 0
		for _, m := range v.members {
			if m.value == nil {
				continue
			}
			if n++; !m.equal(w) {
				return false
			}
		}
		for _, m := range w.members {
			if m.value != nil {
				n--
			}
		}
		return n == 0
	}
	return true
}

func (m member) equal(in *value) bool {
	other := in.member(m.name)
	return other != nil && m.value.equal(other)
}

// prune removes the arrays and objects that hold nothing, which FHIR's JSON does
// not have (json.html): a patch that removes the last item of a list leaves one.
// It reports whether anything is left of v.
func (v *value) prune() bool {
	switch v.kind {
	case array:
		v.list = slices.DeleteFunc(v.list, func(e *value) bool { return !e.prune() })
		return len(v.list) > 0
	case object:
		left := false
		for i := range v.members {
			m := &v.members[i]
			switch {
			case m.value == nil:
			case m.value.kind == array && m.name[:min(1, len(m.name))] == "_" && m.value.pruneBeside(),
				m.value.prune():
				left = true
			default:
				v.remove(i)
			}
		}
		return left
	}
	return true
}

// pruneBeside is prune for the ids and extensions of a list of primitives,
// whose items stand at the places of their values: what is empty becomes null.
func (v *value) pruneBeside() bool {
	left := false
	for _, e := range v.list {
		if e.kind != null && !e.prune() {
			*e = value{kind: null}
		}
		left = left || e.kind != null
	}
	if !left {
		v.list = nil
	}
	return left
}
