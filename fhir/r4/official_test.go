package r4_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

// officialExamples is how many JSON documents hl7.fhir.r4.examples 4.0.1 has.
const officialExamples = 5306

// TestOfficialExamples reads and writes every example of the R4 publication.
// What comes out must say the same as what went in, numbers by their text. No
// example is left out.
func TestOfficialExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: the official examples (short)")
	}
	tgz, err := pack.Fetch(t.Context())
	if err != nil {
		t.Skip("SKIPPED: the official examples are not here: ", err)
	}
	type example struct {
		name string
		doc  []byte
	}
	docs := make(chan example, 64)
	var seen atomic.Int32
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for e := range docs {
				seen.Add(1)
				if problem := roundTrip(e.doc); problem != "" {
					t.Errorf("%s: %s", e.name, problem)
				}
			}
		})
	}
	err = pack.Each(tgz, func(string) bool { return true }, func(name string, doc []byte) error {
		docs <- example{name, doc}
		return nil
	})
	close(docs)
	wg.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if n := seen.Load(); n != officialExamples {
		t.Errorf("the package has %d examples, want %d", n, officialExamples)
	}
}

// TestFiles does the same with the documents of testdata.
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
		if e.IsDir() {
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
