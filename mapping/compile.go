package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// compiler turns the raw tables into a program.
type compiler struct {
	raw    *rawTables
	prog   *program
	tables map[string]*table // by name and target type
	vocabs map[string]*vocabulary
	errs   []error
}

func compile(raw *rawTables) (*program, error) {
	c := &compiler{
		raw:    raw,
		tables: map[string]*table{},
		vocabs: map[string]*vocabulary{},
		prog: &program{
			messages: map[string]*messageTable{},
			types:    map[string]bool{},
			types4:   map[*r4.Type]*typeInfo{},
			systems:  newSystems(raw.systems),
		},
	}
	for _, name := range sortedKeys(raw.vocabulary) {
		c.vocabs[name] = c.vocabulary(raw.vocabulary[name])
	}
	for _, m := range raw.messages {
		c.message(m)
	}
	// Maps that no message uses are compiled too, so that their faults show.
	for _, name := range sortedKeys(raw.maps) {
		m := raw.maps[name]
		if typ, err := c.mapTarget(m); err != nil {
			c.fail(m.where, err)
		} else {
			c.table(m, typ)
		}
	}
	c.defaults()
	c.identity()
	return c.prog, errors.Join(c.errs...)
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// fail notes an error with its place, once.
func (c *compiler) fail(w where, err error) {
	e := w.errorf("%v", err)
	for _, old := range c.errs {
		if old.Error() == e.Error() {
			return
		}
	}
	c.errs = append(c.errs, e)
}

// mapTarget returns the type that a map is for; nil if it gives a primitive.
func (c *compiler) mapTarget(m *rawMap) (*r4.Type, error) {
	name := m.Target
	if name == "" {
		_, in, ok := strings.Cut(strings.TrimSuffix(m.Map, "]"), "[")
		if !ok {
			return nil, fmt.Errorf("the map %q is not named like CX[Identifier]", m.Map)
		}
		name, _, _ = strings.Cut(in, "-")
	}
	typ := r4.TypeByName(name)
	switch {
	case typ == nil:
		return nil, fmt.Errorf("the target %s of the map is not a type of R4", name)
	case typ.Kind == r4.KindPrimitive:
		return nil, nil
	}
	return typ, nil
}

// table compiles a map for a target type (nil: a primitive).
func (c *compiler) table(m *rawMap, typ *r4.Type) *table {
	key := m.Map + "@"
	if typ != nil {
		key += typ.Name
	}
	if t, ok := c.tables[key]; ok {
		return t
	}
	t := &table{name: m.Map, typ: typ}
	c.tables[key] = t // before the rows: a map may use itself
	if m.segment {
		t.seg, _, _ = strings.Cut(m.Map, "[")
		if !isName(t.seg) || len(t.seg) != 3 {
			c.fail(m.where, fmt.Errorf("the map %q does not begin with a segment", m.Map))
		}
	}
	rc := &rowCompiler{compiler: c, table: t, paths: resolver{prog: c.prog, root: typ}}
	seen := map[string]bool{}
	for i := range m.Rows {
		raw := &m.Rows[i]
		if seen[raw.ID] {
			c.fail(raw.where, fmt.Errorf("the id %s stands here twice", raw.ID))
		}
		seen[raw.ID] = true
		if raw.Off {
			if raw.Why == "" {
				c.fail(raw.where, fmt.Errorf("a row that is off says why"))
			}
			continue
		}
		r, err := rc.row(raw)
		if err != nil {
			c.fail(raw.where, fmt.Errorf("row %s: %w", raw.ID, err))
			continue
		}
		switch {
		case r == nil: // the url of an extension
		case late(r.steps[:r.climb]) || r.multiTo > r.multi:
			t.late = append(t.late, r)
		default:
			t.rows = append(t.rows, r)
		}
		t.multi = t.multi || r != nil && r.multi > 0
	}
	if t.seg != "" {
		t.runs = runsOf(t.rows)
	}
	t.parts = slices.ContainsFunc(t.rows, func(r *row) bool { return r.from.kind == accessPart && r.src.comp > 0 })
	return t
}

// lookupMap finds a data type map, or says which is meant.
func (c *compiler) lookupMap(name string) (*rawMap, error) {
	if m := c.raw.maps[name]; m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("there is no map %s%s", name, meant(name, sortedKeys(c.raw.maps)))
}
