package r4

import (
	_ "embed"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// definitions is the table that internal/gen/r4 writes; see there for its cells.
//
//go:embed definitions.tsv
var definitions string

type tables struct {
	list   []*Type
	byName map[string]*Type
	byGo   map[reflect.Type]*Type

	element *Type // of the ids and extensions of primitives
}

// table reads the definitions once, when they are first needed; that takes a
// few milliseconds.
var table = sync.OnceValue(load)

// maxFields is the most fields that a type may have: the decoder's sets of seen
// fields are that large. The largest type has 54.
const maxFields = 64

func load() *tables {
	lines := strings.Split(strings.TrimSuffix(definitions, "\n"), "\n")
	t := &tables{byName: make(map[string]*Type, len(structs)), byGo: make(map[reflect.Type]*Type, len(structs))}
	for _, line := range lines {
		if line[0] != '.' {
			t.addType(line)
		}
	}
	var owner *Type
	next, setters := 0, choiceSetters[:]
	for i, line := range lines {
		if line[0] != '.' {
			owner = t.list[next]
			owner.inherit(t.byName[owner.Base], fieldsBelow(lines[i+1:]))
			next++
			continue
		}
		f := owner.addField(line, t)
		if f.Choice {
			f.set, setters = setters[0], setters[1:]
		}
	}
	for _, typ := range t.list {
		typ.bind()
	}
	t.element = t.byName["Element"]
	return t
}

func fieldsBelow(lines []string) int {
	n := 0
	for n < len(lines) && lines[n][0] == '.' {
		n++
	}
	return n
}

func (t *tables) addType(line string) {
	name, rest, _ := strings.Cut(line, "\t")
	kind, base, _ := strings.Cut(rest, "\t")
	typ := &Type{Name: name, Base: base}
	switch kind {
	case "complex":
		typ.Kind = KindComplex
	case "backbone":
		typ.Kind = KindBackbone
	case "resource":
		typ.Kind = KindResource
	}
	if v := structs[len(t.list)]; v != nil {
		typ.ptr = reflect.TypeOf(v)
		t.byGo[typ.ptr] = typ
		if typ.Kind != KindPrimitive {
			typ.goType = typ.ptr.Elem()
		}
	}
	if typ.Kind == KindPrimitive {
		typ.prim, typ.check = primitiveOf(name)
	}
	t.list = append(t.list, typ)
	t.byName[name] = typ
}

// inherit starts the fields of t with those of its base, with room for n own ones.
func (t *Type) inherit(base *Type, n int) {
	if t.Kind == KindPrimitive {
		return
	}
	if base != nil {
		n += len(base.Fields)
	}
	t.Fields = make([]Field, 0, n)
	if base != nil {
		t.Fields = append(t.Fields, base.Fields...)
	}
}

func (t *Type) addField(line string, all *tables) *Field {
	var cell [7]string
	for i := 0; i < len(cell) && line != ""; i++ {
		cell[i], line, _ = strings.Cut(line, "\t")
	}
	name, choice := strings.CutSuffix(cell[0][1:], "[x]")
	low, high, _ := strings.Cut(cell[2], "..")
	f := Field{
		Name: name, Choice: choice, List: high == "*", Max: -1,
		Summary: strings.Contains(cell[3], "s"), Modifier: strings.Contains(cell[3], "m"),
	}
	f.Min, _ = strconv.Atoi(low)
	if !f.List {
		f.Max, _ = strconv.Atoi(high)
	}
	for name := range strings.SplitSeq(cell[1], " ") {
		f.Types = append(f.Types, all.byName[name])
	}
	if cell[4] != "" {
		set := cell[5]
		if short, ok := strings.CutPrefix(set, "~"); ok {
			set = "http://hl7.org/fhir/ValueSet/" + short
		}
		f.Binding = &Binding{Strength: cell[4], ValueSet: set}
	}
	if cell[6] != "" {
		f.Targets = strings.Split(cell[6], " ")
	}
	f.nameKeys()
	t.Fields = append(t.Fields, f)
	return &t.Fields[len(t.Fields)-1]
}

// nameKeys prepares the names that the field goes by in JSON.
func (f *Field) nameKeys() {
	for _, t := range f.Types {
		name := f.Name
		if f.Choice {
			name += strings.ToUpper(t.Name[:1]) + t.Name[1:]
		}
		f.keys = append(f.keys, `"`+name+`":`)
		f.extKeys = append(f.extKeys, `"_`+name+`":`)
	}
}

// bind joins the descriptors with the memory of the Go struct, whose fields
// stand in the same order.
func (t *Type) bind() {
	t.slots = make(map[string]slot, len(t.Fields)*2)
	for i := range t.Fields {
		f := &t.Fields[i]
		f.owner, f.index = t, i
		f.rep = repOf(f)
		if t.goType != nil {
			sf := t.goType.Field(i)
			f.offset, f.goType = sf.Offset, sf.Type
		}
		for c := range f.Types {
			t.slots[f.keys[c][1:len(f.keys[c])-2]] = slot{field: f, choice: uint8(c)}
			if f.hasExtras(c) {
				f.aside = true
				t.slots[f.extKeys[c][1:len(f.extKeys[c])-2]] = slot{field: f, choice: uint8(c), ext: true}
			}
		}
		name := f.Name
		if f.Choice {
			t.slots[name] = slot{field: f, base: true}
			name = ""
		}
		t.names = append(t.names, name)
	}
	if t.goType != nil {
		t.size = t.goType.Size()
		if sf, ok := t.goType.FieldByName("extras"); ok {
			t.extras = sf.Offset
		}
	}
}
