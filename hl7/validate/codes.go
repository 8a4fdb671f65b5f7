package validate

import (
	"strings"

	"github.com/ponshealth/pons/hl7/grammar"
)

// codes is a table with what checking it means.
type codes struct {
	*grammar.Table
	some map[string]bool // codes that the table prints several on one line
}

// codesOf returns a table of a version; nil when it has no codes or when some of
// them are ranges and patterns, which cannot be compared.
func codesOf(v *grammar.Version, id string) *codes {
	t, ok := v.Table(id)
	if !ok {
		return nil
	}
	c := &codes{Table: t, some: map[string]bool{}}
	for _, code := range t.Codes {
		if isPattern(code.Code) {
			return nil
		}
		if strings.Contains(code.Code, ",") { // as "L,M,N"
			for one := range strings.SplitSeq(code.Code, ",") {
				c.some[strings.TrimSpace(one)] = true
			}
		}
	}
	return c
}

// isPattern reports whether a table prints a range or a pattern in place of a
// code: "E1 ... E9", "Q<integer>D", "99zzz or L", "2 and higher".
func isPattern(code string) bool {
	for _, mark := range []string{"...", "…", "<integer>", "zzz", "nnn", " and higher", "2 _", "No Values Defined"} {
		if strings.Contains(code, mark) {
			return true
		}
	}
	return false
}

// find tells under which rule a code is to be reported, "" when it is right.
func (c *codes) find(code string, binding bool) Rule {
	if entry, ok := c.Code(code); ok {
		if entry.Deprecated {
			return RuleDeprecated
		}
		return ""
	}
	switch {
	case c.some[code]:
		return ""
	case c.Kind != "hl7":
		return RuleUserTable
	case strings.HasPrefix(code, "Z"):
		return RuleUserTable // of the site
	case c.Elsewhere(code):
		return RuleTableOther
	case binding:
		return RuleTable
	}
	return RuleTableOpen
}

// about writes what a rule says of a table.
func (c *codes) about(rule Rule) string {
	name := "table " + c.ID
	if c.Name != "" {
		name += " (" + c.Name + ")"
	}
	switch rule {
	case RuleDeprecated:
		return "a code that HL7 " + name + " advises against"
	case RuleTableOther:
		return "a code that HL7 " + name + " has only in other versions"
	case RuleUserTable:
		return "not one of the codes that HL7 suggests for " + name
	}
	return "not a code of HL7 " + name
}
