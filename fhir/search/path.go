package search

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// A source is one expression of a parameter, ready to walk: the small part of
// FHIRPath that the definitions use. See internal/gen/search for the forms.
type source struct {
	param  *Parameter
	steps  []step
	system string // the code system that a code element implies
	truth  bool   // exists-and-not-false()
}

// A step goes from a struct to the values of one of its fields.
type step struct {
	field *r4.Field
	as    string    // take only values of this type
	is    string    // take only references to this type
	where *r4.Field // take only values whose field where is equal to equal
	equal string
}

// compile makes the sources of a type. The table is part of the program, so a
// path that is not in the model is a bug; a test compiles all.
func (t *resourceParams) compile(resourceType string) []source {
	t.once.Do(func() {
		for i := range t.params {
			p := &t.params[i]
			for term := range strings.SplitSeq(p.terms, " | ") {
				if term == "" {
					continue // answered by the store
				}
				s, err := newSource(p, resourceType, term)
				if err != nil {
					panic("search: " + resourceType + "." + p.Name + ": " + err.Error())
				}
				t.sources = append(t.sources, s)
			}
		}
	})
	return t.sources
}

// word is one part of an expression: a name, and what stands in its brackets.
var word = regexp.MustCompile(`^\.?(\w+)(?:\((\w+)\)|\((\w+)='([^']*)'\)|\(resolve\(\) is (\w+)\))?`)

const truth = ".exists-and-not-false()"

func newSource(p *Parameter, resourceType, term string) (source, error) {
	s := source{param: p}
	term, s.system, _ = strings.Cut(term, "@")
	term, s.truth = strings.CutSuffix(term, truth)
	at := r4.TypeByName(resourceType)
	for term != "" {
		m := word.FindStringSubmatch(term)
		if m == nil || at == nil && m[1] != "as" {
			return s, fmt.Errorf("cannot read the path at %q", term)
		}
		term = term[len(m[0]):]
		name, last := m[1], len(s.steps)-1
		switch {
		case name == "as" && last >= 0:
			s.steps[last].as = m[2]
			at = r4.TypeByName(m[2])
		case name == "where" && m[5] != "" && last >= 0:
			s.steps[last].is = m[5]
		case name == "where" && m[3] != "" && last >= 0:
			f, _, ok := at.Field(m[3])
			if !ok {
				return s, fmt.Errorf("%s has no %s", at.Name, m[3])
			}
			s.steps[last].where, s.steps[last].equal = f, m[4]
		default:
			f, _, ok := at.Field(name)
			if !ok {
				return s, fmt.Errorf("%s has no %s", at.Name, name)
			}
			s.steps = append(s.steps, step{field: f})
			at = nil // a choice needs an as() before it goes on
			if !f.Choice {
				at = f.Types[0]
			}
		}
	}
	return s, nil
}

// walk calls found with each element that the steps lead to, as the field of a
// struct and the index in it.
func walk(parent any, steps []step, found func(f *r4.Field, parent any, i int)) {
	s := &steps[0]
	for i := range s.field.Len(parent) {
		if !s.takes(parent, i) {
			continue
		}
		if len(steps) == 1 {
			found(s.field, parent, i)
		} else {
			walk(s.field.At(parent, i), steps[1:], found)
		}
	}
}

func (s *step) takes(parent any, i int) bool {
	if s.as != "" {
		if t := s.field.TypeAt(parent); t == nil || t.Name != s.as {
			return false
		}
	}
	switch {
	case s.is != "":
		ref, ok := s.field.At(parent, i).(*r4.Reference)
		return ok && refersTo(ref, s.is)
	case s.where != nil:
		return s.where.Text(s.field.At(parent, i), 0) == s.equal
	}
	return true
}

// refersTo tells whether a reference is to a resource of the type, as far as it
// says so itself: resolve() of the expressions is not carried out.
func refersTo(ref *r4.Reference, resourceType string) bool {
	if ref.Type != "" {
		return ref.Type == resourceType
	}
	typ, _, _ := localReference(ref.Reference)
	return typ == resourceType
}

// localReference finds "Patient" and "123" at the end of "Patient/123",
// "https://example.org/fhir/Patient/123/_history/2".
func localReference(ref string) (resourceType, id string, ok bool) {
	ref, _, _ = strings.Cut(ref, "/_history/")
	rest, id, ok := cutLast(ref, '/')
	if !ok || id == "" {
		return "", "", false
	}
	_, resourceType, ok = cutLast(rest, '/')
	if !ok {
		resourceType = rest
	}
	return resourceType, id, table()[resourceType] != nil
}

func cutLast(s string, sep byte) (before, after string, ok bool) {
	if i := strings.LastIndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return "", s, false
}
