package terminology

import (
	"math/big"
	"regexp"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/ucum"
)

// A filter is one condition on the concepts of a system (ValueSet.compose.
// include.filter, operators of http://hl7.org/fhir/filter-operator).
type filter struct {
	property, op, value string
	pattern             *regexp.Regexp
	list                []string
	problem             string
}

func newFilter(f *r4.ValueSetComposeIncludeFilter) filter {
	out := filter{property: f.Property, op: f.Op, value: f.Value}
	switch f.Op {
	case "regex":
		// The expression has to match the whole value, as those of XML Schema do.
		var err error
		if out.pattern, err = regexp.Compile("^(?:" + f.Value + ")$"); err != nil {
			out.problem = "has a regular expression that cannot be followed"
		}
	case "in", "not-in":
		for _, v := range strings.Split(f.Value, ",") {
			out.list = append(out.list, strings.TrimSpace(v))
		}
	case "is-a", "descendent-of", "is-not-a", "generalizes", "=", "exists":
	default:
		out.problem = "has an operator that is not known"
	}
	return out
}

// apply marks the concepts that the filter lets through.
func (f *filter) apply(s *system) (marked []bool, problem string) {
	if f.problem != "" {
		return nil, f.problem
	}
	switch f.op {
	case "is-a", "descendent-of", "is-not-a", "generalizes":
		return f.hierarchy(s)
	}
	marked = make([]bool, len(s.concepts))
	for i := range s.concepts {
		marked[i] = f.accepts(s, int32(i))
	}
	return marked, ""
}

func (f *filter) hierarchy(s *system) (marked []bool, problem string) {
	top, ok := s.find(f.value)
	if !ok {
		if s.complete {
			return nil, "names a concept that the code system does not have"
		}
		return nil, "names a concept of which nothing is known"
	}
	if f.op == "generalizes" {
		marked = make([]bool, len(s.concepts))
		for i := range s.above(top) {
			marked[i] = true
		}
		return marked, ""
	}
	marked = s.below(top)
	switch f.op {
	case "descendent-of":
		marked[top] = false
	case "is-not-a":
		for i := range marked {
			marked[i] = !marked[i]
		}
	}
	return marked, ""
}

// accepts applies = regex in not-in exists to one concept.
func (f *filter) accepts(s *system, i int32) bool {
	values := s.values(i, f.property)
	if f.op == "exists" {
		return (len(values) > 0) == (f.value == "true")
	}
	if f.op == "not-in" {
		for _, v := range values {
			if f.holds("in", v) {
				return false
			}
		}
		return true
	}
	for _, v := range values {
		if f.holds(f.op, v) {
			return true
		}
	}
	return false
}

func (f *filter) holds(op, value string) bool {
	switch op {
	case "=":
		return value == f.value
	case "regex":
		return f.pattern.MatchString(value)
	case "in":
		for _, v := range f.list {
			if v == value {
				return true
			}
		}
	}
	return false
}

// values gives what a concept has for a property.
func (s *system) values(i int32, property string) []string {
	c := &s.concepts[i]
	var out []string
	for j := range c.def.Property {
		p := &c.def.Property[j]
		if p.Code != property {
			continue
		}
		if coding, ok := p.Value.(*r4.Coding); ok {
			out = append(out, coding.Code)
		} else if text, ok := r4.Text(p.Value); ok {
			out = append(out, text)
		}
	}
	if len(out) > 0 {
		return out
	}
	switch property {
	case "code", "concept":
		return []string{c.def.Code}
	case "display":
		if c.def.Display != "" {
			return []string{c.def.Display}
		}
	case "parent":
		for _, p := range c.parents {
			out = append(out, s.concepts[p].def.Code)
		}
	case "child":
		for _, k := range s.children[i] {
			out = append(out, s.concepts[k].def.Code)
		}
	case "inactive":
		if c.retired {
			return []string{"true"}
		}
		return []string{"false"}
	case "notSelectable":
		if c.abstract {
			return []string{"true"}
		}
		return []string{"false"}
	}
	return out
}

// byCode applies the filter to a code of a system without a list of concepts.
// Only what the code itself shows can be told.
func (f *filter) byCode(system, code string) Answer {
	value := ""
	switch {
	case f.problem != "" || f.op == "exists":
		return CannotTell
	case f.property == "code" || f.property == "concept" && (f.op == "=" || f.op == "regex" || f.op == "in"):
		value = code
	case f.property == "canonical" && system == ucum.System:
		unit, err := ucum.Parse(code)
		if err != nil {
			return NotIn
		}
		_, base, err := ucum.Canonical(big.NewRat(1, 1), unit)
		if err != nil {
			return CannotTell
		}
		value = base
	default:
		return CannotTell
	}
	switch f.op {
	case "=", "regex", "in":
		if f.holds(f.op, value) {
			return In
		}
		return NotIn
	case "not-in":
		if f.holds("in", value) {
			return NotIn
		}
		return In
	}
	return CannotTell
}
