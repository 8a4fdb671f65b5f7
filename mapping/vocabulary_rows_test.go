package mapping_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mapping"
)

// withTables gives the tables as they stand, of messages and segments only those
// that are given.
func withTables(t testing.TB, files map[string]string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS("tables"), ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(file, "messages/") || strings.HasPrefix(file, "segments/") {
			return err
		}
		text, err := os.ReadFile("tables/" + file)
		out[file] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range files {
		out[file] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// Every code of the guide becomes the code of FHIR that the guide says, when a
// message sends it. Field n of a segment of the test goes through vocabulary n.
func TestVocabularyRows(t *testing.T) {
	g := readGuide(t)
	ours := readTables(t)["vocabulary"]
	names := slices.Sorted(maps.Keys(g.rows["vocabulary"]))
	segment := "map: 'ZVO[Observation]'\nrows:\n- {id: P1, from: ZVO-1, to: 'identifier.value', why: test}\n"
	for i, name := range names {
		segment += fmt.Sprintf("- {id: P%d, from: ZVO-%d, to: code, as: 'CWE[CodeableConcept]', code: '%s', why: test}\n", i+2, i+2, name)
	}
	m, err := mapping.New(mapping.Options{IDKey: []byte("test"), Tables: withTables(t, map[string]string{
		"messages/TST_T01.yaml":          "message: TST_T01\ntriggers: [TST^T01]\nstructure: |\n  MSH [{ZVO}]\nrows:\n- {id: P1, from: ZVO, slot: Observation, map: 'ZVO[Observation]', why: test}\n",
		"segments/ZVO[Observation].yaml": segment,
	})})
	if err != nil {
		t.Fatal(err)
	}
	type coding struct{ system, code string }
	var message strings.Builder
	message.WriteString("MSH|^~\\&|A|B|||20240102030405+0100||TST^T01|1|P|2.9\r")
	want, said, off := map[string]coding{}, 0, 0
	d := hl7.Delimiters{Field: '|', Component: '^', Repetition: '~', Escape: '\\', Subcomponent: '&'}
	for i, name := range names {
		for _, r := range g.rows["vocabulary"][name] {
			expect := r.tableRow
			id := r.tableRow["id"]
			own := ours[name].row(id)
			if own["off"] == "true" {
				off++
				continue
			}
			if own["why"] != "" {
				expect, said = own, said+1 // a departure with its reason
			}
			system := expect["system"]
			if system == "" {
				system = ours[name].head["table"]
			}
			key := strconv.Itoa(i+2) + "-" + id
			want[key] = coding{expect["in"], expect["to"]}
			fmt.Fprintf(&message, "ZVO|%s%s%s^^%s\r", key, strings.Repeat("|", i+1), hl7.Escape(r.tableRow["code"], d), hl7.Escape(system, d))
		}
	}
	res := mustConvert(t, m, message.String())
	for _, o := range all[*r4.Observation](res) {
		if len(o.Identifier) != 1 || o.Code == nil {
			t.Fatalf("an Observation without its number or code: %+v", o)
		}
		key := o.Identifier[0].Value
		w, ok := want[key]
		if !ok {
			t.Fatalf("no row %s", key)
		}
		if !slices.ContainsFunc(o.Code.Coding, func(c r4.Coding) bool { return c.System == w.system && c.Code == w.code }) {
			n, _ := strconv.Atoi(key[:strings.Index(key, "-")])
			t.Errorf("%s#%s: %v, want %v", names[n-2], key, o.Code.Coding, w)
		}
		delete(want, key)
	}
	for key := range want {
		t.Errorf("row %s gave nothing", key)
	}
	t.Logf("vocabularies: %d; rows switched off with a reason: %d; other departures: %d", len(names), off, said)
}
