package r4

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
)

// Ref returns the relative reference to a resource: "Patient/123".
func Ref(resourceType, id string) Reference { return Reference{Reference: resourceType + "/" + id} }

// RefTo returns the relative reference to r by its type and id. It is empty
// when r has no id.
func RefTo(r Resource) Reference {
	if r == nil || r.ResourceID() == "" {
		return Reference{}
	}
	return Ref(r.ResourceType(), r.ResourceID())
}

// RefBy returns the logical reference to a resource of which a type and an
// identifier are known, but no place (FHIR R4 references.html#logical).
func RefBy(resourceType string, id Identifier) Reference {
	return Reference{Type: resourceType, Identifier: &id}
}

// A RefParts is what the text of a reference says (FHIR R4
// references.html#literal). Where it names a resource on a server, Type and ID
// are there, and the Base of an absolute one. Any other absolute URL, such as
// "urn:uuid:...", is in URI. A place within the document is in Fragment alone.
type RefParts struct {
	Base     string // "https://example.org/fhir", without a slash at the end; "" if relative
	Type     string // "Patient"
	ID       string // "123"
	Version  string // what stands behind /_history/, or behind | of a canonical
	URI      string // what is no place on a FHIR server, without version and fragment
	Fragment string // what stands behind #
}

// ParseRef takes the text of a reference apart: "Patient/123",
// "https://example.org/fhir/Patient/123/_history/2", "#contained",
// "urn:uuid:...", or a canonical such as "http://example.org/ValueSet/x|1.0". An
// http or https URL that ends in the type and id of a resource is taken for a
// place on a server.
//
// ok is false when the text is none of these, such as the search
// "Patient?identifier=..." of a conditional reference, "Patient" without an id,
// or a relative one to an unknown type.
func ParseRef(text string) (p RefParts, ok bool) {
	if strings.ContainsAny(text, " \t\r\n") {
		return p, false
	}
	rest, fragment, local := strings.Cut(text, "#")
	p.Fragment = fragment
	if rest == "" {
		return p, local
	}
	if p.restful(rest) {
		return p, true
	}
	if colon := strings.IndexByte(rest, ':'); colon < 1 || strings.ContainsAny(rest[:colon], "/?|") {
		return RefParts{}, false
	}
	p.URI, p.Version, _ = strings.Cut(rest, "|")
	return p, true
}

// restful reads [base]/[type]/[id] and /_history/[version] after it, from the end.
func (p *RefParts) restful(s string) bool {
	rest, id := lastWord(s)
	version := ""
	if before, word := lastWord(rest); word == "_history" && before != "" {
		if notID(id) {
			return false
		}
		version = id
		rest, id = lastWord(before)
	}
	base, name := lastWord(rest)
	t := table().byName[name]
	if t == nil || t.Kind != KindResource || t.goType == nil || notID(id) {
		return false
	}
	switch {
	case base == "" && rest == name: // relative
	case !strings.HasPrefix(base, "http://") && !strings.HasPrefix(base, "https://"), strings.Contains(base, "?"):
		return false
	}
	p.Base, p.Type, p.ID, p.Version = base, name, id, version
	return true
}

func notID(s string) bool { return s == "" || checkID(s) != "" }

// lastWord cuts s at its last slash.
func lastWord(s string) (before, word string) {
	i := strings.LastIndexByte(s, '/')
	if i < 0 {
		return "", s
	}
	return s[:i], s[i+1:]
}

// Relative says whether the reference is to a resource on the same server:
// "Patient/123".
func (p RefParts) Relative() bool { return p.Type != "" && p.Base == "" }

// Contained says whether the reference is to a resource in the same one: "#a",
// or "#" alone for the one that contains the other.
func (p RefParts) Contained() bool { return p.Type == "" && p.URI == "" }

// String puts the parts together again.
func (p RefParts) String() string {
	s := p.URI
	switch {
	case p.Type != "":
		s = p.Type + "/" + p.ID
		if p.Base != "" {
			s = p.Base + "/" + s
		}
		if p.Version != "" {
			s += "/_history/" + p.Version
		}
	case p.Version != "":
		s += "|" + p.Version
	}
	if p.Fragment != "" || s == "" {
		s += "#" + p.Fragment
	}
	return s
}

// Parts takes the literal reference apart; see [ParseRef].
func (r *Reference) Parts() (p RefParts, ok bool) {
	if r == nil {
		return p, false
	}
	return ParseRef(r.Reference)
}

// NewUUID returns a random UUID (version 4, RFC 9562) as a uri:
// "urn:uuid:5b1f...".
func NewUUID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	s := make([]byte, 0, 45)
	s = append(s, "urn:uuid:"...)
	for i, at := 0, 0; i < len(b); i = at {
		at = i + 2
		if i == 0 {
			at = 4
		}
		if i == 10 {
			at = 16
		}
		if i > 0 {
			s = append(s, '-')
		}
		s = hex.AppendEncode(s, b[i:at])
	}
	return string(s)
}
