package r4

import (
	"bytes"
	"unicode/utf8"
	"unsafe"
)

// MarshalXML writes r as XML (FHIR R4 xml.html): UTF-8, without white space
// between elements. Elements that hold nothing are left out. Beyond what
// [Marshal] refuses it refuses, with an *[Error], characters that XML does not
// have, values of nothing but white space, and a narrative that is no XHTML. A narrative that binds no namespace gets
// that of XHTML.
func MarshalXML(r Resource) ([]byte, error) { return marshalXML(r, false) }

// MarshalXMLIndent is like [MarshalXML] with a line for each element and two
// spaces for each level. Narratives stay as they are.
func MarshalXMLIndent(r Resource) ([]byte, error) { return marshalXML(r, true) }

const xmlDeclaration = `<?xml version="1.0" encoding="UTF-8"?>`

func marshalXML(r Resource, indent bool) ([]byte, error) {
	t := TypeOf(r)
	if t == nil || t.goType == nil || pointerOf(r) == nil {
		return nil, &Error{Problem: "not a pointer to a type of R4"}
	}
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	e := xmlEncoder{tables: table(), indent: indent}
	start := append((*buf)[:0], xmlDeclaration...)
	b, err := e.object(start, t.Name, t, pointerOf(r))
	if err == nil && (!utf8.Valid(b) || badXMLChar(unsafe.String(&b[0], len(b)), 0) >= 0) {
		e = xmlEncoder{tables: e.tables, check: true} // once more to find the place
		_, err = e.object(start, t.Name, t, pointerOf(r))
	}
	if err != nil {
		return nil, err.in(t.Name)
	}
	if indent {
		b = append(b, '\n')
	}
	if cap(b) <= 1<<16 {
		*buf = b
	}
	return bytes.Clone(b), nil
}

// xmlEncoder appends XML. A method that finds nothing to write returns b as it
// was.
type xmlEncoder struct {
	*tables
	depth  int // objects around
	level  int // elements around
	indent bool
	check  bool // each string; without it the whole is checked at the end
}

// line begins a line, if there are any.
func (e *xmlEncoder) line(b []byte) []byte {
	if !e.indent {
		return b
	}
	const blanks = "\n                                "
	b = append(b, blanks[:1+min(2*e.level, len(blanks)-1)]...)
	for n := 2*e.level - (len(blanks) - 1); n > 0; n-- {
		b = append(b, ' ')
	}
	return b
}

// object writes the struct at p as the element name, nothing if it holds nothing
// and is no resource.
func (e *xmlEncoder) object(b []byte, name string, t *Type, p unsafe.Pointer) ([]byte, *Error) {
	start := len(b)
	b = append(append(e.line(b), '<'), name...)
	if e.level == 0 {
		b = append(b, ` xmlns="`+nsFHIR+`"`...)
	}
	bare := len(b)
	b, err := e.attributes(b, t, p)
	if err != nil {
		return b, err
	}
	attrs := len(b) > bare
	b = append(b, '>')
	open := len(b)
	if b, err = e.children(b, t, p); err != nil {
		return b, err
	}
	switch {
	case len(b) > open:
		return e.end(b, name), nil
	case attrs || t.Kind == KindResource:
		return append(b[:open-1], "/>"...), nil
	}
	return b[:start], nil
}

// end writes the end tag of an element that holds others.
func (e *xmlEncoder) end(b []byte, name string) []byte {
	b = append(e.line(b), "</"...)
	return append(append(b, name...), '>')
}

// attributes writes what the struct at p has as attributes.
func (e *xmlEncoder) attributes(b []byte, t *Type, p unsafe.Pointer) ([]byte, *Error) {
	if t.Kind == KindResource {
		return b, nil
	}
	var err *Error
	for _, name := range [...]string{"id", "url"} {
		f := attrField(t, name)
		if f == nil {
			continue
		}
		if text := *(*string)(unsafe.Add(p, f.offset)); text != "" {
			if b, err = e.attribute(b, name, text); err != nil {
				return b, err.in(name)
			}
		}
	}
	return b, nil
}

// attribute writes an attribute.
func (e *xmlEncoder) attribute(b []byte, name, text string) ([]byte, *Error) {
	if text[0] <= ' ' && isBlank(text) {
		return b, &Error{Kind: ProblemEmpty, Problem: blankValue}
	}
	if e.check {
		if problem := xmlProblem(text); problem != "" {
			return b, &Error{Kind: ProblemEncoding, Problem: problem}
		}
	}
	return appendXMLAttr(b, name, text), nil
}

func xmlProblem(text string) string {
	switch {
	case !utf8.ValidString(text):
		return "not UTF-8"
	case badXMLChar(text, 0) >= 0:
		return "a character that XML does not have"
	}
	return ""
}

