package validate

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// reference checks what a Reference says by itself: its form, and whether what
// must be in the document is there (FHIR R4 references.html, bundle.html#references).
func (r *run) reference(n *node) {
	ref := n.value.(*r4.Reference)
	text := ref.Reference
	if text == "" {
		return
	}
	if !nativeRef1(r, n) {
		r.fail(n, "structure", "the local reference leads to no contained resource (ref-1)")
		return
	}
	f := r.lookup(n.scope, text)
	named := typeNamed(text)
	switch {
	case f.node != nil:
		if f.many {
			r.warn(n, "invalid", "several entries of the Bundle have the fullUrl that is referred to")
		}
		if named != nil && named != f.node.typ {
			r.fail(n, "structure", "the reference names the type "+named.Name+", but leads to "+f.node.typ.Name)
		}
		named = f.node.typ
	case !absolute(text):
		r.relative(n, text)
	case strings.HasPrefix(text, "urn:uuid:") || strings.HasPrefix(text, "urn:oid:"):
		if f.where == inBundle {
			r.warn(n, "not-found", "the reference by urn leads to no entry of the Bundle")
		}
	}
	if ref.Type != "" && named != nil && !strings.Contains(ref.Type, ":") && ref.Type != named.Name {
		r.fail(n, "structure", "Reference.type is another type than that of what the reference leads to, "+named.Name)
	}
	if f.node == nil && r.v.o.Resolve != nil && !strings.Contains(text, "?") {
		switch res, ok := r.v.o.Resolve(text); {
		case !ok:
			r.warn(n, "not-found", "the reference leads to nothing that is known")
		case named != nil && r4.TypeOf(res) != named:
			r.fail(n, "structure", "the reference names the type "+named.Name+", but leads to "+res.ResourceType())
		}
	}
	if f.where == unnamed {
		r.note(n, "invalid", "a relative reference in an entry without fullUrl cannot be resolved")
	}
}

// relative checks the form of a relative reference: Type/id, with a version
// after it or not, or a search in a transaction.
func (r *run) relative(n *node, text string) {
	if typ, _, ok := strings.Cut(text, "?"); ok {
		t := r4.TypeByName(typ)
		switch {
		case t == nil || t.Kind != r4.KindResource:
			r.fail(n, "invalid", "a conditional reference has to begin with the type of a resource")
		case !goodQuery(text[len(typ)+1:]):
			r.fail(n, "invalid", "the search of the conditional reference is not one")
		}
		return
	}
	plain, _ := cutVersion(text)
	typ, id, ok := strings.Cut(plain, "/")
	t := r4.TypeByName(typ)
	switch {
	case !ok || strings.Contains(id, "/"):
		if t, _, _, isURL := splitURL("http://x/" + plain); isURL || t != "" {
			return
		}
		r.warn(n, "invalid", "a relative reference has the form Type/id")
	case t == nil || t.Kind != r4.KindResource:
		r.fail(n, "invalid", "a relative reference begins with the type of a resource")
	default:
		plainID, _, _ := strings.Cut(id, "#")
		if err := r4.TypeByName("id").Check(plainID); err != nil {
			r.fail(n, "invalid", "the id in the reference is not in the format of an id")
		}
	}
}

// goodQuery says whether each part of a query is name=value.
func goodQuery(q string) bool {
	for part := range strings.SplitSeq(q, "&") {
		name, value, ok := strings.Cut(part, "=")
		if !ok || name == "" || strings.Contains(name, "?") || strings.Contains(value, "=") {
			return false
		}
	}
	return true
}

// typeNamed is the type of resource that a reference names, nil if it names none.
func typeNamed(ref string) *r4.Type {
	plain, _ := cutVersion(ref)
	plain, _, _ = strings.Cut(plain, "#")
	name := ""
	if absolute(plain) {
		_, name, _, _ = splitURL(plain)
	} else {
		name, _, _ = strings.Cut(plain, "/")
		name, _, _ = strings.Cut(name, "?")
	}
	if t := r4.TypeByName(name); t != nil && t.Kind == r4.KindResource {
		return t
	}
	return nil
}

// target checks that a reference leads to what e allows: a type of resource,
// one that conforms to a profile, in the place that is asked for.
func (r *run) target(n *node, e *element, ref, says string) {
	t := e.allows(n.typ)
	if t == nil || ref == "" && says == "" {
		return
	}
	f := r.lookup(n.scope, ref)
	typ := typeNamed(ref)
	if typ == nil && ref == "" {
		typ = r4.TypeByName(says)
	}
	at := f.node
	if at == nil && r.v.o.Resolve != nil && !r.base {
		at = r.targetOf(n)
	}
	if at != nil {
		typ = at.typ
	}
	if len(t.aggregation) > 0 && ref != "" {
		r.aggregated(n, t, f)
	}
	if t.versioning == "specific" && f.where != inContained && ref != "" && !strings.Contains(ref, "/_history/") {
		r.fail(n, "structure", "the reference has to name a version")
	}
	if typ == nil || len(t.targets) == 0 {
		return
	}
	var fit []string
	for _, url := range t.targets {
		if want := r.v.targetType(url); want == nil || isKindOf(typ, want) {
			fit = append(fit, url)
		}
	}
	if len(fit) == 0 {
		r.fail(n, "structure", "the reference leads to "+typ.Name+", which is not allowed here; allowed: "+r.v.targetNames(t.targets))
		return
	}
	if at != nil && !r.base {
		r.targetConforms(n, at, fit)
	}
}

func (r *run) targetConforms(n, at *node, urls []string) {
	for _, url := range urls {
		if r.try(at, url) != conformsNot {
			return
		}
	}
	r.fail(n, "structure", "what the reference leads to conforms to none of the profiles that are asked for")
}

func (r *run) aggregated(n *node, t *typeRef, f found) {
	is := "referenced"
	switch {
	case f.where == inContained:
		is = "contained"
	case f.node != nil:
		is = "bundled"
	}
	for _, a := range t.aggregation {
		if a == is || a == "referenced" && is == "bundled" {
			return
		}
	}
	r.fail(n, "structure", "the reference has to be "+strings.Join(t.aggregation, " or ")+", but is "+is)
}

// targetType is the type of resource that a target profile is for, nil for any.
func (v *Validator) targetType(url string) *r4.Type {
	if name, ok := strings.CutPrefix(url, "http://hl7.org/fhir/StructureDefinition/"); ok {
		if t := r4.TypeByName(name); t != nil {
			return t
		}
	}
	s, err := v.schema(url)
	if err != nil {
		return nil
	}
	return s.typ
}

func (v *Validator) targetNames(urls []string) string {
	var names []string
	for _, url := range urls {
		if t := v.targetType(url); t != nil {
			names = append(names, t.Name)
		}
	}
	return strings.Join(names, ", ")
}
