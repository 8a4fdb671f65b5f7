package profile_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/r4"
)

// FuzzAddPackage unpacks anything as the tar archive of a package. What was added
// can be asked for.
func FuzzAddPackage(f *testing.F) {
	for _, files := range [][]file{
		{{"package/a.json", colours}, {"package/b.xml", coloursXML}},
		{{"package/girl.json", girl}, {"package/bundle.json", bundle}},
		{{"package/../x.json", "{"}, {"package/" + strings.Repeat("long", 50) + ".json", "[]"}},
	} {
		z, err := gzip.NewReader(archive(f, files...))
		if err != nil {
			f.Fatal(err)
		}
		plain, err := io.ReadAll(z)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(plain)
	}
	f.Fuzz(func(t *testing.T, plain []byte) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(plain)
		z.Close()
		r := profile.New(profile.Base())
		if err := r.AddPackage(&b); err == nil {
			// Then the archive is one for the standard library too.
			if _, err := tar.NewReader(bytes.NewReader(plain)).Next(); err != nil && err != io.EOF {
				t.Errorf("accepted what is no archive: %v", err)
			}
		}
		use(t, r)
	})
}

// FuzzAddDir reads anything as a file of definitions.
func FuzzAddDir(f *testing.F) {
	for _, text := range []string{colours, coloursXML, girl, bundle, `{"resourceType": "StructureDefinition"}`, "<a", "[]"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r := profile.New(profile.Base())
		err := r.AddDir(fstest.MapFS{"file.json": {Data: text}})
		if err != nil && !strings.HasPrefix(err.Error(), "file.json") {
			t.Errorf("no file in %v", err)
		}
		use(t, r)
	})
}

func use(t *testing.T, r *profile.Registry) {
	t.Helper()
	for url := range r.ValueSets() {
		if _, err := r.ValueSet(url); err != nil {
			t.Error(err)
		}
	}
	for url := range r.StructureDefinitions() {
		if _, err := profile.Base().StructureDefinition(url); err == nil {
			continue
		}
		r.StructureDefinition(url) // an error is an answer too
	}
}

// FuzzSnapshot makes snapshots of anything that reads as a StructureDefinition.
// One that is made is sound, the same again, and a profile of it that changes
// nothing has the same elements.
func FuzzSnapshot(f *testing.F) {
	f.Add([]byte(girl))
	for _, glob := range []string{"us-core/StructureDefinition-us-core-b*.json", "us-core/StructureDefinition-us-core-c*.json"} {
		files, err := filepath.Glob(filepath.Join(shared, glob))
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, err := r4.ParseLenient(text)
		if err != nil {
			return
		}
		d, ok := doc.Resource.(*r4.StructureDefinition)
		if !ok || len(doc.Problems) > 0 {
			return
		}
		base, err := profile.Base().StructureDefinition(d.BaseDefinition)
		if err != nil {
			base = nil
		}
		before := r4.Clone(d)
		made, err := profile.Snapshot(d, base, profile.Base().StructureDefinition)
		if !r4.Equal(before, d) {
			t.Error("the differential was changed")
		}
		if err != nil {
			return
		}
		again, err := profile.Snapshot(d, base, profile.Base().StructureDefinition)
		if err != nil || !r4.Equal(made, again) {
			t.Errorf("not the same again: %v", err)
		}
		seen := map[string]bool{}
		for i := range made.Snapshot.Element {
			e := &made.Snapshot.Element[i]
			if seen[e.ID] {
				t.Errorf("an id is there twice")
			}
			seen[e.ID] = true
		}
		same, err := profile.Snapshot(&r4.StructureDefinition{URL: "urn:x", Type: d.Type, Derivation: "constraint"}, made, profile.Base().StructureDefinition)
		if err != nil || len(same.Snapshot.Element) != len(made.Snapshot.Element) {
			t.Errorf("a profile that changes nothing is not the same: %v", err)
		}
	})
}
