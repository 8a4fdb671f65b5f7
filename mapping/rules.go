package mapping

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// A rule is an invariant of R4 that a message can break, and what goes then.
type rule struct {
	id      string
	each    string // looks at each of these children instead of the element itself
	has     string // only when this is there
	is      string // and has this text
	any     []string
	none    []string
	ordered []string // two, the second not before the first
	drop    string   // what goes when the rule is broken; "" the whole
	join    bool     // the elements of each are parts of one
}

func newRule(raw *rawRule) (*rule, *r4.Type, error) {
	typ := r4.TypeByName(raw.On)
	word, drop, _ := strings.Cut(raw.Else, " ")
	switch {
	case typ == nil:
		return nil, nil, fmt.Errorf("%s is not a type of R4", raw.On)
	case raw.Each != "" && raw.Else == "join":
		drop = "" // and join, see below
	case word != "drop":
		return nil, nil, fmt.Errorf("else: drop, or drop and an element; join with each")
	case len(raw.Ordered) != 0 && len(raw.Ordered) != 2:
		return nil, nil, fmt.Errorf("ordered: two elements")
	}
	in := typ
	if raw.Each != "" {
		_, each, ok := typ.Field(raw.Each)
		if !ok || each == nil {
			return nil, nil, fmt.Errorf("%s is not an element of %s", raw.Each, raw.On)
		}
		in = each
	}
	names := append([]string{raw.Has, drop}, raw.Any...)
	for _, name := range append(append(names, raw.None...), raw.Ordered...) {
		if _, _, ok := in.Field(name); !ok && name != "" {
			return nil, nil, fmt.Errorf("%s is not an element of %s", name, in.Name)
		}
	}
	return &rule{raw.ID, raw.Each, raw.Has, raw.Is, raw.Any, raw.None, raw.Ordered, drop, raw.Else == "join"}, typ, nil
}

// obey makes n keep a rule. False: n must go.
func (c *conv) obey(r *rule, n *node) bool {
	if r.join {
		n.join(r.each)
		return true
	}
	if r.each != "" {
		for i := range n.kids {
			if k := n.kids[i].n; n.kids[i].f.Name == r.each && r.broken(k) && r.drop != "" {
				k.remove(r.drop)
			}
		}
		return true
	}
	if !r.broken(n) {
		return true
	}
	c.noteAt(n.typ.Name, "the invariant "+r.id+" does not hold: something is left out")
	if r.drop != "" {
		n.remove(r.drop)
	}
	return r.drop != ""
}

func (r *rule) broken(n *node) bool {
	if r.has != "" {
		k := n.kid(r.has)
		if k == nil || r.is != "" && k.text != r.is {
			return false
		}
	}
	for _, name := range r.none {
		if n.kid(name) != nil {
			return true
		}
	}
	if len(r.ordered) == 2 {
		return after(n.kid(r.ordered[0]), n.kid(r.ordered[1]))
	}
	for _, name := range r.any {
		if n.kid(name) != nil {
			return false
		}
	}
	return len(r.any) > 0 || r.is != ""
}

// after reports whether a is greater than b, for two dates or two Quantities that
// can be compared.
func after(a, b *node) bool {
	if a == nil || b == nil {
		return false
	}
	if a.typ.Kind != r4.KindPrimitive {
		if a, b = a.kid("value"), b.kid("value"); a == nil || b == nil {
			return false
		}
		x, err1 := strconv.ParseFloat(a.text, 64)
		y, err2 := strconv.ParseFloat(b.text, 64)
		return err1 == nil && err2 == nil && x > y
	}
	// Dates compare as texts as far as both go; times of one zone likewise.
	n := min(len(a.text), len(b.text), len("2006-01-02"))
	if a.text[:n] != b.text[:n] {
		return a.text[:n] > b.text[:n] && !acrossZones(a.text, b.text)
	}
	if len(a.text) <= n || len(b.text) <= n || zoneOf(a.text) != zoneOf(b.text) {
		return false
	}
	return a.text > b.text
}

// acrossZones reports whether two dateTimes with zones lie so near each other
// that the zones decide.
func acrossZones(a, b string) bool {
	return len(a) > 10 && len(b) > 10 && zoneOf(a) != zoneOf(b) && a[:7] == b[:7]
}

func zoneOf(s string) string {
	if len(s) < 6 {
		return ""
	}
	return s[len(s)-6:]
}
