package r4

import (
	"bytes"
	"slices"
	"unsafe"
)

// A CanonicalForm says what a canonical document holds. It is the URL by which
// signatures name it (FHIR R4 json.html#canonical).
type CanonicalForm string

// The canonical forms of R4. What is left out is left out of the resource itself
// only: resources contained in it or in the entries of a Bundle are whole.
const (
	CanonicalFull      CanonicalForm = "http://hl7.org/fhir/canonicalization/json"           // all of it
	CanonicalData      CanonicalForm = "http://hl7.org/fhir/canonicalization/json#data"      // without text
	CanonicalStatic    CanonicalForm = "http://hl7.org/fhir/canonicalization/json#static"    // without text and meta
	CanonicalNarrative CanonicalForm = "http://hl7.org/fhir/canonicalization/json#narrative" // nothing but id and text
	CanonicalDocument  CanonicalForm = "http://hl7.org/fhir/canonicalization/json#document"  // of a Bundle: without id and meta
)

// MarshalCanonical writes r in a canonical form: UTF-8, no white space outside of
// values, the members of every object in the order of their names by code point
// ("_birthDate" before "active", "resourceType" among the others). Values are
// written as they are: numbers by their literal text, and of strings only what
// JSON asks for is escaped; white space in strings and in the XHTML of a
// narrative is not changed, though R4 speaks of single spaces there, for it is
// part of the content. Two resources that are [Equal] have the same form.
//
// It refuses what [Marshal] refuses, an unknown form, and [CanonicalDocument] of
// what is no Bundle. r is not changed.
func MarshalCanonical(r Resource, form CanonicalForm) ([]byte, error) {
	t := TypeOf(r)
	if t == nil || pointerOf(r) == nil {
		return nil, &Error{Problem: "not a pointer to a type of R4"}
	}
	var keep func(name string) bool
	switch form {
	case CanonicalFull:
		keep = func(string) bool { return true }
	case CanonicalData:
		keep = func(name string) bool { return name != "text" }
	case CanonicalStatic:
		keep = func(name string) bool { return name != "text" && name != "meta" }
	case CanonicalNarrative:
		keep = func(name string) bool { return name == "id" || name == "text" }
	case CanonicalDocument:
		if t.Name != "Bundle" {
			return nil, &Error{At: t.Name, Problem: "the canonical form of a document is for a Bundle"}
		}
		keep = func(name string) bool { return name != "id" && name != "meta" }
	default:
		return nil, &Error{Problem: "unknown canonical form"}
	}
	part := t.part(pointerOf(r), func(f *Field) bool { return keep(f.Name) })
	compact, err := Marshal(As[Resource](pointerTo(t, part)))
	if err != nil {
		return nil, err
	}
	s := sorter{in: compact, out: make([]byte, 0, len(compact))}
	s.value()
	return s.out, nil
}

// part returns a new struct with those fields of the struct at p that keep
// wants. What they hold is shared.
func (t *Type) part(p unsafe.Pointer, keep func(f *Field) bool) unsafe.Pointer {
	made := t.alloc()
	var kept []extra
	asides := t.asidesAt(p)
	for i := range t.Fields {
		var of []extra
		if len(asides) > 0 && int(asides[0].field) == i {
			of, asides = cutField(asides)
		}
		f := &t.Fields[i]
		if keep(f) {
			f.memory(unsafe.Add(made, f.offset)).Set(f.memory(unsafe.Add(p, f.offset)))
			kept = append(kept, of...)
		}
	}
	if len(kept) > 0 {
		*t.extrasOf(made) = &extras{list: kept}
	}
	return made
}

// sorter copies compact JSON, which is known to be right, with the members of
// each object in order.
type sorter struct {
	in, out []byte
	pos     int
	scratch []byte
}

// value copies the value at s.pos.
func (s *sorter) value() {
	switch s.in[s.pos] {
	case '{':
		s.object()
	case '[':
		s.copy(1)
		for s.in[s.pos] != ']' {
			if s.in[s.pos] == ',' {
				s.copy(1)
			}
			s.value()
		}
		s.copy(1)
	case '"':
		s.text()
	default:
		n := bytes.IndexAny(s.in[s.pos:], ",]}")
		s.copy(n)
	}
}

func (s *sorter) copy(n int) {
	s.out = append(s.out, s.in[s.pos:s.pos+n]...)
	s.pos += n
}

// text copies the string at s.pos.
func (s *sorter) text() {
	n := 1
	for s.in[s.pos+n] != '"' {
		if s.in[s.pos+n] == '\\' {
			n++
		}
		n++
	}
	s.copy(n + 1)
}

// object copies the object at s.pos, then puts its members in order.
func (s *sorter) object() {
	type member struct{ start, key, end int } // in out; key is where the name ends
	var members []member
	s.copy(1)
	start := len(s.out)
	for s.in[s.pos] != '}' {
		if s.in[s.pos] == ',' {
			s.pos++
		}
		m := member{start: len(s.out)}
		s.text()
		m.key = len(s.out) - 1
		s.copy(1)
		s.value()
		m.end = len(s.out)
		members = append(members, m)
	}
	s.pos++
	slices.SortFunc(members, func(a, b member) int { return bytes.Compare(s.out[a.start+1:a.key], s.out[b.start+1:b.key]) })
	s.scratch = s.scratch[:0]
	for i, m := range members {
		if i > 0 {
			s.scratch = append(s.scratch, ',')
		}
		s.scratch = append(s.scratch, s.out[m.start:m.end]...)
	}
	s.out = append(append(s.out[:start], s.scratch...), '}')
}
