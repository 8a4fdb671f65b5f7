package r4_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

// FuzzUnmarshal: what parses is JSON with the same content, marshals, and
// parses to the same again; a second writing gives the same bytes; nothing
// panics.
func FuzzUnmarshal(f *testing.F) {
	for _, doc := range testdata(f) {
		f.Add(doc)
	}
	f.Add([]byte(`{"id":"a","_language":{"id":"\u00e9\ud83d\ude00"},"resourceType":"Basic"}`))
	f.Add([]byte(`{"resourceType":"Basic","extension":[{"url":"u","_valueInteger":{"id":"x"},"valueInteger":-1}]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		r, err := r4.Unmarshal(doc)
		if err != nil {
			if r != nil || err.Error() == "" {
				t.Fatalf("%v with error %q", r, err)
			}
			return
		}
		out, err := r4.Marshal(r)
		if err != nil {
			t.Fatalf("does not marshal: %v", err)
		}
		if !json.Valid(doc) || !json.Valid(out) {
			t.Fatalf("accepted or written is no JSON: %s", out)
		}
		again, err := r4.Unmarshal(out)
		if err != nil {
			t.Fatalf("does not parse again: %v in %s", err, out)
		}
		if !r4.Equal(r, again) || !r4.Equal(r, r4.Clone(r)) {
			t.Fatalf("another resource after writing, or after copying: %s", out)
		}
		if twice, err := r4.Marshal(again); err != nil || !bytes.Equal(out, twice) {
			t.Fatalf("writing twice differs:\n%s\n%s (%v)", out, twice, err)
		}
		if !sameJSON(doc, out) && !hasNull(doc) {
			t.Fatalf("content changed:\n%s\n%s", doc, out)
		}
	})
}

// hasNull: a list of nothing but nulls beside one of extensions is not written
// again, nor are nulls after the last extension.
func hasNull(doc []byte) bool { return bytes.Contains(doc, []byte("null")) }
