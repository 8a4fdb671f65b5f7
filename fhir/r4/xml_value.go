package r4

import (
	"strings"
	"unsafe"
)

// content reads on in the element t up to the next start tag, behind its <. It
// returns false when the element ends.
func (r *xmlReader) content(t *xmlTag) bool {
	for !r.stopped {
		r.blank()
		if r.pos >= len(r.s) {
			r.fail(ProblemSyntax, r.pos, "the document ends too early")
			return false
		}
		if r.s[r.pos] != '<' {
			r.strayText()
			continue
		}
		if r.pos+1 < len(r.s) {
			switch r.s[r.pos+1] {
			case '/':
				r.pos += 2
				if r.endTag(t) {
					return false
				}
				continue
			case '!', '?':
				if !r.markup() {
					r.strayText()
				}
				continue
			}
		}
		r.pos++
		return true
	}
	return false
}

// strayText tells of text where only elements may stand, and skips it.
func (r *xmlReader) strayText() {
	rest := r.s[r.pos:]
	r.problem(ProblemShape, r.pos, "", "text between elements")
	if r.stopped {
		return
	}
	end := len(rest)
	if strings.HasPrefix(rest, "<![CDATA[") {
		if at := strings.Index(rest, "]]>"); at >= 0 {
			end = at + 3
		}
	} else if at := strings.IndexByte(rest, '<'); at >= 0 {
		end = at
	}
	r.pos += end
	r.work += end
}

// child reads a child element of an object.
func (r *xmlReader) child(m *xmlMembers) {
	t, ok := r.startTag()
	if !ok {
		return
	}
	f, c := m.find(t.local)
	if f == nil && r.endMissing(m.outer, &t) {
		m.ended = true
		return
	}
	m.some = true
	space, bound := r.space(t.prefix)
	xhtml := f != nil && f.Types[c].Kind == KindPrimitive && f.Types[c].prim == primXHTML
	switch {
	case !bound:
		r.problem(ProblemNamespace, t.start, "", "a prefix without a namespace")
	case space != nsFHIR && !xhtml && !r.foreign(space, f != nil):
		r.problem(ProblemNamespace, t.start, cleanName(t.local), "not in the namespace of FHIR")
	}
	if f == nil {
		kind := ProblemNamespace
		if space == nsFHIR {
			kind = ProblemUnknown
			r.problem(kind, t.start, cleanName(t.local), "unknown element")
		}
		r.keepAs(&t, kind)
		return
	}
	bit := uint64(1) << f.index
	switch {
	case m.seen&bit != 0 && !f.List:
		r.problem(ProblemTwice, t.start, f.Name, twice(f))
		r.keepAs(&t, ProblemTwice)
		return
	case int(f.index) < m.last:
		r.problem(ProblemOrder, t.start, f.Name, "must stand before what is before it")
	default:
		m.last = int(f.index)
	}
	m.seen |= bit
	if r.stopped {
		return
	}
	p := unsafe.Add(m.p, f.offset)
	index := 0
	if f.List {
		index = (*slice)(p).len
	}
	r.push(f, index, &t)
	r.field(m, f, c, p, &t)
	r.pop()
}

// endMissing says whether t, a tag in a primitive, likely stands there only
// because the primitive has no end tag: it is a member of what the primitive is a
// member of. Then that is told, and the tag is read again.
func (r *xmlReader) endMissing(outer *Type, t *xmlTag) bool {
	if outer == nil {
		return false
	}
	if f, _ := outer.xmlField(t.local); f == nil {
		return false
	}
	r.problem(ProblemSyntax, t.start, "", "the end tag is missing")
	if !r.stopped {
		r.pos, r.names = t.start, r.names[:t.names]
	}
	return true
}

// foreign says whether a namespace was told of before; known says that what is
// in it has the name of an element of FHIR, and is taken for one.
func (r *xmlReader) foreign(space string, known bool) bool {
	told := r.moved && space == r.instead
	if known {
		r.moved, r.instead = true, space
	}
	return told
}

// find looks up an element by its name. It returns nil when the type has none of
// it, or has it as an attribute.
func (m *xmlMembers) find(name string) (*Field, int) {
	names := m.t.names
	for i := max(m.last, 0); i < len(names) && i < m.last+6; i++ {
		if names[i] == name {
			if f := &m.t.Fields[i]; attrField(m.t, name) != f {
				return f, 0
			}
			return nil, 0
		}
	}
	return m.t.xmlField(name)
}

// xmlField finds the field of an element by its name.
func (t *Type) xmlField(name string) (*Field, int) {
	s, ok := t.slots[name]
	if !ok || s.base {
		return nil, 0
	}
	f := &t.Fields[s.field]
	if attrField(t, name) == f {
		return nil, 0
	}
	return f, int(s.choice)
}

