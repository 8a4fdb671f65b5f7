package reverse

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/mapping"
)

// program is the tables, compiled.
type program struct {
	messages     map[string]*message // by event
	segments     map[string]*table
	datatypes    map[string]*table
	vocabularies map[string]*inverse
	systems      map[string]string // name of table 0396 by URI
	short        map[string]string // and by the last part of the URI
}

type message struct {
	name  string
	items []*item
}

// An item is a row of a message table with those that lie in it.
type item struct {
	let, each string
	path      *path
	when      []cond
	segment   *table
	need      bool
	always    bool
	items     []*item
}

// A table is the map of a segment or of a data type.
type table struct {
	name string
	of   *r4.Type // of a data type
	rows []*row
}

// A row writes one place.
type row struct {
	id               string
	field, comp, sub int // field 0 in data types
	from             *path
	when             []cond
	as               *table
	vocab            *inverse
	value            *string
	fn               *function
	weak             bool
}

type compiler struct {
	raw  *rawTables
	prog *program
	errs []error
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func compile(tables fs.FS) (*program, error) {
	raw, err := loadTables(tables)
	if err != nil {
		return nil, err
	}
	vocabularies, systems, err := mapping.Vocabularies()
	if err != nil {
		return nil, err
	}
	c := &compiler{raw: raw, prog: &program{
		messages: map[string]*message{}, segments: map[string]*table{}, datatypes: map[string]*table{},
		vocabularies: map[string]*inverse{}, systems: map[string]string{}, short: map[string]string{},
	}}
	for _, s := range systems {
		if c.prog.systems[s.URI] == "" {
			c.prog.systems[s.URI] = s.Name
		}
		if last := s.URI[strings.LastIndexAny(s.URI, "/:")+1:]; c.prog.short[last] == "" {
			c.prog.short[last] = s.Name
		}
	}
	c.vocabularies(vocabularies)
	for _, name := range sortedKeys(raw.datatypes) {
		m := raw.datatypes[name]
		t := &table{name: name, of: r4.TypeByName(m.Of)}
		if t.of == nil {
			c.fail(m.file, 1, fmt.Errorf("of: %q is no type of FHIR", m.Of))
		}
		c.prog.datatypes[name] = t
	}
	for _, name := range sortedKeys(raw.datatypes) {
		if t := c.prog.datatypes[name]; t.of != nil {
			c.table(t, raw.datatypes[name], &scope{here: t.of, slots: map[string]*r4.Type{}, prog: c.prog})
		}
	}
	named := c.segments()
	bound := map[string]bool{}
	for _, m := range raw.messages {
		c.message(m, bound)
	}
	for slot, file := range named {
		if !bound[slot] {
			c.fail(file, 1, fmt.Errorf("no message binds the slot %s", slot))
		}
	}
	slices.SortFunc(c.errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return c.prog, errors.Join(c.errs...)
}

func (c *compiler) fail(file string, line int, err error) {
	c.errs = append(c.errs, fmt.Errorf("%s:%d: %w", file, line, err))
}

// segments compiles the maps of segments and returns the slots that they name.
func (c *compiler) segments() map[string]string {
	named := map[string]string{}
	for _, name := range sortedKeys(c.raw.segments) {
		m := c.raw.segments[name]
		used := map[string]bool{}
		sc := &scope{used: used, prog: c.prog}
		if len(m.Types) > 0 {
			sc.slots = c.types(m)
		}
		t := &table{name: name}
		c.prog.segments[name] = t
		c.table(t, m, sc)
		for slot := range used {
			named[slot] = m.file
		}
	}
	return named
}

// types lists the slots of a segment map that names types.
func (c *compiler) types(m *rawMap) map[string]*r4.Type {
	out := map[string]*r4.Type{}
	for slot, name := range m.Types {
		if out[slot] = r4.TypeByName(name); out[slot] == nil {
			c.fail(m.file, 1, fmt.Errorf("types: %q is no type of FHIR", name))
		}
	}
	return out
}

var (
	fieldPlace = regexp.MustCompile(`^([A-Z][A-Z0-9]{2})-(\d+)(?:\.(\d+))?(?:\.(\d+))?$`)
	partPlace  = regexp.MustCompile(`^([A-Z]+)\.(\d+)(?:\.(\d+))?$`)
)

func (c *compiler) table(t *table, m *rawMap, sc *scope) {
	seen := map[string]bool{}
	for i := range m.Rows {
		raw := &m.Rows[i]
		if raw.ID == "" || seen[raw.ID] {
			c.fail(m.file, raw.line, fmt.Errorf("the row has no id of its own"))
		}
		seen[raw.ID] = true
		r, err := c.row(t, raw, sc)
		if err != nil {
			c.fail(m.file, raw.line, fmt.Errorf("row %s: %w", raw.ID, err))
			continue
		}
		t.rows = append(t.rows, r)
	}
}

func (c *compiler) row(t *table, raw *rawRow, sc *scope) (*row, error) {
	r := &row{id: t.name + "#" + raw.ID, value: raw.Value, weak: raw.Weak}
	if err := r.place(t, raw.To); err != nil {
		return nil, err
	}
	var err error
	if r.when, err = parseWhen(raw.When, sc); err != nil {
		return nil, err
	}
	if raw.From != "" {
		if r.from, err = parsePath(raw.From, sc); err != nil {
			return nil, err
		}
	}
	if raw.Code != "" {
		if r.vocab = c.prog.vocabularies[raw.Code]; r.vocab == nil {
			return nil, fmt.Errorf("there is no vocabulary %s", raw.Code)
		}
	}
	if raw.Fn != "" {
		if r.fn = functions[raw.Fn]; r.fn == nil {
			return nil, fmt.Errorf("there is no function %s", raw.Fn)
		}
	}
	if raw.As != "" {
		if r.as = c.prog.datatypes[raw.As]; r.as == nil {
			return nil, fmt.Errorf("there is no map %s", raw.As)
		}
	}
	return r, r.check()
}

func (r *row) place(t *table, to string) error {
	pattern := fieldPlace
	if t.of != nil {
		pattern = partPlace
	}
	m := pattern.FindStringSubmatch(to)
	if m == nil || m[1] != strings.TrimRight(t.name, "abcdefghijklmnopqrstuvwxyz") {
		return fmt.Errorf("to: %q is no place in %s", to, t.name)
	}
	var n [3]int
	for i, s := range m[2:] {
		if s == "" {
			continue
		}
		var err error
		if n[i], err = strconv.Atoi(s); err != nil || n[i] < 1 || n[i] > 200 {
			return fmt.Errorf("to: %q is no place", to)
		}
	}
	if t.of != nil {
		r.comp, r.sub = n[0], n[1]
	} else {
		r.field, r.comp, r.sub = n[0], n[1], n[2]
	}
	return nil
}

// check sees that a row says what is to be written and that types fit.
func (r *row) check() error {
	if r.from == nil {
		if r.value == nil && (r.fn == nil || !r.fn.alone) {
			return fmt.Errorf("from is missing")
		}
		return nil
	}
	if r.value != nil || r.fn != nil {
		return nil
	}
	typ := r.from.typ
	switch {
	case typ == nil:
		return fmt.Errorf("from: %s leaves the type of a choice open", r.from.text)
	case typ.Kind == r4.KindPrimitive && r.as == nil:
		return nil
	case r.as == nil && r.vocab != nil && (typ.Name == "CodeableConcept" || typ.Name == "Coding"):
		return nil
	case r.as == nil:
		return fmt.Errorf("from: %s is a %s and needs a map (as)", r.from.text, typ.Name)
	case r.as.of != typ:
		return fmt.Errorf("as: %s is for %s, and %s is a %s", r.as.name, r.as.of.Name, r.from.text, typ.Name)
	}
	return nil
}
