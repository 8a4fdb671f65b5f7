package mapping

import (
	"fmt"
	"slices"

	"github.com/ponshealth/pons/fhir/r4"
)

// typeInfo is what mending needs to know of a type.
type typeInfo struct {
	typ       *r4.Type
	form      form // of a primitive
	primitive bool
	extension bool
	coded     bool // a Coding or Quantity
	required  []*r4.Field
	defaults  []*defaultRow
	rules     []*rule
	hollow    bool // worth nothing when nothing in it comes from the message
	dedupe    bool // two equal ones in a list are one
}

// A defaultRow says what a required element is when the message does not.
type defaultRow struct {
	first *r4.Field
	steps []step
	text  string
	slot  *slotRef
	row   *rowName
}

// hollowTypes say nothing by constants alone, such as the type of an identifier
// that has no value.
var hollowTypes = []string{"Identifier", "ContactPoint", "HumanName", "Address", "Period", "Annotation", "Attachment", "Quantity"}

var dedupeTypes = []string{
	"Identifier", "Coding", "CodeableConcept", "Reference", "ContactPoint", "Address", "HumanName", "Extension",
	"Patient.contact", "Patient.communication", "Practitioner.qualification",
}

// quantities are the types that are a Quantity with another name.
var quantities = []string{"Age", "Count", "Distance", "Duration"}

// defaults compiles defaults.yaml and what mending needs of every type.
func (c *compiler) defaults() {
	for i := range c.raw.defaults {
		raw := &c.raw.defaults[i]
		d, typ, err := c.defaultRow(raw)
		if err != nil {
			c.fail(raw.where, fmt.Errorf("default %s: %w", raw.ID, err))
			continue
		}
		info := c.prog.info(typ)
		info.defaults = append(info.defaults, d)
	}
	for i := range c.raw.rules {
		raw := &c.raw.rules[i]
		if r, typ, err := newRule(raw); err != nil {
			c.fail(raw.where, fmt.Errorf("rule %s: %w", raw.ID, err))
		} else {
			info := c.prog.info(typ)
			info.rules = append(info.rules, r)
			for _, name := range quantities {
				if raw.On == "Quantity" {
					like := c.prog.info(r4.TypeByName(name))
					like.rules = append(like.rules, r)
				}
			}
		}
	}
	c.prog.prepareTypes()
}

func (c *compiler) defaultRow(raw *rawDefault) (*defaultRow, *r4.Type, error) {
	typ := r4.TypeByName(raw.On)
	if typ == nil {
		return nil, nil, fmt.Errorf("%s is not a type of R4", raw.On)
	}
	t, err := parseTarget(raw.To)
	if err != nil {
		return nil, nil, err
	}
	paths := resolver{prog: c.prog, root: typ}
	steps, leaf, err := paths.resolve(t, ref{})
	if err != nil {
		return nil, nil, err
	}
	d := &defaultRow{first: steps[0].f, steps: steps, text: raw.Value, row: &rowName{id: "defaults#" + raw.ID}}
	if raw.Ref != "" {
		if leaf.Name != "Reference" {
			return nil, nil, fmt.Errorf("the target is no Reference")
		}
		d.slot, err = parseSlotRef(raw.Ref)
		return d, typ, err
	}
	if leaf.Check(raw.Value) != nil {
		return nil, nil, fmt.Errorf("value: not a %s", leaf.Name)
	}
	return d, typ, nil
}

func (p *program) info(t *r4.Type) *typeInfo {
	info := p.types4[t]
	if info == nil {
		info = &typeInfo{
			typ: t, form: formOf(t), primitive: t.Kind == r4.KindPrimitive,
			extension: t.Name == "Extension", coded: t.Name == "Coding" || t.Name == "Quantity",
		}
		p.types4[t] = info
	}
	return info
}

// prepareTypes fills in the information of every type that a resource reaches.
func (p *program) prepareTypes() {
	seen := map[*r4.Type]bool{}
	var visit func(t *r4.Type)
	visit = func(t *r4.Type) {
		if t == nil || seen[t] {
			return
		}
		seen[t] = true
		info := p.info(t)
		info.hollow = slices.Contains(hollowTypes, t.Name)
		info.dedupe = slices.Contains(dedupeTypes, t.Name)
		for i := range t.Fields {
			f := &t.Fields[i]
			if f.Min > 0 {
				info.required = append(info.required, f)
			}
			for _, ft := range f.Types {
				visit(ft)
			}
		}
	}
	for _, name := range r4.ResourceTypes() {
		visit(r4.TypeByName(name))
	}
	p.concept = p.conceptSteps()
}

// prune drops what has no content: elements, and resources that nothing but
// constants went into.
func (c *conv) prune() {
	for _, r := range c.resources {
		c.clean(r.root, r)
	}
	for _, r := range c.resources {
		switch r.root.typ.Name {
		case "Provenance", "MessageHeader":
			r.dropped = !r.root.filled()
		default:
			r.dropped = !r.root.informed()
		}
	}
	c.unlink()
}

// A link is an element of a resource that refers to another.
type link struct {
	n   *node
	res *resource
}

// unlink takes away the references to resources that are no more.
func (c *conv) unlink() {
	if !slices.ContainsFunc(c.links, func(l link) bool { return l.n.ref != nil && l.n.ref.final() == nil }) {
		return
	}
	for _, r := range c.resources {
		if r.final() == r {
			unlink(r.root)
		}
	}
}

