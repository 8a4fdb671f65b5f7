package r4_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

// FuzzXML: what parses is XML for encoding/xml too, is written in both formats
// and parses to the same again; a second writing gives the same bytes; nothing
// panics.
func FuzzXML(f *testing.F) {
	for _, doc := range testdata(f) {
		r, err := r4.Unmarshal(doc)
		if err != nil {
			f.Fatal(err)
		}
		if x, err := r4.MarshalXMLIndent(r); err == nil { // one has a string of blanks
			f.Add(x)
		}
	}
	for _, doc := range acceptedXML {
		f.Add([]byte(doc))
	}
	for _, c := range refusedXML {
		f.Add([]byte(c.doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		r, err := r4.UnmarshalXML(doc)
		if err != nil {
			if r != nil || err.Error() == "" {
				t.Fatalf("%v with error %q", r, err)
			}
			return
		}
		if err := plainXML(doc); err != nil {
			t.Fatalf("accepted is no XML: %v", err)
		}
		out, err := r4.MarshalXML(r)
		if err != nil {
			t.Fatalf("is not written: %v", err)
		}
		lines, err := r4.MarshalXMLIndent(r)
		if err != nil {
			t.Fatalf("is not written in lines: %v", err)
		}
		for _, x := range [][]byte{out, lines} {
			if err := plainXML(x); err != nil {
				t.Fatalf("written is no XML: %v\n%s", err, x)
			}
			again, err := r4.UnmarshalXML(x)
			if err != nil {
				t.Fatalf("does not parse again: %v in %s", err, x)
			}
			if !r4.Equal(r, again) {
				t.Fatalf("another resource after writing: %s", x)
			}
			if twice, err := r4.MarshalXML(again); err != nil || !bytes.Equal(out, twice) {
				t.Fatalf("writing twice differs:\n%s\n%s (%v)", out, twice, err)
			}
		}
		j, err := r4.Marshal(r)
		if err != nil {
			t.Fatalf("is not written as JSON: %v", err)
		}
		if again, err := r4.Unmarshal(j); err != nil || !r4.Equal(r, again) {
			t.Fatalf("another resource after JSON (%v): %s", err, j)
		}
	})
}

// plainXML says what encoding/xml has against a document. It goes by an older
// edition of XML: fewer letters may be in a name, and the version is 1.0. It has no
// opinion on a byte order mark.
func plainXML(doc []byte) error {
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(doc, []byte("\ufeff"))))
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errors.New("not UTF-8") }
	for {
		_, err := d.Token()
		switch {
		case err == nil:
		case errors.Is(err, io.EOF), strings.Contains(err.Error(), "invalid XML name"), strings.Contains(err.Error(), "unsupported version"):
			return nil
		default:
			return err
		}
	}
}

// FuzzLenient: lenient reading finds a problem exactly where strict reading
// refuses, and gives the same resource where it does not; each element of it has
// a position; what it gives can be written as JSON; nothing panics.
func FuzzLenient(f *testing.F) {
	for _, doc := range testdata(f) {
		f.Add(doc)
	}
	for _, doc := range acceptedXML {
		f.Add([]byte(doc))
	}
	for _, c := range refusedXML {
		f.Add([]byte(c.doc))
	}
	for _, c := range lenientJSON {
		f.Add([]byte(c.doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		d := r4.ParseAnew(doc)
		read := r4.Unmarshal
		if d.XML {
			read = r4.UnmarshalXML
		}
		r, err := read(doc)
		if (err == nil) != (len(d.Problems) == 0) {
			t.Fatalf("strict: %v; lenient: %v", err, d.Problems)
		}
		if err == nil && !r4.Equal(r, d.Resource) {
			t.Fatal("another resource")
		}
		for _, p := range d.Problems {
			if p.Problem == "" || p.Line < 1 || p.Column < 1 {
				t.Fatalf("a problem without a text or a place: %#v", p)
			}
		}
		if both, bothErr := r4.ParseLenient(doc); (bothErr == nil) != (both.Resource != nil) || (err == nil) != (len(both.Problems) == 0) {
			t.Fatalf("ParseLenient: %v, %v", bothErr, both.Problems)
		}
		if d.Resource == nil {
			return
		}
		if _, err := r4.Marshal(d.Resource); err != nil {
			t.Fatalf("cannot be written: %v", err)
		}
		if err != nil {
			return
		}
		r4.Walk(d.Resource, func(n r4.Node) bool {
			if _, _, ok := d.Position(n.Path()); !ok {
				t.Fatalf("%s has no position", n.Path())
			}
			return true
		})
	})
}
