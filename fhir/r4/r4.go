// Package r4 is FHIR R4 (4.0.1) in Go: a struct for every resource and
// datatype, codecs for JSON and XML, and one table of definitions that says at run time
// what each element may hold.
//
// The structs are lean. patient.Name[0].Family is a plain string; "" means
// absent, which FHIR itself never allows as a value. Where false or 0 is a
// value, [Bool] and [Int] know absent from present. A [Decimal] keeps its
// literal text, so 1.50 stays 1.50. A choice such as Observation.value[x] is one
// field of a sealed interface that holds a *Quantity, a [String] and so on. Ids
// and extensions of primitives are rare and kept aside: see [PrimitiveElement].
//
// Code that works on any type, such as a validator or an index, uses the
// descriptors: [TypeOf], [TypeByName], [Type], [Field].
//
// Use [Marshal] and [Unmarshal], [MarshalXML] and [UnmarshalXML], not encoding/json
// and encoding/xml, which know nothing of FHIR. They take nothing that is wrong;
// [ParseLenient] takes what it can and lists what is wrong with it. Errors are
// *[Error]. They name a place and a problem, never a value of the data.
package r4

//go:generate go run ../../internal/gen/r4 -out .

// Resource is a FHIR resource: a pointer to one of the generated structs, such
// as *[Patient].
type Resource interface {
	ResourceType() string
	ResourceID() string
	SetResourceID(id string)
	ResourceMeta() *Meta
	SetResourceMeta(m *Meta)
}

// New returns an empty resource of the named type. ok is false when R4 has no
// such resource, or when it is abstract.
func New(resourceType string) (r Resource, ok bool) {
	t := TypeByName(resourceType)
	if t == nil || t.Kind != KindResource {
		return nil, false
	}
	r, ok = t.New().(Resource)
	return r, ok
}

// ResourceTypes returns the names of all resources of R4 in alphabetical order,
// without the abstract ones.
func ResourceTypes() []string {
	var names []string
	for _, t := range table().list {
		if t.Kind == KindResource && t.goType != nil {
			names = append(names, t.Name)
		}
	}
	return names
}
