package validate

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// A native answers one of the most frequent invariants without FHIRPath. It is
// used only where the definition has exactly this expression; a test compares
// the two.
type native struct {
	expression string
	holds      func(r *run, n *node) bool    // nil: checked elsewhere, for every element
	where      func(r *run, n *node) []*node // the elements inside n at which to report it; nil: at n
}

var natives = map[string]native{
	"ele-1": {"hasValue() or (children().count() > id.count())", nil, nil}, // intrinsic
	"ext-1": {"extension.exists() != value.exists()", nativeExt1, nil},
	"ref-1": {"reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))", nil, nil}, // reference
	"txt-1": {"htmlChecks()", nil, nil},                                                                                                        // narrative
	"txt-2": {"htmlChecks()", nil, nil},
	"dom-2": {"contained.contained.empty()", nativeDom2, nil},
	"dom-3": {"contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | %resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = '#').exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) = '#').exists()).not()).trace('unmatched', id).empty()", nativeDom3, (*run).unused},
	"dom-4": {"contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()", nativeDom4, nil},
	"dom-5": {"contained.meta.security.empty()", nativeDom5, nil},
	"dom-6": {"text.`div`.exists()", nativeDom6, nil},
	"qty-3": {"code.empty() or system.exists()", nativeQty3, nil},
}

// nativeEle1 says whether an element has a value or anything but an id.
func nativeEle1(_ *run, n *node) bool {
	switch {
	case n.text != "" || n.typ.Kind == r4.KindResource:
		return true
	case n.typ.Kind == r4.KindPrimitive:
		return n.elem == nil || len(n.elem.Extension) > 0
	}
	for i := range n.typ.Fields {
		if f := &n.typ.Fields[i]; f.Name != "id" && span(n.value, f) > 0 {
			return true
		}
	}
	return false
}

// nativeRef1 says whether a local reference leads to a contained resource. "#"
// is the one that contains (FHIR R4 references.html#contained), which the
// expression of ref-1 does not know.
func nativeRef1(r *run, n *node) bool {
	ref, ok := n.value.(*r4.Reference)
	return !ok || !strings.HasPrefix(ref.Reference, "#") || r.lookup(n.scope, ref.Reference).node != nil
}

func nativeExt1(_ *run, n *node) bool {
	x, ok := n.value.(*r4.Extension)
	if !ok {
		return true
	}
	f, _, _ := n.typ.Field("value")
	return (len(x.Extension) > 0) != (span(x, f) > 0)
}

// eachContained says whether all contained resources have a property.
func (r *run) eachContained(n *node, ok func(r4.Resource) bool) bool {
	all := true
	if f, _, has := n.typ.Field("contained"); has && f.Len(n.value) > 0 {
		for v := range f.Values(n.value) {
			c, is := v.(r4.Resource)
			all = all && (!is || isNil(c) || ok(c))
		}
	}
	return all
}

func nativeDom2(r *run, n *node) bool {
	return r.eachContained(n, func(c r4.Resource) bool {
		f, _, ok := r4.TypeOf(c).Field("contained")
		return !ok || f.Len(c) == 0
	})
}

func nativeDom3(r *run, n *node) bool { return len(r.unused(n)) == 0 }

func nativeDom4(r *run, n *node) bool {
	return r.eachContained(n, func(c r4.Resource) bool {
		m := c.ResourceMeta()
		return m == nil || m.VersionID == "" && m.LastUpdated == ""
	})
}

func nativeDom5(r *run, n *node) bool {
	return r.eachContained(n, func(c r4.Resource) bool {
		m := c.ResourceMeta()
		return m == nil || len(m.Security) == 0
	})
}

func nativeDom6(_ *run, n *node) bool {
	f, _, ok := n.typ.Field("text")
	if !ok {
		return true
	}
	t, _ := f.At(n.value, 0).(*r4.Narrative)
	return t != nil && t.Div != ""
}

func nativeQty3(_ *run, n *node) bool {
	q, ok := n.value.(*r4.Quantity)
	return !ok || q.Code == "" || q.System != ""
}

// corrected are invariants of R4 whose expression does not say what their text
// says, with one that does.
var corrected = map[string]struct{ wrong, right string }{
	// an answer is a FHIR boolean, never System.Boolean
	"que-7": {"operator = 'exists' implies (answer is Boolean)", "operator = 'exists' implies (answer is boolean)"},
	// entries need no fullUrl
	"bdl-8": {"fullUrl.contains('/_history/').not()", "fullUrl.empty() or fullUrl.contains('/_history/').not()"},
	// predictions need no probability
	"ras-2": {"probability is decimal implies (probability as decimal) <= 100", "probability.empty() or (probability is decimal implies (probability as decimal) <= 100)"},
	// "more than one"
	"que-12": {"enableWhen.count() > 2 implies enableBehavior.exists()", "enableWhen.count() > 1 implies enableBehavior.exists()"},
}
