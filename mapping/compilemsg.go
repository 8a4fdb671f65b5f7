package mapping

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// message compiles a message table.
func (c *compiler) message(m *rawMessage) {
	root, err := parseStructure(m.Structure)
	if err != nil {
		c.fail(m.where, fmt.Errorf("structure: %w", err))
		return
	}
	mc := &messageCompiler{compiler: c, root: root}
	for i := range m.Rows {
		raw := &m.Rows[i]
		if raw.Off {
			if raw.Why == "" {
				c.fail(raw.where, fmt.Errorf("a row that is off says why"))
			}
			continue
		}
		if err := mc.row(m, raw); err != nil {
			c.fail(raw.where, fmt.Errorf("row %s: %w", raw.ID, err))
		}
	}
	mc.scopes()
	if m.Move != "" && m.Move != "*" && r4.TypeByName(m.Move) == nil {
		c.fail(m.where, fmt.Errorf("move: %q is neither * nor a type of resource", m.Move))
	}
	t := &messageTable{name: m.Message, unlink: m.Unlink, move: m.Move, root: root}
	for _, trigger := range m.Triggers {
		typ, _, ok := strings.Cut(trigger, "^")
		if !ok {
			c.fail(m.where, fmt.Errorf("the trigger %q is not like ADT^A01", trigger))
		}
		if other := c.prog.messages[trigger]; other != nil {
			c.fail(m.where, fmt.Errorf("the trigger %s is also one of %s", trigger, other.name))
		}
		c.prog.messages[trigger] = t
		c.prog.types[typ] = true
	}
}

type messageCompiler struct {
	*compiler
	root *part
	rows []placedRow
}

// placedRow is a row and the name of its slot, before the scopes are known.
type placedRow struct {
	row  *messageRow
	slot slotName
	part *part
}

type slotName struct {
	name string
	typ  *r4.Type
}

func (c *messageCompiler) row(m *rawMessage, raw *rawMessageRow) error {
	g := c.root.find(raw.In)
	if g == nil {
		return fmt.Errorf("the structure has no group %s", raw.In)
	}
	p := g.segmentNamed(raw.From, raw.After)
	if p == nil {
		return fmt.Errorf("the structure has no %s there", raw.From)
	}
	r := &messageRow{id: m.Message + "#" + raw.ID}
	var err error
	if raw.When != "" {
		parsed, err := parseWhen(raw.When, true)
		if err != nil {
			return fmt.Errorf("when: %w", err)
		}
		r.when = compileCond(parsed, raw.From, 0)
	}
	r.fill = raw.Fill
	if r.set, err = c.setTerms(raw); err != nil {
		return err
	}
	name, err := c.target(r, raw)
	if err != nil {
		return err
	}
	for _, s := range raw.Refs {
		ref, err := c.ref(s, r, raw.From, name)
		if err != nil {
			return fmt.Errorf("refs %q: %w", s, err)
		}
		r.refs = append(r.refs, ref)
	}
	p.rows = append(p.rows, r)
	c.rows = append(c.rows, placedRow{r, name, p})
	return nil
}

// setTerms reads set and action.
func (c *messageCompiler) setTerms(raw *rawMessageRow) (*setTerms, error) {
	if raw.Set == "" {
		return nil, nil
	}
	field := func(text string) (access, error) {
		p, err := parseRef(text, true)
		if err == nil && p.seg != raw.From {
			err = fmt.Errorf("%q is not of %s", text, raw.From)
		}
		return scoped(p, raw.From, 0), err
	}
	t := &setTerms{name: raw.From, parted: raw.Set != raw.From, acts: raw.Action != ""}
	var err error
	if t.by, err = field(raw.Set); err != nil {
		return nil, fmt.Errorf("set: %w", err)
	}
	if t.acts {
		if t.action, err = field(raw.Action); err != nil {
			return nil, fmt.Errorf("action: %w", err)
		}
	}
	return t, nil
}

