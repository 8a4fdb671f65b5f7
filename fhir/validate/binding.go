package validate

import (
	"errors"
	"strings"

	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/ucum"
)

// membership is whether coded values are in a value set.
type membership uint8

// In the order in which the answer for one coding of a concept counts for all.
const (
	nothingCoded membership = iota
	notMember
	cannotTell // its code system is not here, or is too large to be
	noSuchValueSet
	isMember
)

// bound checks n against a binding (FHIR R4 terminologies.html#strength):
// required is an error when not kept, extensible a warning, for whether no code
// of the value set is suitable a program cannot say, preferred information.
func (r *run) bound(n *node, b *binding) {
	if r.v.o.Terminology == nil || b.strength == "example" || n.typ == nil || n.value == nil && n.text == "" {
		return
	}
	name := b.valueSet
	switch r.membership(n, b.valueSet) {
	case notMember:
		switch b.strength {
		case "required":
			r.fail(n, "code-invalid", "not in the value set "+name+", from which a code is required")
		case "extensible":
			if n.typ.Name == "uri" && absolute(n.text) {
				break // a definition of one's own, such as the type of a logical model
			}
			r.warn(n, "code-invalid", "not in the value set "+name+", from which a code has to come unless it has no suitable one")
		default:
			r.note(n, "code-invalid", "not in the value set "+name+", from which a code is preferred")
		}
	case nothingCoded:
		if b.strength == "required" && !hasExtension(n) {
			r.fail(n, "code-invalid", "no code; one of the value set "+name+" is required")
		}
	case noSuchValueSet:
		if b.strength != "preferred" {
			r.note(n, "not-found", "the value set "+name+" is not known, so the code is not checked")
		}
	case cannotTell:
		if b.strength == "required" {
			r.note(n, "not-supported", "whether the code is in the value set "+name+" cannot be told here")
		}
	}
}

func hasExtension(n *node) bool {
	in, t := n.holder()
	if in == nil {
		return false
	}
	f, _, ok := t.Field("extension")
	return ok && f.Len(in) > 0
}

// membership asks whether n, of any coded type, is in a value set.
func (r *run) membership(n *node, valueSet string) membership {
	switch v := n.value.(type) {
	case *r4.CodeableConcept: // one coding that is in it is enough
		answer := nothingCoded
		for i := range v.Coding {
			c := &v.Coding[i]
			if c.Code == "" && c.System == "" {
				continue
			}
			answer = max(answer, r.ask(valueSet, c.System, c.Code))
		}
		return answer
	case *r4.Coding:
		if v.Code == "" && v.System == "" {
			return nothingCoded
		}
		return r.ask(valueSet, v.System, v.Code)
	case nil:
		if n.text == "" {
			return nothingCoded
		}
		return r.ask(valueSet, "", n.text)
	}
	if system, code, ok := unitOf(n); ok { // a quantity of any kind
		if code == "" {
			return nothingCoded
		}
		return r.ask(valueSet, system, code)
	}
	return cannotTell
}

// unitOf is the system and code of a quantity; ok is false for other types.
func unitOf(n *node) (system, code string, ok bool) {
	c, _, ok := n.typ.Field("code")
	s, _, ok2 := n.typ.Field("system")
	if !ok || !ok2 {
		return "", "", false
	}
	return s.Text(n.value, 0), c.Text(n.value, 0), true
}

// inValueSet says whether n is in a value set for certain.
func (r *run) inValueSet(n *node, valueSet string) bool {
	return r.v.o.Terminology != nil && r.membership(n, valueSet) == isMember
}

var errCannotTell = errors.New("whether the code is in the value set cannot be told here")

// memberOf is FHIRPath's memberOf().
func (r *run) memberOf(i fhirpath.Item, valueSet string) (bool, error) {
	if r.v.o.Terminology == nil {
		return false, errCannotTell
	}
	n := &node{typ: i.Type(), value: i.Value(), text: i.Text()}
	if n.typ == nil || n.typ.Kind == r4.KindPrimitive {
		n.value = nil
	}
	switch r.membership(n, valueSet) {
	case isMember:
		return true, nil
	case notMember, nothingCoded:
		return false, nil
	}
	return false, errCannotTell
}

// coding checks a Coding by itself: its system and, where that is known, code
// and display.
func (r *run) coding(n *node) {
	c := n.value.(*r4.Coding)
	if c.System == "" {
		return
	}
	switch {
	case !absolute(c.System):
		r.each(n, "system", func(s *node) { r.fail(s, "invalid", "the system of a Coding has to be absolute") })
		return
	case strings.HasPrefix(c.System, "http") && strings.Contains(c.System, "/ValueSet/"):
		r.each(n, "system", func(s *node) {
			r.fail(s, "invalid", "the system of a Coding is a code system, not a value set")
		})
		return
	}
	if c.Code != "" {
		r.known(n, c.System, c.Code, c.Display)
	}
}

const ucumSystem = "http://unitsofmeasure.org"

// quantity checks the code of a unit.
func (r *run) quantity(n *node) {
	system, code, _ := unitOf(n)
	if code == "" || system != ucumSystem {
		return
	}
	if _, err := ucum.Parse(code); err != nil {
		r.each(n, "code", func(c *node) { r.fail(c, "code-invalid", "no unit of UCUM") })
	}
}
