package r4

// ProblemKind is the class of an [Error]: what a program may want to treat
// differently, where the text is for people.
type ProblemKind uint8

// Kinds of problems.
const (
	ProblemOther        ProblemKind = iota // none of the following, or not known
	ProblemSyntax                          // neither JSON nor XML: a comma, a bracket, a quote, an end tag
	ProblemComment                         // a comment in JSON
	ProblemEncoding                        // not UTF-8, or characters that the format cannot have
	ProblemResourceType                    // no resource type, or none of R4
	ProblemUnknown                         // an element or attribute that the type does not have
	ProblemTwice                           // an element that is there already, or a second value of a choice
	ProblemShape                           // a string for an object, an array for a single value, text between elements
	ProblemFormat                          // a primitive that is not in the format of its type
	ProblemEmpty                           // an empty object, array, string or element
	ProblemPairing                         // a null or an extension in a list of primitives that has no partner
	ProblemOrder                           // XML: an element after one that must follow it
	ProblemNamespace                       // XML: a wrong namespace
	ProblemNarrative                       // XML: a narrative that is no XHTML
	ProblemEntity                          // XML: a document type definition or an entity of it
	ProblemLimit                           // too deep, too large, too many
)

var kindNames = [...]string{
	"other", "syntax", "comment", "encoding", "resource type", "unknown element", "twice", "shape", "format",
	"empty", "pairing", "order", "namespace", "narrative", "entity", "limit",
}

// String returns the kind in words, such as "unknown element".
func (k ProblemKind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "other"
}

// kindOf returns the kind of a problem by its text, for strict reading, which
// has no time to lose.
func kindOf(problem string) ProblemKind {
	switch problem {
	case "not JSON", "the document ends too early", "bad escape in a string", "control character in a string",
		"more after the end of the resource":
		return ProblemSyntax
	case "not UTF-8", "control character":
		return ProblemEncoding
	case "resourceType is missing", "unknown resource type":
		return ProblemResourceType
	case "unknown element":
		return ProblemUnknown
	case "twice in one object", "more than one value", "another resource type":
		return ProblemTwice
	case "must be an object", "must be an array", "must be a string", "must be a number", "must be true or false":
		return ProblemShape
	case "empty object", "empty array", "empty string", blankValue:
		return ProblemEmpty
	case "value and extension are of two types", "neither value nor extension":
		return ProblemPairing
	case "nested too deep", "too many elements for the size of the document":
		return ProblemLimit
	}
	return ProblemFormat
}