// target resolves slot and map.
func (c *messageCompiler) target(r *messageRow, raw *rawMessageRow) (slotName, error) {
	name, rest, err := cutSlot(raw.Slot)
	if err != nil {
		return name, err
	}
	r.at = name.typ
	if rest != "" {
		t, err := parseTarget(rest)
		if err != nil {
			return name, err
		}
		paths := resolver{prog: c.prog, root: name.typ}
		if r.sub, r.at, err = paths.resolve(t, ref{}); err != nil {
			return name, err
		}
	}
	if raw.Map == "" {
		if len(raw.Refs) == 0 {
			return name, fmt.Errorf("a row without map has refs")
		}
		return name, nil
	}
	m, err := c.lookupMap(raw.Map)
	if err != nil {
		return name, err
	}
	typ, err := c.mapTarget(m)
	switch {
	case err != nil:
		return name, err
	case typ == nil || !m.segment:
		return name, fmt.Errorf("%s is not a segment map", raw.Map)
	case fits(typ, r.at):
		r.table = c.table(m, r.at)
		return name, nil
	}
	// A map for the whole resource, such as NTE[Observation] at Observation.note:
	// its rows say themselves where they write.
	if typ == name.typ && len(r.sub) > 0 {
		r.sub, r.at = nil, typ
		r.table = c.table(m, typ)
		return name, nil
	}
	// A map of another resource whose paths begin with the element at hand, such
	// as NTE[ServiceRequest] at Observation.note.
	if len(r.sub) == 1 {
		if _, _, ok := typ.Field(r.sub[0].f.Name); ok {
			r.table = c.table(m, name.typ)
			r.sub, r.at = nil, name.typ
			return name, nil
		}
	}
	return name, fmt.Errorf("the map %s is for a %s, not for a %s", raw.Map, typ.Name, r.at.Name)
}

// cutSlot splits Res[n].path.
func cutSlot(s string) (slotName, string, error) {
	head, rest, _ := strings.Cut(s, ".")
	typeName, _, _ := strings.Cut(head, "[")
	typ := r4.TypeByName(typeName)
	if typ == nil || typ.Kind != r4.KindResource {
		return slotName{}, "", fmt.Errorf("%q is not a slot like Patient[1]", s)
	}
	return slotName{head, typ}, rest, nil
}

func parseSlotRef(s string) (*slotRef, error) {
	name, rest, err := cutSlot(s)
	if err == nil && rest != "" {
		err = fmt.Errorf("%q is not a slot like Patient[1]", s)
	}
	return &slotRef{name: name.name, typ: name.typ, exact: strings.Contains(s, "[")}, err
}

// ref compiles one of refs: Encounter[1].subject = Patient[1].
func (c *messageCompiler) ref(s string, owner *messageRow, from string, own slotName) (refRow, error) {
	r := refRow{row: &rowName{id: owner.id}}
	lhs, rhs, ok := strings.Cut(s, " = ")
	if !ok {
		return r, errors.New(`" = " is wanted`)
	}
	name, path, err := cutSlot(strings.TrimSpace(lhs))
	if err != nil {
		return r, err
	}
	r.left = &slotRef{name: name.name, typ: name.typ, exact: true}
	if !strings.Contains(name.name, "[") {
		if name.typ == own.typ {
			r.left.name = own.name
		} else {
			r.left.exact = false
		}
	}
	t, err := parseTarget(path)
	if err != nil {
		return r, err
	}
	paths := resolver{prog: c.prog, root: name.typ}
	if r.steps, r.leaf, err = paths.resolve(t, ref{}); err != nil {
		return r, err
	}
	r.info = c.prog.info(r.leaf)
	return r, c.right(&r, strings.TrimSpace(rhs), from)
}

func (c *messageCompiler) right(r *refRow, rhs, from string) (err error) {
	switch {
	case rhs == "*":
		r.kind = refAll
	case strings.HasPrefix(rhs, `"`):
		r.kind, r.text = refLiteral, strings.Trim(rhs, `"`)
		if r.leaf.Check(r.text) != nil {
			return fmt.Errorf("not a %s", r.leaf.Name)
		}
		return nil
	case strings.Contains(rhs, "-"):
		p, err := parseRef(rhs, true)
		if err != nil {
			return err
		}
		r.kind, r.from = refField, scoped(p, from, 0)
		if r.leaf.Kind != r4.KindPrimitive {
			return fmt.Errorf("a %s cannot take a field", r.leaf.Name)
		}
		return nil
	default:
		if r.right, err = parseSlotRef(rhs); err != nil {
			return err
		}
	}
	if r.leaf.Name != "Reference" {
		return fmt.Errorf("the left side is a %s, not a Reference", r.leaf.Name)
	}
	return nil
}

// scopes gives every row its slot. Rows that name the same slot share it when
// the scope of one lies in that of the other; it lives in the outer one.
func (c *messageCompiler) scopes() {
	var slots []*slot
	for _, pr := range c.rows {
		scope := pr.part.scope()
		for _, other := range c.rows {
			if o := other.part.scope(); other.slot == pr.slot && scope.within(o) {
				scope = outer(scope, o)
			}
		}
		for _, s := range slots {
			if s.name == pr.slot.name && s.scope == scope {
				pr.row.slot = s
			}
		}
		if pr.row.slot == nil {
			pr.row.slot = &slot{name: pr.slot.name, typ: pr.slot.typ, scope: scope}
			slots = append(slots, pr.row.slot)
		}
	}
}

// outer returns the one of two parts that the other lies in.
func outer(a, b *part) *part {
	if a.within(b) {
		return b
	}
	return a
}
