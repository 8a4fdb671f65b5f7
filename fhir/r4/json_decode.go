package r4

import (
	"reflect"
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
// has one. The error is an *[Error] for the first problem; [Error.All] finds the
// others.
//
// Time and memory are linear in the size of b; a document that asks for more than
// 32 bytes of structs for each of its own (64 KiB are free) is refused. Nothing of
// b is kept. Short strings of the result share pieces of memory of up to 4 KiB,
// so that a part that is kept holds little more than itself.
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
	return nil, d.located(e, root).of(d.s, false)
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
		return nil, (&Error{Problem: "not UTF-8", Kind: ProblemEncoding}).of(unsafe.String(unsafe.SliceData(b), len(b)), false)
	}
	return &decoder{s: unsafe.String(unsafe.SliceData(b), len(b)), room: roomFree + roomPerByte*len(b)}, nil
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
	e.Kind = kindOf(e.Problem)
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
	if err := d.begin('{', "must be an object"); err != nil {
		return err
	}
	if d.depth++; d.depth > maxDepth {
		return d.fail("nested too deep")
	}
	if d.room -= int(t.size); d.room < 0 {
		return d.fail("too many elements for the size of the document")
	}
	d.pos++
	if d.next() == '}' {
		return d.fail("empty object")
	}
	m := members{t: t, p: p, typed: t.Kind != KindResource}
	for more := true; more; {
		f, err := d.expected(&m)
		if f != nil {
			err = d.known(&m, f, 0, false)
		} else if err == nil {
			err = d.unforeseen(&m)
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
		if text, err = d.number(); err == nil {
			text = d.keep(text)
		}
		return text, err
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
	if t.prim.numeric() {
		return text, nil // becomes a number
	}
	return d.keep(text), nil
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
	if err := d.begin('[', "must be an array"); err != nil {
		return err
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
		return nil
	}
	list := (*[]string)(p)
	if *list == nil {
		*list = make([]string, 0, 2) // two are as frequent as one
	}
	*list = append(*list, text)
	return nil
}
