package r4

import (
	"bytes"
	"encoding/json"
	"sync"
	"unsafe"
)

// Marshal writes r as JSON: compact, elements in the order of their definition,
// numbers by their literal text. Elements that hold nothing are left out. It
// refuses (with an *[Error]) what JSON cannot say: a [Decimal] that is no number,
// text that is not UTF-8, a nil resource, more than 128 objects in one another.
// It does not check formats or required elements.
func Marshal(r Resource) ([]byte, error) {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	b, err := AppendJSON((*buf)[:0], r)
	if err != nil {
		return nil, err
	}
	if cap(b) <= 1<<16 { // a large one would be kept for many small ones
		*buf = b
	}
	return bytes.Clone(b), nil
}

// buffers holds what Marshal writes to before it knows the size.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}

// MarshalIndent is like [Marshal] with two spaces for each level and a line for
// each member.
func MarshalIndent(r Resource) ([]byte, error) {
	compact, err := Marshal(r)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, compact, "", "  "); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// AppendJSON appends what [Marshal] writes to dst. v is a pointer to any
// generated struct, also a datatype such as *[HumanName]. After an error the
// result is dst as it was.
func AppendJSON(dst []byte, v any) ([]byte, error) {
	t := TypeOf(v)
	if t == nil || t.goType == nil || pointerOf(v) == nil {
		return dst, &Error{Problem: "not a pointer to a type of R4"}
	}
	e := encoder{tables: table()}
	b, err := e.object(dst, t, pointerOf(v))
	if err != nil {
		return dst, err.in(t.Name)
	}
	return b, nil
}

// encoder appends JSON. A method that finds nothing to write returns b as it was.
type encoder struct {
	*tables
	depth int
}

// object writes the struct at p; one that holds nothing becomes {}.
func (e *encoder) object(b []byte, t *Type, p unsafe.Pointer) ([]byte, *Error) {
	if e.depth++; e.depth > maxDepth {
		return b, &Error{Problem: "nested too deep"}
	}
	b = append(b, '{')
	if t.Kind == KindResource {
		b = append(append(append(b, `"resourceType":"`...), t.Name...), `",`...)
	}
	start := len(b)
	asides, next := t.asidesAt(p), -1 // the field of the first
	if len(asides) > 0 {
		next = int(asides[0].field)
	}
	probes, steps := t.probes, t.steps[:len(t.probes)]
	i := 0
	if t.Kind != KindResource && probes[0].word(p)|probes[1].word(p) == 0 {
		i = 2 // neither id nor extensions: most elements
	}
	for ; i < len(probes); i++ {
		if probes[i].word(p) == 0 && i != next {
			continue
		}
		s := &steps[i]
		at := unsafe.Add(p, s.offset)
		var of []extra
		if i == next {
			if of, asides = cutField(asides); len(asides) > 0 {
				next = int(asides[0].field)
			}
		}
		var err *Error
		switch { // first what is frequent
		case of != nil:
			b, err = e.field(b, &t.Fields[i], at, of)
		case s.rep == repString:
			b, err = appendQuoted(append(b, s.open...), *(*string)(at))
		case s.rep == repStructs:
			b, err = e.structs(b, s, at)
		case s.rep == repStruct:
			b, err = e.member(b, s.key, s.elem, *(*unsafe.Pointer)(at))
		default:
			b, err = e.field(b, &t.Fields[i], at, nil)
		}
		if err != nil {
			return b, err.in(t.Fields[i].Name)
		}
	}
	if len(b) > start || t.Kind == KindResource {
		b = b[:len(b)-1] // the last comma
	}
	e.depth--
	return append(b, '}'), nil
}

// field writes the members for f at p, each with a comma after it. The ids and
// extensions of its primitives are asides.
func (e *encoder) field(b []byte, f *Field, p unsafe.Pointer, asides []extra) ([]byte, *Error) {
	var err *Error
	s := &f.owner.steps[f.index]
	switch s.rep {
	case repString:
		if text := *(*string)(p); text != "" {
			b, err = appendQuoted(append(b, s.open...), text)
		}
	case repStruct:
		return e.member(b, s.key, s.elem, *(*unsafe.Pointer)(p))
	case repStructs:
		return e.structs(b, s, p)
	case repStrings, repInts, repDecimals:
		return e.primitives(b, f, p, asides)
	case repResource:
		return e.resource(b, s.key, *(*Resource)(p))
	case repResources:
		return e.resources(b, s.key, *(*[]Resource)(p))
	case repBool:
		if text := (*Bool)(p).String(); text != "" {
			b = appendMember(b, s.key, text)
		}
	case repInt:
		if text := (*Int)(p).String(); text != "" {
			b = appendMember(b, s.key, text)
		}
	case repDecimal:
		if text := *(*string)(p); text != "" {
			b, err = e.decimal(b, s.key, text)
		}
	case repChoice:
		b, err = e.choice(b, f, loadChoice(p))
	}
	if err != nil || len(asides) == 0 {
		return b, err
	}
	return e.member(b, f.keys[asides[0].choice].aside(), e.element, unsafe.Pointer(asides[0].elem))
}

// member writes a complex value, nothing if it holds nothing.
func (e *encoder) member(b []byte, key string, t *Type, p unsafe.Pointer) ([]byte, *Error) {
	if p == nil {
		return b, nil
	}
	start := len(b)
	b, err := e.object(append(b, key...), t, p)
	if err != nil {
		return b, err
	}
	if len(b) == start+len(key)+2 { // {}
		return b[:start], nil
	}
	return append(b, ','), nil
}

func (e *encoder) resource(b []byte, key string, r Resource) ([]byte, *Error) {
	if r == nil {
		return b, nil
	}
	t := TypeOf(r)
	if t == nil || t.Kind != KindResource || pointerOf(r) == nil {
		return b, &Error{Problem: "not a resource of R4"}
	}
	return e.member(b, key, t, pointerOf(r))
}

// choice writes the member for the type of v, which a choice holds.
func (e *encoder) choice(b []byte, f *Field, v any) ([]byte, *Error) {
	if v == nil {
		return b, nil
	}
	if p, text, ok := primitiveIn(v); ok {
		c := f.primIndex(p)
		if c < 0 || text == "" {
			return b, wrongChoice(c)
		}
		return e.primitive(b, f.keys[c].value(), p, text)
	}
	c := f.typeIndex(TypeOf(v))
	if c < 0 {
		return b, wrongChoice(c)
	}
	return e.member(b, f.keys[c].value(), f.Types[c], pointerOf(v))
}

func wrongChoice(c int) *Error {
	if c < 0 {
		return &Error{Problem: "not a type of this choice"}
	}
	return nil
}
