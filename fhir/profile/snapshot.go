package profile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// Limits of a snapshot. The largest official one has about 900 elements and ids
// of 8 parts; a differential of hostile make could ask for far more.
const (
	maxElements = 50_000
	maxChanges  = 10_000 // elements of the differential
	maxDepth    = 40
	maxProblems = 50
)

// Snapshot gives a copy of a StructureDefinition with the snapshot that its
// differential makes of the one it stands on (FHIR R4 profiling.html#snapshot).
// resolve finds the definitions of datatypes and of profiles on them, where the
// differential says something of the elements inside.
//
// The elements of the differential may stand in any order; their ids tell where
// they belong, or without ids their paths and names of slices. What it does:
//
//   - what the differential says of an element goes over what the base says.
//     Types, binding, fixed value and so on replace; constraints, conditions,
//     mappings and aliases are added; a text that begins with ... is put behind
//     that of the base;
//   - a slice begins as the element that it is of, with the changes made to that
//     one, but a minimum of 0, no slicing, and mustSupport as in the base; "a/b"
//     begins as slice a. An extension's cardinality and texts come from its
//     definition;
//   - slices of extension and modifierExtension are told apart by url and those
//     of a choice by type without the differential saying so; a name of a slice
//     where nothing else slices the element is another name of the element;
//   - valueQuantity as a path means value[x]:valueQuantity, or value[x] when that
//     can be nothing else. When the differential says nothing of value[x] itself,
//     other types are thereby out;
//   - an element whose content is defined elsewhere is filled in when the
//     differential goes into it: by its type, its one profile, or the element
//     that contentReference names;
//   - a specialization, such as a logical model, adds elements to its base. With
//     a nil base it has only its own.
//
// It refuses what contradicts the base: an element it does not have, a wider
// cardinality, another type. All problems are reported, joined, each an *Error with the URL and the
// id of the element.
func Snapshot(differential, base *r4.StructureDefinition, resolve func(url string) (*r4.StructureDefinition, error)) (*r4.StructureDefinition, error) {
	g := &generator{
		of:      differential,
		resolve: resolve,
		grows:   differential.Derivation != "constraint" && differential.Type != typeOf(base),
	}
	if differential.Differential == nil || len(differential.Differential.Element) == 0 {
		if base == nil {
			return nil, g.fault("", "has neither snapshot nor differential")
		}
		differential = &r4.StructureDefinition{} // nothing is changed
		*differential = *g.of
		differential.Differential = &r4.StructureDefinitionDifferential{}
	}
	if n := len(differential.Differential.Element); n > maxChanges {
		return nil, g.fault("", "has a differential of %d elements, more than %d", n, maxChanges)
	}
	root, err := g.start(base)
	if err != nil {
		return nil, err
	}
	for i := range differential.Differential.Element {
		if name, _, _ := strings.Cut(differential.Differential.Element[i].Path, "."); name != root.name {
			g.report(differential.Differential.Element[i].ID, "its path does not begin with %s", root.name)
		}
	}
	g.base = root.clone()
	g.apply(root, changes(differential.Differential.Element, root.name))
	if len(g.problems) > 0 {
		return nil, errors.Join(g.problems...)
	}
	out := *g.of
	out.Snapshot = &r4.StructureDefinitionSnapshot{Element: root.flatten(make([]r4.ElementDefinition, 0, root.size()), "", "")}
	return &out, nil
}

func typeOf(d *r4.StructureDefinition) string {
	if d == nil {
		return ""
	}
	return d.Type
}

type generator struct {
	of       *r4.StructureDefinition
	resolve  func(url string) (*r4.StructureDefinition, error)
	grows    bool  // a specialization: elements may be added
	base     *node // the base before anything was changed, for contentReference
	elements int   // made so far
	problems []error
}

func (g *generator) fault(id, problem string, args ...any) error {
	at := g.of.URL
	if at == "" {
		at = cmp.Or(g.of.Name, g.of.ID, "StructureDefinition")
	}
	if id != "" {
		at += "#" + id
	}
	return &Error{At: at, Problem: fmt.Sprintf(problem, args...)}
}

// report keeps a problem for the end; too many of them are not kept.
func (g *generator) report(id, problem string, args ...any) {
	if len(g.problems) < maxProblems {
		g.problems = append(g.problems, g.fault(id, problem, args...))
	}
}

