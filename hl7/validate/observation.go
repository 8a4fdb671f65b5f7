package validate

import "github.com/ponshealth/pons/hl7"

// anyType is the type of a value of which nobody says what it is.
var anyType = &typePlan{varies: true}

// observed is the data type of OBX-5, which OBX-2 names (HL7 v2.9 7.4.2.2).
func (c *check) observed(s hl7.Segment) *typePlan {
	name := s.Field(2).String()
	if _, ok := c.grammar.DataType(name); !ok {
		return anyType
	}
	return c.plan.typeOf(name)
}

// observation checks what the segment definition cannot say of OBX: OBX-2 is
// required when OBX-5 is valued, and it names a data type.
func (c *check) observation(s hl7.Segment) {
	name := s.Field(2).String()
	if name == "" {
		if s.Field(5).Valued() {
			c.add(RuleRequired, place{segment: s.Index(), field: 2}, "Value Type: required because OBX-5 is valued, and missing")
		}
		return
	}
	if c.o.Level < Tables {
		return
	}
	types := c.plan.codes("0125")
	if types == nil || types.find(name, true) == "" {
		return
	}
	rule := RuleTable
	if _, ok := c.grammar.DataType(name); ok {
		rule = RuleTableOther // table 0125 of a version is short: CWE and DTM are sent in 2.5.1
	}
	c.add(rule, place{segment: s.Index(), field: 2}, "Value Type: "+types.about(rule))
}
