package mapping_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mapping"
)

// A case is a message NAME.hl7 and what must come of it, NAME.expect.yaml. What
// it expects is from the rows of the guide that it names and from R4, not from
// what the engine prints.
type expectation struct {
	About      string
	Zone       string            // such as +01:00, of times that name none
	Namespaces map[string]string // as [mapping.Options.Namespaces]
	Refused    string            // place at which the message is refused
	Facts      []fact
}

// A fact is about each resource of Type that where picks, which must be one at
// least; type Bundle is the Bundle itself.
type fact struct {
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

func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.hl7")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".hl7")
		t.Run(name, func(t *testing.T) {
			want := readExpectation(t, name)
			m, err := mapping.New(want.options(t))
			if err != nil {
				t.Fatal(err)
			}
			res, err := m.Convert(readMessage(t, name))
			if want.Refused != "" {
				var e *mapping.Error
				if !errors.As(err, &e) || e.At != want.Refused {
					t.Errorf("got %v, want a refusal at %s", err, want.Refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			checkBundle(t, res.Bundle)
			b := decode(t, res)
			for _, f := range want.Facts {
				if f.Row == "" && f.Count == nil {
					t.Errorf("%s: the fact names no row", f)
				}
				if problem := f.check(b); problem != "" {
					t.Errorf("%s: %s", f, problem)
				}
			}
			if t.Failed() && testing.Verbose() {
				out, _ := r4.MarshalIndent(res.Bundle)
				t.Logf("%s", out)
			}
		})
	}
}

func readExpectation(t *testing.T, name string) *expectation {
	t.Helper()
	b, err := os.ReadFile("testdata/cases/" + name + ".expect.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var e expectation
	d := yaml.NewDecoder(strings.NewReader(string(b)))
	d.KnownFields(true)
	if err := d.Decode(&e); err != nil {
		t.Fatal(err)
	}
	if len(e.Facts) == 0 && e.Refused == "" {
		t.Fatal("nothing is expected")
	}
	return &e
}

func readMessage(t *testing.T, name string) *hl7.Message {
	t.Helper()
	b, err := os.ReadFile("testdata/cases/" + name + ".hl7")
	if err != nil {
		t.Fatal(err)
	}
	m, err := hl7.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (e *expectation) options(t *testing.T) mapping.Options {
	t.Helper()
	o := mapping.Options{Namespaces: e.Namespaces, IDKey: []byte("cases")}
	if e.Zone != "" {
		at, err := time.Parse("-07:00", e.Zone)
		if err != nil {
			t.Fatal(err)
		}
		o.Zone = at.Location()
	}
	return o
}

// bundle is the result as plain JSON, with what the Entries add.
type bundle struct {
	whole     map[string]any
	resources []map[string]any
	nulls     [][]string
	byURL     map[string]map[string]any
}

func decode(t *testing.T, res *mapping.Result) *bundle {
	t.Helper()
	text, err := r4.Marshal(res.Bundle)
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{byURL: map[string]map[string]any{}}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	if err := d.Decode(&b.whole); err != nil {
		t.Fatal(err)
	}
	list, _ := b.whole["entry"].([]any)
	for i, e := range list {
		entry := e.(map[string]any)
		r := entry["resource"].(map[string]any)
		b.resources = append(b.resources, r)
		b.nulls = append(b.nulls, res.Entries[i].Nulls)
		b.byURL[entry["fullUrl"].(string)] = r
	}
	return b
}

func (f fact) String() string {
	s := f.Type
	if f.Where != "" {
		s += "[" + f.Where + "]"
	}
	if f.Path != "" {
		s += "." + f.Path
	}
	return s + f.Nulls
}

// check gives the problem, "" if the fact holds.
func (f fact) check(b *bundle) string {
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

func (b *bundle) is(r map[string]any, where string) bool {
	path, want, ok := strings.Cut(where, " = ")
	if !ok {
		return false
	}
	got, ok := b.find(r, path)
	return ok && got == want
}

// find gives the text at a path: a[0].b->c[1], -> for the resource referred to.
func (b *bundle) find(r map[string]any, path string) (string, bool) {
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

// checkBundle holds every result to what R4 asks of a transaction: no reference
// to nothing, required elements there, what is written can be read.
func checkBundle(t *testing.T, b *r4.Bundle) {
	t.Helper()
	text, err := r4.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	again, err := r4.Unmarshal(text)
	if err != nil {
		t.Fatalf("the bundle cannot be read: %v", err)
	}
	if !r4.Equal(b, again) {
		t.Error("the bundle reads otherwise than it was written")
	}
	known := map[string]bool{}
	for i := range b.Entry {
		e := &b.Entry[i]
		if known[e.FullURL] {
			t.Errorf("%s twice", e.FullURL)
		}
		known[e.FullURL] = true
		if e.FullURL != "urn:uuid:"+e.Resource.ResourceID() || e.Request == nil || e.Request.URL != e.Resource.ResourceType()+"/"+e.Resource.ResourceID() {
			t.Errorf("entry %d (%s): fullUrl, id and request do not agree", i, e.Resource.ResourceType())
		}
	}
	for i := range b.Entry {
		checkElement(t, b.Entry[i].Resource, b.Entry[i].Resource.ResourceType(), known)
	}
}

func checkElement(t *testing.T, parent any, at string, known map[string]bool) {
	t.Helper()
	if ref, ok := parent.(*r4.Reference); ok && strings.HasPrefix(ref.Reference, "urn:uuid:") && !known[ref.Reference] {
		t.Errorf("%s refers to nothing", at)
	}
	typ := r4.TypeOf(parent)
	if typ == nil {
		return
	}
	if ext, _, ok := typ.Field("extension"); ok && typ.Kind == r4.KindComplex && ext.Len(parent) == 1 && onlyExtension(typ, parent) {
		return // data-absent-reason in place of all of it
	}
	for i := range typ.Fields {
		f := &typ.Fields[i]
		if f.Min > 0 && f.Len(parent) == 0 && f.Element(parent, 0) == nil {
			t.Errorf("%s.%s is required", at, f.Name)
		}
		n := 0
		for v := range f.Values(parent) {
			checkElement(t, v, at+"."+f.Name+"["+strconv.Itoa(n)+"]", known)
			n++
		}
	}
}

func onlyExtension(t *r4.Type, parent any) bool {
	for i := range t.Fields {
		if f := &t.Fields[i]; f.Name != "extension" && f.Len(parent) > 0 {
			return false
		}
	}
	return true
}
