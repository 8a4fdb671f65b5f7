package mapping

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// decodeNode fills into, a pointer to a struct, from a YAML mapping. It differs
// from yaml.Unmarshal in that each struct with a where learns its line, that
// errors name the file, and that every scalar is a string: `value: no` is the
// text "no", and `id: 007` stays 007.
func decodeNode(file string, n *yaml.Node, into any) error {
	return decodeValue(file, n, reflect.ValueOf(into).Elem())
}

func decodeValue(file string, n *yaml.Node, v reflect.Value) error {
	at := where{file, n.Line}
	switch v.Kind() {
	case reflect.Struct:
		if n.Kind != yaml.MappingNode {
			return at.errorf("a mapping (key: value) is wanted here")
		}
		return decodeStruct(file, n, v)
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			return at.errorf("a list is wanted here")
		}
		s := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
		for i, item := range n.Content {
			if err := decodeValue(file, item, s.Index(i)); err != nil {
				return err
			}
		}
		v.Set(s)
	case reflect.String:
		if n.Kind != yaml.ScalarNode || isNull(n) {
			return at.errorf("a text is wanted here")
		}
		v.SetString(n.Value)
	case reflect.Bool:
		if n.Kind != yaml.ScalarNode || n.Style != 0 || n.Value != "true" && n.Value != "false" {
			return at.errorf("true or false is wanted here")
		}
		v.SetBool(n.Value == "true")
	}
	return nil
}

func decodeStruct(file string, n *yaml.Node, v reflect.Value) error {
	at := where{file, n.Line}
	if w, ok := v.Addr().Interface().(interface{ setWhere(where) }); ok {
		w.setWhere(at)
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		here := where{file, key.Line}
		if seen[key.Value] {
			return here.errorf("the key %q stands here twice", key.Value)
		}
		seen[key.Value] = true
		f := fieldByKey(v, key.Value)
		if !f.IsValid() {
			return here.errorf("the key %q is not known here; there are %s", key.Value, strings.Join(knownKeys(v.Type()), ", "))
		}
		if err := decodeValue(file, value, f); err != nil {
			return err
		}
	}
	if r, ok := v.Addr().Interface().(*rawRow); ok {
		r.hasValue = seen["value"]
	}
	t := v.Type()
	for i := range t.NumField() {
		name, option, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if option == "required" && (!seen[name] || v.Field(i).Kind() == reflect.String && v.Field(i).Len() == 0) {
			return at.errorf("the key %q is missing here", name)
		}
	}
	return nil
}

var (
	faultOfYAML = regexp.MustCompile(`^yaml: (?:.*?line (\d+): )?(.*)$`)

	// In these faults the YAML library counts lines from 0, in others from 1.
	lineBefore = regexp.MustCompile(`^did not find expected (',' or|'-' indicator|key|node content|<)`)
)

// syntaxError gives what the YAML library says the place that our own errors have.
func syntaxError(file string, err error) error {
	at, text := where{file, 1}, err.Error()
	if m := faultOfYAML.FindStringSubmatch(text); m != nil {
		text = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			at.line = n
		}
		if lineBefore.MatchString(text) {
			at.line++
		}
	}
	for begin, hint := range yamlHints {
		if strings.HasPrefix(text, begin) {
			text += " (" + hint + ")"
		}
	}
	return at.errorf("%s", text)
}

// yamlHints say what is behind the two faults that are made most.
var yamlHints = map[string]string{
	"did not find expected ',' or":                "a text with [ ] { } , or : in it stands in quotation marks",
	"found character that cannot start any token": "lines are indented with blanks, not with tabs",
}

// isNull reports whether a scalar is YAML's null: nothing behind the key, or null
// without quotation marks, which is hardly meant as a text.
func isNull(n *yaml.Node) bool {
	return n.Style == 0 && (n.Value == "" || n.Value == "~" || strings.EqualFold(n.Value, "null"))
}

// knownKeys lists the keys of a struct, by name.
func knownKeys(t reflect.Type) (keys []string) {
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); name != "" {
			keys = append(keys, name)
		}
	}
	slices.Sort(keys)
	return keys
}

func fieldByKey(v reflect.Value, key string) reflect.Value {
	t := v.Type()
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); name != "" && name == key {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}
