// Package patch changes FHIR R4 resources by patches: JSON Patch (RFC 6902),
// FHIRPath Patch (FHIR R4 fhirpatch.html) and XML Patch (RFC 5261), the three
// that a server may take for the patch interaction (http.html#patch).
//
//	p, err := patch.ParseJSON(body)
//	...
//	changed, err := patch.Apply(patient, p, patch.Options{Version: "3"})
//
// # What holds of every patch
//
// It is atomic: the resource that goes in is never changed, and what comes out
// has all operations or is an error. What comes out is what [r4.Unmarshal] would
// give: of the right structure, every primitive in its format. Whether it keeps
// the rules beyond that, such as required elements and invariants, is the
// validator's matter. Type and id of the resource stay as they are.
//
// An [Error] says which operation failed, where, and of which [Kind] the error
// is. It never holds a value.
//
// # Limits
//
// A patch has at most 1,000 operations, 4 MiB and 200,000 values or nodes; a
// document that is patched two million of them; copies may add 4 MiB to the
// document, whatever they copy; values stand at most 256 deep inside one
// another. What operations do to long lists and large values beyond reading them
// once is bounded too: eight million items may be shifted, moved or looked at by
// selectors, one million in lists of FHIRPath Patch, and all its paths together
// take at most twenty million steps. A patch that asks for more ends with an
// error of kind [TooLarge].
package patch

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// Patch is a patch of one of the formats, as [ParseJSON] and its like give it.
type Patch interface {
	// Len returns how many operations the patch has.
	Len() int
	apply(r r4.Resource) (r4.Resource, error)
}

// Options of [Apply].
type Options struct {
	// Version is the meta.versionId that the resource must have, "" for any. The
	// form of the header If-Match, W/"3", is taken too (http.html#concurrency).
	Version string
}

// Apply gives a patched copy of r, which is not changed and shares nothing with
// the result. The error is an *[Error].
func Apply(r r4.Resource, p Patch, o Options) (r4.Resource, error) {
	if r == nil || p == nil {
		return nil, whole(Invalid, "there is no resource or no patch")
	}
	if want := version(o.Version); o.Version != "" {
		if m := r.ResourceMeta(); m == nil || m.VersionID != want {
			return nil, whole(Stale, "the resource has another version")
		}
	}
	out, err := p.apply(r)
	if err != nil {
		return nil, err
	}
	if out.ResourceType() != r.ResourceType() || out.ResourceID() != r.ResourceID() {
		return nil, whole(Invalid, "a patch may not change type or id of the resource")
	}
	return out, nil
}

// version takes the tag out of W/"3" and "3" with quotes.
func version(s string) string {
	tag := strings.TrimPrefix(s, "W/")
	if len(tag) >= 2 && tag[0] == '"' && tag[len(tag)-1] == '"' {
		return tag[1 : len(tag)-1]
	}
	return s
}
