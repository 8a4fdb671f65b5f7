package r4

import (
	"net/url"
	"strings"
	"time"
)

// A BundleBuilder fills a Bundle entry by entry. Each entry with a resource gets
// a fullUrl, and the method that adds it returns the reference by which other
// entries refer to it:
//
//	tx := r4.NewTransaction()
//	subject := tx.Create(&r4.Patient{...})
//	tx.Create(&r4.Observation{Subject: &subject, ...})
//	b, err := r4.Marshal(tx.Bundle)
//
// A builder is made by one of the functions below, which say the type of the
// Bundle. It keeps the resources that it is given; it does not copy them.
type BundleBuilder struct {
	Bundle *Bundle // as far as it is built; may be changed at any time

	// Base is the address of the server, such as "https://example.org/fhir". When
	// it is set, the fullUrl of a resource that has an id, and is not to be
	// created, is its address there: Base/Patient/123. Every other is a new
	// urn:uuid.
	Base string

	// NewURL makes the fullUrls that are not addresses; nil stands for [NewUUID].
	NewURL func() string
}

// NewTransaction begins a Bundle whose entries a server carries out all or none
// (FHIR R4 http.html#transaction).
func NewTransaction() *BundleBuilder { return newBundle("transaction") }

// NewBatch begins a Bundle whose entries a server carries out each for itself.
// They must not refer to one another (FHIR R4 http.html#brules).
func NewBatch() *BundleBuilder { return newBundle("batch") }

// NewCollection begins a Bundle that means nothing more than what is in it.
func NewCollection() *BundleBuilder { return newBundle("collection") }

// NewSearchset begins the result of a search on the server of this base.
func NewSearchset(base string) *BundleBuilder {
	b := newBundle("searchset")
	b.Base, b.Bundle.Total = base, IntOf(0)
	return b
}

// NewDocument begins a document: c is its first entry, at is when it was put
// together, and its identifier is a new UUID (FHIR R4 documents.html,
// invariants bdl-9 to bdl-11).
func NewDocument(c *Composition, at time.Time) *BundleBuilder {
	b := newBundle("document")
	b.Bundle.Identifier = &Identifier{System: "urn:ietf:rfc:3986", Value: NewUUID()}
	b.Bundle.Timestamp = InstantOf(at)
	b.Add(c)
	return b
}

func newBundle(kind string) *BundleBuilder { return &BundleBuilder{Bundle: &Bundle{Type: kind}} }

// Last returns the entry that was added last, to set what the methods do not; nil
// if there is none. It stays good until another one is added.
func (b *BundleBuilder) Last() *BundleEntry {
	if len(b.Bundle.Entry) == 0 {
		return nil
	}
	return &b.Bundle.Entry[len(b.Bundle.Entry)-1]
}

// Add adds a resource without a request, for a collection, a document or a
// searchset. In a searchset it is a match and counts in the total.
func (b *BundleBuilder) Add(r Resource) Reference {
	ref := b.entry(r, b.fullURL(r), nil)
	if b.Bundle.Type == "searchset" {
		b.Last().Search = &BundleEntrySearch{Mode: "match"}
		total, _ := b.Bundle.Total.Get()
		b.Bundle.Total = IntOf(total + 1)
	}
	return ref
}

// Include adds a resource to a searchset that is no match but belongs to one.
func (b *BundleBuilder) Include(r Resource) Reference {
	ref := b.entry(r, b.fullURL(r), nil)
	b.Last().Search = &BundleEntrySearch{Mode: "include"}
	return ref
}

// Create adds a POST of r. The server gives it another id.
func (b *BundleBuilder) Create(r Resource) Reference {
	return b.entry(r, b.newURL(), &BundleEntryRequest{Method: "POST", URL: r.ResourceType()})
}

// CreateUnless adds a POST of r unless the search by query, such as
// [IdentifierQuery] makes, finds one (FHIR R4 http.html#ccreate). The reference
// is to what is found or made.
func (b *BundleBuilder) CreateUnless(r Resource, query string) Reference {
	ref := b.Create(r)
	b.Last().Request.IfNoneExist = strings.TrimPrefix(query, "?")
	return ref
}

