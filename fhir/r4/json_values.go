package r4

import "unsafe"

// structs writes a list of complex values without the empty ones.
func (e *encoder) structs(b []byte, s *step, p unsafe.Pointer) ([]byte, *Error) {
	start := len(b)
	b = append(append(b, s.key...), '[')
	open := len(b)
	data := (*slice)(p).data
	for i := range (*slice)(p).len {
		from := len(b)
		var err *Error
		if b, err = e.object(b, s.elem, unsafe.Add(data, uintptr(i)*s.elem.size)); err != nil {
			return b, err.at(i)
		}
		if len(b) == from+2 { // {}
			b = b[:from]
		} else {
			b = append(b, ',')
		}
	}
	return closeList(b, start, len(b) > open), nil
}

// resources writes a list of resources without the nil ones.
func (e *encoder) resources(b []byte, key string, list []Resource) ([]byte, *Error) {
	start := len(b)
	b = append(append(b, key...), '[')
	open := len(b)
	for i, r := range list {
		var err *Error
		if b, err = e.resource(b, "", r); err != nil {
			return b, err.at(i)
		}
	}
	return closeList(b, start, len(b) > open), nil
}

// closeList ends an array, whose last item has a comma behind it; without any
// item the array is taken back to where its name starts.
func closeList(b []byte, start int, some bool) []byte {
	if !some {
		return b[:start]
	}
	b[len(b)-1] = ']'
	return append(b, ',')
}

// primitives writes a list of primitives, and beside it one of their ids and
// extensions if there are any. Both have null where there is nothing (FHIR R4
// json.html#primitive).
func (e *encoder) primitives(b []byte, f *Field, p unsafe.Pointer, asides []extra) ([]byte, *Error) {
	start, some := len(b), false
	b = append(append(b, f.keys[0].value()...), '[')
	for i := range (*slice)(p).len {
		text := ""
		if f.rep == repStrings {
			text = (*(*[]string)(p))[i]
		} else {
			text = f.textOf(p, i)
		}
		var err *Error
		switch {
		case text == "":
			b = append(b, "null,"...)
			continue
		case f.rep == repStrings:
			b, err = appendQuoted(append(b, '"'), text)
		default:
			b, err = e.primitive(b, "", f.Types[0].prim, text)
		}
		if some = true; err != nil {
			return b, err.at(i)
		}
	}
	b = closeList(b, start, some)
	if len(asides) == 0 {
		return b, nil
	}
	return e.asides(b, f, asides)
}

// asides writes the ids and extensions of a list of primitives, up to the last.
func (e *encoder) asides(b []byte, f *Field, list []extra) ([]byte, *Error) {
	start, some := len(b), false
	b = append(append(b, f.keys[0].aside()...), '[')
	for i := 0; len(list) > 0; i++ {
		open := len(b)
		if int(list[0].index) == i {
			var err *Error
			if b, err = e.member(b, "", e.element, unsafe.Pointer(list[0].elem)); err != nil {
				return b, err.at(i)
			}
			list = list[1:]
		}
		if len(b) == open {
			b = append(b, "null,"...)
		} else {
			some = true
		}
	}
	return closeList(b, start, some), nil
}

// primitive writes a primitive by its text, with a name before it and a comma
// after it.
func (e *encoder) primitive(b []byte, key string, p prim, text string) ([]byte, *Error) {
	switch {
	case p == primDecimal:
		return e.decimal(b, key, text)
	case p.numeric():
		return appendMember(b, key, text), nil
	}
	return appendText(b, key, text)
}

func (e *encoder) decimal(b []byte, key, s string) ([]byte, *Error) {
	if checkDecimal(s) != "" {
		return b, &Error{Problem: "not a decimal"}
	}
	return appendMember(b, key, s), nil
}

// appendMember appends what needs no quotes.
func appendMember(b []byte, key, s string) []byte {
	return append(append(append(b, key...), s...), ',')
}
