package mapping_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/mapcase"
	"github.com/ponshealth/pons/mapping"
)

// A case is a message NAME.hl7 and what must come of it, NAME.expect.yaml. What
// it expects is from the rows of the guide that it names and from R4, not from
// what the engine prints.
type expectation struct{ *mapcase.Case }

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
				if problem := f.Check(b); problem != "" {
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
	c, err := mapcase.Read("testdata/cases/" + name + ".expect.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return &expectation{c}
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
	zone, err := e.Location()
	if err != nil {
		t.Fatal(err)
	}
	return mapping.Options{Namespaces: e.Namespaces, IDKey: []byte("cases"), Zone: zone}
}

func decode(t *testing.T, res *mapping.Result) *mapcase.Resources {
	t.Helper()
	b, err := mapcase.Open(res)
	if err != nil {
		t.Fatal(err)
	}
	return b
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
