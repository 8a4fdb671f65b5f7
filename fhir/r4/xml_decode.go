package r4

import (
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// UnmarshalXML reads a resource from XML (FHIR R4 xml.html). It refuses what is
// not exactly that: unknown elements and attributes, elements in another order
// than that of their definition, empty elements, values that are empty or nothing
// but white space, text between elements, other namespaces, primitives of the
// wrong format. Comments, processing instructions and the attributes of XML Schema
// instances (xsi:schemaLocation) are skipped.
//
// The document is UTF-8; one that declares anything else is refused. A document
// type definition is refused as well, and there are no entities but the five of
// XML itself, so that nothing expands.
//
// A narrative must be XHTML and is kept as its text: as it stands when it is in
// the namespace of XHTML by an xmlns of its own, otherwise with its prefixes taken
// off. Line ends in it become line feeds, as XML has it.
//
// Limits, time and memory are those of [Unmarshal]; besides, 64 attributes in a
// tag, 64 namespaces in scope, 512 open tags in a narrative. The error is an
// *[Error] for the first problem; [Error.All] finds the others.
func UnmarshalXML(b []byte) (Resource, error) {
	r := newXMLReader(unsafe.String(unsafe.SliceData(b), len(b)))
	if !utf8.Valid(b) {
		return nil, (&Error{Problem: notUTF8(r.s), Kind: ProblemEncoding}).of(r.s, true)
	}
	res := r.document()
	if r.err != nil {
		return nil, r.err.of(r.s, true)
	}
	return res, nil
}

// notUTF8 is the problem of bytes that are not UTF-8.
func notUTF8(s string) string {
	if strings.HasPrefix(s, "\xff\xfe") || strings.HasPrefix(s, "\xfe\xff") {
		return "UTF-16; a document must be UTF-8"
	}
	return "not UTF-8"
}

// lenientXML reads the source, which is made UTF-8.
func (d *Document) lenientXML() {
	r := newXMLReader(d.source)
	r.doc = d
	elements := strings.Count(d.source, "<") - strings.Count(d.source, "</")
	d.places.list = slices.Grow(d.places.list, max(0, min(elements, 64+len(d.source)/16)))
	d.Resource = r.document()
	d.work = r.work
}

// document reads the whole document.
func (r *xmlReader) document() Resource {
	for at := badXMLChar(r.s, 0); at >= 0 && !r.stopped; at = badXMLChar(r.s, at+1) {
		r.problem(ProblemEncoding, at, "", "a character that XML does not have")
	}
	r.prolog()
	if !r.misc(true) {
		return nil
	}
	res := r.resource(-1, "", 0, false)
	if !r.stopped && r.misc(false) {
		r.problem(ProblemSyntax, r.pos, "", "more after the end of the resource")
	}
	return res
}

// resource reads a resource of any type, whose start tag comes next; it is the
// element name of the object around it. It returns nil when there is none.
func (r *xmlReader) resource(up int, name string, index int, list bool) Resource {
	r.pos++
	t, ok := r.startTag()
	if !ok {
		r.stop()
		return nil
	}
	if up < 0 {
		r.path = append(r.path, xmlStep{name: cleanName(t.local)})
	}
	space, _ := r.space(t.prefix)
	typ := TypeByName(t.local)
	switch {
	case space != nsFHIR:
		r.problem(ProblemNamespace, t.start, "", "not in the namespace of FHIR")
		r.moved, r.instead = true, space
	case typ == nil || typ.Kind != KindResource || typ.goType == nil:
		if up < 0 {
			r.path = r.path[:0]
		}
		r.problem(ProblemResourceType, t.start, "", "unknown resource type")
	}
	if r.stopped || typ == nil || typ.Kind != KindResource || typ.goType == nil {
		if up < 0 {
			r.skip(&t)
		} else {
			r.keepAs(&t, ProblemResourceType)
		}
		return nil
	}
	if up < 0 {
		r.note(&t, -1)
	}
	p := typ.alloc()
	res, _ := pointerTo(typ, p).(Resource)
	r.object(typ, p, &t)
	return res
}

// note takes down the place of the element at the end of the path.
func (r *xmlReader) note(t *xmlTag, up int32) {
	if r.doc != nil {
		s := &r.path[len(r.path)-1]
		s.place = r.doc.places.add(up, s.name, s.index, s.list, t.start)
	}
}

// push enters an element of the path, pop leaves it.
func (r *xmlReader) push(f *Field, index int, t *xmlTag) {
	up := r.path[len(r.path)-1].place
	r.path = append(r.path, xmlStep{name: f.Name, index: index, list: f.List})
	r.note(t, up)
}

func (r *xmlReader) pop() { r.path = r.path[:len(r.path)-1] }

// xmlMembers is what is known of an object while it is read.
type xmlMembers struct {
	t        *Type
	p        unsafe.Pointer
	last     int    // index of the field read last, -1 before the first
	seen     uint64 // fields that were read
	unsorted bool   // extras came in another order than the fields
	outer    *Type  // of a primitive: what it is a member of
	ended    bool   // though without an end tag
	some     bool   // anything was there
}

// object reads the element t, whose start tag is read, into the struct of type
// typ at p. It returns false when there was nothing in it.
func (r *xmlReader) object(typ *Type, p unsafe.Pointer, t *xmlTag) bool {
	if r.room < 0 {
		r.skip(t) // told already
		return false
	}
	if r.depth >= maxDepth {
		r.problem(ProblemLimit, t.start, "", "nested too deep")
		r.keep(t)
		return false
	}
	if r.room -= int(typ.size); r.room < 0 {
		r.problem(ProblemLimit, t.start, "", "too many elements for the size of the document")
		r.keep(t)
		return false
	}
	r.depth++
	m := xmlMembers{t: typ, p: p, last: -1, outer: r.outer}
	r.outer = nil
	r.attributes(&m)
	if !t.closed {
		r.enter(t)
		for !r.stopped && !m.ended && r.content(t) {
			r.child(&m)
		}
		r.leave(t)
	} else {
		r.names = r.names[:t.names]
	}
	if m.unsorted {
		slices.SortStableFunc(typ.asidesAt(p), extra.compare)
	}
	r.depth--
	return m.some
}

// attributes reads what the object has as attributes: an id, and the url of an
// extension.
func (r *xmlReader) attributes(m *xmlMembers) {
	for i := range r.attrs {
		a := &r.attrs[i]
		if a.done {
			continue
		}
		f := attrField(m.t, a.local)
		if f == nil || a.prefix != "" {
			r.unknownAttr(a)
			continue
		}
		m.some = true
		if r.doc != nil {
			r.doc.places.add(r.path[len(r.path)-1].place, f.Name, 0, false, a.pos)
		}
		if problem := checkText(f.Types[0], a.value); problem != "" {
			r.problem(kindOf(problem), a.pos, f.Name, problem)
		}
		*(*string)(unsafe.Add(m.p, f.offset)) = r.hold(a.value)
	}
}

// attrField returns the field of an object that is an attribute in XML: the id of
// everything that is no resource, and Extension.url.
func attrField(t *Type, name string) *Field {
	if name != "id" && name != "url" || t.Kind == KindResource || name == "url" && t.Name != "Extension" {
		return nil
	}
	s, ok := t.slots[name]
	if !ok {
		return nil
	}
	return &t.Fields[s.field]
}

// unknownAttr tells of an attribute, if it is not one of XML Schema, which say
// nothing about the resource.
func (r *xmlReader) unknownAttr(a *xmlAttr) {
	if space, _ := r.space(a.prefix); a.prefix != "" && space == nsXSI {
		return
	}
	r.problem(ProblemUnknown, a.pos, cleanName(a.local), "unknown attribute")
	r.unknown(ProblemUnknown, a.local, a.value, a.pos)
}

// blankValue is the problem of an attribute without anything else: XML asks for
// something (FHIR R4 xml.html), where JSON does not.
const blankValue = "nothing but white space"

func isBlank(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isSpace(s[i]) {
			return false
		}
	}
	return true
}

// checkText is what a text of the primitive type t must fulfil in a document.
func checkText(t *Type, text string) string {
	switch {
	case text == "":
		return "empty string"
	case isBlank(text):
		return blankValue
	case t.prim == primID:
		return checkLongID(text)
	case t.shape == nil:
		return ""
	}
	return t.shape(text)
}
