package validate

import (
	"slices"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// extContext is where an extension may stand (FHIR R4 defining-extensions.html#context).
type extContext struct{ kind, expression string }

// extension checks an extension beyond its structure: a URL that is known, a
// definition that holds, a place where it may stand.
func (r *run) extension(n *node) {
	x := n.value.(*r4.Extension)
	if x.URL == "" {
		return // its absence has been told
	}
	parent, nested := n.up.value.(*r4.Extension)
	if !absolute(x.URL) {
		switch def, known := r.definitionOf(n.up); {
		case !nested:
			r.fail(n, "invalid", "the url of an extension has to be absolute")
		case known && !hasPart(def, x.URL):
			r.fail(n, "structure", "the extension "+shownURL(parent.URL)+" has no part of this url")
		}
		return
	}
	if strings.Contains(x.URL, "|") {
		r.fail(n, "invalid", "the url of an extension names no version")
		return
	}
	modifier := n.field.Name == "modifierExtension"
	s, err := r.v.schema(x.URL)
	switch {
	case err != nil && modifier:
		r.fail(n, "extension", "the modifier extension "+shownURL(x.URL)+" is not known, so that what it modifies cannot be understood")
		return
	case err != nil:
		r.report(n, r.v.o.UnknownExtensions, "extension", "the extension "+shownURL(x.URL)+" is not known, so it is not checked")
		return
	case s.typ == nil || s.typ.Name != "Extension":
		r.fail(n, "extension", "the url "+shownURL(x.URL)+" is no extension's")
		return
	case modifier != s.modifier && modifier:
		r.fail(n, "extension", "the extension "+s.name+" is no modifier extension")
	case modifier != s.modifier:
		r.fail(n, "extension", "the extension "+s.name+" is a modifier extension and has to stand as one")
	}
	if !r.mayStand(n, s) {
		r.fail(n, "extension", "the extension "+s.name+" may not stand here; it is for "+s.places())
	}
	r.conform(n, x.URL)
}

func withoutVersion(url string) string {
	url, _, _ = strings.Cut(url, "|")
	return url
}

func absolute(url string) bool {
	scheme, _, ok := strings.Cut(url, ":")
	return ok && scheme != "" && !strings.ContainsAny(scheme, "/?#. ")
}

// shownURL is the URL of a definition as a text may show it. What does not look
// like one may be data.
func shownURL(url string) string {
	good := strings.HasPrefix(url, "http://") || strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "urn:oid:") ||
		strings.HasPrefix(url, "urn:ietf:") || strings.HasPrefix(url, "urn:iso:")
	if !good || len(url) > 200 || strings.IndexFunc(url, func(c rune) bool { return c <= ' ' || c >= 0x7f || strings.ContainsRune("?@\"<>\\^`{}", c) }) >= 0 {
		return "(its url)"
	}
	return url
}

// definitionOf finds the element that defines an extension: the root of its
// definition, or the slice of the one it is a part of.
func (r *run) definitionOf(n *node) (*element, bool) {
	x, ok := n.value.(*r4.Extension)
	if !ok {
		return nil, false
	}
	if absolute(x.URL) {
		s, err := r.v.schema(x.URL)
		if err != nil || s.typ != n.typ {
			return nil, false
		}
		return s.root, true
	}
	up, ok := r.definitionOf(n.up)
	if !ok {
		return nil, false
	}
	for _, part := range partsOf(up) {
		if part.extensionURL() == x.URL {
			return part, true
		}
	}
	return nil, false
}

func partsOf(e *element) []*element {
	if c := e.child("extension"); c != nil {
		return c.slices
	}
	return nil
}

func hasPart(e *element, url string) bool {
	if c := e.child("extension"); c == nil || c.max != 0 && len(c.slices) == 0 && c.slicing == nil {
		return c == nil // it does not say what parts there are
	}
	return slices.ContainsFunc(partsOf(e), func(p *element) bool { return p.extensionURL() == url })
}

// mayStand says whether an extension may stand at n.
func (r *run) mayStand(n *node, s *schema) bool {
	if len(s.contexts) == 0 {
		return true
	}
	for _, also := range usedAt[withoutVersion(s.url)] {
		if standsOn(n.up, also) {
			return true
		}
	}
	for _, c := range s.contexts {
		switch c.kind {
		case "extension":
			if x, ok := n.up.value.(*r4.Extension); ok && (x.URL == c.expression || strings.HasPrefix(c.expression, x.URL+"#")) {
				return true
			}
		case "element":
			if standsOn(n.up, c.expression) {
				return true
			}
		case "fhirpath":
			if r.pathHolds(n.up, c.expression) {
				return true
			}
		default: // another release's kinds
			return true
		}
	}
	return false
}

// usedAt are places where the definitions of R4 themselves carry extensions
// whose context does not name them; later publications of the extensions do.
var usedAt = map[string][]string{
	"http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type":         {"ElementDefinition.type"},
	"http://hl7.org/fhir/StructureDefinition/regex":                                 {"ElementDefinition.type"},
	"http://hl7.org/fhir/StructureDefinition/structuredefinition-normative-version": {"CanonicalResource", "ElementDefinition"},
	"http://hl7.org/fhir/StructureDefinition/valueset-concept-comments":             {"CodeSystem.concept"},
}

// standsOn says whether an element is one that a context names: by its type or
// what that is built on, or by the path of its definition.
func standsOn(n *node, name string) bool {
	if strings.HasPrefix(name, "http") {
		if at := strings.LastIndexByte(name, '#'); at > 0 {
			name = name[at+1:]
		} else {
			name = lastPart(name)
		}
	}
	switch name {
	case "Element", "Any", "*":
		return true
	case "CanonicalResource", "MetadataResource":
		if n.typ == nil || n.typ.Kind != r4.KindResource {
			return false
		}
		_, _, url := n.typ.Field("url")
		_, _, status := n.typ.Field("status")
		return url && status
	case "BackboneElement":
		if n.typ != nil && n.typ.Kind == r4.KindBackbone {
			return true
		}
	}
	if n.typ != nil {
		for t := n.typ; t != nil; t = r4.TypeByName(t.Base) {
			if t.Name == name {
				return true
			}
		}
	}
	typ, rest, ok := strings.Cut(name, ".")
	return ok && standsAt(n, typ, strings.Split(strings.ReplaceAll(rest, "[x]", ""), "."))
}

// standsAt says whether the last steps to n have these names, from a struct of
// the type on.
func standsAt(n *node, typ string, names []string) bool {
	for i := len(names) - 1; i >= 0; i-- {
		if n.field == nil || n.field.Name != names[i] && (!n.field.Choice || n.typ == nil || !strings.EqualFold(n.field.Name+n.typ.Name, names[i])) {
			return false
		}
		n = n.up
	}
	for t := n.typ; t != nil; t = r4.TypeByName(t.Base) {
		if t.Name == typ {
			return true
		}
	}
	return false
}

// places lists where an extension may stand, for a text.
func (s *schema) places() string {
	var names []string
	for i, c := range s.contexts {
		if i == 6 {
			names = append(names, "...")
			break
		}
		names = append(names, c.expression)
	}
	return strings.Join(names, ", ")
}
