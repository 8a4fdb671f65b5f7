package validate

import (
	"slices"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/grammar"
	"github.com/ponshealth/pons/hl7/structure"
)

// structure checks MSH-9, MSH-12 and the order of the segments.
func (c *check) structure(h hl7.Header) {
	forced := c.o.Profile != nil && c.o.Profile.Version != ""
	if h.Version != "" && !forced && !slices.Contains(grammar.Versions(), h.Version) {
		c.add(RuleVersion, place{field: 12, component: 1}, "not a version of the standard; the message is read as "+c.grammar.Name())
	}
	if forced {
		h.Version = c.o.Profile.Version
	}
	matcher, ok := structure.For(h)
	if !ok {
		c.unknown(h)
		return
	}
	tree := matcher.Match(c.m)
	name, version := tree.Structure()
	c.report.Structure = name
	c.messageType(h, name, version)
	for _, p := range tree.Problems() {
		c.problem(p)
	}
	if more := tree.More(); more > 0 { // problems that the tree does not list
		c.report.More += more
		c.report.worse = true
	}
}

// unknown reports a message without a structure.
func (c *check) unknown(h hl7.Header) {
	r := rules[RuleMessageType]
	types, _ := c.grammar.Table("0076")
	switch {
	case h.Type == "":
		if c.o.Level < Fields || c.m.Segment(0).Field(9).Valued() { // else a required field is missing
			c.add(RuleMessageType, place{field: 9}, "there is no message type")
		}
	case h.Type[0] == 'Z' || h.Event != "" && h.Event[0] == 'Z':
		c.addAs(RuleMessageType, Information, 201, place{field: 9}, "a message of the site: its structure is not known")
	case !known(types, h.Type):
		c.add(RuleMessageType, place{field: 9, component: 1}, "not a message type of HL7")
	default:
		c.addAs(RuleMessageType, r.severity, 201, place{field: 9, component: 2}, "not an event of this message type")
	}
}

func known(t *grammar.Table, code string) bool {
	if t == nil {
		return false
	}
	_, ok := t.Code(code)
	return ok || t.Elsewhere(code)
}

// messageType compares the components of MSH-9 with each other and with the version.
func (c *check) messageType(h hl7.Header, name, version string) {
	if version != c.grammar.Name() {
		c.addAs(RuleMessageType, Warning, 201, place{field: 9}, "the version has no such message; the structure of "+version+" is used")
		return
	}
	of, ok := c.grammar.StructureOf(h.Type, h.Event)
	switch {
	case h.Structure == "" || !ok:
	case !c.grammar.HasStructure(h.Structure):
		c.addAs(RuleMessageType, Warning, 200, place{field: 9, component: 3}, "not a message structure; that of this event is "+of)
	case h.Structure != of:
		c.addAs(RuleMessageType, Warning, 200, place{field: 9, component: 3}, "not the structure of this event, which is "+of)
	}
}

// problem turns a problem of the structure into a finding.
func (c *check) problem(p structure.Problem) {
	group := p.Group.Path().String()
	at := hl7.Path{Segment: p.Begins}
	if p.Kind != structure.Missing {
		at = c.path(place{segment: p.Segment})
	}
	rule, text := RuleUnexpected, ""
	switch p.Kind {
	case structure.Missing:
		rule, text = RuleMissing, "the segment is required here and missing"
		if p.Name != p.Begins {
			text = "the group " + p.Name + " is required here and missing"
		}
	case structure.OutOfOrder:
		rule, text = RuleOrder, "the segment is out of order"
	case structure.TooMany:
		rule, text = RuleRepeats, "the segment is repeated and may not be"
		if p.Name != p.Begins {
			text = "the group " + p.Name + " is repeated and may not be"
		}
	case structure.Unexpected:
		text = "the segment is not one of HL7"
		if _, ok := c.grammar.Segment(p.Name); ok {
			text = "the segment is not part of this message"
		} else if first := firstWith(p.Name); first != "" {
			text = "the segment is not of this version but of " + first
		}
	}
	c.addAt(rule, rules[rule].severity, rules[rule].code, at, p.Segment, group, text)
}

// firstWith returns the first version that has a segment.
func firstWith(name string) string {
	for _, version := range grammar.Versions() {
		if _, ok := grammar.For(version).Segment(name); ok {
			return version
		}
	}
	return ""
}
