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
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
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

// Check gives the problem, "" if the fact holds. A fact that could not fail, for a name
// that R4 does not have, is a problem too.
func (f Fact) Check(b *Resources) string {
	if err := f.sound(); err != nil {
		return err.Error()
	}
	n := 0
	for _, r := range b.list {
		if r.body["resourceType"] != f.Type {
			continue
		}
		if path, want, ok := strings.Cut(f.Where, " = "); ok {
			got, ok, err := b.find(r.body, path)
			if err != nil {
				return err.Error()
			}
			if !ok || got != want {
				continue
			}
		}
		n++
		if f.Nulls != "" && !slices.Contains(r.nulls, f.Nulls) {
			return fmt.Sprintf("not deleted (deleted are: %s)", strings.Join(r.nulls, " "))
		}
		if f.Path == "" {
			continue
		}
		got, ok, err := b.find(r.body, f.Path)
		switch {
		case err != nil:
			return err.Error()
		case f.Absent && ok:
			return fmt.Sprintf("is %q and should be absent", got)
		case f.Absent:
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

// sound says whether the fact can hold of anything, and fail.
func (f Fact) sound() error {
	if f.Path != "" && f.Absent == (f.Equals != nil) {
		return errors.New("of a path, want either equals or absent")
	}
	if f.Path != "" {
		if err := checkHop(f.Type, f.Path); err != nil {
			return err
		}
	}
	if f.Where == "" {
		return checkHop(f.Type, "resourceType")
	}
	path, _, ok := strings.Cut(f.Where, " = ")
	if !ok {
		return errors.New("where: want path = text")
	}
	return checkHop(f.Type, path)
}
