package reverse

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	pathpkg "path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// raw tables, as they stand in the files.
type (
	rawMap struct {
		Map   string            `yaml:"map"`
		Of    string            `yaml:"of"`    // data types: the FHIR type at hand
		Types map[string]string `yaml:"types"` // segments: slots that are not named like a type
		Rows  []rawRow          `yaml:"rows"`
		file  string
	}
	rawRow struct {
		ID    string  `yaml:"id"`
		To    string  `yaml:"to"`
		From  string  `yaml:"from"`
		When  string  `yaml:"when"`
		As    string  `yaml:"as"`
		Code  string  `yaml:"code"`
		Value *string `yaml:"value"`
		Fn    string  `yaml:"fn"`
		Weak  bool    `yaml:"weak"`
		Why   string  `yaml:"why"`
		line  int
	}
	rawMessage struct {
		Message  string    `yaml:"message"`
		Triggers []string  `yaml:"triggers"`
		Rows     []rawItem `yaml:"rows"`
		file     string
	}
	rawItem struct {
		ID      string `yaml:"id"`
		In      string `yaml:"in"`
		Let     string `yaml:"let"`
		Each    string `yaml:"each"`
		From    string `yaml:"from"`
		When    string `yaml:"when"`
		Segment string `yaml:"segment"`
		Need    bool   `yaml:"need"`
		Always  bool   `yaml:"always"`
		Why     string `yaml:"why"`
		line    int
	}
	rawChoice struct {
		Vocabulary string   `yaml:"vocabulary"`
		Rows       []choice `yaml:"rows"`
		file       string
	}
	choice struct {
		ID   string `yaml:"id"`
		Of   string `yaml:"of"`
		In   string `yaml:"in"`
		Take string `yaml:"take"`
		Why  string `yaml:"why"`
		line int
	}
)

type rawTables struct {
	messages  []*rawMessage
	segments  map[string]*rawMap
	datatypes map[string]*rawMap
	choices   map[string]*rawChoice
}

func (r *rawRow) UnmarshalYAML(n *yaml.Node) error {
	type plain rawRow
	r.line = n.Line
	return strictly(n, (*plain)(r), "id to from when as code value fn weak why")
}

func (r *rawItem) UnmarshalYAML(n *yaml.Node) error {
	type plain rawItem
	r.line = n.Line
	return strictly(n, (*plain)(r), "id in let each from when segment need always why")
}

func (r *choice) UnmarshalYAML(n *yaml.Node) error {
	type plain choice
	r.line = n.Line
	return strictly(n, (*plain)(r), "id of in take why")
}

// strictly decodes a mapping that has no keys but those.
func strictly(n *yaml.Node, into any, keys string) error {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i].Value; !slices.Contains(strings.Fields(keys), k) {
			return fmt.Errorf("line %d: the key %q is not known here", n.Content[i].Line, k)
		}
	}
	return n.Decode(into)
}

func loadTables(tables fs.FS) (*rawTables, error) {
	t := &rawTables{segments: map[string]*rawMap{}, datatypes: map[string]*rawMap{}, choices: map[string]*rawChoice{}}
	var errs []error
	err := fs.WalkDir(tables, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || pathpkg.Ext(file) != ".yaml" {
			return err
		}
		text, err := fs.ReadFile(tables, file)
		if err != nil {
			return err
		}
		errs = append(errs, t.load(file, text))
		return nil
	})
	return t, errors.Join(err, errors.Join(errs...))
}

func (t *rawTables) load(file string, text []byte) error {
	var into any
	var name *string
	dir, base := pathpkg.Split(file)
	base = strings.TrimSuffix(base, ".yaml")
	switch dir {
	case "messages/":
		m := &rawMessage{file: file}
		t.messages = append(t.messages, m)
		into, name = m, &m.Message
	case "segments/", "datatypes/":
		m := &rawMap{file: file}
		if dir == "segments/" {
			t.segments[base] = m
		} else {
			t.datatypes[base] = m
		}
		into, name = m, &m.Map
	case "choices/":
		c := &rawChoice{file: file}
		t.choices[base] = c
		into, name = c, &c.Vocabulary
	default:
		return fmt.Errorf("%s:1: not a kind of table that is known", file)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if *name != base {
		return fmt.Errorf("%s:1: the table says it is %q", file, *name)
	}
	return nil
}
