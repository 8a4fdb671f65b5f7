package r4_test

import (
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
)

// counted makes fullUrls that a test can name.
func counted() func() string {
	n := 0
	return func() string { n++; return "urn:uuid:" + strconv.Itoa(n) }
}

func TestTransaction(t *testing.T) {
	tx := r4.NewTransaction()
	tx.NewURL = counted()
	subject := tx.CreateUnless(&r4.Patient{ID: "p"}, r4.IdentifierQuery(r4.Ident("http://example.org", "a b|1")))
	tx.Create(&r4.Observation{Subject: &subject})
	tx.Update(&r4.Device{ID: "d"})
	tx.UpdateFrom(&r4.Device{ID: "e"}, "3")
	tx.UpdateWhere(&r4.Device{}, "?identifier=x")
	tx.Delete("Patient/9")
	tx.Read("Patient?name=x")
	expectJSON(t, tx.Bundle, `{"resourceType":"Bundle","type":"transaction","entry":[`+
		`{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"p"},"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=http%3A%2F%2Fexample.org%7Ca+b%5C%7C1"}},`+
		`{"fullUrl":"urn:uuid:2","resource":{"resourceType":"Observation","subject":{"reference":"urn:uuid:1"}},"request":{"method":"POST","url":"Observation"}},`+
		`{"fullUrl":"urn:uuid:3","resource":{"resourceType":"Device","id":"d"},"request":{"method":"PUT","url":"Device/d"}},`+
		`{"fullUrl":"urn:uuid:4","resource":{"resourceType":"Device","id":"e"},"request":{"method":"PUT","url":"Device/e","ifMatch":"W/\"3\""}},`+
		`{"fullUrl":"urn:uuid:5","resource":{"resourceType":"Device"},"request":{"method":"PUT","url":"Device?identifier=x"}},`+
		`{"request":{"method":"DELETE","url":"Patient/9"}},`+
		`{"request":{"method":"GET","url":"Patient?name=x"}}]}`)
	if r, ok := r4.ReferencesIn(tx.Bundle).Resolve(tx.Bundle.Entry[1].Resource, subject.Reference); !ok || r != tx.Bundle.Entry[0].Resource {
		t.Error("the reference of an entry does not lead to it")
	}
}

// With a base, what has an address goes by it, and relative references hold.
func TestBundleBase(t *testing.T) {
	b := r4.NewBatch()
	b.Base, b.NewURL = "http://example.org/fhir/", counted()
	p := &r4.Patient{ID: "1"}
	got := b.Update(p)
	b.Update(&r4.Encounter{ID: "2", Subject: new(r4.RefTo(p))})
	b.Create(&r4.Patient{ID: "3"})
	if got.Reference != "http://example.org/fhir/Patient/1" || b.Bundle.Entry[0].FullURL != got.Reference || b.Last().FullURL != "urn:uuid:1" {
		t.Error("fullUrls", got, b.Last().FullURL)
	}
	if r, ok := r4.ReferencesIn(b.Bundle).Resolve(b.Bundle.Entry[1].Resource, "Patient/1"); !ok || r != r4.Resource(p) {
		t.Error("a relative reference does not hold")
	}
}

func TestLink(t *testing.T) {
	tx := r4.NewTransaction()
	tx.NewURL = counted()
	p, o := &r4.Patient{ID: "1"}, &r4.Observation{ID: "1", Subject: new(r4.Ref("Patient", "1")), Performer: []r4.Reference{r4.Ref("Practitioner", "1")}}
	r4.SetExtension(o, "u", new(r4.Ref("Patient", "1")))
	for _, r := range []r4.Resource{p, o, &r4.Patient{ID: "1"}, &r4.Patient{}} {
		tx.Create(r)
	}
	tx.Delete("Patient/1")
	if n := tx.Link(); n != 2 || o.Subject.Reference != "urn:uuid:1" || o.Performer[0].Reference != "Practitioner/1" {
		t.Error(n, o.Subject.Reference, o.Performer[0].Reference)
	}
	if v := r4.ExtensionValue[*r4.Reference](o, "u"); v.Reference != "urn:uuid:1" {
		t.Error("a reference in an extension", v.Reference)
	}
	if tx.Link() != 0 {
		t.Error("linked again")
	}
}

// The invariants bdl-9, bdl-10 and bdl-11.
func TestDocument(t *testing.T) {
	c := &r4.Composition{ID: "c"}
	d := r4.NewDocument(c, time.Date(2024, 5, 17, 10, 0, 0, 5e8, time.UTC))
	author := d.Add(&r4.Practitioner{})
	c.Author = []r4.Reference{author}
	b := d.Bundle
	if b.Type != "document" || b.Entry[0].Resource != r4.Resource(c) || b.Timestamp != "2024-05-17T10:00:00.500Z" {
		t.Error(b.Type, b.Timestamp)
	}
	if b.Identifier.System != "urn:ietf:rfc:3986" || r4.TypeByName("uuid").Check(b.Identifier.Value) != nil {
		t.Error(b.Identifier)
	}
	if r, ok := r4.ReferencesIn(b).Resolve(c, author.Reference); !ok || r != b.Entry[1].Resource {
		t.Error("the author is not found")
	}
}

func TestSearchset(t *testing.T) {
	s := r4.NewSearchset("http://example.org")
	s.Add(&r4.Encounter{ID: "1"})
	s.Include(&r4.Patient{ID: "2"})
	expectJSON(t, s.Bundle, `{"resourceType":"Bundle","type":"searchset","total":1,"entry":[`+
		`{"fullUrl":"http://example.org/Encounter/1","resource":{"resourceType":"Encounter","id":"1"},"search":{"mode":"match"}},`+
		`{"fullUrl":"http://example.org/Patient/2","resource":{"resourceType":"Patient","id":"2"},"search":{"mode":"include"}}]}`)
	if r4.NewCollection().Last() != nil || r4.NewCollection().Bundle.Type != "collection" {
		t.Error("an empty collection")
	}
}

func TestNewUUID(t *testing.T) {
	shape := regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 1000 {
		u := r4.NewUUID()
		if !shape.MatchString(u) || seen[u] {
			t.Fatal(u)
		}
		seen[u] = true
	}
}