// field reads the element t, a value of f, whose memory is at p; c is the type
// chosen.
func (r *xmlReader) field(m *xmlMembers, f *Field, c int, p unsafe.Pointer, t *xmlTag) {
	typ := f.Types[c]
	if r.depth >= maxDepth && typ.Kind != KindPrimitive && f.rep != repResource && f.rep != repResources {
		r.object(typ, nil, t) // says so; no element is made for it
		return
	}
	switch f.rep {
	case repStruct:
		v := typ.alloc()
		*(*unsafe.Pointer)(p) = v
		r.complex(typ, v, t)
		return
	case repStructs:
		r.complex(typ, f.grow(p), t)
		return
	case repResource, repResources:
		r.inside(f, p, t)
		return
	case repChoice:
		if typ.Kind != KindPrimitive {
			v := typ.alloc()
			f.set(p, pointerTo(typ, v))
			r.complex(typ, v, t)
			return
		}
	}
	if typ.prim == primXHTML {
		if text, ok := r.narrative(t); ok {
			*(*string)(p) = text
		}
		return
	}
	r.primitive(m, f, c, p, t)
}

// complex reads a complex element that must not be empty.
func (r *xmlReader) complex(typ *Type, p unsafe.Pointer, t *xmlTag) {
	if !r.object(typ, p, t) && r.told() == t.told {
		r.problem(ProblemEmpty, t.start, "", "empty element")
	}
}

// inside reads an element that holds a resource: contained, or the resource of
// an entry.
func (r *xmlReader) inside(f *Field, p unsafe.Pointer, t *xmlTag) {
	for i := range r.attrs {
		r.unknownAttr(&r.attrs[i])
	}
	n := 0
	if !t.closed {
		r.enter(t)
		for ; !r.stopped && r.content(t); n++ {
			if n > 0 {
				r.problem(ProblemTwice, r.pos-1, "", "more than one resource")
				if again, ok := r.startTag(); ok {
					r.keepAs(&again, ProblemTwice)
				}
				continue
			}
			r.pos--
			res := r.resource(0, f.Name, 0, f.List)
			switch {
			case res == nil:
			case f.rep == repResource:
				*(*Resource)(p) = res
			default:
				*(*[]Resource)(p) = append(*(*[]Resource)(p), res)
			}
		}
		r.leave(t)
	} else {
		r.names = r.names[:t.names]
	}
	if n == 0 && r.told() == t.told {
		r.problem(ProblemEmpty, t.start, "", "empty element")
	}
}

// primitive reads the element t, a primitive, with its id and extensions.
func (r *xmlReader) primitive(m *xmlMembers, f *Field, c int, p unsafe.Pointer, t *xmlTag) {
	typ := f.Types[c]
	text, has, more := "", false, !t.closed
	for i := range r.attrs {
		if a := &r.attrs[i]; a.prefix == "" && a.local == "value" {
			text, has, a.done = a.value, true, true
			if problem := checkText(typ, text); problem != "" {
				r.problem(kindOf(problem), a.pos, "", problem)
				if text == "" || typ.prim.numeric() {
					r.unknown(kindOf(problem), a.local, a.value, a.pos)
					text = ""
				}
			}
		} else {
			more = true
		}
	}
	var elem *Element
	if !more {
		r.names = r.names[:t.names]
	} else if f.hasExtras(c) {
		own := &Element{}
		r.outer = m.t
		if r.object(table().element, unsafe.Pointer(own), t) {
			elem = own
		}
	} else {
		r.bare(m.t, t)
	}
	if elem == nil && !has && r.told() == t.told {
		r.problem(ProblemEmpty, t.start, "", "empty element")
	}
	if r.stopped {
		return
	}
	index := r.path[len(r.path)-1].index
	if elem != nil {
		r.aside(m, extra{field: f.index, choice: uint8(c), index: int32(index), elem: elem})
	}
	if text == "" {
		if f.List {
			f.pad(p, index+1)
		}
		return
	}
	if typ.prim == primDecimal || !typ.prim.numeric() { // others become numbers
		text = r.hold(text)
	}
	switch f.rep {
	case repString, repDecimal:
		*(*string)(p) = text
	case repBool:
		*(*Bool)(p) = BoolOf(text == "true")
	case repInt:
		*(*Int)(p) = IntOf(atoi(text))
	case repChoice:
		f.set(p, inChoice(typ, text))
	case repInts:
		*(*[]Int)(p) = append(*(*[]Int)(p), IntOf(atoi(text)))
	default:
		list := (*[]string)(p)
		if *list == nil {
			*list = make([]string, 0, 2)
		}
		*list = append(*list, text)
	}
}

// bare reads the rest of a primitive that can have neither id nor extensions.
func (r *xmlReader) bare(outer *Type, t *xmlTag) {
	for i := range r.attrs {
		if a := &r.attrs[i]; !a.done {
			r.unknownAttr(a)
		}
	}
	if t.closed {
		r.names = r.names[:t.names]
		return
	}
	r.enter(t)
	for !r.stopped && r.content(t) {
		if in, ok := r.startTag(); ok {
			if in.local != "extension" && r.endMissing(outer, &in) {
				break
			}
			r.problem(ProblemUnknown, in.start, cleanName(in.local), "unknown element")
			r.keepAs(&in, ProblemUnknown)
		}
	}
	r.leave(t)
}

// aside adds the id and extensions of a primitive.
func (r *xmlReader) aside(m *xmlMembers, e extra) {
	px := m.t.extrasOf(m.p)
	if *px == nil {
		*px = &extras{}
		(*px).list = (*px).first[:0]
	}
	list := (*px).list
	m.unsorted = m.unsorted || len(list) > 0 && list[len(list)-1].field > e.field
	(*px).list = append(list, e)
}
