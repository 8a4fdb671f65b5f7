package mapping_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/ponshealth/pons/mapping"
)

// tableSchema is the schema, compiled, and as it stands in the file.
func tableSchema(t *testing.T) (*jsonschema.Schema, map[string]any) {
	t.Helper()
	text, err := mapping.Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("tables.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("tables.json")
	if err != nil {
		t.Fatal(err)
	}
	return s, doc.(map[string]any)
}

// bySchema checks a YAML text as an editor does.
func bySchema(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	var doc any
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	plain, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	if doc, err = jsonschema.UnmarshalJSON(bytes.NewReader(plain)); err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

// Every table that is embedded, and every overlay among the examples, is right by the
// schema; the overlays name it where an editor looks.
func TestSchemaTakesTables(t *testing.T) {
	s, _ := tableSchema(t)
	count := map[string]int{}
	for _, root := range []string{"tables", "../examples/overlays"} {
		err := fs.WalkDir(os.DirFS(root), ".", func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || path.Ext(file) != ".yaml" {
				return err
			}
			text, err := os.ReadFile(filepath.Join(root, file))
			if err != nil {
				return err
			}
			count[root]++
			if err := bySchema(t, s, string(text)); err != nil {
				t.Errorf("%s/%s: %v", root, file, err)
			}
			line, _, _ := strings.Cut(string(text), "\n")
			named, ok := strings.CutPrefix(line, "# yaml-language-server: $schema=")
			if root != "tables" && !ok {
				t.Errorf("%s/%s: the first line does not name the schema", root, file)
			} else if _, err := os.Stat(filepath.Join(root, path.Dir(file), named)); ok && err != nil {
				t.Errorf("%s/%s: the schema is not where the first line says", root, file)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if count["tables"] < 200 || count["../examples/overlays"] < 6 {
		t.Errorf("only %v were looked at", count)
	}
}

// schemaPlaces are the kinds of things that a file may hold: the definition of the schema, and a
// file that is right but for KEY.
var schemaPlaces = map[string]struct{ file, text string }{
	"map":           {"segments/ZPI[Patient].yaml", "map: 'ZPI[Patient]'\nKEY: x\n"},
	"row":           {"segments/ZPI[Patient].yaml", "map: 'ZPI[Patient]'\nrows:\n- {id: S1, KEY: x}\n"},
	"message":       {"messages/ZZZ.yaml", "message: ZZZ\nKEY: x\n"},
	"messageRow":    {"messages/ZZZ.yaml", "message: ZZZ\nrows:\n- {id: S1, KEY: x}\n"},
	"vocabulary":    {"vocabulary/Local.yaml", "vocabulary: Local\nKEY: x\n"},
	"vocabularyRow": {"vocabulary/Local.yaml", "vocabulary: Local\nrows:\n- {id: S1, KEY: x}\n"},
	"identityFile":  {"identity.yaml", "KEY: x\n"},
	"identity":      {"identity.yaml", "identity:\n- {type: Patient, KEY: x}\n"},
	"defaultsFile":  {"defaults.yaml", "KEY: x\n"},
	"default":       {"defaults.yaml", "defaults:\n- {id: S1, KEY: x}\n"},
	"rule":          {"defaults.yaml", "rules:\n- {id: S1, KEY: x}\n"},
	"systemsFile":   {"systems.yaml", "KEY: x\n"},
	"system":        {"systems.yaml", "systems:\n- {name: X, KEY: x}\n"},
}

// The keys of the schema are those of the loader, and no others.
func TestSchemaKeys(t *testing.T) {
	_, schema := tableSchema(t)
	definitions := schema["definitions"].(map[string]any)
	for name, d := range definitions {
		if _, ok := schemaPlaces[name]; !ok && d.(map[string]any)["properties"] != nil {
			t.Errorf("nothing compares %s with the loader", name)
		}
	}
	for name, at := range schemaPlaces {
		_, err := mapping.New(overlay(map[string]string{at.file: strings.ReplaceAll(at.text, "KEY", "nonsense")}))
		if err == nil {
			t.Fatalf("%s: a key that there is not is taken", name)
		}
		// the loader names the keys of its struct when it meets one that is none
		_, list, _ := strings.Cut(err.Error(), "; there are ")
		known := strings.Split(list, ", ")
		properties, _ := definitions[name].(map[string]any)["properties"].(map[string]any)
		if named := slices.Sorted(maps.Keys(properties)); !slices.Equal(named, known) {
			t.Errorf("%s: the schema has %v, the loader %v", name, named, known)
		}
	}
}

// The functions that the schema offers are there.
func TestSchemaFunctions(t *testing.T) {
	_, schema := tableSchema(t)
	row := schema["definitions"].(map[string]any)["row"].(map[string]any)["properties"].(map[string]any)
	text := "map: 'ZPI[Patient]'\nrows:\n- {id: nonsense, from: ZPI-1, to: birthDate, fn: nonsense}\n"
	for _, name := range row["fn"].(map[string]any)["enum"].([]any) {
		text += fmt.Sprintf("- {id: %[1]s, from: ZPI-1, to: birthDate, fn: %[1]s}\n", name)
	}
	_, err := mapping.New(overlay(map[string]string{"segments/ZPI[Patient].yaml": text}))
	if err == nil || strings.Count(err.Error(), "there is no function") != 1 {
		t.Errorf("only nonsense is no function: %v", err)
	}
}

// wrongShapes are files whose shape is wrong, a line for each: the file, then its text with
// ; for the end of a line.
var wrongShapes = []string{
	// a key that there is not
	"segments/ZPI[Patient].yaml map: 'ZPI[Patient]';rows:;- {id: S1, form: ZPI-1, to: birthDate};",
	"segments/ZPI[Patient].yaml map: 'ZPI[Patient]';row: [];",
	"messages/ADT_A01.yaml message: ADT_A01;trigger: ['ADT^A98'];",
	"vocabulary/Local.yaml vocabulary: Local;rows:;- {id: S1, code: A, to: b, system_: x};",
	"identity.yaml identity:;- {type: Patient, keys: [identifier], weaks: [X]};",
	"defaults.yaml default: [];",
	"systems.yaml systems:;- {name: X, url: 'http://x.example'};",
	// something else than is wanted
	"segments/ZPI[Patient].yaml [];",
	"segments/ZPI[Patient].yaml map: 'ZPI[Patient]';rows: {id: S1};",
	"segments/ZPI[Patient].yaml map: 'ZPI[Patient]';rows: [S1];",
	"segments/ZPI[Patient].yaml map: 'ZPI[Patient]';rows:;- {id: S1, from: [ZPI-1], to: birthDate};",
	"segments/ZPI[Patient].yaml map: 'ZPI[Patient]';rows:;- {id: S1, from: ZPI-1, to: birthDate, weak: 1};",
	"segments/ZPI[Patient].yaml map: 'ZPI[Patient]';rows:;- {id: S1, from: ZPI-1, to: birthDate, weak: 'true'};",
	"segments/ZPI[Patient].yaml map: 'ZPI[Patient]';rows:;- {id: S1, from: ZPI-1, to: birthDate, when: };",
	"segments/ZPI[Patient].yaml map: 'ZPI[Patient]';rows:;- {id: S1, from: ZPI-1, to: birthDate, value: null};",
	"segments/ZPI[Patient].yaml map: 'ZPI[Patient]';rows:;- {id: S1, from: ZPI-1, to: birthDate, fn: nonsense};",
	"messages/ADT_A01.yaml message: ADT_A01;triggers: ADT^A98;",
	"messages/ADT_A01.yaml message: ADT_A01;triggers: [A98];",
	"messages/any.yaml message: '*';rows:;- {id: S1, from: ZPI, slot: 'Patient[1]', map: 'PID[Patient]', refs: none};",
	"vocabulary/Local.yaml vocabulary: Local;unmapped: guess;",
	"vocabulary/Local.yaml vocabulary: Local;unmapped: default;",
	"identity.yaml identity:;- {type: Patient, keys: identifier};",
	"identity.yaml identity:;- {type: Patient, keys: [identifier], scope: house};",
	"defaults.yaml rules:;- {id: S1, on: Patient, any: [name], else: keep};",
	"defaults.yaml rules:;- {id: S1, on: Patient, ordered: [birthDate], else: drop};",
	// something is missing
	"segments/ZPI[Patient].yaml rows: [];",
	"segments/ZPI[Patient].yaml map: 'ZPI[Patient]';rows:;- {from: ZPI-1, to: birthDate};",
	"segments/ZPI[Patient].yaml map: 'ZPI[Patient]';rows:;- {id: '', from: ZPI-1, to: birthDate};",
	"segments/ZPI[Patient].yaml map: 'ZPI[Patient]';rows:;- {id: S1, to: birthDate};",
	"segments/ZPI[Patient].yaml map: 'ZPI[Patient]';rows:;- {id: S1, from: ZPI-1};",
	"segments/ZPI[Patient].yaml map: 'ZPI[Patient]';rows:;- {id: S1, off: true};",
	"messages/ADT_A01.yaml triggers: ['ADT^A98'];",
	"messages/any.yaml message: '*';rows:;- {from: ZPI, slot: 'Patient[1]', map: 'PID[Patient]'};",
	"messages/any.yaml message: '*';rows:;- {id: S1, from: ZPI, map: 'PID[Patient]'};",
	"messages/ADT_A01.yaml message: ADT_A01;rows:;- {id: S1, slot: 'Patient[1]', map: 'PID[Patient]'};",
	"messages/ADT_A01.yaml message: ADT_A01;rows:;- {id: 1, off: true};",
	"vocabulary/Local.yaml rows: [];",
	"vocabulary/Local.yaml vocabulary: Local;rows:;- {code: A, to: b};",
	"vocabulary/Local.yaml vocabulary: Local;rows:;- {id: S1, to: b};",
	"vocabulary/Local.yaml vocabulary: Local;rows:;- {id: S1, code: A};",
	"identity.yaml identity:;- {keys: [identifier]};",
	"identity.yaml identity:;- {type: Patient};",
	"identity.yaml identity:;- {type: Patient, keys: []};",
	"defaults.yaml defaults:;- {id: S1, on: Patient, value: x};",
	"defaults.yaml defaults:;- {on: Patient, to: gender, value: male};",
	"defaults.yaml rules:;- {id: S1, on: Patient, any: [name]};",
	"systems.yaml systems:;- {name: X};",
	"systems.yaml systems:;- {uri: 'http://x.example'};",
}

// What the schema refuses the loader refuses too, with the file and a line.
func TestSchemaAndLoaderRefuse(t *testing.T) {
	s, _ := tableSchema(t)
	for _, c := range wrongShapes {
		file, text, _ := strings.Cut(c, " ")
		text = strings.ReplaceAll(text, ";", "\n")
		if _, err := mapping.New(overlay(map[string]string{file: text})); err == nil || !strings.Contains(err.Error(), "site/"+file+":") {
			t.Errorf("%s\n%s: the loader says %v", file, text, err)
		}
		if bySchema(t, s, text) == nil {
			t.Errorf("%s\n%s: the schema takes it", file, text)
		}
	}
	right := "map: 'ZPI[Patient]'\nrows:\n- {id: 1, from: ZPI-1, to: birthDate, weak: true}\n- {id: 007, from: ZPI-2, to: active, value: true}\n"
	if err := bySchema(t, s, right); err != nil {
		t.Error(err)
	}
	if _, err := mapping.New(overlay(map[string]string{"segments/ZPI[Patient].yaml": right})); err != nil {
		t.Error(err)
	}
	if _, err := mapping.New(overlay(map[string]string{"systems.yaml": "systems: []\n---\nsystems: []\n"})); err == nil {
		t.Error("a second table in a file is not seen and not told")
	}
}
