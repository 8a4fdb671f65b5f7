package mapping

import (
	"strings"
	"sync"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/terminology"
)

// codes tells which codes a code system has, as far as the definitions of R4 hold it; of
// LOINC, SNOMED CT, UCUM and others it knows the form.
var codes = sync.OnceValue(func() *terminology.Memory { return terminology.New(profile.Base()) })

// truth takes away the system of a code that the system does not have: a site's own code in
// an HL7 table, a number that is no LOINC code. The code stays, under a system of the
// sender's own, because a wrong claim is worse than none: it would be taken for a code that
// means something else. n is a Coding or a Quantity. Codes that a table of ours wrote are not looked at.
func (c *conv) truth(n *node) {
	system, code := n.kid("system"), n.kid("code")
	if system == nil || code == nil || code.literal || code.src == noPlace || code.row != nil && code.row.code || strings.HasPrefix(system.text, "urn:pons:") {
		return
	}
	if c.has(system.text, code.text) {
		return
	}
	c.note(code.src, "the code system has no such code: it gets a URI of ours, for this sender alone")
	system.text = c.ownSystem(systemName(system.text))
}

// A claim is a code with the system that it is said to be of.
type claim struct{ system, code string }

// has reports whether a system has a code, or may have it for all that is known.
func (c *conv) has(system, code string) bool {
	k := claim{system, code}
	if answer, ok := c.mem.claims[k]; ok {
		return answer
	}
	r, err := codes().ValidateCode("", system, code, "")
	answer := err != nil || r.Answer != terminology.NotIn && r.Warning == ""
	// Copies: what a message is made of should not stay with its codes.
	remember(&c.mem.claims, claim{strings.Clone(system), strings.Clone(code)}, answer)
	return answer
}

// systemName is a short name of a code system: that of the HL7 table, or the last part of
// its URI.
func systemName(uri string) string {
	if number, ok := strings.CutPrefix(uri, v2Tables); ok {
		return "HL7" + number
	}
	return uri[strings.LastIndexAny(uri, "/:")+1:]
}

// ownSystem is the URI of a code system of the sender.
func (c *conv) ownSystem(name string) string {
	if sender := c.sender(); sender != "" {
		return "urn:pons:cs:" + urnPart(sender) + ":" + urnPart(name)
	}
	return "urn:pons:cs:" + urnPart(name)
}