// start makes the tree that the differential is applied to.
func (g *generator) start(base *r4.StructureDefinition) (*node, error) {
	name := ""
	if d := g.of.Differential; d != nil && len(d.Element) > 0 {
		name, _, _ = strings.Cut(d.Element[0].Path, ".")
	}
	if base == nil {
		top := r4.ElementDefinition{Base: &r4.ElementDefinitionBase{Path: name, Min: r4.IntOf(0), Max: "*"}}
		return &node{name: name, def: top}, nil
	}
	if base.Snapshot == nil || len(base.Snapshot.Element) == 0 {
		return nil, g.fault("", "its base %s has no snapshot", base.URL)
	}
	root := tree(base.Snapshot.Element)
	switch {
	case g.grows && name != "":
		root.name = name
		root.def.Base = &r4.ElementDefinitionBase{Path: name, Min: r4.IntOf(0), Max: "*"}
	case g.grows:
	case g.of.Type != base.Type:
		return nil, g.fault("", "is of type %s, its base of %s", g.of.Type, base.Type)
	case name != "" && name != root.name:
		return nil, g.fault("", "its elements are of %s, those of its base of %s", name, root.name)
	}
	g.elements = root.size()
	return root, nil
}

// apply makes one element what the change says, with all that is in it.
func (g *generator) apply(n *node, c *change) {
	for _, def := range c.defs {
		g.merge(n, def, c.id)
	}
	if len(c.children) == 0 || g.elements > maxElements {
		return
	}
	if strings.Count(c.id, ".") >= maxDepth {
		g.report(c.id, "is nested more than %d deep", maxDepth)
		return
	}
	if err := g.expand(n, c.id); err != nil {
		if len(g.problems) < maxProblems {
			g.problems = append(g.problems, err)
		}
		return
	}
	shorts := map[*node][]*change{}
	for _, part := range c.children {
		if child := n.child(part.name); child != nil {
			g.element(child, part)
			continue
		}
		if child, typ := n.choice(part.name); child != nil {
			if len(c.saysOf(child.name)) == 0 {
				shorts[child] = append(shorts[child], part)
			}
			g.short(child, part, typ)
			continue
		}
		if !g.grows || len(part.defs) == 0 {
			g.report(part.id, "there is no such element in the base")
			continue
		}
		child := &node{name: part.name}
		n.children = append(n.children, child)
		g.element(child, part)
		g.inherent(child)
		if child.def.Base == nil {
			child.def.Base = &r4.ElementDefinitionBase{Path: ownPath(part.id), Min: child.def.Min, Max: child.def.Max}
		}
	}
	for child, parts := range shorts {
		g.close(child, parts)
	}
}

// ownPath is an id without names of slices.
func ownPath(id string) string {
	parts := strings.Split(id, ".")
	for i, p := range parts {
		parts[i], _, _ = strings.Cut(p, ":")
	}
	return strings.Join(parts, ".")
}

func (c *change) saysOf(name string) []*r4.ElementDefinition {
	for _, x := range c.children {
		if x.name == name {
			return x.defs
		}
	}
	return nil
}

// element applies what is said of an element, then of its slices.
func (g *generator) element(n *node, c *change) {
	g.apply(n, c)
	for _, s := range c.slices {
		if g.elements > maxElements {
			return
		}
		g.slice(n, s, "")
	}
}

// slice applies what is said of a slice, which is made when the base does not
// have it. typ is the type of a slice that a short form names.
func (g *generator) slice(of *node, c *change, typ string) {
	if s := of.sliceNamed(c.slice); s != nil {
		g.apply(s, c)
		return
	}
	if !implicit(of, c) {
		g.named(of, c)
		return
	}
	from := of
	if i := strings.LastIndexByte(c.slice, '/'); i > 0 {
		if from = of.sliceNamed(c.slice[:i]); from == nil {
			g.report(c.id, "is a slice of a slice that is not there")
			return
		}
	}
	if !g.grown(from.content(), c.id) {
		return
	}
	s := &node{def: from.def, name: of.name, slice: c.slice, children: clones(from.children), max: from.max, supported: from.supported}
	s.def.Slicing = nil
	s.def.Min = r4.IntOf(0)
	s.def.MustSupport = from.supported
	if typ == "" {
		typ = typeBySlice(of, c.slice)
	}
	if typ != "" {
		s.def.Type = onlyTypes(s.def.Type, typ)
		s.def.Binding = bound(s)
	}
	of.addSlice(s)
	g.template(s, c)
	g.apply(s, c)
}

