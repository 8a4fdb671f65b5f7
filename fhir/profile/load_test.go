package profile_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ponshealth/pons/fhir/profile"
)

const (
	colours = `{"resourceType": "ValueSet", "url": "http://example.org/ValueSet/colours", "version": "1.0.0", "status": "active",
		"compose": {"include": [{"system": "http://example.org/colours"}]}}`
	coloursXML = `<CodeSystem xmlns="http://hl7.org/fhir"><url value="http://example.org/colours"/><status value="active"/>
		<content value="complete"/><concept><code value="red"/></concept></CodeSystem>`
	bundle = `{"resourceType": "Bundle", "type": "collection", "entry": [{"resource": ` + colours + `}, {"resource": {"resourceType": "Patient"}}]}`
	girl   = `{"resourceType": "StructureDefinition", "url": "http://example.org/Girl", "name": "Girl", "status": "draft",
		"kind": "resource", "abstract": false, "type": "Patient", "derivation": "constraint",
		"baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
		"differential": {"element": [{"id": "Patient.gender", "path": "Patient.gender", "fixedCode": "female"}]}}`
)

func TestAddDir(t *testing.T) {
	r := profile.New(profile.Base())
	err := r.AddDir(fstest.MapFS{
		"a/colours.json":     {Data: []byte(colours)},
		"b/COLOURS.XML":      {Data: []byte(coloursXML)},
		"b/girl.json":        {Data: []byte("\ufeff" + girl)},
		"b/patient.json":     {Data: []byte(`{"resourceType": "Patient"}`)},
		"package.json":       {Data: []byte(`{"name": "x"}`)},
		"late.json":          {Data: []byte(`{"url": "http://example.org/late", "name": "\"resourceType", "contact": [{"name": "resourceType"}], "status": "draft" , "resourceType" : "ValueSet"}`)},
		"list.json":          {Data: []byte(`[{"resourceType": "ValueSet"}]`)},
		"page.xml":           {Data: []byte(`<html><body/></html>`)},
		"readme.md":          {Data: []byte(`{`)},
		".git/broken.json":   {Data: []byte(`{`)},
		".hidden.json":       {Data: []byte(`{`)},
		"c/broken.json":      {Data: []byte(`{"resourceType": "ValueSet"`)},
		"c/nothing.xml":      {Data: []byte(`<`)},
		"c/nourl.json":       {Data: []byte(`{"resourceType": "ValueSet", "status": "active"}`)},
		"c/unreadable.json":  {Data: []byte(`{"resourceType": "ValueSet", "url": "http://example.org/u", "status": "active", "colour": "red"}`)},
		"c/notatype.json":    {Data: []byte(`{"resourceType": ["ValueSet"]}`)},
		"c/bundle.json":      {Data: []byte(strings.ReplaceAll(bundle, "ValueSet/colours", "ValueSet/more"))},
		"c/bundle-none.json": {Data: []byte(`{"resourceType": "Bundle", "type": "collection"}`)},
	})
	for _, want := range []string{"c/broken.json: ", "c/nothing.xml: is not XML", "c/nourl.json: has no url", "c/unreadable.json: ValueSet.colour"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	if n := strings.Count(err.Error(), "\n") + 1; n != 4 {
		t.Errorf("%d problems: %v", n, err)
	}
	for _, url := range []string{"http://example.org/ValueSet/colours|1.0.0", "http://example.org/ValueSet/more", "http://example.org/u", "http://example.org/late"} {
		if _, err := r.ValueSet(url); err != nil {
			t.Error(err)
		}
	}
	if s, err := r.CodeSystem("http://example.org/colours"); err != nil || len(s.Concept) != 1 {
		t.Error(err)
	}
	if d, err := r.StructureDefinition("http://example.org/Girl"); err != nil || len(d.Snapshot.Element) != 45 {
		t.Error(err)
	}
}

type file struct{ name, text string }

func archive(t testing.TB, files ...file) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(z)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.name, Size: int64(len(f.text)), Mode: 0o644, Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, f.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return &b
}

func TestAddPackage(t *testing.T) {
	r := profile.New(profile.Base())
	err := r.AddPackage(archive(t,
		file{"package/package.json", `{"name": "example"}`},
		file{"package/.index.json", `{"index-version": 1, "files": "none"}`},
		file{"package/ValueSet-colours.json", colours},
		file{"./package/Girl.json", girl},
		file{"package/example/broken.json", "{"},
		file{"package/../../../etc/broken.json", "{"},
		file{"/package/broken.json", "{"},
		file{"other/broken.json", "{"},
	))
	if err != nil {
		t.Error(err)
	}
	if _, err := r.ValueSet("http://example.org/ValueSet/colours"); err != nil {
		t.Error(err)
	}
	if _, err := r.StructureDefinition("http://example.org/Girl"); err != nil {
		t.Error(err)
	}
}

func TestAddPackageRefuses(t *testing.T) {
	whole := archive(t, file{"package/a.json", colours}).Bytes()
	many := make([]file, 0, 100_001)
	for i := range cap(many) {
		many = append(many, file{name: fmt.Sprintf("package/%d.txt", i)})
	}
	for name, x := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":     {nil, "cannot be unpacked"},
		"no gzip":     {[]byte(colours), "cannot be unpacked"},
		"cut":         {whole[:len(whole)-20], "cannot be unpacked"},
		"no files":    {archive(t).Bytes(), "has no definitions"},
		"broken file": {archive(t, file{"package/a.json", "{"}).Bytes(), "package/a.json: "},
		"too many":    {archive(t, many...).Bytes(), "more than 100000 files"},
		"too large":   {archive(t, file{"package/a.json", colours + strings.Repeat(" ", 64<<20)}).Bytes(), "package/a.json: is larger than 64 MiB"},
	} {
		err := profile.New(nil).AddPackage(bytes.NewReader(x.data))
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAddPackageKeeps has a broken end: what stands before is there.
func TestAddPackageKeeps(t *testing.T) {
	b := archive(t, file{"package/a.json", colours}, file{"package/b.json", strings.Repeat("\x01", 1000)})
	r := profile.New(nil)
	if err := r.AddPackage(b); err == nil || !strings.Contains(err.Error(), "package/b.json") {
		t.Error(err)
	}
	if _, err := r.ValueSet("http://example.org/ValueSet/colours"); err != nil {
		t.Error(err)
	}
}
