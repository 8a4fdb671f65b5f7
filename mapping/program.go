package mapping

import "github.com/ponshealth/pons/fhir/r4"

// A program is the tables, compiled.
type program struct {
	messages map[string]*messageTable // by "ADT^A01"
	types    map[string]bool          // by MSH-9.1, those of which some event is known
	types4   map[*r4.Type]*typeInfo
	concept  *conceptSteps
	identity map[*r4.Type]*identityRule
	location [3][1]identityStep
	systems  *systems
}

// A messageTable says which maps apply to which segments.
type messageTable struct {
	name   string
	unlink bool
	move   string // what moves to another patient: "*" or a type
	root   *part
}

// A messageRow applies one map to one segment.
type messageRow struct {
	id    string
	when  cond
	slot  *slot
	sub   []step   // below the slot's resource; empty: the resource itself
	at    *r4.Type // type at sub
	table *table   // nil: only refs
	refs  []refRow
	fill  bool      // says it by the way
	set   *setTerms // nil: not one of a set
}

// setTerms say what set the segments of a row make up.
type setTerms struct {
	name   string
	by     access // one set for each value of this field
	parted bool
	action access // action mode when it has a value
	acts   bool
}

// A slot is a variable of a message table that holds a resource: one for each
// iteration of its scope.
type slot struct {
	name  string // "Patient[1]"
	typ   *r4.Type
	scope *part // a repeating group, the root, or a repeating segment
}

// slotValue is what a slot holds in one iteration of its scope.
type slotValue struct {
	slot *slot
	res  *resource
}

// A refRow is one of refs: path of left = right.
type refRow struct {
	left  *slotRef
	steps []step
	leaf  *r4.Type
	info  *typeInfo // of leaf
	kind  refKind
	right *slotRef
	text  string   // literal
	from  access   // field
	row   *rowName // for lineage
}

type refKind uint8

const (
	refSlot refKind = iota
	refLiteral
	refField
	refAll
)

// A slotRef names a slot as a row does: by its name, or by its type alone.
type slotRef struct {
	name  string // "Patient[1]"; "" when only the type is given
	typ   *r4.Type
	exact bool
}

func (s *slotRef) matches(t *slot) bool {
	if s.exact {
		return s.name == t.name
	}
	return s.typ == t.typ
}

// A table is a segment or data type map, compiled for one target type.
type table struct {
	name  string
	seg   string   // segment name; "" of a data type map
	typ   *r4.Type // nil: the map gives a primitive
	rows  []*row
	runs  []runOfRows // of a segment map: rows in pieces
	late  []*row      // those with [all] or [n-m], which run after the others
	multi bool        // has rows with a leading [n]
	parts bool        // of a data type map: has rows about components
}

// A runOfRows is rows that stand together and are all about one field of the
// segment; field 0 are those that may fire without one.
type runOfRows struct {
	field int
	rows  []*row
}

// A guard is a part of a condition without which it does not hold: a field of the
// segment is one of some texts. Most rows about OBX-5 say so of OBX-2.
type guard struct {
	field int // 0: there is none
	texts []string
}

// A rowName is what the result knows of a row.
type rowName struct {
	id   string // "PID[Patient]#13"
	code bool   // of a vocabulary
}

// A row is one row of a table, compiled.
type row struct {
	rowName
	kind  rowKind
	src   ref
	from  access // where the values come from
	bare  bool   // from the segment or the whole value
	when  cond
	guard guard
	// marks are the values on which = and in of the condition look: once the row
	// has fired they have shaped the result, which is a way of being consumed.
	marks    []access
	absent   bool // fires also when its own field is not valued
	weak     bool
	fallback bool
	once     bool // the path has no list: only the first repetition counts
	tree     bool // writes more than a text
	whole    bool // takes the field with all its repetitions
	late     bool // goes through elements that other rows make

	multi, multiTo int
	steps          []step
	leaf           *r4.Type
	info           *typeInfo // of leaf

	table  *table // of as
	mode   asMode
	climb  int // as: how many steps lead to where the map is applied
	vocab  *vocabulary
	triple bool // the source has codes in triplets (CWE), not one code (ID)
	text   string
	expr   []exprPart
	fn     *function
	slot   *slotRef
	link   int // of a link between the values of a map: which one
	stop   string
}

type rowKind uint8

const (
	rowCopy rowKind = iota
	rowLiteral
	rowExpr
	rowFn
	rowAs
	rowCode // vocabulary
	rowRef
	rowLink
	rowStop
	rowClear
)

type asMode uint8

const (
	asElement  asMode = iota // at the element, or at an enclosing one
	asResource               // in a resource made behind a Reference
	asFree                   // in a resource that nothing refers to
	asText                   // gives a primitive
)

// A step goes from an element to a child of it.
type step struct {
	f      *r4.Field
	typ    *r4.Type
	slot   int
	slotTo int
	all    bool
	here   bool       // takes the repetition
	url    *extension // of an extension step
	info   *typeInfo  // of typ
	create *r4.Type   // go on in the resource of this type behind the Reference
}

// An extension is one that a table declares by its url row.
type extension struct {
	url string
	row *rowName
	num int // slot number in the tree
}

// exprPart is a literal or, with from set, a value.
type exprPart struct {
	text string
	from access
	ref  bool
}
