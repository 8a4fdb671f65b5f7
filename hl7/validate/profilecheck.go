package validate

import (
	"strings"
	"unicode/utf8"

	"github.com/ponshealth/pons/hl7"
)

// profile checks the rules of a profile.
func (c *check) profile(p *Profile, h hl7.Header) {
	if !anyKind(p.messages, c.report.Type) {
		code := 200
		for _, k := range p.messages {
			if strings.HasPrefix(string(k), h.Type+"^") {
				code = 201
			}
		}
		c.addAs(RuleProfile, Error, code, place{field: 9}, "not a message that this sender is expected to send")
	}
	listed := map[string]bool{}
	for i := range p.segments {
		s := &p.segments[i]
		listed[s.name] = true
		if anyKind(s.kinds, c.report.Type) {
			c.profileSegment(s)
		}
	}
	if p.listed {
		for s := range c.m.Segments() {
			if name := s.Name(); name[0] == 'Z' && !listed[name] {
				c.addAs(RuleProfile, Error, 100, place{segment: s.Index()}, "a Z segment that is not agreed on")
			}
		}
	}
}

func (c *check) profileSegment(rule *segmentRule) {
	n := 0
	for s := range c.m.All(rule.name) {
		if n++; rule.max >= 0 && n == rule.max+1 {
			text := "the segment may occur " + plural(rule.max, "time") + " only"
			if rule.max == 0 {
				text = "the segment may not occur"
			}
			c.addAs(RuleProfile, Error, 198, place{segment: s.Index()}, text)
		}
		for i := range rule.fields {
			if f := &rule.fields[i]; anyKind(f.kinds, c.report.Type) && f.when.holds(c.m, s) {
				c.profileField(s, f)
			}
		}
		if !rule.local || rule.known == 0 {
			continue
		}
		for i, v := range s.EachField() {
			if i > rule.known && !v.Empty() {
				c.addAs(RuleProfile, Warning, 199, place{segment: s.Index(), field: i}, "a field that is not agreed on")
				break
			}
		}
	}
	if n == 0 && rule.required {
		c.addAt(RuleProfile, Error, 100, hl7.Path{Segment: rule.name}, c.m.Len(), "", "the segment is required and missing")
	}
}

// holds reports whether a condition is true of a segment of a message.
func (w *condition) holds(m *hl7.Message, s hl7.Segment) bool {
	if w == nil {
		return true
	}
	if s.Name() != w.at.Segment {
		s, _ = m.First(w.at.Segment)
	}
	v := s.Field(w.at.Field).Part(w.at)
	if w.values != nil {
		return v.Valued() && w.values[v.String()]
	}
	return v.Valued() == w.valued
}

// profileField checks a rule of a field in one segment.
func (c *check) profileField(s hl7.Segment, f *fieldRule) {
	p := place{s.Index(), f.at.Field, f.at.Rep, f.at.Component, f.at.Sub}
	field := s.Field(f.at.Field)
	filled := 0
	for r, rep := range field.EachRep() {
		if rep.Empty() || f.at.Rep > 0 && r != f.at.Rep {
			continue
		}
		filled++
		p.rep = r
		if f.at.Component > 0 {
			rep = rep.Part(hl7.Path{Component: f.at.Component, Sub: f.at.Sub})
		}
		c.profileValue(p, rep, f)
	}
	p.rep = f.at.Rep
	switch {
	case filled == 0 && f.required:
		c.broken(f, 101, p, "required and missing")
	case filled < f.minRep:
		c.broken(f, 198, p, "must stand at least "+plural(f.minRep, "time"))
	case f.maxRep > 0 && filled > f.maxRep:
		c.broken(f, 198, p, "may stand "+plural(f.maxRep, "time")+" only")
	}
}

// profileValue checks one repetition, or the part of it that the rule is about.
func (c *check) profileValue(p place, v hl7.Value, f *fieldRule) {
	switch {
	case !v.Valued():
		if f.required {
			c.broken(f, 101, p, "required and missing")
		}
		return
	case f.absent:
		c.broken(f, 199, p, "must not be valued")
		return
	}
	length := utf8.RuneCountInString(v.Text())
	switch {
	case length < f.min:
		c.broken(f, 102, p, "shorter than "+plural(f.min, "character"))
	case f.max > 0 && length > f.max:
		c.broken(f, 104, p, "longer than "+plural(f.max, "character"))
	}
	if f.values != nil && !f.values[v.String()] {
		c.broken(f, 103, p, "not one of the values that are agreed on")
	}
	if f.pattern != nil && !f.pattern.MatchString(v.Text()) {
		c.broken(f, 102, p, "not in the form that is agreed on")
	}
	if f.typ != "" && c.o.Level >= Types {
		e := &element{name: f.label(), typ: c.plan.typeOf(f.typ)}
		depth := 1
		if f.at.Component > 0 {
			depth = 2
		}
		if f.at.Sub > 0 {
			depth = 3
		}
		c.value(p, v, e, e.typ, depth)
	}
}

func (f *fieldRule) label() string {
	if f.name == "" {
		return f.at.String()
	}
	return f.name
}

// broken reports a rule that does not hold, with its own text if it has one.
func (c *check) broken(f *fieldRule, code int, p place, text string) {
	if f.text != "" {
		text += ": " + f.text
	}
	if f.name != "" {
		text = f.name + ": " + text
	}
	c.addAs(RuleProfile, f.severity, code, p, text)
}
