package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

const core = "http://hl7.org/fhir/StructureDefinition/"

// definition is what the generator reads of a StructureDefinition.
type definition struct {
	Kind, Type, Derivation, BaseDefinition string
	Abstract                               bool
	Snapshot                               struct{ Element []element }
}

type element struct {
	Path, Short, Max, ContentReference string
	Min                                int
	IsModifier, IsSummary              bool
	Type                               []struct {
		Code          string
		TargetProfile []string
		Extension     []struct{ URL, ValueURL string } // structuredefinition-fhir-type
	}
	Binding struct{ Strength, ValueSet string }
}

// readDefinitions returns the types of R4 themselves: no profiles, no logical models.
func readDefinitions(tgz string) (map[string]definition, error) {
	defs := map[string]definition{}
	keep := func(name string) bool { return strings.HasPrefix(name, "StructureDefinition-") }
	err := pack.Each(tgz, keep, func(name string, doc []byte) error {
		var d definition
		if err := json.Unmarshal(doc, &d); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if d.Derivation != "constraint" && d.Kind != "logical" {
			defs[d.Type] = d
		}
		return nil
	})
	return defs, err
}

// A typ is one type of the model: a primitive, a datatype, a resource or the
// type of a backbone element.
type typ struct {
	name   string // FHIR name or path: "HumanName", "Patient.contact"
	goName string // "HumanName", "PatientContact"; "" for an abstract type
	kind   string // primitive, complex, backbone, resource
	base   string
	short  string
	fields []field // without those of the base
	all    []field // with them
}

type field struct {
	name, goName, short string
	types               []string // type names; a backbone's is its path
	choice, list        bool
	min                 int
	max                 string
	summary, modifier   bool
	strength, valueSet  string
	targets             []string
	iface               string // of a choice: the Go interface
	fromBase            bool
}

type model struct {
	types  []*typ // in the order of the table: bases before those that build on them
	byName map[string]*typ
}

func newModel(defs map[string]definition) (*model, error) {
	m := &model{byName: map[string]*typ{}}
	order := make([]definition, 0, len(defs))
	for _, d := range defs {
		order = append(order, d)
	}
	slices.SortFunc(order, func(a, b definition) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Type, b.Type))
	})
	for _, d := range order {
		if err := m.add(d); err != nil {
			return nil, err
		}
	}
	return m, m.check()
}

// rank puts abstract types first, then primitives, datatypes and resources.
func rank(d definition) int {
	switch {
	case d.Abstract:
		return slices.Index([]string{"Element", "BackboneElement", "Resource", "DomainResource"}, d.Type)
	case d.Kind == "primitive-type":
		return 10
	case d.BaseDefinition == core+"Quantity": // Age, Count, Distance, Duration
		return 21
	case d.Kind == "complex-type":
		return 20
	}
	return 30
}

func (m *model) add(d definition) error {
	root := &typ{
		name: d.Type, goName: d.Type, base: strings.TrimPrefix(d.BaseDefinition, core),
		short: d.Snapshot.Element[0].Short,
		kind:  map[string]string{"primitive-type": "primitive", "complex-type": "complex", "resource": "resource"}[d.Kind],
	}
	if d.Abstract && d.Type != "Element" {
		root.goName = ""
	}
	m.append(root)
	if root.kind == "primitive" {
		return nil // its value has no type in FHIR's own terms
	}
	for _, e := range d.Snapshot.Element[1:] {
		parentPath, name, _ := cutLast(e.Path)
		parent := m.byName[parentPath]
		if parent == nil {
			return fmt.Errorf("%s: no parent", e.Path)
		}
		f, err := m.field(parent, name, e)
		if err != nil {
			return fmt.Errorf("%s: %w", e.Path, err)
		}
		parent.all = append(parent.all, f)
		if !f.fromBase {
			parent.fields = append(parent.fields, f)
		}
	}
	return nil
}

func (m *model) append(t *typ) {
	m.types = append(m.types, t)
	m.byName[t.name] = t
}

