package patch

import (
	"slices"
)

// xmlRun is a document while the operations change it.
type xmlRun struct {
	doc *node
	finder
}

func (r *xmlRun) apply(o *xmlOperation) *Error {
	t, err := r.find(r.doc, &o.selector)
	if err != nil {
		return err
	}
	switch {
	case o.op == "remove":
		return r.remove(t, o)
	case o.op == "replace":
		return r.replace(t, o)
	case t.attr >= 0 || t.declaration >= 0:
		return failed("nothing can be added to an attribute")
	case o.kind != addNodes:
		if err := r.move(len(t.node.attrs)); err != nil {
			return err
		}
		return r.addAside(t.node, o)
	}
	return r.add(t.node, o)
}

// addAside adds an attribute or a declaration (RFC 5261 4.3.1, 4.3.2).
func (r *xmlRun) addAside(n *node, o *xmlOperation) *Error {
	if n.kind != nodeElement {
		return failed("only an element has attributes")
	}
	if o.kind == addAttribute {
		if n.attribute(o.attr) >= 0 {
			return failed("the attribute is there already")
		}
		n.touch()
		n.attrs = append(n.attrs, attr{o.attr, o.text})
		return nil
	}
	if len(n.declared) >= maxPrefixes {
		return &Error{Kind: TooLarge, Problem: tooManyPrefixes}
	}
	used := n.declaration(o.prefix) >= 0 || n.name.prefix == o.prefix
	for _, a := range n.attrs {
		used = used || a.name.prefix == o.prefix
	}
	if used || o.prefix == "xml" || o.prefix == "xmlns" {
		return failed("the prefix is used already")
	}
	n.touch()
	n.declared = append(n.declared, declaration{o.prefix, o.text})
	return r.forget(n)
}

// add puts copies of the content into n or beside it (RFC 5261 4.3).
func (r *xmlRun) add(n *node, o *xmlOperation) *Error {
	parent, i := n, len(n.children)
	switch o.pos {
	case "before":
		parent, i = n.parent, n.place()
	case "after":
		parent, i = n.parent, n.place()+1
	case "prepend":
		i = 0
	}
	if (o.pos == "" || o.pos == "prepend") && n.kind != nodeElement {
		return failed("only an element has content")
	}
	if err := r.move(len(parent.children)); err != nil {
		return err
	}
	return insert(parent, i, o.content)
}

func insert(parent *node, i int, content []*node) *Error {
	level := parent.level()
	fresh := make([]*node, 0, len(content))
	for _, c := range content {
		if parent.kind == nodeRoot && (c.kind == nodeElement || c.kind == nodeText) {
			if c.white() {
				continue
			}
			return failed("nothing but comments stands beside the root")
		}
		if level+c.depth() > maxDepth {
			return errDepth
		}
		c = c.clone()
		c.parent = parent
		fresh = append(fresh, c)
	}
	parent.touch()
	parent.children = slices.Insert(parent.children, i, fresh...)
	parent.join()
	return nil
}

// replace puts content in the place of what was found (RFC 5261 4.4): an
// element, comment or instruction for one of the same kind, text for the others.
func (r *xmlRun) replace(t target, o *xmlOperation) *Error {
	n := t.node
	if t.attr >= 0 || t.declaration >= 0 || n.kind == nodeText {
		return r.replaceText(t, o)
	}
	var content *node
	for _, c := range o.content {
		switch {
		case c.white():
		case c.kind != n.kind || content != nil:
			return failed("the content must be one node of the kind that it replaces")
		default:
			content = c
		}
	}
	if content == nil {
		return failed("the content must be one node of the kind that it replaces")
	}
	if n.parent.level()+content.depth() > maxDepth {
		return errDepth
	}
	if err := r.move(len(n.parent.children)); err != nil {
		return err
	}
	content = content.clone()
	content.parent = n.parent
	n.parent.touch()
	n.parent.children[n.place()] = content
	return nil
}

func (r *xmlRun) replaceText(t target, o *xmlOperation) *Error {
	for _, c := range o.content {
		if c.kind != nodeText {
			return failed("the content must be text")
		}
	}
	t.node.touch()
	switch {
	case t.attr >= 0:
		t.node.attrs[t.attr].value = o.text
	case t.declaration >= 0:
		d := &t.node.declared[t.declaration]
		if o.text == "" {
			return failed("a prefix without namespace")
		}
		if err := unused(t.node, d.prefix); err != nil {
			return err
		}
		d.space = o.text
		return r.forget(t.node)
	default:
		t.node.text = o.text
		t.node.parent.join()
	}
	return nil
}

// unused refuses to change a declaration that names rest on: what they mean
// stays as it is.
func unused(n *node, prefix string) *Error {
	if n.name.prefix == prefix {
		return failed("the declaration is in use")
	}
	for _, a := range n.attrs {
		if a.name.prefix == prefix {
			return failed("the declaration is in use")
		}
	}
	return nil
}

func (r *xmlRun) remove(t target, o *xmlOperation) *Error {
	n := t.node
	switch {
	case o.ws != "" && (t.attr >= 0 || t.declaration >= 0 || n.kind == nodeText):
		return failed(`"ws" is for elements, comments and instructions`)
	case t.attr >= 0:
		n.touch()
		n.attrs = slices.Delete(n.attrs, t.attr, t.attr+1)
		return nil
	case t.declaration >= 0:
		if err := unused(n, n.declared[t.declaration].prefix); err != nil {
			return err
		}
		n.touch()
		n.declared = slices.Delete(n.declared, t.declaration, t.declaration+1)
		return r.forget(n)
	case n.kind == nodeElement && n.parent.kind == nodeRoot:
		return failed("the root cannot be removed")
	}
	parent := n.parent
	if err := r.move(len(parent.children)); err != nil {
		return err
	}
	i := n.place()
	from, to := i, i+1
	if o.ws == "before" || o.ws == "both" {
		if from == 0 || !parent.children[from-1].white() {
			return failed("there is no white space before")
		}
		from--
	}
	if o.ws == "after" || o.ws == "both" {
		if to == len(parent.children) || !parent.children[to].white() {
			return failed("there is no white space after")
		}
		to++
	}
	parent.touch()
	parent.children = slices.Delete(parent.children, from, to)
	parent.join()
	return nil
}
