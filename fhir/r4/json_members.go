package r4

import (
	"encoding/binary"
	"slices"
	"strings"
	"unsafe"
)

// members is what is known of an object while it is read. The sets have a bit
// for each field; the largest type has 54.
type members struct {
	t         *Type
	p         unsafe.Pointer
	guess     int    // index of the field that likely comes next
	seen      uint64 // fields whose value was read
	seenAside uint64 // likewise, names with "_"
	nulls     uint64 // lists that have nulls
	typed     bool   // resourceType was there
	unsorted  bool   // extras came in another order than the fields
}

// expected reads the name of one of the fields that come next in the order of
// the definition; nil if another one stands there.
func (d *decoder) expected(m *members) (*Field, *Error) {
	if d.next() != '"' {
		return nil, d.unexpected()
	}
	rest := bytesOf(d.s)[d.pos:]
	if len(rest) < 9 {
		return nil, nil
	}
	w := binary.LittleEndian.Uint64(rest[1:])
	heads := m.t.heads
	for i := m.guess; i < len(heads) && i < m.guess+8; i++ {
		if h := &heads[i]; w&h.mask == h.bits && (len(h.name) <= 8 || strings.HasPrefix(d.s[d.pos+1:], h.name)) {
			d.pos += 1 + len(h.name)
			m.guess = i + 1
			return &m.t.Fields[i], nil
		}
	}
	return nil, nil
}

// unforeseen reads a member by its name.
func (d *decoder) unforeseen(m *members) *Error {
	k, err := d.key()
	if err != nil {
		return err
	}
	f, c, aside := m.find(k)
	if f == nil {
		return d.otherMember(m, k)
	}
	return d.known(m, f, c, aside)
}

// known reads the value of the member for the c-th type of f, or that of its name
// with "_" before it.
func (d *decoder) known(m *members, f *Field, c int, aside bool) *Error {
	bit, seen := uint64(1)<<f.index, &m.seen
	if aside {
		seen = &m.seenAside
	}
	if *seen&bit != 0 {
		return d.fail(twice(f)).in(f.Name)
	}
	*seen |= bit
	var err *Error
	switch {
	case aside:
		err = d.asides(m, f, c)
	case f.List:
		err = d.list(m, f, unsafe.Add(m.p, f.offset))
	default:
		err = d.value(f, c, unsafe.Add(m.p, f.offset))
	}
	if err != nil {
		return err.in(f.Name)
	}
	return nil
}

func twice(f *Field) string {
	if f.Choice {
		return "more than one value"
	}
	return "twice in one object"
}

// find looks up a name. It returns nil when the type has no such element.
func (m *members) find(k string) (f *Field, c int, aside bool) {
	if k != "" && k[0] == '_' {
		k, aside = k[1:], true
	}
	s, ok := m.t.slots[k]
	if !ok || s.base {
		return nil, 0, false
	}
	f, c = &m.t.Fields[s.field], int(s.choice)
	if aside && !f.hasExtras(c) {
		return nil, 0, false
	}
	m.guess = int(s.field) + 1
	return f, c, aside
}

// otherMember handles resourceType and refuses the unknown.
func (d *decoder) otherMember(m *members, k string) *Error {
	if k != "resourceType" || m.t.Kind != KindResource {
		return d.fail("unknown element").in(cleanName(k))
	}
	if m.typed {
		return d.fail("twice in one object").in("resourceType")
	}
	m.typed = true
	name, err := d.str()
	if err == nil && name != m.t.Name {
		err = d.fail("another resource type")
	}
	if err != nil {
		return err.in("resourceType")
	}
	return nil
}

// asides reads the ids and extensions of primitives: the member "_name".
func (d *decoder) asides(m *members, f *Field, c int) *Error {
	if !f.List {
		return d.aside(m, extra{field: f.index, choice: uint8(c)})
	}
	err := d.openArray()
	for i, more := 0, true; more && err == nil; i++ {
		if !d.word("null") {
			if err = d.aside(m, extra{field: f.index, index: int32(i)}); err != nil {
				return err.at(i)
			}
		}
		more, err = d.more(']')
	}
	return err
}

func (d *decoder) aside(m *members, e extra) *Error {
	var x *extras
	x, e.elem = addExtra(m.t.extrasOf(m.p))
	m.unsorted = m.unsorted || len(x.list) > 0 && x.list[len(x.list)-1].field > e.field
	x.list = append(x.list, e)
	return d.object(table().element, unsafe.Pointer(e.elem))
}

// close checks what only the whole object can show.
func (m *members) close(d *decoder) *Error {
	if !m.typed {
		return d.fail("resourceType is missing")
	}
	if m.seenAside == 0 && m.nulls == 0 {
		return nil
	}
	asides := m.t.asidesAt(m.p)
	if m.unsorted {
		slices.SortFunc(asides, extra.compare)
	}
	for i := range m.t.Fields {
		var of []extra
		if len(asides) > 0 && int(asides[0].field) == i {
			of, asides = cutField(asides)
		}
		if (m.seenAside|m.nulls)&(1<<i) == 0 {
			continue
		}
		f := &m.t.Fields[i]
		if err := m.pair(d, f, of); err != nil {
			return err.in(f.Name)
		}
	}
	return nil
}

// pair joins the values of f with its ids and extensions.
func (m *members) pair(d *decoder, f *Field, asides []extra) *Error {
	p := unsafe.Add(m.p, f.offset)
	if !f.List {
		if f.Choice {
			if t := TypeOf(loadChoice(p)); t != nil && t != f.Types[asides[0].choice] {
				return d.fail("value and extension are of two types")
			}
		}
		return nil
	}
	if len(asides) > 0 {
		f.pad(p, int(asides[len(asides)-1].index)+1)
	}
	for i := range f.len(p) {
		has := len(asides) > 0 && int(asides[0].index) == i
		if has {
			asides = asides[1:]
		} else if f.textOf(p, i) == "" {
			return d.fail("neither value nor extension").at(i)
		}
	}
	return nil
}
