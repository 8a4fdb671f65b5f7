// Package mapcase reads and checks cases of the mapping: a message NAME.hl7 beside
// NAME.expect.yaml, which says what must come of it as facts.
//
//	about: a woman is admitted
//	facts:
//	- {type: Patient, path: gender, equals: female}
//	- {type: Encounter, path: 'subject->name[0].family', equals: DOE}
//	- {type: Observation, where: 'code.coding[0].code = 8867-4', path: valueQuantity.value, equals: '72'}
//	- {type: Practitioner, count: 0}
//
// The cases of package mapping and those of a site have one form.
package mapcase

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/mapping"
)

// A Case is what is expected of a message.
type Case struct {
	About      string
	Zone       string            // such as +01:00, of times that name none
	Namespaces map[string]string // as [mapping.Options.Namespaces]
	Refused    string            // place at which the message is refused
	Facts      []Fact
}

// A Fact is about each resource of Type that Where picks, which must be one at least;
// type Bundle is the Bundle itself.
type Fact struct {
	Type   string
	Where  string  // 'path = text': only resources of which that is true
	Path   string  // dots and [n]; -> follows a reference; resourceType after it names the type
	Equals *string // text of the value; numbers as in JSON
	Absent bool    // nothing at the path
	Count  *int    // so many resources
	Nulls  string  // the element is among those that the sender deleted
	Row    string  // rows of the tables that say so
	Mends  string  // rows that depart from the guide: as the guide has them, the fact does not hold
}

// Read reads a file of expectations. An unknown key is an error with its line.
func Read(file string) (*Case, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	c := &Case{}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(c.Facts) == 0 && c.Refused == "" {
		return nil, fmt.Errorf("%s: nothing is expected", file)
	}
	return c, nil
}

// Location is the zone of the case; nil when it has none.
func (c *Case) Location() (*time.Location, error) {
	if c.Zone == "" {
		return nil, nil
	}
	at, err := time.Parse("-07:00", c.Zone)
	if err != nil {
		return nil, fmt.Errorf("zone: want an offset such as +01:00")
	}
	return at.Location(), nil
}

// A Bundle is a result as plain JSON, with what its entries add.
type Bundle struct {
	whole     map[string]any
	resources []map[string]any
	nulls     [][]string
	byURL     map[string]map[string]any
}

// Open makes a Bundle of a result.
func Open(res *mapping.Result) (*Bundle, error) {
	text, err := r4.Marshal(res.Bundle)
	if err != nil {
		return nil, err
	}
	b := &Bundle{byURL: map[string]map[string]any{}}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	if err := d.Decode(&b.whole); err != nil {
		return nil, err
	}
	list, _ := b.whole["entry"].([]any)
	for i, e := range list {
		entry, _ := e.(map[string]any)
		r, _ := entry["resource"].(map[string]any)
		url, _ := entry["fullUrl"].(string)
		b.resources = append(b.resources, r)
		b.nulls = append(b.nulls, res.Entries[i].Nulls)
		b.byURL[url] = r
	}
	return b, nil
}

// String names what the fact is about.
func (f Fact) String() string {
	s := f.Type
	if f.Where != "" {
		s += "[" + f.Where + "]"
	}
	if f.Path != "" {
		s += "." + f.Path
	}
	return s + f.Nulls
}

// Check gives the problem, "" if the fact holds.
func (f Fact) Check(b *Bundle) string {
	n := 0
	for i, r := range append(b.resources, b.whole) {
		if r["resourceType"] != f.Type || f.Where != "" && !b.is(r, f.Where) {
			continue
		}
		n++
		if f.Nulls != "" {
			if got := strings.Join(b.nulls[i], " "); !strings.Contains(" "+got+" ", " "+f.Nulls+" ") {
				return fmt.Sprintf("not deleted (deleted are: %s)", got)
			}
		}
		if f.Path == "" {
			continue
		}
		got, ok := b.find(r, f.Path)
		switch {
		case f.Absent && ok:
			return fmt.Sprintf("is %q and should be absent", got)
		case f.Absent:
		case f.Equals == nil:
			return "nothing is said of it"
		case !ok:
			return fmt.Sprintf("is absent and should be %q", *f.Equals)
		case got != *f.Equals:
			return fmt.Sprintf("is %q and should be %q", got, *f.Equals)
		}
	}
	switch {
	case f.Count != nil && n != *f.Count:
		return fmt.Sprintf("there are %d and should be %d", n, *f.Count)
	case f.Count == nil && n == 0:
		return "there is none"
	}
	return ""
}

func (b *Bundle) is(r map[string]any, where string) bool {
	path, want, ok := strings.Cut(where, " = ")
	if !ok {
		return false
	}
	got, ok := b.find(r, path)
	return ok && got == want
}

// find gives the text at a path: a[0].b->c[1], -> for the resource referred to.
func (b *Bundle) find(r map[string]any, path string) (string, bool) {
	var v any = r
	for i, hop := range strings.Split(path, "->") {
		if i > 0 {
			ref, _ := v.(map[string]any)
			url, _ := ref["reference"].(string)
			if b.byURL[url] == nil {
				return "", false
			}
			v = b.byURL[url]
		}
		for _, step := range strings.Split(hop, ".") {
			name, index, indexed := strings.Cut(strings.TrimSuffix(step, "]"), "[")
			m, ok := v.(map[string]any)
			if !ok {
				return "", false
			}
			v = m[name]
			if list, ok := v.([]any); ok && indexed {
				n, err := strconv.Atoi(index)
				if err != nil || n >= len(list) {
					return "", false
				}
				v = list[n]
			} else if ok || indexed {
				return "", false
			}
		}
	}
	switch v := v.(type) {
	case nil:
		return "", false
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	out, _ := json.Marshal(v)
	return string(out), true
}
