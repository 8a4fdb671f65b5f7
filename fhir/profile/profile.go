// Package profile holds the definitions of FHIR R4 and those that are built on
// them: StructureDefinitions, ValueSets and CodeSystems by canonical URL, and
// the snapshot generator that turns a profile's differential into the full list
// of its elements (FHIR R4 profiling.html).
//
// [Base] has the official definitions of FHIR 4.0.1: all types, the extensions
// and profiles that come with the specification, and its terminology with that
// of HL7 v2 and v3. They lie compressed in the program, 1.1 MB together, and each
// is read when it is first asked for: nothing happens at start.
//
//	patient, err := profile.Base().StructureDefinition("http://hl7.org/fhir/StructureDefinition/Patient")
//
// [New] gives a Registry that adds to another one, with definitions from a
// folder, from a FHIR package, or one by one:
//
//	r := profile.New(profile.Base())
//	err := r.AddDir(os.DirFS("profiles"))
//
// A StructureDefinition that came without a snapshot has one when it leaves the
// Registry. Definitions that a Registry gives are shared: read them, do not
// change them. A Registry is safe for concurrent use.
package profile

import (
	"errors"
	"strings"
)

// ErrUnknown is what errors.Is finds in the error for a canonical URL, or a
// version of one, that a Registry does not have.
var ErrUnknown = errors.New("not known")

// Error is what is wrong with a definition, a file or a package of them. Texts
// name places and problems of definitions only.
type Error struct {
	// At is the place: a file ("profiles/UKCore-Patient.xml"), a canonical URL,
	// or a canonical URL, a # and the id of an element.
	At      string
	Problem string
	Err     error // what is behind it: ErrUnknown, an *r4.Error, ...; may be nil
}

func (e *Error) Error() string {
	switch {
	case e.Problem == "":
		return e.At + ": " + e.Err.Error()
	case e.Err == nil || e.Err == ErrUnknown:
		return e.At + ": " + e.Problem
	}
	return e.At + ": " + e.Problem + ": " + e.Err.Error()
}

// Unwrap gives Err.
func (e *Error) Unwrap() error { return e.Err }

// cut parts a canonical "url|version#fragment" into URL and version.
func cut(canonical string) (url, version string) {
	canonical, _, _ = strings.Cut(canonical, "#")
	url, version, _ = strings.Cut(canonical, "|")
	return url, version
}
