package reverse

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// canonical is what stands before the short names of HL7's own extensions.
const canonical = "http://hl7.org/fhir/StructureDefinition/"

// A path leads from a slot, or from the element at hand, to elements.
type path struct {
	text  string
	slot  string // "" begins at the element at hand
	all   bool   // slot is a type: all resources of it
	steps []step
	typ   *r4.Type // of what it leads to; nil when that is a choice left open
}

type step struct {
	f       *r4.Field // nil for the root
	choice  *r4.Type  // the type wanted of a choice
	element bool      // the extensions of a primitive
	target  string    // type of the resource behind a reference
	star    bool      // itself, and all that it leads to
	pre     []cond    // before the reference is followed
	conds   []cond
	lo, hi  int // which of them, from 1 on; hi 0 has no end
}

// A scope tells a path what it may begin with.
type scope struct {
	here  *r4.Type            // of the element at hand
	slots map[string]*r4.Type // nil: any slot named like a type, see segments
	types bool                // a name that is no slot is a type: all resources of it
	used  map[string]bool     // slots that were named
	prog  *program
}

func (sc *scope) slot(name string) (*r4.Type, bool) {
	if sc.slots != nil {
		t, ok := sc.slots[name]
		return t, ok
	}
	t := r4.TypeByName(strings.TrimRight(name, "0123456789"))
	return t, t != nil
}

// parsePath compiles a path such as 'Patient.name[use=official].family'.
func parsePath(text string, sc *scope) (*path, error) {
	p := &path{text: text}
	parts, err := splitTop(text, '.')
	if err != nil {
		return nil, err
	}
	at := sc.here
	for i, part := range parts {
		name, rest := part, ""
		if k := strings.IndexAny(part, "[(*"); k >= 0 {
			name, rest = part[:k], part[k:]
		}
		s := step{lo: 1}
		switch {
		case name == "":
			return nil, fmt.Errorf("%s: a name is missing", text)
		case i == 0 && name == "$this":
			if at == nil {
				return nil, fmt.Errorf("%s: there is no element at hand", text)
			}
		case i == 0 && name[0] >= 'A' && name[0] <= 'Z':
			if at, err = p.root(name, sc); err != nil {
				return nil, err
			}
		case at == nil:
			return nil, fmt.Errorf("%s: %s follows nothing that has elements", text, name)
		case at.Kind == r4.KindPrimitive:
			if name != "extension" {
				return nil, fmt.Errorf("%s: %s is no part of a %s", text, name, at.Name)
			}
			s.element, at = true, r4.TypeByName("Extension")
		default:
			f, choice, ok := at.Field(name)
			if !ok {
				return nil, fmt.Errorf("%s: %s has no %s", text, at.Name, name)
			}
			s.f = f
			if f.Choice {
				s.choice = choice
			}
			at = choice
		}
		if at, err = s.rest(rest, at, sc); err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		p.steps = append(p.steps, s)
	}
	p.typ = at
	return p, nil
}

func (p *path) root(name string, sc *scope) (*r4.Type, error) {
	p.slot = name
	if t, ok := sc.slot(name); ok {
		if sc.used != nil {
			sc.used[name] = true
		}
		return t, nil
	}
	if t := r4.TypeByName(name); sc.types && t != nil {
		p.all = true
		return t, nil
	}
	return nil, fmt.Errorf("%s: %s is no slot here", p.text, name)
}

// rest reads what follows the name of a step: (Type), *, [..].
func (s *step) rest(text string, at *r4.Type, sc *scope) (*r4.Type, error) {
	for text != "" {
		open := text[0]
		if open == '*' {
			s.star, text = true, text[1:]
			continue
		}
		end := closing(text)
		if end < 0 {
			return nil, fmt.Errorf("a bracket is not closed")
		}
		inner := text[1:end]
		text = text[end+1:]
		if open == '[' {
			if err := s.bracket(inner, at, sc); err != nil {
				return nil, err
			}
			continue
		}
		if at != nil && at.Name == "Extension" {
			if !strings.Contains(inner, ":") {
				inner = canonical + inner
			}
			if err := s.bracket("url="+inner, at, sc); err != nil {
				return nil, err
			}
			continue
		}
		t := r4.TypeByName(inner)
		if at == nil || at.Name != "Reference" || t == nil {
			return nil, fmt.Errorf("(%s) needs a Reference before it and a type in it", inner)
		}
		s.target, at = inner, t
		s.pre, s.conds = s.conds, nil
	}
	return at, nil
}

// bracket reads [2], [2-], [2-3] and [a=b,!c].
func (s *step) bracket(inner string, at *r4.Type, sc *scope) error {
	if inner != "" && inner[0] >= '0' && inner[0] <= '9' {
		lo, hi, ranged := strings.Cut(inner, "-")
		var err error
		if s.lo, err = strconv.Atoi(lo); err != nil || s.lo < 1 {
			return fmt.Errorf("[%s] is no number", inner)
		}
		s.hi = s.lo
		if ranged {
			s.hi = 0
			if hi != "" {
				if s.hi, err = strconv.Atoi(hi); err != nil || s.hi < s.lo {
					return fmt.Errorf("[%s] is no range", inner)
				}
			}
		}
		return nil
	}
	parts, err := splitTop(inner, ',')
	if err != nil {
		return err
	}
	here := *sc
	here.here = at
	for _, part := range parts {
		c, err := parseCond(strings.TrimSpace(part), &here)
		if err != nil {
			return err
		}
		s.conds = append(s.conds, c)
	}
	return nil
}

// splitTop splits at a separator that is in no bracket.
func splitTop(s string, sep byte) ([]string, error) {
	var out []string
	depth, from := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '[' || c == '(':
			depth++
		case c == ']' || c == ')':
			depth--
		case c == sep && depth == 0:
			out = append(out, s[from:i])
			from = i + 1
		}
		if depth < 0 {
			break
		}
	}
	if depth != 0 {
		return nil, fmt.Errorf("%s: the brackets do not match", s)
	}
	return append(out, s[from:]), nil
}

// closing returns where the bracket that s begins with is closed, -1 if nowhere.
func closing(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '[', '(':
			depth++
		case ']', ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
