package r4

import "unsafe"

// value reads the single value of f from node c; choice is the type chosen.
func (b *jsonBuilder) value(m *lenientMembers, f *Field, choice int, c int32) {
	t, p := f.Types[choice], unsafe.Add(m.p, f.offset)
	if f.rep == repResource {
		*(*Resource)(p) = b.resource(c, m.at, f.Name, 0, false)
		return
	}
	at := b.places.add(m.at, f.Name, 0, false, b.begin(c))
	b.node(c).place = at
	if n := b.node(c); n.kind == jsonArray && n.first >= 0 { // one of them may do
		b.wrong(ProblemShape, c, at, "", wantedShape(t))
		if b.node(n.first).next >= 0 {
			b.keep(c, m.at)
		}
		c = n.first
		b.node(c).place = at
	}
	if t.Kind != KindPrimitive {
		v := t.alloc()
		switch {
		case !b.object(c, t, v, at):
		case f.rep == repStruct:
			*(*unsafe.Pointer)(p) = v
		default:
			f.set(p, pointerTo(t, v))
		}
		return
	}
	text, ok := b.primitive(c, at, t)
	if !ok {
		return
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
}

// wantedShape is the problem of a value that is not of type t.
func wantedShape(t *Type) string {
	switch {
	case t.Kind != KindPrimitive:
		return "must be an object"
	case t.prim == primBoolean:
		return "must be true or false"
	case t.prim.numeric():
		return "must be a number"
	}
	return "must be a string"
}

// list reads node c, an array, into the list f.
func (b *jsonBuilder) list(m *lenientMembers, f *Field, c int32) {
	if !b.array(m.at, f, c) {
		if b.node(c).kind != jsonArray {
			b.item(m, f, c, 0)
		}
		return
	}
	i := 0
	for n := b.node(c).first; n >= 0; n = b.node(n).next {
		b.item(m, f, n, i)
		i++
	}
}

// item reads value i of the list f from node c. One that cannot be read leaves
// an empty one in its place, so that those after it keep their number; among
// resources it leaves none.
func (b *jsonBuilder) item(m *lenientMembers, f *Field, c int32, i int) {
	t, p := f.Types[0], unsafe.Add(m.p, f.offset)
	if f.rep == repResources {
		list := (*[]Resource)(p)
		if r := b.resource(c, m.at, f.Name, len(*list), true); r != nil {
			*list = append(*list, r)
		}
		return
	}
	at := b.places.add(m.at, f.Name, i, true, b.begin(c))
	b.node(c).place = at
	if f.rep == repStructs {
		if b.room < 0 {
			return // told already
		}
		b.object(c, t, f.grow(p), at)
		return
	}
	if f.aside && b.node(c).kind == jsonNull {
		m.nulls |= 1 << f.index
		f.pad(p, i+1)
		return
	}
	text, ok := b.primitive(c, at, t)
	switch {
	case !ok:
		m.hole(f, i)
		f.pad(p, i+1)
	case f.rep == repInts:
		*(*[]Int)(p) = append(*(*[]Int)(p), IntOf(atoi(text)))
	default:
		*(*[]string)(p) = append(*(*[]string)(p), text)
	}
}

// primitive reads node c, which is the element at, as the primitive type t. ok
// is false when a field of that type cannot hold what stands there.
func (b *jsonBuilder) primitive(c, at int32, t *Type) (text string, ok bool) {
	n := b.node(c)
	text = n.text
	right := n.kind == jsonString
	switch {
	case t.prim == primBoolean:
		right = n.kind == jsonTrue || n.kind == jsonFalse
	case t.prim.numeric():
		right = n.kind == jsonNumber
		if n.kind == jsonNoNumber {
			b.wrong(ProblemFormat, c, at, "", "not a number as JSON writes it")
			b.keep(c, at)
			return "", false
		}
	}
	if !right {
		b.wrong(ProblemShape, c, at, "", wantedShape(t))
		if n.kind == jsonObject || n.kind == jsonArray || n.kind == jsonNull || t.checkText(text) != "" {
			b.keep(c, at)
			return "", false
		}
		return text, true
	}
	problem, kind := "", ProblemFormat
	switch {
	case text == "":
		problem, kind = "empty string", ProblemEmpty
	case t.prim == primID:
		problem = checkLongID(text)
	case t.shape != nil:
		problem = t.shape(text)
	}
	if !t.prim.numeric() && text != "" && !n.mended {
		if bad := checkString(text); bad != "" {
			problem, kind = bad, ProblemEncoding
		}
	}
	if problem == "" {
		return text, true
	}
	b.wrong(kind, c, at, "", problem)
	if text == "" || t.prim.numeric() {
		b.keep(c, at)
		return "", false
	}
	return text, true
}
