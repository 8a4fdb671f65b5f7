package mapping_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// guideDir holds the tables of the official guide as JSON, outside the
// repository; the tests that compare with it are skipped where it is absent.
const guideDir = "../../shared/v2-to-fhir/tables"

// messageTables are the guide's tables from which all others are reached. The
// table of ADT_A03 is ours: the guide has none.
var messageTables = []string{
	"ADT_A01", "ADT_A02", "ADT_A05", "ADT_A06", "ADT_A09", "ADT_A11", "ADT_A17",
	"MDM_T02", "OML_O21", "ORM_O01", "ORU_R01", "SIU_S12", "VXU_V04",
}

// Every row of the guide that these messages reach is in our tables as the
// guide says it, or says why not.
func TestGuide(t *testing.T) {
	g := readGuide(t)
	ours := readTables(t)
	silent, said := compareTables(g, ours)
	for _, s := range silent {
		t.Error(s)
	}
	rows := map[string]int{}
	for class, tables := range g.reached() {
		for name := range tables {
			rows[class] += len(g.rows[class][name])
		}
	}
	t.Logf("rows of the guide reached: %v; departures said: %d", rows, len(said))
	for _, s := range said {
		t.Log(s)
	}
}

// A row that is wrong in some way must be noticed.
func TestGuideNotices(t *testing.T) {
	g := readGuide(t)
	set := func(key, value string) func(tableRow) { return func(r tableRow) { r[key] = value } }
	for name, c := range map[string]struct {
		class, table, id string
		change           func(tableRow)
	}{
		"target":              {"segments", "PID[Patient]", "10", set("to", "deceasedDateTime")},
		"source":              {"segments", "PID[Patient]", "10", set("from", "PID-29")},
		"no condition":        {"segments", "PID[Patient]", "11", func(r tableRow) { delete(r, "when") }},
		"other condition":     {"segments", "PID[Patient]", "11", set("when", "PID-7 length > 6")},
		"added condition":     {"segments", "PID[Patient]", "10", set("when", "PID-8 valued")},
		"data type map":       {"segments", "PID[Patient]", "7", set("as", "XCN[Practitioner]")},
		"vocabulary":          {"segments", "PID[Patient]", "13", set("code", "MaritalStatus")},
		"literal":             {"segments", "PV1[Encounter]", "14", set("value", "ATNX")},
		"expression":          {"datatypes", "XTN[ContactPoint]", "15", func(r tableRow) { r["expr"] = "XTN.7"; delete(r, "why") }},
		"switched off":        {"segments", "PID[Patient]", "10", func(r tableRow) { r["off"] = "true" }},
		"function":            {"segments", "PID[Patient]", "10", set("fn", "raw")},
		"undecided":           {"segments", "PID[Patient]", "31", func(r tableRow) { delete(r, "why") }},
		"missing":             {"segments", "PID[Patient]", "10", func(r tableRow) { r["id"] = "P99" }},
		"invented":            {"segments", "PID[Patient]", "10", func(r tableRow) { r["id"] = "999" }},
		"needless why":        {"segments", "PID[Patient]", "10", set("why", "because")},
		"slot":                {"messages", "ADT_A01", "13", set("slot", "Patient[2]")},
		"segment map":         {"messages", "ADT_A01", "13", set("map", "PID[Account]")},
		"reference":           {"messages", "ADT_A01", "48", func(r tableRow) { delete(r, "refs") }},
		"group":               {"messages", "ADT_A01", "61", set("in", "PROCEDURE")},
		"code":                {"vocabulary", "AdministrativeSex", "3", set("code", "W")},
		"code of FHIR":        {"vocabulary", "AdministrativeSex", "3", set("to", "male")},
		"system of FHIR":      {"vocabulary", "AdministrativeSex", "3", set("in", "urn:x")},
		"system of v2":        {"vocabulary", "AdministrativeSex", "3", set("system", "HL70002")},
		"display":             {"vocabulary", "AdministrativeSex", "3", set("display", "Woman")},
		"our row without why": {"segments", "PV1[Encounter]", "P1", func(r tableRow) { delete(r, "why") }},
	} {
		t.Run(name, func(t *testing.T) {
			ours := readTables(t)
			row := ours[c.class][c.table].row(c.id)
			if row == nil {
				t.Fatalf("no row %s#%s to spoil", c.table, c.id)
			}
			if silent, _ := compareTables(g, ours); len(silent) > 0 {
				t.Skip("the tables are at fault already: see TestGuide")
			}
			c.change(row)
			if silent, _ := compareTables(g, ours); len(silent) == 0 {
				t.Errorf("%s#%s was spoilt and nothing noticed", c.table, c.id)
			}
		})
	}
}

// tableRow is a row as text; refs are joined by "; ".
type tableRow map[string]string

type tableFile struct {
	head map[string]string
	rows []tableRow
}

