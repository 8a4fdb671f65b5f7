// Package r4 is FHIR R4 (4.0.1) in Go: a struct for every resource and datatype,
// codecs for JSON and XML, and one table of definitions that says at run time
// what each element may hold.
//
// # The structs
//
// They are lean. patient.Name[0].Family is a plain string; "" means absent, which
// FHIR itself never allows as a value. Where false or 0 is a value, [Bool] and
// [Int] know absent from present. A [Decimal] keeps its literal text, so 1.50
// stays 1.50. A choice such as Observation.value[x] is one field of a sealed
// interface that holds a *Quantity, a [String] and so on; [As] reads it where one
// type is of interest. Ids and extensions of primitives are rare and kept aside:
// see [PrimitiveElement].
//
// # Reading and writing
//
// [Unmarshal] and [Marshal] are for JSON, [UnmarshalXML] and [MarshalXML] for XML;
// encoding/json and encoding/xml know nothing of FHIR. They take nothing that is
// wrong; [ParseLenient] takes what it can and lists what is wrong with it. Errors
// are *[Error]. They name a place and a problem, never a value of the data.
// [MarshalCanonical] writes what signatures are made of.
//
// # Building
//
// Composite literals do most. [Name], [Ident], [Concept], [QuantityOf], [RefTo] and
// the like say the usual in one word; they return values, of which new makes the
// pointers that single elements need:
//
//	o := &r4.Observation{
//		Status:  "final",
//		Code:    new(r4.Concept("http://loinc.org", "15074-8", "Glucose")),
//		Subject: new(r4.RefTo(patient)),
//		Value:   new(r4.QuantityOf("6.30", "mmol/L")),
//	}
//
// [NewTransaction], [NewBatch], [NewDocument] and others build a [Bundle] whose
// entries refer to one another. [SetExtension] and [GetExtension] go by URL.
// [ReferencesIn] resolves references within a resource or a Bundle, [ParseRef]
// takes one apart.
//
// # Any type
//
// Code that works on any type, such as a validator or an index, uses the
// descriptors: [TypeOf], [TypeByName], [Type], [Field]. [Walk] meets every element
// with its path, and [Find] goes the other way. [Clone] copies, [Equal] compares.
// [Summarize] and [SelectElements] make the parts that a server answers for
// _summary and _elements.
//
// Everything that only reads is safe for concurrent use.
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
