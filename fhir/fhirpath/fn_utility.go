package fhirpath

import (
	"slices"
)

// Utility functions (N1, "Utility functions"), and sort of later drafts.
var utilityFunctions = map[string]function{
	"trace":     {least: 1, most: 2, build: buildTrace},
	"now":       clock(kindDateTime),
	"today":     clock(kindDate),
	"timeOfDay": clock(kindTime),
	"sort":      {most: 8, build: buildSort, keys: true},
}

func clock(k kind) function {
	return plain(func(m *machine, _ Collection) (Collection, error) {
		return m.single(momentItem(momentOf(m.time(), k)))
	})
}

// buildTrace compiles trace, which gives its input and shows it, or what the
// second argument makes of each item.
func buildTrace(_ *tree, args []eval) (apply, error) {
	return func(m *machine, this, in Collection) (Collection, error) {
		if m.env.Trace == nil {
			return in, nil
		}
		c, err := args[0](m, this)
		if err != nil {
			return nil, err
		}
		name, ok, err := stringOf(c)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, problem("a trace without name")
		}
		shown := in
		if len(args) > 1 {
			index := m.index
			shown, err = project(m, in, args[1])
			if m.index = index; err != nil {
				return nil, err
			}
		}
		m.env.Trace(name, m.result(shown))
		return in, nil
	}, nil
}

// sortKey is a criterion of sort: a minus before it turns the order around.
type sortKey struct {
	by   eval
	down bool
}

// buildSort compiles sort. Items without a value for a criterion come first in
// either direction.
func buildSort(t *tree, args []eval) (apply, error) {
	keys := []sortKey{{by: func(_ *machine, this Collection) (Collection, error) { return this, nil }}}
	if len(args) > 0 {
		keys = keys[:0]
	}
	for k, by := range args {
		keys = append(keys, sortKey{by, isDown(t.kids[k+1])})
	}
	return func(m *machine, _, in Collection) (Collection, error) {
		index := m.index
		defer func() { m.index = index }()
		rows, err := sortRows(m, in, keys)
		if err != nil {
			return nil, err
		}
		slices.SortStableFunc(rows, func(a, b sortRow) int {
			if err != nil {
				return 0
			}
			var order int
			order, err = compareRows(m, a, b, keys)
			return order
		})
		if err != nil {
			return nil, err
		}
		out, err := m.list(len(in))
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out = append(out, r.item)
		}
		return out, nil
	}, nil
}

// sortRow is an item with its values for the criteria.
type sortRow struct {
	item   Item
	values []Collection
}

func sortRows(m *machine, in Collection, keys []sortKey) ([]sortRow, error) {
	rows := make([]sortRow, len(in))
	for k := range in {
		m.index = k
		rows[k] = sortRow{in[k], make([]Collection, len(keys))}
		for j, key := range keys {
			c, err := key.by(m, in[k:k+1])
			if err != nil {
				return nil, err
			}
			if len(c) > 1 {
				return nil, severalItems
			}
			rows[k].values[j] = c
		}
	}
	return rows, nil
}

func compareRows(m *machine, a, b sortRow, keys []sortKey) (int, error) {
	for j, key := range keys {
		x, y := a.values[j], b.values[j]
		if len(x) != len(y) {
			return len(x) - len(y), nil
		}
		order := 0
		if len(x) == 1 {
			if err := m.step(1); err != nil {
				return 0, err
			}
			var err error
			if order, _, err = compareItems(m, &x[0], &y[0]); err != nil {
				return 0, err
			}
		}
		if key.down {
			order = -order
		}
		if order != 0 {
			return order, nil
		}
	}
	return 0, nil
}
