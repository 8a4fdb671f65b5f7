// Package validate checks FHIR R4 resources: what they hold against the
// definitions of their types, against profiles, and against what the
// specification asks beyond those.
//
//	v, err := validate.New(validate.Options{
//		Definitions: profile.Base(),
//		Terminology: terminology.New(profile.Base()),
//	})
//	outcome := v.Validate(ctx, document)
//	if !validate.Valid(outcome) { ... }
//
// [Validator.Validate] takes a document in JSON or XML and reports all that is
// wrong with reading it too; [Validator.ValidateResource] takes a resource.
// Both check it against its type, the profiles that meta.profile names, and
// those given by canonical URL. Resources in contained, in Bundles and in
// Parameters are checked in the same way.
//
// # What is checked
//
// Elements and their order, how often they are there, their types, formats and
// lengths; fixed values, patterns, least and greatest values; all invariants, by
// fhir/fhirpath; bindings; slices told apart by value, pattern, type, profile
// or existence (profiling.html#discriminator); extensions: whether they are
// known, may stand where they stand, and hold what they may; references: where
// they lead to and to what; contained resources; the rules of Bundles,
// documents, messages and search results; narratives, attachments, units,
// codings.
//
// # Severity
//
// What the specification forbids is an error. A warning is what a program
// cannot judge or what should not be: a code outside an extensible value set, a
// display that the system does not have, an extension or a profile that is not
// known here. Information is what could not be checked. A modifier extension
// that is not known is an error, for nobody can say what the resource means.
//
// # The outcome
//
// An OperationOutcome: issue.expression is the place as a FHIRPath expression
// ("Patient.name[0].given[1]"), details.text the problem, diagnostics the
// profile whose rule it is; the line and column of the document are in the
// extensions operationoutcome-issue-line and -col where they are known. Texts name elements, profiles
// and value sets and never hold what the resource says.
//
// # Limits
//
// A run looks at no more elements than Options.MaxWork, reports no more issues
// than Options.MaxIssues (errors have as much room again), and follows
// elements 200 deep. What it leaves out it says. A Validator compiles each
// definition once and is safe for concurrent use.
package validate
