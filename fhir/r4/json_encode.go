package r4

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unsafe"
)

// Marshal writes r as JSON: compact, elements in the order of their definition,
// numbers by their literal text. Elements that hold nothing are left out. It
// refuses (with an *[Error]) what JSON cannot say: a [Decimal] that is no number,
// text that is not UTF-8, a nil resource, more than 128 objects in one another.
// It does not check formats or required elements.
func Marshal(r Resource) ([]byte, error) { return AppendJSON(make([]byte, 0, 1024), r) }

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
	e := encoder{b: dst}
	if err := e.object(t, pointerOf(v)); err != nil {
		return dst, err.in(t.Name)
	}
	return e.b, nil
}

// encoder appends JSON to b. A method that writes nothing to b found nothing
// to write.
type encoder struct {
	b     []byte
	depth int
}

// object writes the struct at p; one that holds nothing becomes {}.
func (e *encoder) object(t *Type, p unsafe.Pointer) *Error {
	if e.depth++; e.depth > maxDepth {
		return &Error{Problem: "nested too deep"}
	}
	e.b = append(e.b, '{')
	if t.Kind == KindResource {
		e.b = append(append(append(e.b, `"resourceType":"`...), t.Name...), `",`...)
	}
	var x *extras
	if t.extras != 0 {
		x = *t.extrasOf(p)
	}
	start := len(e.b)
	for i := range t.Fields {
		f := &t.Fields[i]
		if err := e.field(f, unsafe.Add(p, f.offset), x); err != nil {
			return err.in(f.Name)
		}
	}
	if len(e.b) > start || t.Kind == KindResource {
		e.b = e.b[:len(e.b)-1] // the last comma
	}
	e.b = append(e.b, '}')
	e.depth--
	return nil
}

// field writes the members for f, each with a comma after it.
func (e *encoder) field(f *Field, p unsafe.Pointer, x *extras) *Error {
	switch f.rep {
	case repString:
		if s := *(*string)(p); s != "" {
			e.b = append(e.b, f.keys[0]...)
			if err := e.text(s); err != nil {
				return err
			}
			e.b = append(e.b, ',')
		}
	case repStruct:
		v := *(*unsafe.Pointer)(p)
		if v == nil {
			return nil
		}
		return e.member(f.keys[0], f.Types[0], v)
	case repStructs, repResources:
		if (*slice)(p).len == 0 {
			return nil
		}
		return e.list(f, p)
	case repBool:
		if s := (*Bool)(p).String(); s != "" {
			e.b = append(append(append(e.b, f.keys[0]...), s...), ',')
		}
	case repInt:
		if i := (*Int)(p); i.present {
			e.b = append(strconv.AppendInt(append(e.b, f.keys[0]...), int64(i.value), 10), ',')
		}
	case repDecimal:
		if s := *(*string)(p); s != "" {
			if checkDecimal(s) != "" {
				return &Error{Problem: "not a decimal"}
			}
			e.b = append(append(append(e.b, f.keys[0]...), s...), ',')
		}
	case repChoice:
		return e.choice(f, p, x)
	case repResource:
		if r := *(*Resource)(p); r != nil {
			return e.resource(f.keys[0], r)
		}
	case repStrings, repInts, repDecimals:
		return e.primitives(f, p, x)
	}
	if x != nil && f.aside {
		if at, ok := x.find(f.index, 0); ok {
			return e.member(f.extKeys[0], table().element, unsafe.Pointer(x.list[at].elem))
		}
	}
	return nil
}
