package validate

import (
	"unicode/utf8"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/grammar"
)

// segment checks the fields of a segment. One that the version does not have
// has been reported with the structure.
func (c *check) segment(s hl7.Segment) {
	def := c.plan.segment(s.Name())
	if def == nil {
		return
	}
	last := 0
	for n, v := range s.EachField() {
		last = n
		if n > len(def.fields) {
			if !v.Empty() {
				c.add(RuleExtraField, place{segment: s.Index(), field: n}, "a field that the version does not have"+c.laterField(s.Name(), n))
			}
			continue
		}
		c.field(s, n, v, &def.fields[n-1])
	}
	for n := last + 1; n <= len(def.fields); n++ {
		if def.fields[n-1].opt == "R" {
			c.missing(place{segment: s.Index(), field: n}, &def.fields[n-1])
		}
	}
	if def.name == "OBX" {
		c.observation(s)
	}
}

func (c *check) missing(p place, e *element) {
	c.add(RuleRequired, p, e.name+": required and missing")
}

// laterField tells which later version has a field.
func (c *check) laterField(segment string, n int) string {
	here := false
	for _, version := range grammar.Versions() {
		if here {
			if def, ok := grammar.For(version).Segment(segment); ok && n <= len(def.Fields) {
				return " but " + version + " has: " + def.Fields[n-1].Name
			}
		}
		here = here || version == c.grammar.Name()
	}
	return ""
}

// field checks one field with all its repetitions.
func (c *check) field(s hl7.Segment, n int, v hl7.Value, e *element) {
	p := place{segment: s.Index(), field: n}
	if v.Empty() {
		if e.opt == "R" {
			c.missing(p, e)
		}
		return
	}
	if e.opt == "W" || e.opt == "X" {
		c.add(RuleWithdrawn, p, e.name+": the version has withdrawn the field")
	}
	typ := e.typ
	if s.Name() == "OBX" && n == 5 {
		typ = c.observed(s)
	}
	filled := 0
	for r, rep := range v.EachRep() {
		if rep.Empty() {
			continue
		}
		filled = r
		p.rep = r
		c.length(p, rep, e)
		if c.o.Level >= Types && !rep.Null() {
			c.value(p, rep, e, typ, 1)
		}
	}
	if e.maxRep != grammar.Unbounded && filled > e.maxRep {
		p.rep = e.maxRep + 1
		c.add(RuleRepetitions, p, e.name+": may stand "+plural(e.maxRep, "time")+" only")
	}
}

// length compares one repetition with its greatest length (HL7 v2.9 2.5.3), in
// characters, with delimiters and without escape sequences. It is binding since
// 2.7. That of a composite is less than what its components may have, and no
// more than a hint.
func (c *check) length(p place, v hl7.Value, e *element) {
	if e.length == 0 || len(v.Raw()) <= e.length || utf8.RuneCountInString(v.Text()) <= e.length {
		return
	}
	severity := rules[RuleLength].severity
	switch {
	case len(e.typ.parts) > 0:
		severity = Information
	case c.plan.strict:
		severity = Error
	}
	c.addAs(RuleLength, severity, rules[RuleLength].code, p, e.name+": longer than "+plural(e.length, "character"))
}

// value checks a repetition (depth 1), component (2) or subcomponent (3) that is
// there and not null.
func (c *check) value(p place, v hl7.Value, e *element, typ *typePlan, depth int) {
	for depth == 3 && len(typ.parts) > 0 {
		typ = typ.parts[0].typ // there is no deeper level: the value is the first part
	}
	switch {
	case typ.varies:
		return
	case len(typ.parts) > 0:
		c.parts(p, v, typ, depth)
	case !c.single(v, depth):
		c.add(RuleExtraPart, p, e.name+": "+typ.name+" has no components, or a delimiter in it is not escaped")
	}
	if typ.check != nil {
		if problem := typ.check(v.String()); problem != "" {
			c.add(RuleType, p, e.name+": "+problem)
		}
	}
	if e.tableID != "" && c.o.Level >= Tables {
		c.code(p, v, e, typ, depth)
	}
}

// code looks a value up in the table of its element; of a composite, the first
// component, unless that has a table of its own.
func (c *check) code(p place, v hl7.Value, e *element, typ *typePlan, depth int) {
	if len(typ.parts) > 0 {
		if typ.parts[0].tableID != "" {
			return
		}
		p = p.part(1, depth)
		if depth == 1 {
			v = v.Component(1)
		} else {
			v = v.Sub(1)
		}
	}
	if !v.Valued() {
		return
	}
	if c.o.Profile != nil {
		if t, ok := c.o.Profile.tables[e.tableID]; ok && (!t.add || t.codes[v.String()]) {
			if !t.codes[v.String()] {
				c.addAs(RuleProfile, t.severity, rules[RuleTable].code, p, e.name+": not one of the codes that are agreed on for table "+e.tableID)
			}
			return
		}
	}
	if e.table == nil {
		return
	}
	if rule := e.table.find(v.String(), e.binding); rule != "" {
		c.add(rule, p, e.name+": "+e.table.about(rule))
	}
}

// parts checks the parts of a composite. The two loops are one thing, written
// twice because a loop over an iterator that is chosen at run time allocates.
func (c *check) parts(p place, v hl7.Value, typ *typePlan, depth int) {
	last := 0
	if depth == 1 {
		for i, part := range v.EachComponent() {
			if last = i; !c.part(p, i, part, typ, depth) {
				return
			}
		}
	} else {
		for i, part := range v.EachSub() {
			if last = i; !c.part(p, i, part, typ, depth) {
				return
			}
		}
	}
	for i := last + 1; i <= len(typ.parts); i++ {
		if typ.parts[i-1].opt == "R" {
			c.missing(p.part(i, depth), &typ.parts[i-1])
		}
	}
}

// part is the place of a component of a repetition (depth 1) or of a subcomponent
// of a component (2).
func (p place) part(i, depth int) place {
	if depth == 1 {
		p.component = i
	} else {
		p.sub = i
	}
	return p
}

// part checks part i of a composite. It is false when there is no use in going on.
func (c *check) part(p place, i int, v hl7.Value, typ *typePlan, depth int) bool {
	p = p.part(i, depth)
	if i > len(typ.parts) {
		if !v.Empty() {
			c.add(RuleExtraPart, p, typ.name+" has "+plural(len(typ.parts), "component")+" only")
		}
		return v.Empty()
	}
	e := &typ.parts[i-1]
	if v.Empty() {
		if e.opt == "R" {
			c.missing(p, e)
		}
		return true
	}
	if e.opt == "W" || e.opt == "X" {
		c.add(RuleWithdrawn, p, e.name+": the version has withdrawn the component")
	}
	c.length(p, v, e)
	if !v.Null() {
		c.value(p, v, e, e.typ, depth+1)
	}
	return true
}

// single reports whether a value has no parts beyond the first with anything in them.
func (c *check) single(v hl7.Value, depth int) bool {
	plain := true
	for _, b := range v.Raw() {
		plain = plain && b != c.delimiters.Component && b != c.delimiters.Subcomponent
	}
	if plain {
		return true
	}
	if depth == 1 {
		for i, part := range v.EachComponent() {
			if i > 1 && !part.Empty() {
				return false
			}
		}
		v = v.Component(1)
	}
	for i, part := range v.EachSub() {
		if i > 1 && !part.Empty() {
			return false
		}
	}
	return true
}
