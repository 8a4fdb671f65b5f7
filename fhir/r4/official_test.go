package r4_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path"
	"reflect"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

// officialExamples is how many JSON documents hl7.fhir.r4.examples 4.0.1 has. All
// of them are read and written by TestConformance.
const officialExamples = 5306

// TestFiles reads and writes the documents of testdata. What comes out must say
// the same as what went in, numbers by their text.
func TestFiles(t *testing.T) {
	for name, doc := range testdata(t) {
		if problem := roundTrip(doc); problem != "" {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

// testdata reads the documents that stand in the repository.
func testdata(t testing.TB) map[string][]byte {
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	docs := map[string][]byte{}
	for _, e := range entries {
		if e.IsDir() || path.Ext(e.Name()) != ".json" {
			continue
		}
		doc, err := os.ReadFile("testdata/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		docs[e.Name()] = doc
	}
	return docs
}

// roundTrip says what is wrong with reading, writing, copying and comparing doc.
func roundTrip(doc []byte) string {
	r, err := r4.Unmarshal(doc)
	if err != nil {
		return "read: " + err.Error()
	}
	out, err := r4.Marshal(r)
	if err != nil {
		return "write: " + err.Error()
	}
	if !sameJSON(doc, out) {
		return "comes out different"
	}
	again := r4.Clone(r)
	if !r4.Equal(r, again) {
		return "a copy is not equal"
	}
	clearAll(again)
	if after, err := r4.Marshal(r); err != nil || !bytes.Equal(out, after) {
		return "emptying a copy changes the resource"
	}
	return ""
}

// sameJSON compares two documents: members in any order, numbers by their text.
func sameJSON(a, b []byte) bool {
	var compact bytes.Buffer
	if json.Compact(&compact, a) == nil && bytes.Equal(compact.Bytes(), b) {
		return true // the common case, quickly
	}
	va, errA := parseAny(a)
	vb, errB := parseAny(b)
	return errA == nil && errB == nil && reflect.DeepEqual(va, vb)
}

func parseAny(doc []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// clearAll empties v, a pointer to a struct, and all below it.
func clearAll(v any) {
	t := r4.TypeOf(v)
	if t == nil {
		return
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		for n := range f.Len(v) {
			if e := f.Element(v, n); e != nil {
				clearAll(e)
			}
			clearAll(f.At(v, n))
		}
		f.Clear(v)
	}
}
