package r4

import (
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// Unmarshal reads a resource from JSON (FHIR R4 json.html). It refuses what is
// not exactly that: unknown elements (names count by case), a name twice in an
// object, nulls outside lists of primitives, empty objects, arrays and strings,
// primitives of the wrong format, bad UTF-8, anything after the resource, and
// more than 128 objects inside one another. It does not ask for required
// elements, and an id may be longer than 64 characters, for an official example
// has one. The error is an *[Error].
//
// Time and memory are linear in the size of b, which is not kept. Strings of
// the result share one copy of it, so that a part that is kept keeps the whole
// document in memory.
func Unmarshal(b []byte) (Resource, error) {
	d, err := newDecoder(b)
	if err != nil {
		return nil, err
	}
	var r Resource
	e := d.resource(&r)
	if e == nil {
		e = d.end()
	}
	if e == nil {
		return r, nil
	}
	root := ""
	if r != nil {
		root = r.ResourceType()
	}
	return nil, d.located(e, root)
}

// UnmarshalInto is like [Unmarshal] for a struct that is there: v is a pointer
// to any generated struct, also a datatype such as *[HumanName]. What it held
// before is gone, also after an error.
func UnmarshalInto(b []byte, v any) error {
	t := TypeOf(v)
	if t == nil || t.goType == nil || pointerOf(v) == nil {
		return &Error{Problem: "not a pointer to a type of R4"}
	}
	d, err := newDecoder(b)
	if err != nil {
		return err
	}
	reflect.ValueOf(v).Elem().SetZero()
	e := d.object(t, pointerOf(v))
	if e == nil {
		e = d.end()
	}
	if e != nil {
		return d.located(e, t.Name)
	}
	return nil
}

func newDecoder(b []byte) (*decoder, error) {
	if !utf8.Valid(b) {
		return nil, &Error{Problem: "not UTF-8"}
	}
	return &decoder{s: string(b)}, nil
}

// end refuses anything but white space after the document.
func (d *decoder) end() *Error {
	if d.next() == 0 && d.pos >= len(d.s) {
		return nil
	}
	return d.fail("more after the end of the resource")
}

// located completes an error with the line and the root of its path.
func (d *decoder) located(e *Error, root string) *Error {
	e.Line = 1 + strings.Count(d.s[:min(d.pos, len(d.s))], "\n")
	if root != "" {
		e.in(root)
	}
	return e
}

// resource reads a resource of any type into *r.
func (d *decoder) resource(r *Resource) *Error {
	name, err := d.resourceType()
	if err != nil {
		return err
	}
	t := TypeByName(name)
	if t == nil || t.Kind != KindResource || t.goType == nil {
		return d.fail("unknown resource type")
	}
	made := t.alloc()
	*r, _ = pointerTo(t, made).(Resource)
	return d.object(t, made)
}

// object reads an object of type t into the struct at p.
func (d *decoder) object(t *Type, p unsafe.Pointer) *Error {
	if d.next() != '{' {
		if d.pos >= len(d.s) {
			return d.unexpected()
		}
		return d.fail("must be an object")
	}
	if d.depth++; d.depth > maxDepth {
		return d.fail("nested too deep")
	}
	d.pos++
	if d.next() == '}' {
		return d.fail("empty object")
	}
	m := members{t: t, p: p, typed: t.Kind != KindResource}
	for more := true; more; {
		k, err := d.key()
		if err == nil {
			err = d.member(&m, k)
		}
		if err != nil {
			return err
		}
		if more, err = d.more('}'); err != nil {
			return err
		}
	}
	d.depth--
	return m.close(d)
}

// members is what is known of an object while it is read.
type members struct {
	t         *Type
	p         unsafe.Pointer
	guess     int    // index of the field that likely comes next
	seen      uint64 // by index of the field
	seenAside uint64 // likewise, names with "_"
	nulls     uint64 // lists that have nulls
	typed     bool   // resourceType was there
	unsorted  bool   // extras came in another order than the fields
}

// member reads the value of the member named k.
func (d *decoder) member(m *members, k string) *Error {
	f, c, aside := m.find(k)
	if f == nil {
		return d.otherMember(m, k)
	}
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

// find looks up a name, first at the fields that come next in the order of the
// definition. It returns nil when the type has no such element.
func (m *members) find(k string) (f *Field, c int, aside bool) {
	names := m.t.names
	for i := m.guess; i < len(names) && i < m.guess+6; i++ {
		if names[i] == k {
			m.guess = i + 1
			return &m.t.Fields[i], 0, false
		}
	}
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

// value reads the single value of f into its memory at p; c is the type chosen.
func (d *decoder) value(f *Field, c int, p unsafe.Pointer) *Error {
	t := f.Types[c]
	switch f.rep {
	case repStruct:
		v := t.alloc()
		*(*unsafe.Pointer)(p) = v
		return d.object(t, v)
	case repResource:
		return d.resource((*Resource)(p))
	case repChoice:
		if t.Kind != KindPrimitive {
			v := t.alloc()
			f.set(p, pointerTo(t, v))
			return d.object(t, v)
		}
	}
	text, err := d.primitive(t)
	if err != nil {
		return err
	}
	switch f.rep {
	case repString, repDecimal:
		*(*string)(p) = text
	case repBool:
		*(*Bool)(p) = BoolOf(text == "true")
	case repInt:
		*(*Int)(p) = IntOf(atoi(text))
	case repChoice:
		f.set(p, inChoice(t, text))
	}
	return nil
}

// primitive reads a value of the primitive type t and checks its format.
func (d *decoder) primitive(t *Type) (text string, err *Error) {
	switch t.prim {
	case primBoolean:
		switch {
		case d.word("true"):
			return "true", nil
		case d.word("false"):
			return "false", nil
		}
		return "", d.fail("must be true or false")
	case primDecimal:
		return d.number()
	case primInteger, primPositiveInt, primUnsignedInt:
		text, err = d.number()
	default:
		text, err = d.str()
	}
	if err != nil {
		return "", err
	}
	if problem := d.problem(t, text); problem != "" {
		return "", d.fail(problem)
	}
	return text, nil
}

// problem is Type.checkText with what reading has seen already left out: a
// string without escapes is UTF-8 and has no control characters.
func (d *decoder) problem(t *Type, text string) string {
	switch {
	case text == "":
		return "empty string"
	case d.escapes && !t.prim.numeric():
		if problem := checkString(text); problem != "" {
			return problem
		}
	}
	switch {
	case t.shape == nil:
		return ""
	case t.prim == primID:
		return checkLongID(text)
	}
	return t.shape(text)
}

// openArray skips the bracket of an array that is not empty.
func (d *decoder) openArray() *Error {
	if d.next() != '[' {
		if d.pos >= len(d.s) {
			return d.unexpected()
		}
		return d.fail("must be an array")
	}
	d.pos++
	if d.next() == ']' {
		return d.fail("empty array")
	}
	return nil
}

// list reads an array into the slice at p.
func (d *decoder) list(m *members, f *Field, p unsafe.Pointer) *Error {
	err := d.openArray()
	for i, more := 0, true; more && err == nil; i++ {
		if err = d.item(m, f, p, i); err != nil {
			return err.at(i)
		}
		more, err = d.more(']')
	}
	return err
}

// item reads value i of the list f and appends it to the slice at p.
func (d *decoder) item(m *members, f *Field, p unsafe.Pointer, i int) *Error {
	t := f.Types[0]
	switch f.rep {
	case repStructs:
		return d.object(t, f.grow(p))
	case repResources:
		list := (*[]Resource)(p)
		*list = append(*list, nil)
		return d.resource(&(*list)[i])
	}
	if f.aside && d.word("null") {
		m.nulls |= 1 << f.index
		f.pad(p, i+1)
		return nil
	}
	text, err := d.primitive(t)
	if err != nil {
		return err
	}
	if f.rep == repInts {
		*(*[]Int)(p) = append(*(*[]Int)(p), IntOf(atoi(text)))
	} else {
		*(*[]string)(p) = append(*(*[]string)(p), text)
	}
	return nil
}

// asides reads the ids and extensions of primitives: the member "_name".
func (d *decoder) asides(m *members, f *Field, c int) *Error {
	px := m.t.extrasOf(m.p)
	if *px == nil {
		*px = newExtras()
	}
	if !f.List {
		return d.aside(m, *px, extra{field: f.index, choice: uint8(c)})
	}
	err := d.openArray()
	for i, more := 0, true; more && err == nil; i++ {
		if !d.word("null") {
			if err = d.aside(m, *px, extra{field: f.index, index: int32(i)}); err != nil {
				return err.at(i)
			}
		}
		more, err = d.more(']')
	}
	return err
}

func (d *decoder) aside(m *members, x *extras, e extra) *Error {
	e.elem = &Element{}
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
