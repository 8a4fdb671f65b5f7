package terminology

import (
	"slices"
	"strings"
	"unicode"

	"github.com/ponshealth/pons/fhir/r4"
)

// A system is a code system made ready to be asked.
type system struct {
	url      string
	meaning  string // of the hierarchy
	present  bool   // it has concepts at all
	complete bool   // and those are all there are
	fold     bool   // case does not matter
	byCode   map[string]int32
	concepts []concept
	children [][]int32 // of each concept
}

type concept struct {
	def               *r4.CodeSystemConcept
	parents           []int32
	abstract, retired bool
}

// index makes a code system ready. A concept's place in the hierarchy comes from
// the concepts in it and from the properties parent, child and subsumedBy.
func index(c *r4.CodeSystem) *system {
	url, _ := cut(c.URL)
	s := &system{
		url:      url,
		meaning:  c.HierarchyMeaning,
		complete: c.Content == "complete",
		fold:     c.CaseSensitive == r4.False,
		byCode:   map[string]int32{},
	}
	s.present = len(c.Concept) > 0 && c.Content != "not-present" && c.Content != "supplement"
	if !s.present {
		s.complete = false
		return s
	}
	s.add(c.Concept, -1)
	for i := range s.concepts {
		s.properties(int32(i))
	}
	s.children = make([][]int32, len(s.concepts))
	for i := range s.concepts {
		c := &s.concepts[i]
		slices.Sort(c.parents)
		c.parents = slices.Compact(c.parents)
		for _, p := range c.parents {
			s.children[p] = append(s.children[p], int32(i))
		}
	}
	return s
}

func (s *system) add(all []r4.CodeSystemConcept, parent int32) {
	for i := range all {
		def := &all[i]
		key := s.key(def.Code)
		at, again := s.byCode[key]
		if !again {
			at = int32(len(s.concepts))
			s.byCode[key] = at
			s.concepts = append(s.concepts, concept{def: def})
		}
		s.under(at, parent)
		s.add(def.Concept, at)
	}
}

func (s *system) under(child, parent int32) {
	if parent >= 0 && parent != child {
		s.concepts[child].parents = append(s.concepts[child].parents, parent)
	}
}

func (s *system) properties(i int32) {
	c := &s.concepts[i]
	for j := range c.def.Property {
		p := &c.def.Property[j]
		text, _ := r4.Text(p.Value)
		switch p.Code {
		case "parent", "subsumedBy":
			if other, ok := s.find(text); ok {
				s.under(i, other)
			}
		case "child":
			if other, ok := s.find(text); ok {
				s.under(other, i)
			}
		case "notSelectable", "abstract":
			c.abstract = c.abstract || text == "true"
		case "inactive":
			c.retired = c.retired || text == "true"
		case "status":
			c.retired = c.retired || text == "retired" || text == "inactive"
		}
	}
}

func (s *system) key(code string) string {
	if s.fold {
		return strings.ToLower(code)
	}
	return code
}

func (s *system) find(code string) (int32, bool) {
	i, ok := s.byCode[s.key(code)]
	return i, ok
}

// has tells whether the code is one of the system.
func (s *system) has(code string) Answer {
	if _, ok := s.find(code); ok {
		return In
	}
	if s.complete {
		return NotIn
	}
	return CannotTell
}

// within tells whether a concept is another one or below it.
func (s *system) within(i, top int32) bool {
	return i == top || len(s.concepts[i].parents) > 0 && s.above(i)[top]
}

// above marks a concept and all that are above it.
func (s *system) above(i int32) map[int32]bool {
	marked := map[int32]bool{i: true}
	for todo := []int32{i}; len(todo) > 0; {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, p := range s.concepts[at].parents {
			if !marked[p] {
				marked[p] = true
				todo = append(todo, p)
			}
		}
	}
	return marked
}

// below marks a concept and all that are below it.
func (s *system) below(top int32) []bool {
	marked := make([]bool, len(s.concepts))
	marked[top] = true
	for todo := []int32{top}; len(todo) > 0; {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, c := range s.children[at] {
			if !marked[c] {
				marked[c] = true
				todo = append(todo, c)
			}
		}
	}
	return marked
}

// sameText compares displays: neither case nor the number of blanks matters.
func sameText(a, b string) bool {
	return strings.EqualFold(a, b) ||
		strings.EqualFold(strings.Join(strings.FieldsFunc(a, unicode.IsSpace), " "), strings.Join(strings.FieldsFunc(b, unicode.IsSpace), " "))
}
