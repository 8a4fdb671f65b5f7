package mapping_test

import (
	"fmt"
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

// leastCovered is the share of the rows of each class that must be executed, in per cent.
const leastCovered = 98

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
		if 100*done < leastCovered*(all-off) {
			t.Errorf("%s: less than %d %% are executed", class, leastCovered)
		}
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

// proveFacts adds the rows that facts of testdata/cases execute.
func proveFacts(t *testing.T, executed map[string]bool) {
	p := &prover{files: readFiles(t), mappers: map[string]*mapping.Mapper{}}
	for _, name := range caseNames(t) {
		want := readExpectation(t, name)
		if want.Refused != "" {
			continue
		}
		res := p.convert(t, name, want)
		for _, f := range want.Facts {
			for _, row := range factRows.FindAllString(f.Row+" "+f.Mends, -1) {
				if f.Equals == nil || executed[row] {
					continue
				}
				if executed[row] = p.proves(t, name, want, res, f, row); !executed[row] {
					t.Logf("%s: %s names %s, which did not write it", name, f, row)
				}
			}
		}
	}
}

// A prover tells whether a fact is about what a row does. To name the row is not enough.
type prover struct {
	files   fstest.MapFS               // our tables
	mappers map[string]*mapping.Mapper // by the options of cases
}

// proves reports whether a fact wants a value that a row makes: either the lineage says that
// the row wrote what the fact looks at (its value, a reference on the way there, or what picks
// the resource), or the fact does not hold once the row is taken out of the tables.
func (p *prover) proves(t *testing.T, name string, want *expectation, res *mapping.Result, f mapcase.Fact, row string) bool {
	t.Helper()
	if f.Equals == nil {
		return false
	}
	wrote := rowsAt(res)
	for _, at := range f.Places(decode(t, res)) {
		if slices.Contains(wrote[at], row) {
			return true
		}
	}
	return p.fails(t, name, want, f, row)
}

// convert converts the message of a case.
func (p *prover) convert(t *testing.T, name string, want *expectation) *mapping.Result {
	t.Helper()
	o := want.options(t)
	like := fmt.Sprint(o.Zone, o.Namespaces)
	if p.mappers[like] == nil {
		m, err := mapping.New(o)
		if err != nil {
			t.Fatal(err)
		}
		p.mappers[like] = m
	}
	res, err := p.mappers[like].Convert(readMessage(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return res
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
func (p *prover) fails(t *testing.T, name string, want *expectation, f mapcase.Fact, row string) bool {
	t.Helper()
	table, id, _ := strings.Cut(row, "#")
	for _, class := range []string{"messages", "segments", "datatypes"} {
		path := class + "/" + table + ".yaml"
		line := regexp.MustCompile(`(?m)^- \{id: ` + id + `,.*\n`)
		if p.files[path] == nil || !line.Match(p.files[path].Data) {
			continue
		}
		o := want.options(t)
		tables := maps.Clone(p.files)
		tables[path] = &fstest.MapFile{Data: line.ReplaceAllLiteral(p.files[path].Data, nil)}
		o.Tables = tables
		m, err := mapping.New(o)
		if err != nil {
			return false // no tables without it
		}
		res, err := m.Convert(readMessage(t, name))
		return err == nil && f.Check(decode(t, res)) != ""
	}
	return false
}

// What a fact is counted for.
func TestProves(t *testing.T) {
	p := &prover{files: readFiles(t), mappers: map[string]*mapping.Mapper{}}
	const name = "a11_event"
	want := readExpectation(t, name)
	res := p.convert(t, name, want)
	doe, cancelled := "DOE", "cancelled"
	for _, c := range []struct {
		fact   mapcase.Fact
		row    string
		proves bool
	}{
		{mapcase.Fact{Type: "Patient", Path: "name[0].family", Equals: &doe}, "PID[Patient]#7", true},
		{mapcase.Fact{Type: "Patient", Path: "name[0].family", Equals: &doe}, "FN[HumanName]#3", true},
		{mapcase.Fact{Type: "Patient", Path: "name[0].family", Equals: &doe}, "PID[Patient]#13", false}, // the sex
		{mapcase.Fact{Type: "Patient", Path: "name[0].family", Equals: &doe}, "PID[Patient]#9999", false},
		{mapcase.Fact{Type: "Patient", Path: "deceasedBoolean", Absent: true}, "PID[Patient]#50", false},
		{mapcase.Fact{Type: "Encounter", Path: "subject->name[0].family", Equals: &doe}, "ADT_A11#7", true}, // the reference
		{mapcase.Fact{Type: "Encounter", Where: "status = cancelled", Path: "subject->name[0].family", Equals: &doe}, "MSH[Encounter]#11", true},
		{mapcase.Fact{Type: "Encounter", Path: "status", Equals: &cancelled}, "ADT_A11#7", true}, // without it there is another
		{mapcase.Fact{Type: "Encounter", Path: "status", Equals: &cancelled}, "ADT_A11#21", false},
	} {
		if got := p.proves(t, name, want, res, c.fact, c.row); got != c.proves {
			t.Errorf("%s for %s: %v", c.fact, c.row, got)
		}
	}
}