func (f *tableFile) row(id string) tableRow {
	if f != nil {
		for _, r := range f.rows {
			if r["id"] == id {
				return r
			}
		}
	}
	return nil
}

// guide is the guide's rows with a target, by class and table, in our notation.
// undecided is set where the guide leaves the row to the implementer.
type guide struct {
	rows  map[string]map[string][]guideRow
	names map[string]string // lower-case name of a data type map -> its name
}

type guideRow struct {
	tableRow
	undecided bool
}

// reached gives the tables of each class that the message tables lead to.
func (g *guide) reached() map[string]map[string]bool {
	got := map[string]map[string]bool{"messages": {}, "segments": {}, "datatypes": {}, "vocabulary": {}}
	var visit func(class, name string)
	visit = func(class, name string) {
		if name == "" || got[class][name] {
			return
		}
		got[class][name] = true
		for _, r := range g.rows[class][name] {
			visit("segments", r.tableRow["map"])
			visit("datatypes", r.tableRow["as"])
			visit("vocabulary", r.tableRow["code*"])
		}
	}
	for _, m := range messageTables {
		visit("messages", m)
	}
	return got
}

// compareTables gives what our tables say otherwise than the guide without a
// reason (or with one and no difference), and the departures with theirs.
func compareTables(g *guide, ours map[string]map[string]*tableFile) (silent, said []string) {
	for class, reached := range g.reached() {
		for name := range ours[class] { // what we have of the guide beyond that is held to it too
			if len(g.rows[class][name]) > 0 {
				reached[name] = true
			}
		}
		for _, name := range slices.Sorted(maps.Keys(reached)) {
			file := ours[class][name]
			if file == nil {
				silent = append(silent, class+"/"+name+": no such table of ours")
				continue
			}
			known := map[string]bool{}
			for _, want := range g.rows[class][name] {
				id := want.tableRow["id"]
				known[id] = true
				at := name + "#" + id
				have := file.row(id)
				if have == nil {
					silent = append(silent, at+": missing")
					continue
				}
				diff := differences(want.tableRow, have, file.head["table"])
				switch why := have["why"]; {
				case why == "" && want.undecided:
					silent = append(silent, at+": the guide leaves it open and no decision is said")
				case why == "" && len(diff) > 0:
					silent = append(silent, at+": "+strings.Join(diff, "; "))
				case why != "" && len(diff) == 0 && !want.undecided:
					silent = append(silent, at+": a reason without a departure: "+why)
				case why != "":
					said = append(said, at+": "+why)
				}
			}
			for _, r := range file.rows {
				switch id := r["id"]; {
				case r["why"] == "" && strings.HasPrefix(id, "P"):
					silent = append(silent, name+"#"+id+": ours, without a reason")
				case !strings.HasPrefix(id, "P") && !known[id] && r["off"] == "":
					silent = append(silent, name+"#"+id+": the guide has no such row")
				}
			}
		}
	}
	return silent, said
}

// differences compares key by key. table is the v2 table of a vocabulary, the
// system of a code that names none.
func differences(want, have tableRow, table string) (diff []string) {
	keys := map[string]bool{}
	for k := range want {
		keys[k] = true
	}
	for k := range have {
		keys[k] = true
	}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		w, h := want[k], have[k]
		switch k {
		case "id", "why", "code*", "fill", "set", "action": // of how what is stored changes the guide says nothing
			continue
		case "system":
			if h == "" {
				h = table
			}
		case "when", "expr":
			h = oneSpace(h)
		}
		if w != h {
			diff = append(diff, fmt.Sprintf("%s is %q, in the guide %q", k, h, w))
		}
	}
	return diff
}

func readTables(t *testing.T) map[string]map[string]*tableFile {
	t.Helper()
	all := map[string]map[string]*tableFile{}
	for _, class := range []string{"messages", "segments", "datatypes", "vocabulary"} {
		all[class] = map[string]*tableFile{}
		files, err := filepath.Glob("tables/" + class + "/*.yaml")
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var doc map[string]any
			if err := yaml.Unmarshal(b, &doc); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			file := &tableFile{head: map[string]string{}}
			for k, v := range doc {
				if k != "rows" {
					file.head[k] = fmt.Sprint(v)
				}
			}
			rows, _ := doc["rows"].([]any)
			for _, r := range rows {
				row := tableRow{}
				for k, v := range r.(map[string]any) {
					if list, ok := v.([]any); ok {
						var parts []string
						for _, p := range list {
							parts = append(parts, fmt.Sprint(p))
						}
						v = strings.Join(parts, "; ")
					}
					row[k] = fmt.Sprint(v)
				}
				file.rows = append(file.rows, row)
			}
			all[class][strings.TrimSuffix(filepath.Base(path), ".yaml")] = file
		}
	}
	return all
}
