package r4

import (
	"math"
	"slices"
	"strconv"
	"unsafe"
)

// jsonBuilder makes a resource of a tree. What it refuses and in which words is
// the same as in json_decode.go and json_members.go; only that it goes on.
type jsonBuilder struct {
	*Document
	tree    jsonReader
	pending []jsonProblem // of reading, until it is known which elements they are in
	depth   int
	room    int
	last    ProblemKind // of the problem told last
}

type jsonProblem struct {
	kind ProblemKind
	pos  int
	node int32
	text string
}

// lenientJSON reads text, which is the source made UTF-8.
func (d *Document) lenientJSON(text string) {
	if len(text) > math.MaxInt32 {
		d.problem(ProblemLimit, 0, "", "the document is too large")
		d.Cut = true
		return
	}
	b := &jsonBuilder{Document: d, room: roomFree + roomPerByte*len(text)}
	b.tree.s = text
	b.tree.report = func(kind ProblemKind, pos int, node int32, text string) {
		if len(b.pending) <= maxProblems {
			b.pending = append(b.pending, jsonProblem{kind, pos, node, text})
		}
	}
	b.tree.read()
	d.Cut = b.tree.cut
	defer func() { d.work = b.tree.work }()
	d.places.list = slices.Grow(d.places.list, len(b.tree.nodes))
	if len(b.tree.nodes) > 0 {
		d.Resource = b.resource(0, -1, "", 0, false)
	}
	for _, p := range b.pending {
		at := int32(-1)
		for n := p.node; n >= 0 && at < 0; n = b.tree.nodes[n].up {
			at = b.tree.nodes[n].place
		}
		d.problem(p.kind, p.pos, d.places.path(at), p.text)
	}
}

func (b *jsonBuilder) node(n int32) *jsonNode { return &b.tree.nodes[n] }

// begin returns where node n begins, in an object with its name.
func (b *jsonBuilder) begin(n int32) int {
	if m := b.node(n); m.key != "" {
		return int(m.keyAt)
	}
	return int(b.node(n).start)
}

// wrong takes down a problem with node n at the element that is place at, or at
// one in it, by name.
func (b *jsonBuilder) wrong(kind ProblemKind, n, at int32, name, text string) {
	if b.last = kind; len(b.Problems) > maxProblems {
		return
	}
	path := b.places.path(at)
	switch {
	case name != "" && path != "":
		path += "." + name
	case name != "":
		path = name
	}
	pos := int(b.node(n).start)
	if kind == ProblemUnknown || kind == ProblemTwice {
		pos = b.begin(n)
	}
	b.problem(kind, pos, path, text)
}

// keep takes down what the resource cannot hold, for the reason told last.
func (b *jsonBuilder) keep(n, at int32) {
	if len(b.Unknown) >= maxProblems {
		return
	}
	m := b.node(n)
	line, column := b.lineAt(b.begin(n))
	name := m.key
	if at >= 0 && m.place == at { // the element itself
		if name == "" {
			name = b.places.list[at].name
		}
		at = b.places.list[at].up
	}
	b.Unknown = append(b.Unknown, Unknown{
		Kind: b.last, At: b.places.path(at), Name: name, Source: b.tree.s[m.start:m.end], Line: line, Column: column,
	})
}

// resource makes a resource of node n, the element name in place up; nil if that
// cannot be.
func (b *jsonBuilder) resource(n, up int32, name string, index int, list bool) Resource {
	at := int32(-1)
	if up >= 0 {
		at = b.places.add(up, name, index, list, b.begin(n))
		b.node(n).place = at
	}
	t, ok := b.resourceType(n, at)
	if !ok {
		if up >= 0 {
			b.keep(n, at)
		}
		return nil
	}
	if up < 0 {
		at = b.places.add(-1, t.Name, 0, false, int(b.node(n).start))
		b.node(n).place = at
	}
	p := t.alloc()
	r, _ := pointerTo(t, p).(Resource)
	b.object(n, t, p, at)
	return r
}

// resourceType finds the type of the resource at node n.
func (b *jsonBuilder) resourceType(n, at int32) (*Type, bool) {
	if b.node(n).kind != jsonObject {
		b.wrong(ProblemShape, n, at, "", "must be an object")
		return nil, false
	}
	found := int32(-1)
	for c := b.node(n).first; c >= 0; c = b.node(c).next {
		b.tree.work++
		if m := b.node(c); m.key == "resourceType" && (found < 0 || b.node(found).kind != jsonString) {
			found = c
			if m.kind == jsonString {
				break
			}
		}
	}
	if found < 0 {
		b.wrong(ProblemResourceType, n, at, "", "resourceType is missing")
		return nil, false
	}
	if b.node(found).kind != jsonString {
		b.wrong(ProblemShape, found, at, "", "must be a string")
		return nil, false
	}
	t := TypeByName(b.node(found).text)
	if t == nil || t.Kind != KindResource || t.goType == nil {
		b.wrong(ProblemResourceType, found, at, "", "unknown resource type")
		return nil, false
	}
	return t, true
}

// lenientMembers is members with what only lenient reading needs.
type lenientMembers struct {
	members
	at    int32           // place of the object
	holes map[[2]int]bool // field and index of list items that were told of already
}

func (m *lenientMembers) hole(f *Field, i int) {
	if m.holes == nil {
		m.holes = map[[2]int]bool{}
	}
	m.holes[[2]int{int(f.index), i}] = true
}