// unlink reports whether it has left elements empty in n, which then went too.
func unlink(n *node) (emptied bool) {
	if n.ref != nil && n.ref.final() == nil {
		n.ref, emptied = nil, true
	}
	for i := range n.kids {
		if unlink(n.kids[i].n) {
			emptied = true
		}
	}
	if emptied {
		n.kids = slices.DeleteFunc(n.kids, func(k kid) bool { return !k.n.has() })
	}
	return emptied
}

// clean takes away empty and hollow elements of a resource, and lists its links.
func (c *conv) clean(n *node, res *resource) {
	if n.ref != nil {
		c.links = append(c.links, link{n, res})
	}
	kept := n.kids[:0]
	for _, k := range n.kids {
		before := len(c.links)
		if len(k.n.kids) > 0 || k.n.ref != nil {
			c.clean(k.n, res)
		}
		if c.worth(k.n) {
			kept = append(kept, k)
		} else {
			c.links = c.links[:before]
		}
	}
	n.kids = kept
}

// worth reports whether an element says anything.
func (c *conv) worth(n *node) bool {
	switch {
	case !n.has():
		return false
	case n.info.extension:
		return meaningful(n)
	}
	return !n.info.hollow || n.informed()
}

// meaningful reports whether an extension has more than its url.
func meaningful(n *node) bool {
	for i := range n.kids {
		if n.kids[i].f.Name != "url" {
			return true
		}
	}
	return false
}

// mend makes the resources valid: invariants, required elements, no duplicates.
// A resource that a rule drops may be missed by another, hence the rounds.
func (c *conv) mend() {
	for range 4 {
		dropped := false
		for _, r := range c.resources {
			if r.final() == r && !c.mendNode(r.root, r) {
				r.dropped, dropped = true, true
			}
		}
		if !dropped {
			return
		}
		c.unlink()
	}
}

// mendNode mends what is below n, then n. False: n must go.
func (c *conv) mendNode(n *node, res *resource) bool {
	if len(n.kids) > 0 {
		kept := n.kids[:0]
		for _, k := range n.kids {
			if c.mendNode(k.n, res) && c.worth(k.n) {
				kept = append(kept, k)
			}
		}
		n.kids = kept
		c.dedupe(n)
	}
	info := n.info
	if info.coded {
		c.truth(n)
	}
	for _, r := range info.rules {
		if !c.obey(r, n) {
			return false
		}
	}
	for _, f := range info.required {
		if k := n.field(f); k != nil && !k.onlySent() || n.typ.Name == "Bundle" {
			continue
		}
		if !c.supply(n, f, info, res) {
			return false
		}
	}
	return true
}

// field returns the first child of field f that has content.
func (n *node) field(f *r4.Field) *node {
	for i := range n.kids {
		if n.kids[i].f == f && n.kids[i].n.filled() {
			return n.kids[i].n
		}
	}
	return nil
}

// supply fills in a required element: by the defaults, else by saying that it is
// absent. An element in which nothing comes from the message is not worth that.
func (c *conv) supply(n *node, f *r4.Field, info *typeInfo, res *resource) bool {
	a := c.newApp(nil, nil)
	for _, d := range info.defaults {
		if d.first != f {
			continue
		}
		var target *resource
		if d.slot != nil {
			if target = c.anywhere(d.slot); target == nil || target == res {
				continue
			}
		}
		leaf, _ := c.descend(n, res, d.steps, a, 1)
		if leaf == nil {
			continue
		}
		leaf.row, leaf.app, leaf.src = d.row, a, noPlace // not a literal: an Attachment that holds nothing else stays
		if target != nil {
			leaf.ref = target
			c.links = append(c.links, link{leaf, res})
		} else {
			leaf.text, leaf.set = d.text, true
		}
	}
	if k := n.field(f); k != nil && !k.onlySent() {
		return c.mendNode(k, res)
	} else if k != nil {
		c.absent(k, a)
		return true
	}
	if n.typ.Kind != r4.KindResource && !n.informed() {
		return false
	}
	st := step{f: f, typ: f.Types[0]}
	k, ok := c.kid(n, &st, keyOf(a, 1, 1, 0))
	if !ok {
		return false
	}
	c.absent(k, a)
	return true
}

// absent says that an element is not known.
func (c *conv) absent(n *node, a *app) {
	s := c.m.prog.concept
	x, _ := c.kid(n, &s.extension, keyOf(a, 1, 1, 0))
	if n.typ.Kind != r4.KindPrimitive {
		f, typ, _ := n.typ.Field("extension")
		n.remove("extension")
		x, _ = c.kid(n, &step{f: f, typ: typ, info: s.extension.info}, keyOf(a, 1, 1, 0))
	}
	c.putChild(x, &s.url, "http://hl7.org/fhir/StructureDefinition/data-absent-reason", noPlace, absentRow, a, true)
	c.putChild(x, &s.valueCode, "unknown", noPlace, absentRow, a, true)
}

var absentRow = &rowName{id: "defaults#absent"}

// anywhere returns the first resource of the message in a slot.
func (c *conv) anywhere(ref *slotRef) *resource {
	for _, r := range c.resources {
		if r.slot != "" && (ref.exact && r.slot == ref.name || !ref.exact && r.root.typ == ref.typ) {
			if r := r.final(); r != nil {
				return r
			}
		}
	}
	return nil
}
