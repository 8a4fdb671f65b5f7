package mapping_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ponshealth/pons/mapping"
)

// twins are copies of the message tables, each under a trigger of its own: one as it is, and
// one for each row of the guide in which that row never fires. What the row is said to do
// must be done in the first and not in the second, else another row does it.
type twins struct {
	m    *mapping.Mapper
	kind map[string]string // message code by table, and by table#row for those without the row
}

var (
	messageLine  = regexp.MustCompile(`(?m)^message: .*$`)
	triggersLine = regexp.MustCompile(`(?m)^triggers: .*$`)
	whenPart     = regexp.MustCompile(` when: ('(?:[^']|'')*'|[^,}]*),`)
)

func newTwins(t *testing.T, g *guide, ours map[string]map[string]*tableFile) *twins {
	t.Helper()
	w := &twins{kind: map[string]string{}}
	tables := readFiles(t)
	add := func(key, event string, text []byte) {
		kind := fmt.Sprintf("T%04d", len(w.kind))
		w.kind[key] = kind
		text = messageLine.ReplaceAll(text, []byte("message: "+kind))
		text = triggersLine.ReplaceAll(text, []byte("triggers: ['"+kind+"^"+event+"']"))
		tables["messages/"+kind+".yaml"] = &fstest.MapFile{Data: text}
	}
	for name := range g.rows["messages"] {
		file := ours["messages"][name]
		if file == nil {
			continue
		}
		text, err := os.ReadFile("tables/messages/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		_, event := firstTrigger(file)
		add(name, event, text)
		for _, r := range file.rows {
			row := regexp.MustCompile(`(?m)^- \{id: ` + r["id"] + `,.*$`)
			add(name+"#"+r["id"], event, row.ReplaceAllFunc(text, never))
		}
	}
	m, err := mapping.New(mapping.Options{Namespaces: nhs, IDKey: []byte("a key for tests"), Tables: tables})
	if err != nil {
		t.Fatal(err)
	}
	w.m = m
	return w
}

// never gives a row of a message table a condition that does not hold.
func never(row []byte) []byte {
	row = whenPart.ReplaceAll(row, nil)
	i := regexp.MustCompile(`^- \{id: \w+,`).FindIndex(row)[1]
	return []byte(string(row[:i]) + ` when: 'MSH-10 = "never"',` + string(row[i:]))
}

// try converts a message of a row by its table, and by the same without the row.
func (w *twins) try(t *testing.T, table, kind string, r tableRow, msg wholeTry) string {
	t.Helper()
	outcome := func(key string) string {
		text := strings.Replace(msg.msg, "|"+kind+"^", "|"+w.kind[key]+"^", 1)
		res, err := w.m.Convert(mustParse(t, text))
		if err != nil {
			return err.Error()
		}
		return rowOfMessage(res, r, msg.nth)
	}
	problem := outcome(table)
	if problem == "" && outcome(table+"#"+r["id"]) == "" {
		return "the same happens without the row"
	}
	return problem
}
