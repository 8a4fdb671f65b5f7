package patch

import "strings"

// target is what a selector found: a node, or with one of the indexes an
// attribute or a declaration of it.
type target struct {
	node        *node
	attr        int // -1: not an attribute
	declaration int // -1: not a declaration
}

// finder evaluates selectors and pays for every node that it looks at.
type finder struct{ *budget }

// find locates exactly one node (RFC 5261 4.1).
func (f finder) find(doc *node, sel *selector) (t target, err *Error) {
	at := []*node{doc}
	if sel.byID {
		at = nil
		if err := f.byID(doc, sel.id, &at); err != nil {
			return t, err
		}
	}
	found, err := f.walk(at, sel.steps)
	switch {
	case err != nil:
		return t, err
	case len(found) == 0:
		return t, failed("the selector finds nothing")
	case len(found) > 1:
		return t, failed("the selector finds more than one node")
	case found[0].node.kind == nodeRoot:
		return t, failed("the selector finds the whole document")
	}
	return found[0], nil
}

// byID collects the elements with an attribute id or xml:id of that value.
func (f finder) byID(n *node, id string, found *[]*node) *Error {
	if err := f.move(1); err != nil {
		return err
	}
	for _, a := range n.attrs {
		if a.name.local == "id" && (a.name.space == "" || a.name.space == spaceXML) && a.value == id {
			*found = append(*found, n)
			break
		}
	}
	for _, c := range n.children {
		if err := f.byID(c, id, found); err != nil {
			return err
		}
	}
	return nil
}

// walk goes the steps from every node of at.
func (f finder) walk(at []*node, steps []step) ([]target, *Error) {
	for i := range steps {
		s := &steps[i]
		switch s.axis {
		case axisAttribute, axisNamespace:
			return f.asides(at, s)
		case axisSelf:
			continue
		}
		var next []*node
		for _, n := range at {
			chosen, err := f.children(n, s)
			if err != nil {
				return nil, err
			}
			next = append(next, chosen...)
		}
		at = next
	}
	found := make([]target, len(at))
	for i, n := range at {
		found[i] = target{n, -1, -1}
	}
	return found, nil
}

func (f finder) asides(at []*node, s *step) (found []target, err *Error) {
	for _, n := range at {
		if err := f.move(1 + len(n.attrs) + len(n.declared)); err != nil {
			return nil, err
		}
		if s.axis == axisAttribute {
			if i := n.attribute(s.name); i >= 0 {
				found = append(found, target{n, i, -1})
			}
		} else if i := n.declaration(s.name.local); i >= 0 {
			found = append(found, target{n, -1, i})
		}
	}
	return found, nil
}

func (f finder) children(n *node, s *step) (chosen []*node, err *Error) {
	if err := f.move(1 + len(n.children)); err != nil {
		return nil, err
	}
	for _, c := range n.children {
		if s.takes(c) {
			chosen = append(chosen, c)
		}
	}
	for _, q := range s.predicates {
		if chosen, err = f.filter(chosen, q); err != nil {
			return nil, err
		}
	}
	return chosen, nil
}

func (s *step) takes(c *node) bool {
	switch s.axis {
	case axisText:
		return c.kind == nodeText
	case axisComment:
		return c.kind == nodeComment
	case axisInstruction:
		return c.kind == nodeInstruction && (s.name.local == "" || s.name.local == c.name.local)
	}
	return c.kind == nodeElement && (s.any || c.name.same(s.name))
}

func (f finder) filter(nodes []*node, q predicate) ([]*node, *Error) {
	if q.position > 0 {
		if q.position > len(nodes) {
			return nil, nil
		}
		return nodes[q.position-1 : q.position], nil
	}
	var kept []*node
	for _, n := range nodes {
		holds, err := f.holds(n, q.tests)
		if err != nil {
			return nil, err
		}
		if holds {
			kept = append(kept, n)
		}
	}
	return kept, nil
}

func (f finder) holds(n *node, tests []test) (bool, *Error) {
	for i := range tests {
		found, err := f.walk([]*node{n}, tests[i].path)
		if err != nil {
			return false, err
		}
		holds := len(found) > 0
		if tests[i].equal {
			holds = false
			for _, t := range found {
				v, err := f.value(t)
				if err != nil {
					return false, err
				}
				holds = holds || v == tests[i].value
			}
		}
		if !holds {
			return false, nil
		}
	}
	return true, nil
}

// value is the string-value of XPath: of an element all text in it.
func (f finder) value(t target) (string, *Error) {
	switch {
	case t.attr >= 0:
		return t.node.attrs[t.attr].value, nil
	case t.declaration >= 0:
		return t.node.declared[t.declaration].space, nil
	case t.node.kind != nodeElement:
		return t.node.text, nil
	}
	var b strings.Builder
	err := f.texts(t.node, &b)
	return b.String(), err
}

func (f finder) texts(n *node, b *strings.Builder) *Error {
	if err := f.move(1 + len(n.text)/64); err != nil {
		return err
	}
	for _, c := range n.children {
		if c.kind == nodeText {
			b.WriteString(c.text)
		}
		if err := f.texts(c, b); err != nil {
			return err
		}
	}
	return nil
}

// forget is touch for all that is in n, whose prefixes may come to mean
// something else.
func (f finder) forget(n *node) *Error {
	if err := f.move(1); err != nil {
		return err
	}
	n.raw = ""
	for _, c := range n.children {
		if err := f.forget(c); err != nil {
			return err
		}
	}
	return nil
}