// object reads node n, which is the element at, into the struct of type t at p.
// It returns false when there is no object to read.
func (b *jsonBuilder) object(n int32, t *Type, p unsafe.Pointer, at int32) bool {
	if b.node(n).kind != jsonObject {
		b.wrong(ProblemShape, n, at, "", "must be an object")
		b.keep(n, at)
		return false
	}
	switch {
	case b.room < 0: // told already
		return false
	case b.depth >= maxDepth:
		b.wrong(ProblemLimit, n, at, "", "nested too deep")
		b.keep(n, at)
		return false
	}
	if b.room -= int(t.size); b.room < 0 {
		b.wrong(ProblemLimit, n, at, "", "too many elements for the size of the document")
		b.Cut = true
		return false
	}
	b.depth++
	defer func() { b.depth-- }()
	if b.node(n).first < 0 {
		b.wrong(ProblemEmpty, n, at, "", "empty object")
		return true
	}
	m := lenientMembers{members: members{t: t, p: p, typed: t.Kind != KindResource}, at: at}
	for c := b.node(n).first; c >= 0; c = b.node(c).next {
		b.member(&m, c)
	}
	b.pairs(&m, n)
	return true
}

// member reads the member c of an object.
func (b *jsonBuilder) member(m *lenientMembers, c int32) {
	b.tree.work++
	k := b.node(c).key
	f, choice, aside := m.find(k)
	if f == nil {
		b.otherMember(m, c)
		return
	}
	bit, seen := uint64(1)<<f.index, &m.seen
	if aside {
		seen = &m.seenAside
	}
	if *seen&bit != 0 {
		b.wrong(ProblemTwice, c, m.at, f.Name, twice(f))
		b.keep(c, m.at)
		return
	}
	*seen |= bit
	switch {
	case aside:
		b.asides(m, f, choice, c)
	case f.List:
		b.list(m, f, c)
	default:
		b.value(m, f, choice, c)
	}
}

// otherMember handles resourceType and the unknown.
func (b *jsonBuilder) otherMember(m *lenientMembers, c int32) {
	n := b.node(c)
	switch {
	case n.key != "resourceType" || m.t.Kind != KindResource:
		b.wrong(ProblemUnknown, c, m.at, cleanName(n.key), "unknown element")
	case m.typed:
		b.wrong(ProblemTwice, c, m.at, "resourceType", "twice in one object")
	case n.kind != jsonString:
		m.typed = true
		b.wrong(ProblemShape, c, m.at, "resourceType", "must be a string")
	case n.text != m.t.Name:
		m.typed = true
		b.wrong(ProblemTwice, c, m.at, "resourceType", "another resource type")
	default:
		m.typed = true
		return
	}
	b.keep(c, m.at)
}

// asides reads the ids and extensions of primitives: the member "_name".
func (b *jsonBuilder) asides(m *lenientMembers, f *Field, choice int, c int32) {
	x := extra{field: f.index, choice: uint8(choice)}
	if !f.List {
		b.aside(m, f, x, c)
		return
	}
	if b.array(m.at, f, c) {
		for i := b.node(c).first; i >= 0; i = b.node(i).next {
			if b.node(i).kind != jsonNull {
				b.aside(m, f, x, i)
			}
			x.index++
		}
	} else if b.node(c).kind != jsonArray {
		b.aside(m, f, x, c)
	}
}

func (b *jsonBuilder) aside(m *lenientMembers, f *Field, x extra, c int32) {
	at := b.places.add(m.at, f.Name, int(x.index), f.List, b.begin(c))
	b.node(c).place = at
	made := &Element{}
	if !b.object(c, table().element, unsafe.Pointer(made), at) {
		m.hole(f, int(x.index))
		return
	}
	px := m.t.extrasOf(m.p)
	if *px == nil {
		*px = &extras{}
	}
	x.elem = made
	(*px).list = append((*px).list, x)
}

// array says whether node c is an array that is not empty, and tells if not.
func (b *jsonBuilder) array(at int32, f *Field, c int32) bool {
	switch n := b.node(c); {
	case n.kind != jsonArray:
		b.wrong(ProblemShape, c, at, f.Name, "must be an array")
		return false
	case n.first < 0:
		b.wrong(ProblemEmpty, c, at, f.Name, "empty array")
		return false
	}
	return true
}

// pairs joins the values of lists with their ids and extensions.
func (b *jsonBuilder) pairs(m *lenientMembers, n int32) {
	if m.seenAside == 0 && m.nulls == 0 {
		return
	}
	asides := m.t.asidesAt(m.p)
	slices.SortStableFunc(asides, extra.compare)
	for i := range m.t.Fields {
		var of []extra
		if len(asides) > 0 && int(asides[0].field) == i {
			of, asides = cutField(asides)
		}
		if (m.seenAside|m.nulls)&(1<<i) != 0 {
			b.pair(m, &m.t.Fields[i], of, n)
		}
	}
}

func (b *jsonBuilder) pair(m *lenientMembers, f *Field, asides []extra, n int32) {
	p := unsafe.Add(m.p, f.offset)
	if !f.List {
		if f.Choice && len(asides) > 0 {
			if t := TypeOf(loadChoice(p)); t != nil && t != f.Types[asides[0].choice] {
				b.wrong(ProblemPairing, n, m.at, f.Name, "value and extension are of two types")
				(*m.t.extrasOf(m.p)).drop(f.index)
			}
		}
		return
	}
	if len(asides) > 0 {
		f.pad(p, int(asides[len(asides)-1].index)+1)
	}
	for i := range f.len(p) {
		has := len(asides) > 0 && int(asides[0].index) == i
		if has {
			asides = asides[1:]
		} else if f.textOf(p, i) == "" && !m.holes[[2]int{int(f.index), i}] {
			b.wrong(ProblemPairing, n, m.at, f.Name+"["+strconv.Itoa(i)+"]", "neither value nor extension")
		}
	}
}
