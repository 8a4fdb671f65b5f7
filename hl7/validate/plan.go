package validate

import (
	"slices"
	"sync"

	"github.com/ponshealth/pons/hl7/grammar"
)

// plan is the grammar of a version as checking needs it. It is made segment by
// segment, when one is first seen.
type plan struct {
	grammar  *grammar.Version
	segments sync.Map // *segmentPlan by name
	types    sync.Map // *typePlan by name
	tables   sync.Map // *codes by id
	strict   bool     // lengths of primitive types are binding, from 2.7 on
}

type segmentPlan struct {
	name   string
	fields []element
}

// element is a field or a component.
type element struct {
	name    string
	opt     string
	maxRep  int
	length  int // 0 when there is no limit
	typ     *typePlan
	tableID string
	table   *codes // nil when there is nothing to compare with
	binding bool   // no other codes are allowed
}

// typePlan is a data type.
type typePlan struct {
	name   string
	check  func(string) string // of a primitive; tells what is wrong with a value, "" when nothing is
	parts  []element
	varies bool // another field says what it is
}

// plans holds a plan for each version in use.
var plans sync.Map

func planOf(v *grammar.Version) *plan {
	if p, ok := plans.Load(v.Name()); ok {
		return p.(*plan)
	}
	p := &plan{grammar: v}
	switch v.Name() {
	case "2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6":
	default:
		p.strict = true
	}
	kept, _ := plans.LoadOrStore(v.Name(), p)
	return kept.(*plan)
}

// segment returns the plan of a segment, nil when the version does not have it.
func (p *plan) segment(name string) *segmentPlan {
	if s, ok := p.segments.Load(name); ok {
		return s.(*segmentPlan)
	}
	def, ok := p.grammar.Segment(name)
	if !ok {
		return nil
	}
	s := &segmentPlan{name: name, fields: make([]element, len(def.Fields))}
	for i, f := range def.Fields {
		s.fields[i] = p.element(f.Name, f.Type, f.Opt, f.Length, f.Table)
		s.fields[i].maxRep = f.MaxRep
	}
	switch name {
	case "MSH":
		s.header()
	case "OBX": // table: see observation. The length is less than that of codes the same version lists
		s.fields[1].table, s.fields[1].tableID, s.fields[1].length = nil, "", 3
	}
	kept, _ := p.segments.LoadOrStore(name, s)
	return kept.(*segmentPlan)
}

// header leaves out what other rules check: the delimiters, the message type,
// the version.
func (s *segmentPlan) header() {
	for n := range 2 {
		s.fields[n].length, s.fields[n].typ = 0, anyType
	}
	for _, n := range []int{9, 12} {
		f := &s.fields[n-1]
		t := *f.typ
		t.parts = slices.Clone(t.parts)
		for i := range t.parts {
			t.parts[i].table, t.parts[i].tableID = nil, ""
		}
		f.typ, f.table, f.tableID = &t, nil, ""
	}
}

// codes returns a table, nil when there is none to compare with.
func (p *plan) codes(id string) *codes {
	c, ok := p.tables.Load(id)
	if !ok {
		c, _ = p.tables.LoadOrStore(id, codesOf(p.grammar, id))
	}
	return c.(*codes)
}

// coded are the data types of codes, and HD, which may be one.
var coded = []string{"CE", "CF", "CNE", "CWE", "HD"}

// noLimit is a length that stands for none.
const noLimit = 65536

func (p *plan) element(name, typ, opt string, length int, table string) element {
	e := element{name: name, opt: opt, maxRep: 1, length: length, typ: p.typeOf(typ)}
	if length >= noLimit {
		e.length = 0
	}
	// the table of a field is that of its first component where the type is one of
	// codes, and of some other component where not: table 0200 of PID-5 is for XPN.7
	if table != "" && (len(e.typ.parts) == 0 || slices.Contains(coded, typ)) {
		e.tableID, e.table = table, p.codes(table)
		e.binding = typ == "ID" || typ == "CNE"
	}
	return e
}

// typeOf returns the plan of a data type. One that the version does not have is
// a text.
func (p *plan) typeOf(name string) *typePlan {
	if t, ok := p.types.Load(name); ok {
		return t.(*typePlan)
	}
	def, ok := p.grammar.DataType(name)
	if !ok {
		return &typePlan{name: name}
	}
	t := &typePlan{name: name, check: formats[name], varies: name == "varies"}
	for _, c := range def.Components {
		if c.Type == name {
			c.Type = "ST" // nothing is made of itself
		}
		t.parts = append(t.parts, p.element(c.Name, c.Type, c.Opt, c.Length, c.Table))
	}
	if name == "TS" && len(t.parts) > 0 { // before 2.5 its first component is printed as ST
		t.parts[0].typ = &typePlan{name: "DTM", check: formats["DTM"]}
	}
	kept, _ := p.types.LoadOrStore(name, t)
	return kept.(*typePlan)
}
