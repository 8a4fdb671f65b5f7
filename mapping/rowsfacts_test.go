package mapping_test

import (
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ponshealth/pons/internal/mapcase"
	"github.com/ponshealth/pons/mapping"
)

// report counts the rows that are executed, here or by a fact of testdata/cases.
func report(t *testing.T, g *guide, ours map[string]map[string]*tableFile, executed map[string]bool) {
	proveFacts(t, executed)
	var missing []string
	for _, class := range []string{"messages", "segments", "datatypes"} {
		all, off, done := 0, 0, 0
		for name, rows := range g.rows[class] {
			for _, r := range rows {
				id := name + "#" + r.tableRow["id"]
				all++
				switch {
				case ours[class][name] != nil && ours[class][name].row(r.tableRow["id"])["off"] == "true":
					off++
				case executed[id]:
					done++
				default:
					missing = append(missing, class+"/"+id)
				}
			}
		}
		t.Logf("%s: %d rows, %d switched off with a reason, %d executed with their value: %.1f %%", class, all, off, done, 100*float64(done)/float64(all-off))
	}
	slices.Sort(missing)
	known := missingRows(t)
	for _, id := range missing {
		if known[id] == "" {
			t.Errorf("%s: no test executes it; rows.tsv has no reason", id)
		}
		delete(known, id)
	}
	for id := range known {
		t.Errorf("%s: it is executed; rows.tsv says that it is not", id)
	}
}

// missingRows reads the rows that no test executes, each with its reason.
func missingRows(t *testing.T) map[string]string {
	t.Helper()
	b, err := os.ReadFile("rows.tsv")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(b)) {
		id, reason, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		out[id] = reason
	}
	return out
}

// proveFacts adds the rows that facts of testdata/cases execute. To be named by a fact is not
// enough. The fact must want a value, and either the lineage says that the row wrote what the
// fact looks at (its value, a reference on the way there, or what picks the resource), or the
// fact does not hold once the row is taken out of the tables.
func proveFacts(t *testing.T, executed map[string]bool) {
	files := readFiles(t)
	for _, name := range caseNames(t) {
		want := readExpectation(t, name)
		if want.Refused != "" {
			continue
		}
		res := convertCase(t, name, want, nil)
		b, wrote := decode(t, res), rowsAt(res)
		for _, f := range want.Facts {
			if f.Equals == nil {
				continue
			}
			by := map[string]bool{}
			for _, at := range f.Places(b) {
				for _, row := range wrote[at] {
					by[row] = true
				}
			}
			for _, row := range factRows.FindAllString(f.Row+" "+f.Mends, -1) {
				if !executed[row] && (by[row] || fails(t, files, row, name, want, f)) {
					executed[row] = true
				}
				if !executed[row] {
					t.Logf("%s: %s names %s, which did not write it", name, f, row)
				}
			}
		}
	}
}

// factRows are the rows of the guide that a fact names; those of ours are not counted.
var factRows = regexp.MustCompile(`[A-Za-z][^ #]*#\d+`)

// rowsAt gives the rows that wrote each element of a result.
func rowsAt(res *mapping.Result) map[mapcase.Place][]string {
	out := map[mapcase.Place][]string{}
	for _, l := range res.Lineage {
		at := mapcase.Place{Path: l.Path}
		if l.Entry >= 0 {
			at.Ref = res.Bundle.Entry[l.Entry].FullURL
		}
		out[at] = append(out[at], strings.Split(l.Row, "/")...)
	}
	return out
}

// fails reports whether a fact does not hold without a row.
func fails(t *testing.T, files fstest.MapFS, row, name string, want *expectation, f mapcase.Fact) bool {
	table, id, _ := strings.Cut(row, "#")
	for _, class := range []string{"messages", "segments", "datatypes"} {
		path := class + "/" + table + ".yaml"
		line := regexp.MustCompile(`(?m)^- \{id: ` + id + `,.*\n`)
		if files[path] == nil || !line.Match(files[path].Data) {
			continue
		}
		tables := maps.Clone(files)
		tables[path] = &fstest.MapFile{Data: line.ReplaceAllLiteral(files[path].Data, nil)}
		res := convertCase(t, name, want, tables)
		return res != nil && f.Check(decode(t, res)) != ""
	}
	return false
}

// convertCase converts the message of a case, with other tables if there are some; nil when
// these are no tables.
func convertCase(t *testing.T, name string, want *expectation, tables fs.FS) *mapping.Result {
	t.Helper()
	o := want.options(t)
	if tables != nil {
		o.Tables = tables
	}
	m, err := mapping.New(o)
	if err != nil && tables != nil {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	res, err := m.Convert(readMessage(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return res
}
