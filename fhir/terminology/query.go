package terminology

import (
	"slices"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// A query is one question; it remembers what it found on the way.
type query struct {
	m               *Memory
	system, version string
	code            string

	found   string   // the system of the value set that has the code
	display string   // the display that the value set gives it
	other   []string // and what else it may be called
	reason  string   // the first one for which something could not be told
	warning string
	answers map[*set]Answer // of imported sets; those being asked are NotIn for now
}

// cannot keeps the reason for an answer that cannot be given.
func (q *query) cannot(reason string) Answer {
	if q.reason == "" {
		q.reason = reason
	}
	return CannotTell
}

func (q *query) inSet(url string) Answer {
	s := q.m.set(url)
	if s == nil {
		if base := systemOfImplicit(url); base != "" && q.system != "" && q.system != base {
			return NotIn
		}
		return q.cannot("the value set " + url + " is not here")
	}
	if a, known := q.answers[s]; known {
		return a
	}
	if q.answers == nil && s.imports() {
		q.answers = map[*set]Answer{}
	}
	if q.answers != nil {
		q.answers[s] = NotIn
	}
	before := q.reason
	a := q.ask(s)
	if q.answers != nil {
		q.answers[s] = a
	}
	if a != CannotTell {
		q.reason = before
	}
	return a
}

func (s *set) imports() bool {
	for _, list := range [][]*part{s.include, s.exclude} {
		for _, p := range list {
			if len(p.imports) > 0 {
				return true
			}
		}
	}
	return false
}

// systemOfImplicit is the system of a value set that is defined by the form of
// its URL (FHIR R4 snomedct.html, loinc.html).
func systemOfImplicit(url string) string {
	switch {
	case strings.HasPrefix(url, snomed+"?fhir_vs") || strings.HasPrefix(url, snomed+"/") && strings.Contains(url, "?fhir_vs"):
		return snomed
	case url == loinc+"/vs" || strings.HasPrefix(url, loinc+"/vs/"):
		return loinc
	}
	return ""
}

func (q *query) ask(s *set) Answer {
	a := NotIn
	if s.composed {
		a = q.any(s.include)
		if a != NotIn {
			switch q.any(s.exclude) {
			case In:
				return NotIn
			case CannotTell:
				a = CannotTell
			}
		}
		if a == In && s.noInactive && q.retired() {
			return NotIn
		}
	}
	if s.expanded && (!s.composed || a == CannotTell) {
		return q.expanded(s)
	}
	if !s.composed {
		return q.cannot("the value set " + s.url + " has no content")
	}
	return a
}

func (q *query) expanded(s *set) Answer {
	for _, at := range s.byCode[q.code] {
		if l := s.order[at]; q.system == "" || q.system == l.system {
			q.found, q.display = l.system, l.display
			return In
		}
	}
	if s.whole {
		return NotIn
	}
	return q.cannot("the expansion of the value set " + s.url + " is not complete")
}

// any asks parts one after another: one that has the code is enough.
func (q *query) any(parts []*part) Answer {
	a := NotIn
	for _, p := range parts {
		switch q.part(p) {
		case In:
			return In
		case CannotTell:
			a = CannotTell
		}
	}
	return a
}

// part asks one include or exclude: the code has to be in all that it names.
func (q *query) part(p *part) Answer {
	if p.system == "" && len(p.imports) == 0 {
		return NotIn
	}
	a := In
	if p.system != "" {
		if q.system != "" && q.system != p.system {
			return NotIn
		}
		if a = q.own(p); a == NotIn {
			return NotIn
		}
		if a == In {
			q.found = p.system
			if q.version == "" {
				q.version = p.version
			}
		}
	}
	for _, url := range p.imports {
		switch q.inSet(url) {
		case NotIn:
			return NotIn
		case CannotTell:
			a = CannotTell
		}
	}
	return a
}

// own asks what a part says of its own code system.
func (q *query) own(p *part) Answer {
	p.ready(q.m)
	switch {
	case p.listed:
		display, ok := p.list(q.code)
		if !ok {
			return NotIn
		}
		q.display, q.other = display, p.other[q.code]
		return In
	case len(p.filters) == 0:
		return q.inSystem(p.system, p.version)
	case p.of == nil || !p.of.present:
		return q.filtered(p)
	}
	i, ok := p.of.find(q.code)
	switch {
	case !ok && p.of.complete:
		return NotIn
	case !ok:
		return q.cannot("the code system " + p.system + " is here in part only")
	case p.problem != "":
		return q.cannot("a filter on the code system " + p.system + " " + p.problem)
	case p.members[i]:
		return In
	}
	return NotIn
}

// filtered applies filters to a code whose system is known by a rule only.
func (q *query) filtered(p *part) Answer {
	a := q.inSystem(p.system, p.version)
	if a == NotIn {
		return NotIn
	}
	for i := range p.filters {
		switch p.filters[i].byCode(p.system, q.code) {
		case NotIn:
			return NotIn
		case CannotTell:
			a = q.cannot("the content of the code system " + p.system + ", which a filter asks for, is not here")
		}
	}
	return a
}

// inSystem tells whether the code is one of a code system.
func (q *query) inSystem(url, version string) Answer {
	if s := q.m.systemOf(url, version); s != nil && s.present {
		a := s.has(q.code)
		if a == CannotTell {
			return q.cannot("the code system " + url + " is here in part only")
		}
		return a
	}
	if rule := rules[url]; rule != nil {
		a, warning := rule(q.code)
		q.warning = warning
		if a != CannotTell {
			return a
		}
	}
	return q.cannot("the content of the code system " + url + " is not here")
}

func (q *query) concept() *concept {
	url := q.system
	if url == "" {
		url = q.found
	}
	if url == "" {
		return nil
	}
	s := q.m.systemOf(url, q.version)
	if s == nil {
		return nil
	}
	if i, ok := s.find(q.code); ok {
		return &s.concepts[i]
	}
	return nil
}

func (q *query) retired() bool {
	c := q.concept()
	return c != nil && c.retired
}

// describe adds to a result what the definitions say of the code.
func (q *query) describe(r *Result, display string) {
	c := q.concept()
	r.Display, r.Warning = q.display, q.warning
	if c == nil {
		if rule := rules[r.System]; rule != nil && r.Warning == "" && r.Answer != NotIn {
			_, r.Warning = rule(q.code)
		}
	} else {
		r.Abstract, r.Inactive = c.abstract, c.retired
		if r.Display == "" {
			r.Display = c.def.Display
		}
	}
	r.WrongDisplay = display != "" && r.Display != "" && !q.called(display, r.Display, c)
}

// called tells whether a text is one of the displays of the code, in whatever
// language.
func (q *query) called(text, display string, c *concept) bool {
	if sameText(text, display) || slices.ContainsFunc(q.other, func(o string) bool { return sameText(text, o) }) {
		return true
	}
	if c == nil {
		return false
	}
	return sameText(text, c.def.Display) || slices.ContainsFunc(c.def.Designation, func(d r4.CodeSystemConceptDesignation) bool {
		return sameText(text, d.Value)
	})
}
