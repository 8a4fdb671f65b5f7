package reverse

import (
	"fmt"
	"maps"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// message compiles a message table. Its rows stand in the order of the segments;
// in: names the row with each: in which one lies.
func (c *compiler) message(raw *rawMessage, bound map[string]bool) {
	m := &message{name: raw.Message}
	for _, event := range raw.Triggers {
		if c.prog.messages[event] != nil {
			c.fail(raw.file, 1, fmt.Errorf("%s stands in two tables", event))
		}
		c.prog.messages[event] = m
	}
	type level struct {
		path  string
		slots map[string]*r4.Type
		into  *[]*item
	}
	open := []level{{slots: map[string]*r4.Type{}, into: &m.items}}
	seen := map[string]bool{}
	for i := range raw.Rows {
		r := &raw.Rows[i]
		if r.ID == "" || seen[r.ID] {
			c.fail(raw.file, r.line, fmt.Errorf("the row has no id of its own"))
		}
		seen[r.ID] = true
		for len(open) > 1 && open[len(open)-1].path != r.In {
			open = open[:len(open)-1]
		}
		at := &open[len(open)-1]
		if at.path != r.In {
			c.fail(raw.file, r.line, fmt.Errorf("row %s: in: %s is not open here", r.ID, r.In))
			continue
		}
		it, typ, err := c.item(r, at.slots)
		if err != nil {
			c.fail(raw.file, r.line, fmt.Errorf("row %s: %w", r.ID, err))
			continue
		}
		*at.into = append(*at.into, it)
		switch {
		case r.Let != "":
			at.slots[r.Let] = typ
			bound[r.Let] = true
		case r.Each != "":
			bound[r.Each] = true
			slots := maps.Clone(at.slots)
			slots[r.Each] = typ
			open = append(open, level{strings.TrimPrefix(r.In+"."+r.Each, "."), slots, &it.items})
		}
	}
}

func (c *compiler) item(r *rawItem, slots map[string]*r4.Type) (*item, *r4.Type, error) {
	it := &item{let: r.Let, each: r.Each, need: r.Need, always: r.Always}
	sc := &scope{slots: slots, types: true, prog: c.prog}
	var err error
	if it.when, err = parseWhen(r.When, sc); err != nil {
		return nil, nil, err
	}
	var typ *r4.Type
	if r.Let != "" || r.Each != "" {
		if it.path, err = parsePath(r.From, sc); err != nil {
			return nil, nil, err
		}
		if typ = it.path.typ; typ == nil || typ.Kind == r4.KindPrimitive {
			return nil, nil, fmt.Errorf("from: %s does not lead to elements with parts", r.From)
		}
	}
	if r.Segment != "" {
		if it.segment = c.prog.segments[r.Segment]; it.segment == nil {
			return nil, nil, fmt.Errorf("there is no map of segment %s", r.Segment)
		}
	}
	if it.path == nil && it.segment == nil {
		return nil, nil, fmt.Errorf("one of let, each and segment is wanted")
	}
	return it, typ, nil
}
