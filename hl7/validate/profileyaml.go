package validate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/hl7"
	"go.yaml.in/yaml/v3"
)

// keys are the keys of a mapping and what reads their values.
type keys map[string]func(*yaml.Node) error

func at(n *yaml.Node, format string, args ...any) error {
	return &ProfileError{n.Line, fmt.Sprintf(format, args...)}
}

// readYAML reads one document.
func readYAML(b []byte) (*yaml.Node, error) {
	var doc, second yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(b))
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF) || err == nil && len(doc.Content) != 1:
		return nil, &ProfileError{0, "there is nothing in it"}
	case err != nil:
		return nil, &ProfileError{0, "not YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")}
	}
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, &ProfileError{second.Line, "a second YAML document follows the first"}
	}
	return doc.Content[0], nil
}

// mapping reads a mapping in which every key is known and stands once.
func mapping(n *yaml.Node, known keys) error {
	return eachPair(n, func(key, value *yaml.Node) error {
		read, ok := known[key.Value]
		if !ok {
			names := make([]string, 0, len(known))
			for name := range known {
				names = append(names, name)
			}
			slices.Sort(names)
			return at(key, "the key %q is not known here; there are %s", key.Value, strings.Join(names, ", "))
		}
		return read(value)
	})
}

func eachPair(n *yaml.Node, read func(key, value *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return at(n, "a mapping (key: value) is wanted here")
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			return at(key, "a key is wanted here")
		}
		if seen[key.Value] {
			return at(key, "the key %q stands here twice", key.Value)
		}
		seen[key.Value] = true
		if err := read(key, value); err != nil {
			return err
		}
	}
	return nil
}

func eachItem(n *yaml.Node, read func(*yaml.Node) error) error {
	if n.Kind != yaml.SequenceNode {
		return at(n, "a list is wanted here")
	}
	for _, item := range n.Content {
		if err := read(item); err != nil {
			return err
		}
	}
	return nil
}

// lineOf returns the line of a key.
func lineOf(n *yaml.Node, key string) int {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i].Line
		}
	}
	return n.Line
}

func scalar(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return at(n, "a text is wanted here")
	}
	return nil
}

func text(to *string) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		*to = n.Value
		return scalar(n)
	}
}

func flag(to *bool) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		if n.Kind != yaml.ScalarNode || n.Value != "true" && n.Value != "false" {
			return at(n, "true or false is wanted here")
		}
		*to = n.Value == "true"
		return nil
	}
}

// natural reads a number from 0 on.
func natural(to *int) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		i, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || i < 0 {
			return at(n, "a number is wanted here")
		}
		*to = i
		return nil
	}
}

func set(to *map[string]bool) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		*to = map[string]bool{}
		return eachItem(n, func(item *yaml.Node) error {
			(*to)[item.Value] = true
			return scalar(item)
		})
	}
}

func kinds(to *[]kind) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		return eachItem(n, func(item *yaml.Node) error {
			typ, event, both := strings.Cut(item.Value, "^")
			if item.Kind != yaml.ScalarNode || len(typ) != 3 || both && len(event) != 3 {
				return at(item, "a message type is wanted, like ADT or ADT^A01")
			}
			*to = append(*to, kind(item.Value))
			return nil
		})
	}
}

func oneOf(choices map[string]func()) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		choose, ok := choices[n.Value]
		if n.Kind != yaml.ScalarNode || !ok {
			names := make([]string, 0, len(choices))
			for name := range choices {
				names = append(names, name)
			}
			slices.Sort(names)
			return at(n, "one of %s is wanted here", strings.Join(names, ", "))
		}
		choose()
		return nil
	}
}

// severity reads E, W, I, and off where a finding may be left out.
func severity(to *Severity, off bool) func(*yaml.Node) error {
	choices := map[string]func(){}
	for _, s := range []Severity{Error, Warning, Information} {
		choices[string(s)] = func() { *to = s }
	}
	if off {
		choices["off"] = func() { *to = Off }
	}
	return oneOf(choices)
}

// placeKey reads a place without an occurrence.
func placeKey(to *hl7.Path) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		p, err := hl7.ParsePath(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || p.Occurrence > 0 {
			return at(n, "a place is wanted, like PID, PID-5 or PID-5.1")
		}
		*to = p
		return nil
	}
}
