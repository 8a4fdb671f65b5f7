package r4

import (
	"strconv"
	"unicode/utf8"
	"unsafe"
)

// member writes a complex value, nothing if it holds nothing.
func (e *encoder) member(key string, t *Type, p unsafe.Pointer) *Error {
	start := len(e.b)
	e.b = append(e.b, key...)
	open := len(e.b)
	if err := e.object(t, p); err != nil {
		return err
	}
	if len(e.b) == open+2 { // {}
		e.b = e.b[:start]
		return nil
	}
	e.b = append(e.b, ',')
	return nil
}

func (e *encoder) resource(key string, r Resource) *Error {
	t := TypeOf(r)
	if t == nil || t.Kind != KindResource || pointerOf(r) == nil {
		return &Error{Problem: "not a resource of R4"}
	}
	return e.member(key, t, pointerOf(r))
}

// list writes a list of complex values or resources without the empty ones.
func (e *encoder) list(f *Field, p unsafe.Pointer) *Error {
	start := len(e.b)
	e.b = append(append(e.b, f.keys[0]...), '[')
	open := len(e.b)
	for i := range (*slice)(p).len {
		var err *Error
		if f.rep == repResources {
			err = e.resource("", (*(*[]Resource)(p))[i])
		} else {
			err = e.member("", f.Types[0], f.element(p, i))
		}
		if err != nil {
			return err.at(i)
		}
	}
	e.closeList(start, open)
	return nil
}

// closeList ends the array whose items begin at open; an empty one is taken
// back to start.
func (e *encoder) closeList(start, open int) {
	if len(e.b) == open {
		e.b = e.b[:start]
		return
	}
	e.b[len(e.b)-1] = ']'
	e.b = append(e.b, ',')
}

// primitives writes a list of primitives, and beside it one of their ids and
// extensions if there are any. Both have null where there is nothing (FHIR R4
// json.html#primitive).
func (e *encoder) primitives(f *Field, p unsafe.Pointer, x *extras) *Error {
	n := (*slice)(p).len
	start, some := len(e.b), false
	e.b = append(append(e.b, f.keys[0]...), '[')
	for i := range n {
		if f.absent(p, i) {
			e.b = append(e.b, "null,"...)
			continue
		}
		some = true
		if err := e.primitive(f.rep, p, i); err != nil {
			return err.at(i)
		}
		e.b = append(e.b, ',')
	}
	if some {
		e.b[len(e.b)-1] = ']'
		e.b = append(e.b, ',')
	} else {
		e.b = e.b[:start]
	}
	if asides := x.of(f.index); len(asides) > 0 {
		return e.asides(f, asides)
	}
	return nil
}

// primitive writes value i of the list of primitives at p.
func (e *encoder) primitive(r rep, p unsafe.Pointer, i int) *Error {
	switch r {
	case repInts:
		e.b = strconv.AppendInt(e.b, int64((*(*[]Int)(p))[i].value), 10)
	case repDecimals:
		return e.decimal((*(*[]string)(p))[i])
	default:
		return e.text((*(*[]string)(p))[i])
	}
	return nil
}

func (e *encoder) decimal(s string) *Error {
	if checkDecimal(s) != "" {
		return &Error{Problem: "not a decimal"}
	}
	e.b = append(e.b, s...)
	return nil
}

// asides writes the ids and extensions of a list of primitives, up to the last.
func (e *encoder) asides(f *Field, list []extra) *Error {
	start, some := len(e.b), false
	e.b = append(append(e.b, f.extKeys[0]...), '[')
	for i := 0; len(list) > 0; i++ {
		open := len(e.b)
		if int(list[0].index) == i {
			if err := e.member("", table().element, unsafe.Pointer(list[0].elem)); err != nil {
				return err.at(i)
			}
			list = list[1:]
		}
		if len(e.b) == open {
			e.b = append(e.b, "null,"...)
		} else {
			some = true
		}
	}
	if !some {
		e.b = e.b[:start]
		return nil
	}
	e.b[len(e.b)-1] = ']'
	e.b = append(e.b, ',')
	return nil
}

// choice writes the member for the type that the choice holds.
func (e *encoder) choice(f *Field, p unsafe.Pointer, x *extras) *Error {
	if v := loadChoice(p); v != nil {
		t := TypeOf(v)
		c := f.typeIndex(t)
		if c < 0 {
			return &Error{Problem: "not a type of this choice"}
		}
		if t.Kind != KindPrimitive {
			if pointerOf(v) == nil {
				return nil
			}
			return e.member(f.keys[c], t, pointerOf(v))
		}
		if err := e.choicePrimitive(f.keys[c], v); err != nil {
			return err
		}
	}
	if x == nil || !f.aside {
		return nil
	}
	if at, ok := x.find(f.index, 0); ok {
		return e.member(f.extKeys[x.list[at].choice], table().element, unsafe.Pointer(x.list[at].elem))
	}
	return nil
}

func (e *encoder) choicePrimitive(key string, v any) *Error {
	text, ok := Text(v)
	if !ok {
		return nil
	}
	e.b = append(e.b, key...)
	var err *Error
	switch v.(type) {
	case Bool, Integer, PositiveInt, UnsignedInt:
		e.b = append(e.b, text...)
	case Decimal:
		err = e.decimal(text)
	default:
		err = e.text(text)
	}
	e.b = append(e.b, ',')
	return err
}

// text writes a JSON string. Only what must be escaped is.
func (e *encoder) text(s string) *Error {
	b := append(e.b, '"')
	start, ascii := 0, true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			ascii = ascii && c < utf8.RuneSelf
			continue
		}
		b = append(b, s[start:i]...)
		b = appendEscape(b, c)
		start = i + 1
	}
	if !ascii && !utf8.ValidString(s) {
		return &Error{Problem: "not UTF-8"}
	}
	e.b = append(append(b, s[start:]...), '"')
	return nil
}

func appendEscape(b []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}
