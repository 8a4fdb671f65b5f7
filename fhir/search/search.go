// Package search knows the search parameters of FHIR R4: which there are, what
// a resource holds for each of them (Extract), what a query asks (Parse) and
// whether the two agree (Criterion.Matches). It follows
// http://hl7.org/fhir/R4/search.html.
//
// It knows no storage. A store puts the entries of a resource into its index,
// finds candidates for a Query there, and may recheck them with Matches, which
// is the meaning that every index must agree with.
//
// Decisions where the specification leaves room:
//   - A date or time without a zone is taken as UTC, in resources and in queries.
//   - Tokens compare without regard to letter case, systems exactly.
//   - Strings compare after folding of case, accents and white space.
//   - An unknown parameter or modifier is an error unless the parser is lenient.
package search

// Kind says how the values of a parameter are compared. It decides which of
// the fields of Entry and Value are used.
type Kind uint8

// Kinds of parameters. Composite and special parameters are not supported.
const (
	Token     Kind = iota // System, Code
	Reference             // Ref
	URI                   // Code
	String                // Text, Raw
	Date                  // Lo, Hi
	Number                // Min, Max
	Quantity              // Min, Max, System, Code, Text (the unit for people)
)

var kindNames = [...]string{"token", "reference", "uri", "string", "date", "number", "quantity"}

// String returns the name that the SearchParameter resource uses for k.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Entry is one value that a resource holds for one parameter: one row of an
// index. Which fields count depends on Kind; the others are zero.
type Entry struct {
	Param  string // name of the parameter, such as "birthdate"
	Kind   Kind
	System string // token, quantity: the code system or identifier namespace, "" if none
	Code   string // token: the code or identifier as written; uri: the URI; quantity: the coded unit
	Ref    string // reference: "Patient/123", or an absolute URL or URN; without a version
	Text   string // string: as Fold makes it; quantity: the unit for people, by FoldCode
	Raw    string // string: as written
	// Date: microseconds since 1970, half open [Lo, Hi). A day is 24 hours of
	// UTC, a second is a second. An open end is math.MinInt64 or math.MaxInt64.
	Lo, Hi int64
	// Number, quantity: the range of the value as it is, not widened by its
	// precision; equal unless the element is a Range. An open end is infinite.
	Min, Max float64
}

// Query is a parsed search on one resource type. A resource is found if it
// meets every criterion.
type Query struct {
	Type     string
	Criteria []Criterion
	// IDs restricts the search to these logical ids; nil does not restrict, and
	// an empty list finds nothing.
	IDs       []string
	Sort      []Sort // most significant first; empty leaves the order to the store
	Count     int    // page size asked for; 0 leaves it to the server
	Cursor    string // where the page starts, as the store gave it; "" is the first page
	CountOnly bool   // _summary=count or _count=0: only the total is wanted
	Total     bool   // _total=accurate, or CountOnly: the exact total is wanted
	// Ignored names the parameters that a lenient parser passed over, sorted.
	Ignored []string
}

// Criterion is one search parameter with its values, one of which must match.
// A parameter that is repeated in a query makes one criterion each time.
type Criterion struct {
	Param    string
	Kind     Kind
	Modifier Modifier
	Values   []Value
}

// Modifier changes what a criterion means. The modifiers ":Patient" (a type)
// and ":identifier" of references do not appear here: the first is resolved
// into the value, the second names a token parameter of its own, such as
// "subject:identifier", which Extract fills.
type Modifier string

// Modifiers that a Criterion can have.
const (
	None     Modifier = ""
	Exact    Modifier = "exact"    // string: as written
	Contains Modifier = "contains" // string: anywhere in the text
	Not      Modifier = "not"      // token: no entry matches, also when there is none
	Missing  Modifier = "missing"  // any kind: Values[0].Code "true": no entry; "false": some entry
)

// Value is one value of a criterion.
type Value struct {
	Prefix string // date, number, quantity: eq ne lt le gt ge sa eb ap, "eq" if none was given; else ""
	// HasSystem tells that a token or quantity was written with a bar.
	// "code": false. "system|code": true. "|code": true with System "", which
	// finds only codes without a system. "system|": true with Code "".
	HasSystem bool
	System    string
	Code      string // token, uri, quantity (the unit)
	Ref       string // reference, in the form of Entry.Ref
	Text      string // string: as Fold makes it, but as written if the modifier is Exact
	Lo, Hi    int64  // date: as in Entry; widened for "ap"
	// Number, quantity: for eq and ne the half-open range that the precision as
	// written implies, for ap a wider one; for the other prefixes both are the
	// number itself.
	Min, Max float64
}

// Sort is one key of the order of a result. Compare says what it means.
type Sort struct {
	Param      string // "_id", "_lastUpdated", or a parameter that Extract fills
	Kind       Kind
	Descending bool
}

// Names of the parameters that every resource has and that a store answers from
// its own columns. Extract gives no entries for them.
const (
	ParamID          = "_id"          // arrives in Query.IDs; as a sort key it is a Token
	ParamLastUpdated = "_lastUpdated" // arrives as a Date criterion; see LastUpdated
)

// Class is the class of an Error.
type Class uint8

// Classes of errors.
const (
	BadValue  Class = iota // the value cannot be read
	Unknown                // no such parameter, modifier or prefix for this type, or it is not supported
	TooCostly              // over a limit on parameters, values or length
)

// Error says which parameter of a query cannot be used, and why. It never
// quotes the value, which may be a patient's.
type Error struct {
	At      string // the parameter as written, with its modifier; "" for the query as a whole
	Class   Class
	Problem string

	modifier bool // it is the modifier that is not supported
}

func (e *Error) Error() string {
	if e.At == "" {
		return "search: " + e.Problem
	}
	return "search: " + e.At + ": " + e.Problem
}
