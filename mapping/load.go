package mapping

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

// rawTables is the tables as they stand in the files.
type rawTables struct {
	messages   []*rawMessage
	maps       map[string]*rawMap // segment and data type maps by name
	vocabulary map[string]*rawVocabulary
	identity   []rawIdentity
	defaults   []rawDefault
	rules      []rawRule
	systems    []rawSystem
}

// where is a place in a table file, for errors.
type where struct {
	file string
	line int
}

func (w *where) setWhere(at where) { *w = at }

func (w where) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", w.file, w.line, fmt.Sprintf(format, args...))
}

type rawMap struct {
	Map    string   `yaml:"map,required"`
	Target string   `yaml:"target"`
	Rows   []rawRow `yaml:"rows"`
	where
	segment bool // a map of a segment, not of a data type
}

type rawRow struct {
	ID       string `yaml:"id,required"`
	From     string `yaml:"from"`
	When     string `yaml:"when"`
	To       string `yaml:"to"`
	As       string `yaml:"as"`
	Code     string `yaml:"code"`
	Value    string `yaml:"value"`
	Expr     string `yaml:"expr"`
	Fn       string `yaml:"fn"`
	Ref      string `yaml:"ref"`
	Stop     string `yaml:"stop"`
	Why      string `yaml:"why"`
	Weak     bool   `yaml:"weak"`
	Fallback bool   `yaml:"fallback"`
	Clear    bool   `yaml:"clear"`
	Off      bool   `yaml:"off"`
	where
	hasValue bool
}

type rawMessage struct {
	Message   string          `yaml:"message,required"`
	Triggers  []string        `yaml:"triggers"`
	Structure string          `yaml:"structure"`
	Unlink    bool            `yaml:"unlink"`
	Move      string          `yaml:"move"`
	Rows      []rawMessageRow `yaml:"rows"`
	where
}

type rawMessageRow struct {
	ID    string   `yaml:"id,required"`
	In    string   `yaml:"in"`
	From  string   `yaml:"from"`
	After string   `yaml:"after"`
	When  string   `yaml:"when"`
	Slot  string   `yaml:"slot"`
	Map   string   `yaml:"map"`
	Refs  []string `yaml:"refs"`
	Why   string   `yaml:"why"`
	Off   bool     `yaml:"off"`

	Fill   bool   `yaml:"fill"`
	Set    string `yaml:"set"`
	Action string `yaml:"action"`
	where
}

type rawVocabulary struct {
	Vocabulary string             `yaml:"vocabulary,required"`
	Table      string             `yaml:"table"`
	Unmapped   string             `yaml:"unmapped"`
	Why        string             `yaml:"why"`
	Rows       []rawVocabularyRow `yaml:"rows"`
	where
}

type rawVocabularyRow struct {
	ID      string `yaml:"id,required"`
	Code    string `yaml:"code"`
	System  string `yaml:"system"`
	To      string `yaml:"to"`
	In      string `yaml:"in"`
	Display string `yaml:"display"`
	Off     bool   `yaml:"off"`
	Why     string `yaml:"why"`
	where
}

type rawIdentity struct {
	Type  string   `yaml:"type,required"`
	Merge bool     `yaml:"merge"`
	Scope string   `yaml:"scope"`
	Weak  []string `yaml:"weak"` // types of identifiers that are kept and do not tell who it is
	Keys  []string `yaml:"keys,required"`
	Why   string   `yaml:"why"`
	where
}

type rawDefault struct {
	ID    string `yaml:"id,required"`
	On    string `yaml:"on,required"`
	To    string `yaml:"to,required"`
	Value string `yaml:"value"`
	Ref   string `yaml:"ref"`
	Why   string `yaml:"why"`
	where
}

type rawRule struct {
	ID      string   `yaml:"id,required"`
	On      string   `yaml:"on,required"`
	Each    string   `yaml:"each"`
	Has     string   `yaml:"has"`
	Is      string   `yaml:"is"`
	Any     []string `yaml:"any"`
	None    []string `yaml:"none"`
	Ordered []string `yaml:"ordered"`
	Else    string   `yaml:"else,required"`
	Why     string   `yaml:"why"`
	where
}

