package reverse

import (
	"strconv"
	"strings"
	"sync"

	"github.com/ponshealth/pons/fhir/r4"
)

var (
	referenceField = sync.OnceValue(func() *r4.Field { return fieldOf("Reference", "reference") })
	extensionType  = sync.OnceValue(func() *r4.Type { return r4.TypeByName("Extension") })
	firstCodePath  = sync.OnceValue(func() *path {
		return &path{steps: []step{{f: fieldOf("CodeableConcept", "coding"), lo: 1}, {f: fieldOf("Coding", "code"), lo: 1}}}
	})
	codePath = sync.OnceValue(func() *path { return &path{steps: []step{{f: fieldOf("Coding", "code"), lo: 1}}} })
)

func fieldOf(typ, name string) *r4.Field {
	f, _, _ := r4.TypeByName(typ).Field(name)
	return f
}

// leaves lists the primitives of an element.
func leaves(v any, yield func(key)) {
	t := r4.TypeOf(v)
	if t == nil {
		return
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		for k := range f.Len(v) {
			if child := complexAt(f, v, k); child != nil {
				leaves(child, yield)
				continue
			}
			yield(key{v, f, k})
			if x := f.Element(v, k); x != nil {
				leaves(x, yield)
			}
		}
	}
}

// complexAt returns value k of a field, nil if it is a primitive.
func complexAt(f *r4.Field, v any, k int) any {
	t := f.Types[0]
	if f.Choice {
		t = f.TypeAt(v)
	}
	if t == nil || t.Kind == r4.KindPrimitive {
		return nil
	}
	return f.At(v, k)
}

// aside are elements of a server and not of what it holds.
var aside = map[string]bool{"id": true, "meta.versionId": true, "meta.lastUpdated": true}

// left lists what no row carried over.
func (e *env) left() []Place {
	var out []Place
	for i, r := range e.ix.all {
		if r == nil {
			continue
		}
		l := &leftover{e: e, resource: i}
		l.element(r, r.ResourceType())
		if !l.carried {
			out = append(out, Place{i, r.ResourceType()})
			continue
		}
		out = append(out, l.places...)
	}
	return out
}

type leftover struct {
	e        *env
	resource int
	places   []Place
	carried  bool
}

// element lists the parts of an element that were not carried over; where none
// were, its parent lists it whole.
func (l *leftover) element(v any, at string) {
	t := r4.TypeOf(v)
	if t == nil {
		return
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		for k := range max(f.Len(v), elements(f, v)) {
			l.child(f, v, k, at)
		}
	}
}

// elements is 1 for a primitive that has extensions and no value.
func elements(f *r4.Field, v any) int {
	if !f.Choice && f.Types[0].Kind == r4.KindPrimitive && f.Element(v, 0) != nil {
		return 1
	}
	return 0
}

func (l *leftover) child(f *r4.Field, v any, k int, at string) {
	path := at + "." + f.Name
	if f.List {
		path += "[" + strconv.Itoa(k) + "]"
	}
	if _, inner, _ := strings.Cut(path, "."); aside[inner] {
		return
	}
	sub := &leftover{e: l.e, resource: l.resource}
	if child := complexAt(f, v, k); child != nil {
		sub.element(child, path)
	} else {
		if l.e.used[key{v, f, k}] {
			sub.carried = true
		} else if f.Text(v, k) != "" {
			sub.places = append(sub.places, Place{l.resource, path})
		}
		if x := f.Element(v, k); x != nil {
			sub.element(x, path)
		}
	}
	switch {
	case sub.carried:
		l.carried = true
		l.places = append(l.places, sub.places...)
	case len(sub.places) > 0:
		l.places = append(l.places, Place{l.resource, path})
	}
}