// Update adds a PUT of r, which must have an id.
func (b *BundleBuilder) Update(r Resource) Reference {
	return b.entry(r, b.fullURL(r), &BundleEntryRequest{Method: "PUT", URL: r.ResourceType() + "/" + r.ResourceID()})
}

// UpdateFrom adds a PUT of r that fails when the version on the server is
// another one (FHIR R4 http.html#concurrency).
func (b *BundleBuilder) UpdateFrom(r Resource, version string) Reference {
	ref := b.Update(r)
	b.Last().Request.IfMatch = `W/"` + version + `"`
	return ref
}

// UpdateWhere adds a PUT of r on what the search by query finds, one or none
// (FHIR R4 http.html#cond-update).
func (b *BundleBuilder) UpdateWhere(r Resource, query string) Reference {
	return b.entry(r, b.newURL(), &BundleEntryRequest{Method: "PUT", URL: r.ResourceType() + "?" + strings.TrimPrefix(query, "?")})
}

// Delete adds a DELETE. what is "Patient/123", or a search for one that makes it
// conditional: "Patient?identifier=...".
func (b *BundleBuilder) Delete(what string) { b.request("DELETE", what) }

// Read adds a GET of anything that a server can be asked for: "Patient/123",
// "Observation?subject=Patient/123&code=...".
func (b *BundleBuilder) Read(what string) { b.request("GET", what) }

func (b *BundleBuilder) request(method, what string) {
	b.Bundle.Entry = append(b.Bundle.Entry, BundleEntry{Request: &BundleEntryRequest{Method: method, URL: what}})
}

func (b *BundleBuilder) entry(r Resource, fullURL string, q *BundleEntryRequest) Reference {
	b.Bundle.Entry = append(b.Bundle.Entry, BundleEntry{FullURL: fullURL, Resource: r, Request: q})
	return Reference{Reference: fullURL}
}

// fullURL is the address of r if it has one.
func (b *BundleBuilder) fullURL(r Resource) string {
	if b.Base == "" || r.ResourceID() == "" {
		return b.newURL()
	}
	return strings.TrimSuffix(b.Base, "/") + "/" + r.ResourceType() + "/" + r.ResourceID()
}

func (b *BundleBuilder) newURL() string {
	if b.NewURL != nil {
		return b.NewURL()
	}
	return NewUUID()
}

// Link makes the relative references between the entries ("Patient/123") lead to
// the fullUrl of the entry that they mean, where that is no address, and returns
// how many it changed. It is for resources that came with ids of their own and
// are to be created under others. It changes the resources themselves. Of two
// resources of one type and id the first is taken.
func (b *BundleBuilder) Link() int {
	urls := map[string]string{}
	for i := range b.Bundle.Entry {
		e := &b.Bundle.Entry[i]
		if e.Resource == nil || e.Resource.ResourceID() == "" || e.FullURL == "" {
			continue
		}
		name := RefTo(e.Resource).Reference
		if _, taken := urls[name]; !taken && !strings.HasSuffix(e.FullURL, "/"+name) {
			urls[name] = e.FullURL
		}
	}
	n := 0
	Walk(b.Bundle, func(node Node) bool {
		if r, ok := node.Value.(*Reference); ok {
			if to := urls[r.Reference]; to != "" {
				r.Reference = to
				n++
			}
		}
		return true
	})
	return n
}

// IdentifierQuery returns the search for a resource by its identifier:
// "identifier=http%3A%2F%2Fexample.org%7C123". What has a meaning in a search is
// escaped (FHIR R4 search.html#escaping).
func IdentifierQuery(id Identifier) string {
	return "identifier=" + url.QueryEscape(searchEscape.Replace(id.System)+"|"+searchEscape.Replace(id.Value))
}

var searchEscape = strings.NewReplacer(`\`, `\\`, `|`, `\|`, `,`, `\,`, `$`, `\$`)