type rawSystem struct {
	Name string `yaml:"name,required"`
	URI  string `yaml:"uri,required"`
	OID  string `yaml:"oid"`
	Why  string `yaml:"why"`
	where
}

// load reads the tables that are wanted, with the overlays laid on them.
func (o Options) load() (fs.FS, *rawTables, error) {
	tables := o.Tables
	if tables == nil {
		sub, err := fs.Sub(embedded, "tables")
		if err != nil {
			return nil, nil, err
		}
		tables = sub
	}
	raw, err := loadTables(tables, "")
	if err != nil {
		return nil, nil, err
	}
	for _, over := range o.Overlays {
		if err := raw.lay(over); err != nil {
			return nil, nil, err
		}
	}
	return tables, raw, nil
}

// loadTables reads all tables of a folder. name is that of the overlay which it is, for errors.
func loadTables(tables fs.FS, name string) (*rawTables, error) {
	t := &rawTables{maps: map[string]*rawMap{}, vocabulary: map[string]*rawVocabulary{}}
	var errs []error
	err := fs.WalkDir(tables, ".", func(file string, d fs.DirEntry, err error) error {
		if path.Ext(file) == ".yml" {
			errs = append(errs, where{path.Join(name, file), 1}.errorf("the name of a table ends in .yaml"))
		}
		if err != nil || d.IsDir() || path.Ext(file) != ".yaml" {
			return err
		}
		text, err := fs.ReadFile(tables, file)
		if err != nil {
			return err
		}
		errs = append(errs, t.loadFile(file, path.Join(name, file), text))
		return nil
	})
	return t, errors.Join(err, errors.Join(errs...))
}

// loadFile reads one table. file is its place among the tables and says what kind it is,
// shown what it is called in errors.
func (t *rawTables) loadFile(file, shown string, text []byte) error {
	dir, _ := path.Split(file)
	switch dir {
	case "messages/":
		m := &rawMessage{}
		if err := decode(shown, text, m); err != nil {
			return err
		}
		t.messages = append(t.messages, m)
		if file == "messages/any.yaml" && m.Message == "*" {
			return nil
		}
		return named(m.where, file, m.Message)
	case "segments/", "datatypes/":
		m := &rawMap{}
		if err := decode(shown, text, m); err != nil {
			return err
		}
		m.segment = dir == "segments/"
		t.maps[m.Map] = m
		return named(m.where, file, m.Map)
	case "vocabulary/":
		v := &rawVocabulary{}
		if err := decode(shown, text, v); err != nil {
			return err
		}
		t.vocabulary[v.Vocabulary] = v
		return named(v.where, file, v.Vocabulary)
	}
	switch file {
	case "identity.yaml":
		var doc struct {
			Identity []rawIdentity `yaml:"identity,required"`
		}
		err := decode(shown, text, &doc)
		t.identity = doc.Identity
		return err
	case "defaults.yaml":
		var doc struct {
			Defaults []rawDefault `yaml:"defaults"`
			Rules    []rawRule    `yaml:"rules"`
		}
		err := decode(shown, text, &doc)
		t.defaults, t.rules = doc.Defaults, doc.Rules
		return err
	case "systems.yaml":
		var doc struct {
			Systems []rawSystem `yaml:"systems,required"`
		}
		err := decode(shown, text, &doc)
		t.systems = doc.Systems
		return err
	}
	return where{shown, 1}.errorf("not a kind of table that is known: there are the folders segments, datatypes, vocabulary, messages, and identity.yaml, defaults.yaml, systems.yaml")
}

// named checks that a table is called what its file is called.
func named(w where, file, name string) error {
	if base := strings.TrimSuffix(path.Base(file), ".yaml"); base != name {
		return w.errorf("the table says it is %q: then its file is %s.yaml", name, name)
	}
	return nil
}

// decode reads one YAML document strictly: a key that is not known is an error.
func decode(file string, text []byte, into any) error {
	var doc yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return where{file, 1}.errorf("the file is empty")
		}
		return syntaxError(file, err)
	}
	var more yaml.Node
	switch err := d.Decode(&more); {
	case err == nil:
		return where{file, more.Line}.errorf("a file holds one table, and no other behind ---")
	case !errors.Is(err, io.EOF):
		return syntaxError(file, err)
	}
	return decodeNode(file, doc.Content[0], into)
}
