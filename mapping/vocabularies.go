package mapping

import (
	"io/fs"
	"slices"
)

// A Vocabulary is one of the embedded vocabulary tables: codes of v2 and what
// they are in FHIR.
type Vocabulary struct {
	Name  string // "AdministrativeSex"
	Table string // canonical URI of the v2 table, "" if it has none
	Codes []CodePair
}

// A CodePair is a row of a vocabulary.
type CodePair struct {
	Code   string // of v2
	Table  string // canonical URI of its system
	To     string // of FHIR
	In     string // its system
	Detail string // its display
}

// A CodeSystem is a name that v2 has for a code system, and what FHIR calls it.
type CodeSystem struct {
	Name string // "LN", of HL7 table 0396
	URI  string // "http://loinc.org"
	OID  string
}

// Vocabularies returns the embedded vocabulary tables by name, and the names of
// code systems in the order of their table: for who goes the other way. The error
// names file and line.
func Vocabularies() ([]Vocabulary, []CodeSystem, error) {
	tables, err := fs.Sub(embedded, "tables")
	if err != nil {
		return nil, nil, err
	}
	raw, err := loadTables(tables, "")
	if err != nil {
		return nil, nil, err
	}
	known := newSystems(raw.systems)
	var out []Vocabulary
	for _, name := range sortedKeys(raw.vocabulary) {
		v := raw.vocabulary[name]
		entry := Vocabulary{Name: name}
		if v.Table != "" {
			entry.Table, _ = known.uri(v.Table)
		}
		for _, r := range v.Rows {
			if r.Off {
				continue
			}
			pair := CodePair{Code: r.Code, Table: entry.Table, To: r.To, In: r.In, Detail: r.Display}
			if r.System != "" {
				pair.Table, _ = known.uri(r.System)
			}
			entry.Codes = append(entry.Codes, pair)
		}
		out = append(out, entry)
	}
	var names []CodeSystem
	for _, s := range raw.systems {
		names = append(names, CodeSystem{Name: s.Name, URI: s.URI, OID: s.OID})
	}
	return out, slices.Clip(names), nil
}