// children writes the elements in the struct at p.
func (e *xmlEncoder) children(b []byte, t *Type, p unsafe.Pointer) ([]byte, *Error) {
	if e.depth++; e.depth > maxDepth {
		return b, &Error{Problem: "nested too deep"}
	}
	e.level++
	asides := t.asidesAt(p)
	for i := range t.steps {
		s := &t.steps[i]
		var of []extra
		if len(asides) > 0 && int(asides[0].field) == i {
			of, asides = cutField(asides)
		} else if s.absent(p) {
			continue
		}
		f := &t.Fields[i]
		if attrField(t, f.Name) == f {
			continue
		}
		var err *Error
		if b, err = e.field(b, f, unsafe.Add(p, s.offset), of); err != nil {
			return b, err.in(f.Name)
		}
	}
	e.level--
	e.depth--
	return b, nil
}

// field writes the elements of f, whose memory is at p. The ids and extensions
// of its primitives are asides.
func (e *xmlEncoder) field(b []byte, f *Field, p unsafe.Pointer, asides []extra) ([]byte, *Error) {
	s := &f.owner.steps[f.index]
	var err *Error
	switch s.rep {
	case repStruct:
		if v := *(*unsafe.Pointer)(p); v != nil {
			return e.object(b, f.Name, s.elem, v)
		}
		return b, nil
	case repStructs:
		data := (*slice)(p).data
		for i := range (*slice)(p).len {
			if b, err = e.object(b, f.Name, s.elem, unsafe.Add(data, uintptr(i)*s.elem.size)); err != nil {
				return b, err.at(i)
			}
		}
		return b, nil
	case repResource:
		return e.resource(b, f.Name, *(*Resource)(p))
	case repResources:
		for i, r := range *(*[]Resource)(p) {
			if b, err = e.resource(b, f.Name, r); err != nil {
				return b, err.at(i)
			}
		}
		return b, nil
	case repStrings, repInts, repDecimals:
		return e.primitives(b, f, p, asides)
	case repChoice:
		return e.choice(b, f, loadChoice(p), asides)
	}
	var own *Element
	if len(asides) > 0 {
		own = asides[0].elem
	}
	return e.primitive(b, f.Name, s.elem.prim, f.textOf(p, 0), own)
}

// resource writes an element that holds a resource.
func (e *xmlEncoder) resource(b []byte, name string, r Resource) ([]byte, *Error) {
	if r == nil {
		return b, nil
	}
	t := TypeOf(r)
	if t == nil || t.Kind != KindResource || pointerOf(r) == nil {
		return b, &Error{Problem: "not a resource of R4"}
	}
	b = append(append(append(e.line(b), '<'), name...), '>')
	e.level++
	b, err := e.object(b, t.Name, t, pointerOf(r))
	e.level--
	if err != nil {
		return b, err
	}
	return e.end(b, name), nil
}

// choice writes the element for v, which a choice holds.
func (e *xmlEncoder) choice(b []byte, f *Field, v any, asides []extra) ([]byte, *Error) {
	c, p, text := 0, prim(0), ""
	var own *Element
	if len(asides) > 0 {
		own, c = asides[0].elem, int(asides[0].choice)
		p = f.Types[c].prim
	}
	if v != nil {
		var ok bool
		if p, text, ok = primitiveIn(v); !ok {
			if c = f.typeIndex(TypeOf(v)); c < 0 {
				return b, wrongChoice(c)
			}
			return e.object(b, f.keys[c].name(), f.Types[c], pointerOf(v))
		}
		if c = f.primIndex(p); c < 0 {
			return b, wrongChoice(c)
		}
	}
	return e.primitive(b, f.keys[c].name(), p, text, own)
}

// primitives writes a list of primitives.
func (e *xmlEncoder) primitives(b []byte, f *Field, p unsafe.Pointer, asides []extra) ([]byte, *Error) {
	for i := range (*slice)(p).len {
		var own *Element
		if len(asides) > 0 && int(asides[0].index) == i {
			own, asides = asides[0].elem, asides[1:]
		}
		var err *Error
		if b, err = e.primitive(b, f.Name, f.Types[0].prim, f.textOf(p, i), own); err != nil {
			return b, err.at(i)
		}
	}
	return b, nil
}

// primitive writes a primitive with its id and extensions, if it has any.
func (e *xmlEncoder) primitive(b []byte, name string, p prim, text string, own *Element) ([]byte, *Error) {
	if text == "" && own == nil {
		return b, nil
	}
	start := len(b)
	b = e.line(b)
	if p == primXHTML {
		return e.narrative(b, text)
	}
	b = append(append(b, '<'), name...)
	bare := len(b)
	var err *Error
	if own != nil && own.ID != "" {
		if b, err = e.attribute(b, "id", own.ID); err != nil {
			return b, err.in("id")
		}
	}
	if text != "" {
		if p == primDecimal && checkDecimal(text) != "" {
			return b, &Error{Problem: "not a decimal"}
		}
		if b, err = e.attribute(b, "value", text); err != nil {
			return b, err
		}
	}
	if own == nil || len(own.Extension) == 0 {
		if len(b) == bare {
			return b[:start], nil
		}
		return append(b, "/>"...), nil
	}
	open := len(b)
	if b, err = e.children(append(b, '>'), e.element, unsafe.Pointer(own)); err != nil {
		return b, err
	}
	switch {
	case len(b) > open+1:
		return e.end(b, name), nil
	case open == bare:
		return b[:start], nil
	}
	return append(b[:open], "/>"...), nil
}
