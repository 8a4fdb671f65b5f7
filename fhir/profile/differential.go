package profile

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// A change is what a differential says of one element; one without defs stands
// for an element that only has to be gone through. The elements of a
// differential may stand in any order.
type change struct {
	name     string
	slice    string
	id       string
	defs     []*r4.ElementDefinition
	children []*change
	slices   []*change
}

// changes makes a tree of a differential.
func changes(elements []r4.ElementDefinition, root string) *change {
	top := &change{name: root, id: root}
	var before []segment
	for i := range elements {
		e := &elements[i]
		parts := segments(e, before)
		at := top
		for _, s := range parts[1:] {
			at = at.in(s)
		}
		at.defs = append(at.defs, e)
		before = parts
	}
	return top
}

// A segment is one step of the way to an element.
type segment struct{ name, slice string }

// segments says where an element of a differential belongs. Its id tells that
// fully. Without an id that fits the path, the slices on the way are those of
// the element before it.
func segments(e *r4.ElementDefinition, before []segment) []segment {
	names := strings.Split(e.Path, ".")
	out := make([]segment, len(names))
	ids := strings.Split(e.ID, ".")
	same := true
	for i, name := range names {
		out[i].name = name
		if len(ids) == len(names) {
			if idName, slice, _ := strings.Cut(ids[i], ":"); fits(idName, name) {
				out[i] = segment{idName, slice}
				continue
			}
		}
		ids = nil
		same = same && i < len(before) && before[i].name == name
		if same && i < len(names)-1 {
			out[i].slice = before[i].slice
		}
	}
	if e.SliceName != "" {
		out[len(out)-1].slice = e.SliceName
	}
	return out
}

// fits tells whether a part of an id can be that of a path: the same, or one of
// them in the short form of a choice.
func fits(id, path string) bool {
	if id == path {
		return true
	}
	stem, ok := strings.CutSuffix(id, "[x]")
	return ok && strings.HasPrefix(path, stem)
}

func (c *change) in(s segment) *change {
	var child *change
	for _, x := range c.children {
		if x.name == s.name {
			child = x
		}
	}
	if child == nil {
		child = &change{name: s.name, id: c.id + "." + s.name}
		c.children = append(c.children, child)
	}
	if s.slice == "" {
		return child
	}
	for _, x := range child.slices {
		if x.slice == s.slice {
			return x
		}
	}
	slice := &change{name: s.name, slice: s.slice, id: child.id + ":" + s.slice}
	child.slices = append(child.slices, slice)
	return slice
}
