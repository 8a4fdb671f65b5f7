package validate

import (
	"strings"

	"github.com/ponshealth/pons/fhir/terminology"
)

// ask says whether a code is in a value set.
func (r *run) ask(valueSet, system, code string) membership {
	if valueSet == "http://www.rfc-editor.org/bcp/bcp13.txt" { // so R4 binds the language of expressions
		valueSet = "http://hl7.org/fhir/ValueSet/mimetypes"
	}
	res, err := r.v.o.Terminology.ValidateCode(valueSet, system, code, "")
	switch {
	case system == "" && shortFormats[code] && strings.HasPrefix(valueSet, "http://hl7.org/fhir/ValueSet/mimetypes"):
		return isMember
	case err != nil:
		return noSuchValueSet
	case res.Answer == terminology.In:
		return isMember
	case res.Answer == terminology.NotIn:
		return notMember
	}
	return cannotTell
}

// shortFormats stand for media types where FHIR names formats (FHIR R4
// http.html#mime-type).
var shortFormats = map[string]bool{"xml": true, "json": true, "ttl": true}

// known checks a code and its display against the code system, where that is
// at hand.
func (r *run) known(n *node, system, code, display string) {
	r.check(n, "code", system, code, display)
}

// knownAs is known for a code in another element.
func (r *run) knownAs(n *node, name, system, code string) { r.check(n, name, system, code, "") }

func (r *run) check(n *node, at, system, code, display string) {
	if r.v.o.Terminology == nil {
		return
	}
	res, err := r.v.o.Terminology.ValidateCode("", system, code, display)
	switch {
	case err != nil:
	case res.Answer == terminology.NotIn:
		r.each(n, at, func(c *node) { r.fail(c, "code-invalid", "no code of the system "+shownURL(system)) })
	case res.WrongDisplay:
		r.each(n, "display", func(c *node) { r.warn(c, "invalid", "not the display that "+shownURL(system)+" has for the code") })
	case res.Inactive:
		r.each(n, at, func(c *node) { r.note(c, "business-rule", "the code is not to be used any more") })
	case res.Warning != "":
		r.each(n, at, func(c *node) { r.fail(c, "code-invalid", "the code "+res.Warning) })
	}
}
