package validate

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// A schema is a StructureDefinition made ready for checking: its snapshot as a
// tree of elements. It does not change once it is compiled.
type schema struct {
	url      string // with |version if it has one
	name     string
	typ      *r4.Type // the type it defines or constrains
	root     *element
	derived  bool         // a profile (derivation constraint)
	contexts []extContext // of an extension
	modifier bool         // an extension whose root is a modifier
}

// An element is an element of a snapshot, or a slice of one.
type element struct {
	of    *schema
	id    string // "Patient.identifier:nhs.system"
	path  string // "Patient.identifier.system"
	name  string // "system"; of a choice its base: "value"
	slice string // the slice's name, "" if it is no slice

	min, max int // max -1: no limit
	types    []typeRef
	typ      *r4.Type  // the only type it may have; nil for a choice, and for any resource
	field    *r4.Field // in the type of its parent, when that is known

	fixed, pattern     any
	minValue, maxValue any
	maxLength          int
	binding, maximum   *binding
	constraints        []*constraint
	mustSupport        bool
	modifier           bool

	children []*element
	slicing  *slicing
	slices   []*element
	tests    *sliceTests // how a slice is told from the others
	content  *element    // of a content reference
	contents string      // its target, until it is linked
}

// typeRef is one of the types that an element may have.
type typeRef struct {
	code        string
	typ         *r4.Type // nil when R4 has no such type, and for the types of FHIRPath
	profiles    []string
	targets     []string // target profiles of references and canonicals
	aggregation []string
	versioning  string
}

type binding struct {
	strength string
	valueSet string
}

// A slicing says how the values of an element are told apart.
type slicing struct {
	by        []discriminator
	ordered   bool
	closed    bool
	openAtEnd bool
}

type discriminator struct {
	kind  string
	path  string
	steps []step
}

// A step of a discriminator's path, which is a small part of FHIRPath (FHIR R4
// profiling.html#discriminator).
type step struct {
	name string // of an element, or "extension()", "resolve()", "ofType()"
	arg  string
}

func (e *element) child(name string) *element {
	for _, c := range e.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// allows finds the type reference for a type; nil if the element may not have it.
func (e *element) allows(t *r4.Type) *typeRef {
	for i := range e.types {
		if e.types[i].typ == t {
			return &e.types[i]
		}
	}
	return nil
}

// parseSteps splits a discriminator's path. ok is false when it uses what
// discriminators may not.
func parseSteps(path string) (steps []step, ok bool) {
	for path != "" {
		end := strings.IndexAny(path, ".(")
		if end < 0 {
			end = len(path)
		}
		s := step{name: path[:end]}
		path = path[end:]
		if strings.HasPrefix(path, "(") {
			closing := strings.IndexByte(path, ')')
			if closing < 0 {
				return nil, false
			}
			s.name += "()"
			s.arg = strings.Trim(strings.TrimSpace(path[1:closing]), "'\"")
			path = path[closing+1:]
		}
		path = strings.TrimPrefix(path, ".")
		switch {
		case s.name == "$this":
			continue
		case s.name == "extension()", s.name == "resolve()", s.name == "ofType()":
		case s.name == "" || strings.Contains(s.name, "("):
			return nil, false
		default:
			s.name = strings.TrimSuffix(s.name, "[x]")
		}
		steps = append(steps, s)
	}
	return steps, true
}
