package grammar

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed tables.flate
var packedTables string

// Table is a code table (HL7 v2.9 chapter 2C) as one version has it.
type Table struct {
	ID    string // "0001"
	Name  string // "Administrative Sex"
	Kind  string // "hl7", "user", or "" when not known. Sites may change user tables
	Codes []Code // in the order of the table

	index map[string]int // in Codes
	all   *storedTable
}

// Code is one code of a table (HL7 v2.9 chapter 2C).
type Code struct {
	Code       string // as in a message: "F"
	Display    string // "Female"
	Deprecated bool   // not to be used any more in this version
}

// Code returns the entry of a code.
func (t *Table) Code(code string) (Code, bool) {
	i, ok := t.index[code]
	if !ok {
		return Code{}, false
	}
	return t.Codes[i], true
}

// Elsewhere reports whether any version has a code in this table.
func (t *Table) Elsewhere(code string) bool {
	return t.all != nil && slices.ContainsFunc(t.all.codes, func(c storedCode) bool { return c.code == code })
}

// storedTable is a table with the codes of all versions.
type storedTable struct {
	name, kind string
	codes      []storedCode
}

type storedCode struct {
	code, display string
	first, last   string // versions; first may be "THO", last ""
	deprecated    string // "", "yes", or the version since which
}

// fromTerminology marks codes that are only in HL7 Terminology. They belong to
// 2.9 and later.
const fromTerminology = "THO"

var tables = sync.OnceValue(func() map[string]*storedTable {
	all := map[string]*storedTable{}
	var t *storedTable
	for line := range strings.Lines(unpack(packedTables)) {
		kind, r := line[0], record(strings.TrimSuffix(line[1:], "\n"))
		r.next()
		switch kind {
		case 'T':
			id := r.next()
			t = &storedTable{kind: r.next(), name: r.next()}
			all[id] = t
		case 'K':
			t.codes = append(t.codes, storedCode{
				code: r.next(), first: r.next(), last: r.next(), deprecated: r.next(), display: r.next(),
			})
		}
	}
	return all
})

// Table returns a table with the codes of this version, by its number of four
// digits. It is false for a table of which no codes are known; many tables are
// for sites to fill.
func (v *Version) Table(id string) (*Table, bool) {
	s, ok := tables()[id]
	if !ok {
		return nil, false
	}
	t, made := v.tables.Load(id)
	if !made {
		t, _ = v.tables.LoadOrStore(id, v.table(id, s))
	}
	table := t.(*Table)
	return table, len(table.Codes) > 0
}

// table takes of a table what this version has.
func (v *Version) table(id string, s *storedTable) *Table {
	t := &Table{ID: id, Name: s.name, Kind: s.kind, index: map[string]int{}, all: s}
	here := slices.Index(versions[:], v.name)
	for _, c := range s.codes {
		if c.in(here) {
			old := c.deprecated == "yes" || c.deprecated != "" && here >= slices.Index(versions[:], c.deprecated)
			if _, twice := t.index[c.code]; !twice {
				t.index[c.code] = len(t.Codes)
			}
			t.Codes = append(t.Codes, Code{c.code, c.display, old})
		}
	}
	return t
}

func (c storedCode) in(here int) bool {
	first := c.first
	if first == fromTerminology {
		first = "2.9"
	}
	return here >= slices.Index(versions[:], first) && (c.last == "" || here <= slices.Index(versions[:], c.last))
}
