// Package fhirpath evaluates FHIRPath on the model of package r4: the language
// of FHIRPath 2.0 (the normative release, N1) with the functions that FHIR R4
// adds (fhirpath.html).
//
// [Compile] reads an expression once; the [Expression] is then evaluated as often
// as needed, also by many goroutines at once:
//
//	official := fhirpath.MustCompile("name.where(use = 'official').given.first()")
//	given, err := official.Evaluate(nil, patient)
//
// What comes out are [Item]s that point into the resource: [Item.Value] is the
// pointer to the struct or the primitive, [Item.Place] says where it stands.
//
// Decimals are exact, dates are as precise as they were given, and comparing what
// cannot be compared gives nothing, as the language demands.
//
// An expression may come from anywhere. The work of an evaluation is bounded by
// [Env].MaxSteps, and so are the number of items and the length of strings.
package fhirpath
