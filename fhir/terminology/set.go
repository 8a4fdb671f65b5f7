package terminology

import (
	"strings"
	"sync"

	"github.com/ponshealth/pons/fhir/r4"
)

// A set is a value set made ready to be asked.
type set struct {
	url              string
	include, exclude []*part
	composed         bool
	noInactive       bool             // inactive codes are out
	expanded         bool             // there is an expansion
	whole            bool             // and it has all codes
	order            []listed         // its codes for use, in order
	byCode           map[string][]int // their places
}

type coded struct{ system, code string }

type listed struct {
	coded
	display string
}

// A part is one include or exclude.
type part struct {
	system, version string
	listed          bool
	codes           map[string]string   // listed codes with their displays
	folded          map[string]string   // the same in lower case
	other           map[string][]string // further displays, as in other languages
	order           []listed
	filters         []filter
	imports         []string

	once    sync.Once
	of      *system
	members []bool // by concept of the system: those that all filters let through
	problem string // why the filters cannot be followed
}

func prepare(v *r4.ValueSet) *set {
	s := &set{url: v.URL}
	if c := v.Compose; c != nil {
		s.composed = len(c.Include) > 0
		s.noInactive = c.Inactive == r4.False
		s.include, s.exclude = parts(c.Include), parts(c.Exclude)
	}
	if e := v.Expansion; e != nil {
		s.expanded, s.byCode = true, map[string][]int{}
		listed := s.contains(e.Contains)
		total, known := e.Total.Get()
		s.whole = !known || int(total) <= listed
		for i := range e.Extension {
			if url := e.Extension[i].URL; strings.HasSuffix(url, "/valueset-unclosed") || strings.HasSuffix(url, "/valueset-toocostly") {
				s.whole = false
			}
		}
		if offset, ok := e.Offset.Get(); ok && offset > 0 {
			s.whole = false
		}
	}
	return s
}

// contains keeps the codes of an expansion and counts them, those too that only
// group others.
func (s *set) contains(all []r4.ValueSetExpansionContains) (total int) {
	for i := range all {
		c := &all[i]
		if c.Code != "" {
			total++
		}
		if c.Code != "" && !c.Abstract.True() {
			s.byCode[c.Code] = append(s.byCode[c.Code], len(s.order))
			s.order = append(s.order, listed{coded{c.System, c.Code}, c.Display})
		}
		total += s.contains(c.Contains)
	}
	return total
}

func parts(all []r4.ValueSetComposeInclude) []*part {
	var out []*part
	for i := range all {
		in := &all[i]
		p := &part{version: in.Version, imports: in.ValueSet, listed: len(in.Concept) > 0}
		var version string
		if p.system, version = cut(in.System); version != "" && p.version == "" {
			p.version = version
		}
		if p.listed {
			p.codes = make(map[string]string, len(in.Concept))
			for j := range in.Concept {
				c := &in.Concept[j]
				p.codes[c.Code] = c.Display
				for k := range c.Designation {
					if p.other == nil {
						p.other = map[string][]string{}
					}
					p.other[c.Code] = append(p.other[c.Code], c.Designation[k].Value)
				}
				p.order = append(p.order, listed{coded{p.system, c.Code}, c.Display})
			}
		}
		for j := range in.Filter {
			p.filters = append(p.filters, newFilter(&in.Filter[j]))
		}
		out = append(out, p)
	}
	return out
}

// ready finds the system of a part and applies the filters to all its concepts,
// once.
func (p *part) ready(m *Memory) {
	p.once.Do(func() {
		p.of = m.systemOf(p.system, p.version)
		if p.listed && p.of != nil && p.of.fold {
			p.folded = make(map[string]string, len(p.codes))
			for code, display := range p.codes {
				p.folded[strings.ToLower(code)] = display
			}
		}
		if len(p.filters) == 0 || p.of == nil || !p.of.present {
			return
		}
		for i := range p.filters {
			marked, problem := p.filters[i].apply(p.of)
			if problem != "" {
				p.problem = problem
				return
			}
			if p.members == nil {
				p.members = marked
				continue
			}
			for j := range marked {
				p.members[j] = p.members[j] && marked[j]
			}
		}
	})
}

// list looks a code up in a part's own list.
func (p *part) list(code string) (display string, ok bool) {
	if display, ok = p.codes[code]; !ok && p.folded != nil {
		display, ok = p.folded[strings.ToLower(code)]
	}
	return display, ok
}
