package mapping

import "github.com/ponshealth/pons/fhir/r4"

// dedupe takes equal elements out of the lists of n.
func (c *conv) dedupe(n *node) {
	if len(n.kids) < 2 {
		return
	}
	c.dedupes++
	var words *kid // of a Coding that went
	kept := n.kids[:0]
	for _, k := range n.kids {
		if !k.f.List || !k.n.info.dedupe || !c.merge(n, kept, k, &words) {
			kept = append(kept, k)
		}
	}
	n.kids = kept
	if words != nil {
		c.add(n, *words)
	}
}

// merge reports whether k says nothing that is not there already.
func (c *conv) merge(owner *node, kept []kid, k kid, words **kid) bool {
	if k.n.ref != nil && len(k.n.kids) == 0 { // a list of targets may be long
		t := k.n.ref.final()
		if t == nil { // it has just been dropped
			return false
		}
		in := listing{c.dedupes, k.f}
		if t.listed == in {
			return true
		}
		t.listed = in
		return false
	}
	for _, old := range kept {
		if old.f != k.f || old.n.typ != k.n.typ {
			continue
		}
		if old.n.equal(k.n) {
			return true
		}
		if k.n.typ.Name == "Coding" && sameCode(old.n, k.n) {
			c.keepDisplay(owner, old.n, k.n, words)
			return true
		}
	}
	return false
}

// A listing is a list of references, in the element that was the nth to be looked at.
type listing struct {
	nth int
	f   *r4.Field
}

// sameCode reports whether two Codings have the same system and code.
func sameCode(a, b *node) bool {
	for _, name := range []string{"system", "code"} {
		x, y := a.kid(name), b.kid(name)
		if x == nil || y == nil || x.text != y.text {
			return false
		}
	}
	return true
}

// keepDisplay keeps the words of a Coding that goes: as those of the one that
// stays, or as the text of the concept, where either is missing.
func (c *conv) keepDisplay(concept, stays, goes *node, words **kid) {
	display := goes.kid("display")
	if display == nil {
		return
	}
	has := stays.kid("display")
	if has == nil {
		for _, k := range goes.kids {
			if k.n == display {
				c.add(stays, k)
			}
		}
		return
	}
	if has.text == display.text || *words != nil || concept.typ.Name != "CodeableConcept" || concept.kid("text") != nil {
		return
	}
	if f, typ, ok := concept.typ.Field("text"); ok {
		text := *display
		text.typ = typ
		*words = &kid{f, 0, &text}
	}
}

// equal reports whether two nodes say the same.
func (n *node) equal(m *node) bool {
	if n.typ != m.typ || n.set != m.set || n.text != m.text || len(n.kids) != len(m.kids) {
		return false
	}
	if n.ref != m.ref {
		if n.ref == nil || m.ref == nil || n.ref.final() != m.ref.final() {
			return false
		}
	}
	for i := range n.kids {
		a := n.kids[i]
		if b := m.kids[i]; a.f == b.f && a.n.equal(b.n) {
			continue
		}
		if a.f.List { // order counts in lists
			return false
		}
		if b := m.field(a.f); b == nil || !a.n.equal(b) {
			return false
		}
	}
	return true
}
