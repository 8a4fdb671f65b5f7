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
// [CompileFor] checks an expression against the types of the model before there
// is any data; [Expression.True] evaluates an invariant.
//
// # Elements and values
//
// A primitive of FHIR is an element, which may have an id and extensions, and
// turns into a value of FHIRPath's own types (System.String, System.Date) where an
// operator or a function needs one; so does a Quantity. Its children() are its id and
// extensions, not its value, which value and getValue() give. A choice goes by its base
// name: Observation.value. Without [CompileFor] the name with the type in it,
// valueQuantity, is understood as well.
//
// Types without namespace are looked for in FHIR first: Quantity is FHIR.Quantity,
// Date is System.Date, date is FHIR.date.
//
// # Values
//
// Sums, differences and products of decimals are exact; quotients and roots have 34
// digits. Dates are as precise as they were given: what cannot be told of 2024-05
// and 2024-05-17 is nothing. A date without time zone may be in any, so it compares
// with one in a zone only when they are more than a day apart. Quantities compare
// and compute by UCUM (package ucum); years and months of the calendar are not
// those of UCUM.
//
// # Functions
//
// There are all functions of N1 and of FHIR R4, and of later drafts sort, split,
// join, trim, lastIndexOf, matchesFull, encode, decode, escape, unescape,
// lowBoundary, highBoundary, precision, comparable and timeOfDay. What lies outside
// of a resource (resolve, memberOf, subsumes, conformsTo, slice, elementDefinition)
// is asked of [Env].
//
// Regular expressions are those of RE2 (package regexp): they match in linear time
// and know neither back references nor looking around. The dot matches line ends.
//
// # Limits
//
// An expression may come from anywhere. It has at most 64 KiB and 512 levels; the
// work of an evaluation is bounded by [Env].MaxSteps, and so are the number of items,
// the length of strings and the size of regular expressions. [IsLimit] knows the
// errors that say so. Errors are *[Error], or wrap one; they name a place in the
// expression and never a value of the data.
package fhirpath
