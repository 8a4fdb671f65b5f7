package profile

import (
	"slices"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// A node is one element of a snapshot while it is made. The list of elements of
// a snapshot becomes a tree: an element, the elements in it, and its slices.
type node struct {
	def      r4.ElementDefinition
	name     string // the last part of the path: "component", "value[x]"
	slice    string // the name of the slice, or "" for the element itself
	children []*node
	slices   []*node // in order; a re-slice "a/b" follows "a"

	// What the base says of it: the differential has not changed these.
	max       string
	supported r4.Bool
}

// tree makes a tree of the elements of a snapshot. Those of a snapshot stand in
// order, so that path and name of the slice say where each one belongs, and ids
// are not needed.
func tree(elements []r4.ElementDefinition) *node {
	if len(elements) == 0 {
		return nil
	}
	root := &node{def: elements[0], name: elements[0].Path, max: elements[0].Max, supported: elements[0].MustSupport}
	open := []*node{root} // the elements that the next one may be in
	for i := range elements[1:] {
		e := &elements[i+1]
		depth := strings.Count(e.Path, ".") // that of the root is 0, as its path has no dot
		if depth == 0 || depth > len(open) {
			continue // nothing that it could be in
		}
		at := &node{def: *e, name: e.Path[strings.LastIndexByte(e.Path, '.')+1:], slice: e.SliceName, max: e.Max, supported: e.MustSupport}
		open = open[:depth]
		open[depth-1].add(at)
		open = append(open, at)
	}
	return root
}

// add puts an element under its parent, or a slice under the element it is of.
func (n *node) add(child *node) {
	if child.slice != "" {
		if of := n.child(child.name); of != nil {
			of.addSlice(child)
			return
		}
	}
	n.children = append(n.children, child)
}

// addSlice puts a re-slice behind the slice it is of, any other slice at the end.
func (n *node) addSlice(s *node) {
	at := len(n.slices)
	if i := strings.LastIndexByte(s.slice, '/'); i > 0 {
		of := s.slice[:i]
		for j, other := range n.slices {
			if other.slice == of || strings.HasPrefix(other.slice, of+"/") {
				at = j + 1
			}
		}
	}
	n.slices = slices.Insert(n.slices, at, s)
}

func (n *node) child(name string) *node {
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// choice finds the element that a short form names: valueQuantity is value[x]
// with the type Quantity.
func (n *node) choice(name string) (c *node, typ string) {
	for _, c := range n.children {
		stem, ok := strings.CutSuffix(c.name, "[x]")
		rest, begins := strings.CutPrefix(name, stem)
		if !ok || !begins || rest == "" {
			continue
		}
		for i := range c.def.Type {
			if code := c.def.Type[i].Code; upper(code) == rest {
				return c, code
			}
		}
	}
	return nil, ""
}

// upper is a type's name as it stands behind the name of a choice.
func upper(code string) string {
	if code == "" {
		return ""
	}
	return strings.ToUpper(code[:1]) + code[1:]
}

func (n *node) sliceNamed(name string) *node {
	for _, s := range n.slices {
		if s.slice == name {
			return s
		}
	}
	return nil
}

// size counts the elements of the tree.
func (n *node) size() int {
	total := n.content()
	for _, s := range n.slices {
		total += s.size()
	}
	return total
}

// content counts the element with what is in it, without its slices.
func (n *node) content() int {
	total := 1
	for _, c := range n.children {
		total += c.size()
	}
	return total
}

// clone copies the tree. Definitions are copied one level deep: what they point
// to is never changed but replaced.
func (n *node) clone() *node {
	out := &node{def: n.def, name: n.name, slice: n.slice, max: n.max, supported: n.supported}
	out.children = clones(n.children)
	out.slices = clones(n.slices)
	return out
}

func clones(all []*node) []*node {
	if len(all) == 0 {
		return nil
	}
	out := make([]*node, len(all))
	for i, n := range all {
		out[i] = n.clone()
	}
	return out
}

// flatten lists the elements of the tree in order and gives them their paths and
// ids.
func (n *node) flatten(out []r4.ElementDefinition, path, id string) []r4.ElementDefinition {
	if path != "" {
		path, id = path+".", id+"."
	}
	path, id = path+n.name, id+n.name
	if n.slice != "" {
		id += ":" + n.slice
	}
	n.def.Path, n.def.ID, n.def.SliceName = path, id, n.slice
	out = append(out, n.def)
	for _, c := range n.children {
		out = c.flatten(out, path, id)
		for _, s := range c.slices {
			out = s.flatten(out, path, id)
		}
	}
	return out
}