func cutLast(path string) (before, after string, ok bool) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

func (m *model) field(parent *typ, name string, e element) (field, error) {
	f := field{
		short: strings.Join(strings.Fields(e.Short), " "), min: e.Min, max: e.Max, list: e.Max == "*",
		summary: e.IsSummary, modifier: e.IsModifier, strength: e.Binding.Strength, valueSet: e.Binding.ValueSet,
	}
	f.name, f.choice = strings.CutSuffix(name, "[x]")
	f.goName = goName(f.name)
	if n, err := strconv.Atoi(e.Max); err == nil && n != 1 || f.choice && f.list {
		return f, fmt.Errorf("cardinality %s is not supported", e.Max)
	}
	for _, t := range e.Type {
		f.types = append(f.types, t.Code)
		for _, p := range t.TargetProfile {
			if p = strings.TrimPrefix(p, core); !slices.Contains(f.targets, p) {
				f.targets = append(f.targets, p)
			}
		}
	}
	switch {
	case e.ContentReference != "":
		f.types = []string{strings.TrimPrefix(e.ContentReference, "#")}
	case len(f.types) == 0 || len(f.types) > 1 && !f.choice:
		return f, fmt.Errorf("types %v", f.types)
	case f.types[0] == "http://hl7.org/fhirpath/System.String":
		// An annotation names the type: string for the id of an element, uri for
		// Extension.url. It says string for the id of a resource too, which is an
		// id (FHIR R4 resource.html#id).
		if len(e.Type[0].Extension) != 1 {
			return f, fmt.Errorf("no FHIR type beside %s", f.types[0])
		}
		f.types = []string{e.Type[0].Extension[0].ValueURL}
		if parent.kind == "resource" {
			f.types = []string{"id"}
		}
	case f.types[0] == "Element" || f.types[0] == "BackboneElement":
		path := parent.name + "." + f.name
		m.append(&typ{name: path, goName: parent.goName + f.goName, kind: "backbone", base: f.types[0], short: f.short})
		f.types = []string{path}
	}
	if f.choice {
		f.iface = parent.goName + f.goName
		if len(f.types) > 40 {
			f.iface = "Value" // the open type: the same list everywhere
		}
	}
	return f, m.inherited(parent, &f)
}

// inherited marks f when parent's base has it too, and refuses a redefinition.
func (m *model) inherited(parent *typ, f *field) error {
	if parent.base == "" {
		return nil
	}
	base := m.byName[parent.base]
	i := slices.IndexFunc(base.all, func(b field) bool { return b.name == f.name })
	if i < 0 {
		return nil
	}
	b := base.all[i]
	if !slices.Equal(b.types, f.types) || b.list != f.list || b.modifier != f.modifier || b.valueSet != f.valueSet {
		return fmt.Errorf("differs from %s.%s", base.name, b.name)
	}
	f.fromBase = true
	return nil
}

// check refuses what would make wrong Go: two types of one name, or a field
// whose type is not known.
func (m *model) check() error {
	seen := map[string]string{}
	claim := func(goName, what string) error {
		if other, taken := seen[goName]; taken && goName != "" && goName != "Value" {
			return fmt.Errorf("%s and %s are both %s in Go", what, other, goName)
		}
		seen[goName] = what
		return nil
	}
	for _, t := range m.types {
		if t.kind != "primitive" {
			if err := claim(t.goName, t.name); err != nil {
				return err
			}
		}
		for i, f := range t.all {
			if i < len(t.all)-len(t.fields) != f.fromBase {
				return fmt.Errorf("%s.%s: inherited fields must come first", t.name, f.name)
			}
			if f.choice {
				if err := claim(f.iface, t.name+"."+f.name); err != nil {
					return err
				}
			}
			for _, name := range f.types {
				if m.byName[name] == nil {
					return fmt.Errorf("%s.%s: unknown type %s", t.name, f.name, name)
				}
			}
		}
	}
	return nil
}
