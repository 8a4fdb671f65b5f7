package terminology

import "fmt"

// Concept is one code of an expansion.
type Concept struct {
	System, Code, Display string
	Abstract, Inactive    bool
}

// maxSteps bounds the value sets that an expansion visits, some of which it may
// meet again and again.
const maxSteps = 1000

// Expand lists the codes of a value set (FHIR R4 valueset.html#expansion), in the
// order in which they are defined, each once. It is refused when there are more
// than limit of them (0 stands for 10,000) and when they cannot all be known; the
// error is an *Error.
func (m *Memory) Expand(valueSet string, limit int) ([]Concept, error) {
	if limit <= 0 {
		limit = 10_000
	}
	e := expander{m: m, limit: limit, at: valueSet, seen: map[coded]bool{}, open: map[*set]bool{}}
	if err := e.set(valueSet, func(coded) (bool, error) { return true, nil }); err != nil {
		return nil, err
	}
	return e.out, nil
}

type expander struct {
	m     *Memory
	at    string
	limit int
	steps int
	seen  map[coded]bool
	open  map[*set]bool // being expanded: a circle adds nothing
	out   []Concept
}

func (e *expander) refuse(problem string) error { return &Error{At: e.at, Problem: problem} }

// set gives the codes of a value set that pass.
func (e *expander) set(url string, pass func(coded) (bool, error)) error {
	s := e.m.set(url)
	if s == nil {
		return e.refuse("the value set " + url + " is not here")
	}
	if e.open[s] {
		return nil
	}
	if e.steps++; e.steps > maxSteps {
		return e.refuse("imports too many value sets")
	}
	e.open[s] = true
	defer delete(e.open, s)
	if !s.composed {
		return e.expansion(s, pass)
	}
	keep := func(c coded) (bool, error) {
		q := query{m: e.m, system: c.system, code: c.code}
		if len(s.exclude) > 0 {
			switch q.any(s.exclude) {
			case In:
				return false, nil
			case CannotTell:
				return false, e.refuse(q.reason)
			}
		}
		if s.noInactive && q.retired() {
			return false, nil
		}
		return pass(c)
	}
	for _, p := range s.include {
		if err := e.part(p, keep); err != nil {
			return err
		}
	}
	return nil
}

func (e *expander) expansion(s *set, pass func(coded) (bool, error)) error {
	if !s.expanded || !s.whole {
		return e.refuse("the expansion of the value set " + s.url + " is not complete")
	}
	for _, l := range s.order {
		if err := e.add(l, pass); err != nil {
			return err
		}
	}
	return nil
}

// part gives the codes of one include: of its system, or of the first value set
// that it imports, that are in all the other value sets as well.
func (e *expander) part(p *part, pass func(coded) (bool, error)) error {
	rest := p.imports
	if p.system == "" {
		if len(rest) == 0 {
			return nil
		}
		rest = rest[1:]
	}
	both := func(c coded) (bool, error) {
		for _, url := range rest {
			q := query{m: e.m, system: c.system, code: c.code}
			switch q.inSet(url) {
			case NotIn:
				return false, nil
			case CannotTell:
				return false, e.refuse(q.reason)
			}
		}
		return pass(c)
	}
	if p.system == "" {
		return e.set(p.imports[0], both)
	}
	p.ready(e.m)
	if p.listed {
		for _, l := range p.order {
			if err := e.add(l, both); err != nil {
				return err
			}
		}
		return nil
	}
	s := p.of
	if s == nil {
		s = e.m.systemOf(p.system, p.version)
	}
	switch {
	case s == nil || !s.present:
		return e.refuse("the content of the code system " + p.system + " is not here")
	case !s.complete:
		return e.refuse("the code system " + p.system + " is here in part only")
	case p.problem != "":
		return e.refuse("a filter on the code system " + p.system + " " + p.problem)
	}
	for i := range s.concepts {
		if p.members != nil && !p.members[i] {
			continue
		}
		def := s.concepts[i].def
		if err := e.add(listed{coded{p.system, def.Code}, def.Display}, both); err != nil {
			return err
		}
	}
	return nil
}

func (e *expander) add(l listed, pass func(coded) (bool, error)) error {
	if e.seen[l.coded] {
		return nil
	}
	ok, err := pass(l.coded)
	if err != nil || !ok {
		return err
	}
	if len(e.out) == e.limit {
		return e.refuse(fmt.Sprintf("has more than %d codes", e.limit))
	}
	e.seen[l.coded] = true
	q := query{m: e.m, system: l.system, code: l.code, display: l.display}
	r := Result{System: l.system}
	q.describe(&r, "")
	e.out = append(e.out, Concept{l.system, l.code, r.Display, r.Abstract, r.Inactive})
	return nil
}
