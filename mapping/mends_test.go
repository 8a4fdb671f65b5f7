package mapping_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ponshealth/pons/mapping"
)

// A fact that names rows under mends says that the guide, followed to the
// letter, loses or spoils it. Here those rows are put back as the guide has them
// (ours are taken out): either they are no R4 and do not compile, or the fact
// must not hold.
func TestMends(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: compiles the tables once per mend")
	}
	g := readGuide(t)
	embedded := readFiles(t)
	files, err := filepath.Glob("testdata/cases/*.expect.yaml")
	if err != nil {
		t.Fatal(err)
	}
	mends := map[string]bool{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".expect.yaml")
		want := readExpectation(t, name)
		for _, f := range want.Facts {
			if f.Mends == "" {
				continue
			}
			for _, row := range rowIDs.FindAllString(f.Mends, -1) {
				mends[row] = true
			}
			t.Run(name+"/"+f.Mends, func(t *testing.T) {
				t.Parallel()
				o := want.options(t)
				o.Tables = asInGuide(t, embedded, g, f.Mends)
				m, err := mapping.New(o)
				if err != nil {
					t.Logf("the row of the guide is not R4: %v", err)
					return
				}
				res, err := m.Convert(readMessage(t, name))
				if err != nil {
					t.Logf("the row of the guide refuses the message: %v", err)
					return
				}
				if f.Check(decode(t, res)) == "" {
					t.Errorf("%s holds without the mend", f)
				}
			})
		}
	}
	t.Logf("%d rows", len(mends))
}

var rowIDs = regexp.MustCompile(`[A-Za-z][^ #]*(?: [^ #]*\])?#[DP]?\d+`)

// readFiles reads our tables.
func readFiles(t *testing.T) fstest.MapFS {
	t.Helper()
	tables := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS("tables"), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile("tables/" + path)
		tables[path] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

// asInGuide gives the tables with the rows named put back as the guide has them.
func asInGuide(t *testing.T, files fstest.MapFS, g *guide, rows string) fs.FS {
	t.Helper()
	tables := maps.Clone(files)
	replace := func(path string, row *regexp.Regexp, text string) {
		b := row.ReplaceAllLiteral(tables[path].Data, []byte(text))
		tables[path] = &fstest.MapFile{Data: b}
	}
	for _, id := range rowIDs.FindAllString(rows, -1) {
		table, n, _ := strings.Cut(id, "#")
		if table == "defaults" {
			replace("defaults.yaml", regexp.MustCompile(`(?m)^- \{id: `+n+`,.*\n`), "")
			continue
		}
		class, row := g.find(table, n)
		if class == "" {
			for _, c := range []string{"messages", "segments", "datatypes", "vocabulary"} {
				if tables[c+"/"+table+".yaml"] != nil {
					class = c
				}
			}
		}
		path := class + "/" + table + ".yaml"
		line := regexp.MustCompile(`(?m)^- \{id: ` + n + `[,}].*\n`)
		if tables[path] == nil || !line.Match(tables[path].Data) {
			t.Fatalf("no row %s", id)
		}
		text := "" // the guide has no such row
		if row != nil {
			text = yamlRow(row)
		}
		replace(path, line, text)
	}
	return tables
}

func (g *guide) find(table, n string) (string, tableRow) {
	for class, tables := range g.rows {
		for _, r := range tables[table] {
			if r.tableRow["id"] == n {
				return class, r.tableRow
			}
		}
	}
	return "", nil
}

func yamlRow(r tableRow) string {
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	parts := []string{"id: " + r["id"]}
	for _, k := range []string{"in", "from", "after", "when", "to", "slot", "map", "as", "value", "expr", "code", "system", "display", "refs"} {
		switch v := r[k]; {
		case v == "":
		case k == "refs":
			var list []string
			for _, ref := range strings.Split(v, "; ") {
				list = append(list, quote(ref))
			}
			parts = append(parts, "refs: ["+strings.Join(list, ", ")+"]")
		default:
			parts = append(parts, k+": "+quote(v))
		}
	}
	return fmt.Sprintf("- {%s}\n", strings.Join(parts, ", "))
}
