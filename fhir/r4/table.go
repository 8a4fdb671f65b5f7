package r4

import (
	_ "embed"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// definitions is the table that internal/gen/r4 writes; see there for its cells.
//
//go:embed definitions.tsv
var definitions string

// tables holds all types. At first each knows its name and where its lines
// stand; they are read when the type, or one that leads to it, is asked for.
// Most programs need a few of the 650.
type tables struct {
	list    []*Type
	byName  map[string]*Type
	byGo    map[reflect.Type]*Type
	element *Type // of the ids and extensions of primitives

	mu    sync.Mutex // held while lines are read
	types []*Type    // room for the lists of fields
	keys  []memberKey
}

// room cuts n values off a list, which is made anew when it is too short.
func room[T any](from *[]T, n int) []T {
	if len(*from) < n {
		*from = make([]T, max(n, 512))
	}
	list := (*from)[:n:n]
	*from = (*from)[n:]
	return list
}

// table returns the types, which it finds when they are first needed.
func table() *tables {
	if t := found.Load(); t != nil {
		return t
	}
	return findOnce()
}

var (
	found    atomic.Pointer[tables]
	findOnce = sync.OnceValue(func() *tables {
		t := findTypes()
		found.Store(t)
		return t
	})
)

func findTypes() *tables {
	t := &tables{byName: make(map[string]*Type, len(goTypes)), byGo: make(map[reflect.Type]*Type, len(goTypes))}
	setters := choiceSetters[:]
	for rest := definitions; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		typ := t.addType(line)
		own, n := rest, 0
		for strings.HasPrefix(rest, ".") {
			line, rest, _ = strings.Cut(rest, "\n")
			if strings.Contains(line, "[x]\t") {
				n++
			}
		}
		typ.lines = own[:len(own)-len(rest)]
		typ.choices, setters = setters[:n], setters[n:]
	}
	t.element = t.ready(t.byName["Element"])
	return t
}

func (t *tables) addType(line string) *Type {
	name, rest, _ := strings.Cut(line, "\t")
	kind, base, _ := strings.Cut(rest, "\t")
	typ := &Type{Name: name, Base: base, number: len(t.list)}
	switch kind {
	case "complex":
		typ.Kind = KindComplex
	case "backbone":
		typ.Kind = KindBackbone
	case "resource":
		typ.Kind = KindResource
	}
	if g := goTypes[len(t.list)]; g.zero != nil {
		typ.ptr = reflect.TypeOf(g.zero)
		t.byGo[typ.ptr] = typ
		if typ.Kind != KindPrimitive {
			typ.null, typ.goType, typ.goList = g.zero, typ.ptr.Elem(), reflect.TypeOf(g.list).Elem()
		}
	}
	if typ.Kind == KindPrimitive {
		typ.prim, typ.shape = primitiveOf(name)
	}
	t.list = append(t.list, typ)
	t.byName[name] = typ
	return typ
}

// ready returns typ with its lines read, and those of all types that its
// fields lead to.
func (t *tables) ready(typ *Type) *Type {
	if typ == nil || typ.ready.Load() {
		return typ
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var done []*Type
	t.read(typ, &done)
	for _, typ := range done { // only now, for each may lead to all
		typ.ready.Store(true)
	}
	return typ
}

// read reads the lines of typ, its base, and the types of its fields, as far as
// that has not been done, and adds them to done.
func (t *tables) read(typ *Type, done *[]*Type) {
	if typ.read {
		return
	}
	typ.read = true
	*done = append(*done, typ)
	if base := t.byName[typ.Base]; base != nil {
		t.read(base, done)
		if typ.Kind != KindPrimitive {
			typ.Fields = append(make([]Field, 0, len(base.Fields)+strings.Count(typ.lines, "\n")), base.Fields...)
		}
	}
	setters := typ.choices
	for line := range strings.Lines(typ.lines) {
		f := t.field(strings.TrimSuffix(line, "\n"))
		if f.Choice {
			f.set, setters = setters[0], setters[1:]
		}
		typ.Fields = append(typ.Fields, f)
	}
	typ.bind()
	for i := range typ.Fields {
		for _, of := range typ.Fields[i].Types {
			t.read(of, done)
		}
	}
}

// field reads the line of one element.
func (t *tables) field(line string) Field {
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
	if cell[4] != "" {
		f.Binding = &Binding{Strength: cell[4], ValueSet: cell[5]}
	}
	if cell[6] != "" {
		f.Targets = strings.Split(cell[6], " ")
	}
	types := strings.Split(cell[1], " ")
	f.Types, f.keys = room(&t.types, len(types)), room(&t.keys, len(types))
	for c, of := range types {
		f.Types[c] = t.byName[of]
		if choice {
			of = name + strings.ToUpper(of[:1]) + of[1:]
		} else {
			of = name
		}
		f.keys[c] = newMemberKey(of)
	}
	return f
}

// bind joins the descriptors with the memory of the Go struct, whose fields
// stand in the same order.
func (t *Type) bind() {
	t.slots = make(map[string]slot, len(t.Fields))
	t.names, t.heads = make([]string, len(t.Fields)), make([]head, len(t.Fields))
	t.steps, t.probes = make([]step, len(t.Fields)), make([]probe, len(t.Fields))
	for i := range t.Fields {
		f := &t.Fields[i]
		f.owner, f.index = t, uint8(i)
		f.rep = repOf(f)
		if t.goType != nil {
			f.offset = uint32(t.goType.Field(i).Offset)
		}
		for c := range f.Types {
			t.slots[f.keys[c].name()] = slot{field: f.index, choice: uint8(c)}
			f.aside = f.aside || f.hasExtras(c)
		}
		if f.Choice {
			t.slots[f.Name] = slot{field: f.index, base: true}
			t.heads[i] = head{bits: 1} // never, for the mask is empty
		} else {
			t.names[i], t.heads[i] = f.Name, newHead(f.keys[0])
		}
		t.steps[i] = f.step()
		t.probes[i] = t.steps[i].probe
	}
	if t.goType != nil {
		t.size = t.goType.Size()
		if sf, ok := t.goType.FieldByName("extras"); ok {
			t.extras = sf.Offset
		}
	}
}
