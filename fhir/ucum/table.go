package ucum

import (
	_ "embed"
	"math/big"
	"strings"
	"sync"
)

//go:embed units.tsv
var units string

// table holds what every unit and prefix is worth. It is read once, when first
// asked for, and never changed after that.
type table struct {
	units    map[string]*measure // atoms, and nothing with a prefix
	metric   map[string]bool     // atoms that take a prefix
	prefixes map[string]*measure
}

// lookup finds an atom, or a prefix and a metric atom. UCUM lets no symbol be
// both (UCUM 11 and the test of this package).
func (t *table) lookup(symbol string) (*measure, bool) {
	if m, ok := t.units[symbol]; ok {
		return m, true
	}
	for n := 1; n <= 2 && n < len(symbol); n++ {
		prefix, ok := t.prefixes[symbol[:n]]
		if !ok || !t.metric[symbol[n:]] {
			continue
		}
		m, problem := t.units[symbol[n:]].product(prefix, +1)
		return m, problem == ""
	}
	return nil, false
}

var load = sync.OnceValue(func() *table {
	t, err := readTable(units)
	if err != nil {
		panic("ucum: units.tsv: " + err.Error()) // the embedded file is wrong; a test reads it
	}
	return t
})

// row is a line of the table whose unit is not worked out yet.
type row struct{ kind, code, value, unit string }

// reader works out the rows, each after those that it is defined by.
type reader struct {
	*table
	rows map[string]row
	busy map[string]bool
}

func readTable(text string) (*table, error) {
	r := reader{
		table: &table{units: map[string]*measure{}, metric: map[string]bool{}, prefixes: map[string]*measure{}},
		rows:  map[string]row{}, busy: map[string]bool{},
	}
	var order []string
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(f) != 4 {
			continue // a comment
		}
		kind, code := f[0], f[1]
		switch {
		case kind == "prefix":
			v, ok := new(big.Rat).SetString(f[2])
			if !ok {
				return nil, &Error{Problem: "value of prefix " + code}
			}
			r.prefixes[code] = number(v)
		default:
			r.rows[code] = row{kind, code, f[2], f[3]}
			r.metric[code] = kind == "base" || strings.HasPrefix(kind, "metric")
			order = append(order, code)
		}
	}
	for _, code := range order {
		if err := r.resolve(code); err != nil {
			return nil, err
		}
	}
	return r.table, nil
}

// resolve works out one unit, and before it those of its definition.
func (r *reader) resolve(code string) error {
	if r.units[code] != nil {
		return nil
	}
	row, ok := r.rows[code]
	if !ok || r.busy[code] {
		return &Error{Problem: "no definition of " + code}
	}
	r.busy[code] = true
	m, err := r.define(row)
	if err != nil {
		return err
	}
	r.units[code] = m
	return nil
}

func (r *reader) define(row row) (*measure, error) {
	arbitrary := strings.HasSuffix(row.kind, " arbitrary")
	switch {
	case row.kind == "base", arbitrary && row.unit == "1":
		return &measure{factor: one, dims: dims{{row.code, 1}}}, nil
	case strings.HasSuffix(row.kind, " special"):
		name, rest, _ := strings.Cut(strings.TrimSuffix(row.unit, ")"), "(")
		value, unit, _ := strings.Cut(rest, " ")
		m, err := r.term(value, unit)
		if err != nil {
			return nil, err
		}
		f, ok := functions[name]
		if !ok {
			return nil, &Error{Problem: "no function " + name}
		}
		return &measure{factor: m.factor, dims: m.dims, scale: &scale{function: f, factor: m.factor, number: one}}, nil
	}
	return r.term(row.value, row.unit)
}

// term gives value times unit, whose atoms are resolved first.
func (r *reader) term(value, unit string) (*measure, error) {
	v, ok := new(big.Rat).SetString(value)
	if !ok {
		return nil, &Error{Problem: "value of a definition by " + unit}
	}
	p := parser{code: unit, table: r.table}
	for {
		m, err := p.main()
		if err == nil {
			if v.Cmp(one) == 0 {
				return m, nil
			}
			m, problem := number(v).product(m, +1)
			if problem != "" {
				return nil, &Error{Problem: problem}
			}
			return m, nil
		}
		// An atom that is not there yet: work it out and try again.
		if err := r.missing(unit); err != nil {
			return nil, err
		}
		p.at = 0
	}
}

// missing resolves the first atom of unit that is not known yet.
func (r *reader) missing(unit string) error {
	p := parser{code: unit, table: r.table}
	for p.at < len(unit) {
		if c := unit[p.at]; strings.IndexByte("./()+-", c) >= 0 || isDigit(c) && !p.tens() {
			p.at++
			continue
		}
		symbol, err := p.symbol()
		if err != nil {
			return err
		}
		if _, ok := r.lookup(symbol); ok {
			continue
		}
		for n := range min(3, len(symbol)) {
			if n > 0 && r.prefixes[symbol[:n]] == nil {
				continue
			}
			if _, ok := r.rows[symbol[n:]]; ok {
				return r.resolve(symbol[n:])
			}
		}
		return &Error{Problem: "no definition of " + symbol}
	}
	return &Error{Problem: "unit of a definition: " + unit}
}