// grown counts elements and refuses too many of them.
func (g *generator) grown(by int, id string) bool {
	if g.elements += by; g.elements > maxElements {
		if g.elements-by <= maxElements {
			g.report(id, "makes the snapshot larger than %d elements", maxElements)
		}
		return false
	}
	return true
}

// named applies a slice of an element that nothing slices. Such a name says no
// more than what to call the element, and some official definitions use it so;
// the element takes the name. Two names cannot both be meant so.
func (g *generator) named(of *node, c *change) {
	if of.slice != "" && of.slice != c.slice {
		g.report(c.id, "is a slice of an element without slicing")
		return
	}
	of.slice = c.slice
	g.apply(of, c)
}

// implicit gives an element the slicing that goes without saying. It tells
// whether the element is sliced.
func implicit(of *node, c *change) bool {
	if of.def.Slicing != nil || len(of.slices) > 0 {
		return true
	}
	by := r4.ElementDefinitionSlicingDiscriminator{Type: "value", Path: "url"}
	switch {
	case of.name == "extension" || of.name == "modifierExtension":
	case strings.HasSuffix(of.name, "[x]") && c.oneType(of):
		by = r4.ElementDefinitionSlicingDiscriminator{Type: "type", Path: "$this"}
	default:
		return false
	}
	of.def.Slicing = &r4.ElementDefinitionSlicing{
		Ordered: r4.False, Rules: "open", Discriminator: []r4.ElementDefinitionSlicingDiscriminator{by},
	}
	return true
}

// oneType tells whether a slice of a choice is one of its types.
func (c *change) oneType(of *node) bool {
	for _, def := range c.defs {
		if len(def.Type) > 0 {
			return len(def.Type) == 1
		}
	}
	return typeBySlice(of, c.slice) != ""
}

// typeBySlice gives the type that the name of a slice of a choice says:
// valueQuantity.
func typeBySlice(of *node, slice string) string {
	stem, ok := strings.CutSuffix(of.name, "[x]")
	rest, begins := strings.CutPrefix(slice, stem)
	if !ok || !begins {
		return ""
	}
	for i := range of.def.Type {
		if code := of.def.Type[i].Code; upper(code) == rest {
			return code
		}
	}
	return ""
}

func onlyTypes(all []r4.ElementDefinitionType, codes ...string) []r4.ElementDefinitionType {
	var out []r4.ElementDefinitionType
	for _, t := range all {
		if slices.Contains(codes, t.Code) {
			out = append(out, t)
		}
	}
	return out
}

// short applies what a short form such as valueQuantity says.
func (g *generator) short(of *node, c *change, typ string) {
	if len(of.def.Type) == 1 && of.def.Slicing == nil && len(of.slices) == 0 && len(c.slices) == 0 {
		g.apply(of, c) // there is no other type, and nothing to tell apart
		return
	}
	s := *c
	s.name, s.slice, s.slices = of.name, c.name, nil
	g.slice(of, &s, typ)
	for _, named := range c.slices { // valueQuantity:name
		g.slice(of, named, typ)
	}
}

// close leaves a choice only the types that short forms name.
func (g *generator) close(of *node, parts []*change) {
	var codes []string
	for _, p := range parts {
		codes = append(codes, typeBySlice(of, p.name))
	}
	for _, s := range of.slices {
		if len(s.def.Type) == 1 {
			codes = append(codes, s.def.Type[0].Code)
		}
	}
	of.def.Type = onlyTypes(of.def.Type, codes...)
	if of.def.Slicing != nil {
		closed := *of.def.Slicing
		closed.Rules = "closed"
		of.def.Slicing = &closed
	}
}

// larger tells whether the maximum a is more than b.
func larger(a, b string) bool {
	if b == "*" || b == "" || a == b {
		return false
	}
	m, errM := strconv.Atoi(a)
	n, errN := strconv.Atoi(b)
	return a == "*" || errM == nil && errN == nil && m > n
}
