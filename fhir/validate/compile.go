package validate

import (
	"strconv"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// compile makes the schema of a StructureDefinition that has a snapshot.
func (v *Validator) compile(sd *r4.StructureDefinition) (*schema, error) {
	if sd.Snapshot == nil || len(sd.Snapshot.Element) == 0 {
		return nil, &Error{Definition: sd.URL, Problem: "has no snapshot"}
	}
	s := &schema{url: sd.URL, name: sd.Name, typ: r4.TypeByName(lastPart(sd.Type)), derived: sd.Derivation == "constraint"}
	if sd.Version != "" {
		s.url += "|" + sd.Version
	}
	for _, c := range sd.Context {
		s.contexts = append(s.contexts, extContext{kind: c.Type, expression: c.Expression})
	}
	c := compiler{v: v, s: s}
	for i := range sd.Snapshot.Element {
		if err := c.add(&sd.Snapshot.Element[i]); err != nil {
			return nil, err
		}
	}
	s.modifier = s.root.modifier
	c.link()
	return s, nil
}

// compiler builds the tree from the flat list of a snapshot, which is in
// document order: each element follows its parent, each slice what it slices.
type compiler struct {
	v    *Validator
	s    *schema
	open []*element // the element last seen at each depth
	refs []*element // with content references
}

func (c *compiler) add(d *r4.ElementDefinition) error {
	depth := strings.Count(d.Path, ".")
	if depth > len(c.open) || depth == 0 && c.s.root != nil || depth > 0 && c.s.root == nil {
		return &Error{Definition: c.s.url, Problem: "its snapshot is not in order"}
	}
	e := c.element(d)
	c.open = append(c.open[:depth], e)
	if depth == 0 {
		c.s.root = e
		e.typ = c.s.typ
		return nil
	}
	parent := c.open[depth-1]
	c.bind(parent, e)
	base := parent.child(e.name)
	switch {
	case e.slice == "" && base == nil:
		parent.children = append(parent.children, e)
	case base == nil: // a slice of an element that the snapshot does not repeat
		base = &element{of: c.s, id: e.path, path: e.path, name: e.name, max: -1, field: e.field, typ: e.typ, tests: &sliceTests{}}
		parent.children = append(parent.children, base)
		fallthrough
	default:
		if e.slice == "" {
			e.slice = lastPart(e.path) // valueQuantity beside value[x]
		}
		attachSlice(base, e)
	}
	return nil
}

// attachSlice hangs a slice under its element, and a slice of a slice ("a/b")
// under that.
func attachSlice(base, e *element) {
	if up := strings.LastIndexByte(e.slice, '/'); up > 0 {
		for _, s := range base.slices {
			if s.slice == e.slice[:up] || strings.HasPrefix(e.slice, s.slice+"/") {
				attachSlice(s, e)
				return
			}
		}
	}
	base.slices = append(base.slices, e)
	if base.slicing == nil { // of a choice, by type; of extensions, by url
		how := discriminator{kind: "type"}
		if e.name == "extension" || e.name == "modifierExtension" {
			how = discriminator{kind: "value", path: "url", steps: []step{{name: "url"}}}
		}
		base.slicing = &slicing{by: []discriminator{how}}
	}
}

// bind finds the element's field in the model.
func (c *compiler) bind(parent, e *element) {
	of := parent.typ
	if of != nil && of.Kind == r4.KindPrimitive {
		of = elementType()
	}
	if of == nil {
		return
	}
	f, choice, ok := of.Field(e.name)
	if !ok {
		return
	}
	e.field = f
	switch {
	case f.Choice && choice != nil: // "valueQuantity": the choice, with this type only
		e.name = f.Name
		if e.slice == "" {
			e.slice = lastPart(e.path)
		}
		if len(e.types) == 0 {
			e.types = []typeRef{{code: choice.Name, typ: choice}}
		}
		e.typ = choice
	case f.Choice:
		if len(e.types) == 1 {
			e.typ = e.types[0].typ
		}
	case f.Types[0].Kind != r4.KindResource:
		e.typ = f.Types[0]
		for i := range e.types { // BackboneElement is the type of the model
			if e.types[i].typ == nil || e.types[i].typ != e.typ {
				e.types[i].typ = e.typ
			}
		}
	}
}

// element copies what counts from a definition.
func (c *compiler) element(d *r4.ElementDefinition) *element {
	e := &element{of: c.s, id: d.ID, path: d.Path, name: strings.TrimSuffix(lastPart(d.Path), "[x]"), slice: d.SliceName, max: -1,
		minValue: d.MinValue, maxValue: d.MaxValue, mustSupport: d.MustSupport.True(), modifier: d.IsModifier.True(),
		contents: strings.TrimPrefix(d.ContentReference, "#")}
	if i := strings.LastIndexByte(e.contents, '#'); i >= 0 {
		e.contents = e.contents[i+1:]
	}
	if d.Fixed != nil {
		e.fixed = d.Fixed
	}
	if d.Pattern != nil {
		e.pattern = d.Pattern
	}
	if e.id == "" {
		e.id = e.path
	}
	if n, ok := d.Min.Get(); ok {
		e.min = int(n)
	}
	if n, err := strconv.Atoi(d.Max); err == nil {
		e.max = n
	}
	if n, ok := d.MaxLength.Get(); ok {
		e.maxLength = int(n)
	}
	for _, t := range d.Type {
		ref := typeRef{code: t.Code, profiles: t.Profile, targets: t.TargetProfile, aggregation: t.Aggregation, versioning: t.Versioning}
		if !strings.Contains(t.Code, "/") {
			ref.typ = r4.TypeByName(t.Code)
		}
		e.types = append(e.types, ref)
	}
	if b := d.Binding; b != nil && b.ValueSet != "" {
		e.binding = &binding{strength: b.Strength, valueSet: b.ValueSet}
		for _, x := range b.Extension {
			if url, _ := r4.Text(x.Value); url != "" && strings.HasSuffix(x.URL, "/elementdefinition-maxValueSet") {
				e.maximum = &binding{strength: "required", valueSet: url}
			}
		}
	}
	for i := range d.Constraint {
		if k := c.v.constraint(c.s, &d.Constraint[i]); k != nil {
			e.constraints = append(e.constraints, k)
		}
	}
	e.tests = &sliceTests{}
	if d.Slicing != nil {
		e.slicing = c.slicing(d.Slicing)
	}
	if e.contents != "" {
		c.refs = append(c.refs, e)
	}
	return e
}

func (c *compiler) slicing(d *r4.ElementDefinitionSlicing) *slicing {
	s := &slicing{ordered: d.Ordered.True(), closed: d.Rules == "closed", openAtEnd: d.Rules == "openAtEnd"}
	for _, by := range d.Discriminator {
		steps, ok := parseSteps(by.Path)
		if !ok {
			steps = []step{{name: "?"}} // no such element: nothing is told apart by it
		}
		s.by = append(s.by, discriminator{kind: by.Type, path: by.Path, steps: steps})
	}
	return s
}

// link joins content references with their targets.
func (c *compiler) link() {
	for _, e := range c.refs {
		e.content = find(c.s.root, e.contents)
		if e.content != nil && len(e.types) == 0 && e.typ == nil {
			e.typ = e.content.typ
		}
	}
}

func find(e *element, id string) *element {
	if e.id == id {
		return e
	}
	for _, list := range [][]*element{e.children, e.slices} {
		for _, c := range list {
			if found := find(c, id); found != nil {
				return found
			}
		}
	}
	return nil
}

func lastPart(path string) string {
	return path[strings.LastIndexAny(path, "./")+1:]
}
