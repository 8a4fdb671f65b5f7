package fhirpath

// A tree is a parsed expression.
type tree struct {
	op   op
	at   pos     // of the operator or name
	name string  // of a member, function, variable, type, unit; the operator's text; a literal's text
	kids []*tree // operands; of a member or function first what it is applied to, nil if that is the context
	deep int     // how deep the tree is
	bare bool    // of a quantity: the unit stands without quotes
}

type op uint8

const (
	opNothing  op = iota // {}
	opBoolean            // true
	opString             // 'text'
	opNumber             // 1.5
	opMoment             // @2024, without the @
	opQuantity           // 4 days, 4 'mg': kids[0] is the number, name the unit
	opMember             // name
	opCall               // where(...)
	opIndex              // [0]
	opThis               // $this
	opCounter            // $index
	opTotal              // $total
	opVariable           // %resource
	opSign               // - +
	opInfix              // + - and =
	opIs                 // is, as: name the type
	opAs
)

// Limits of what is compiled.
const (
	maxText  = 64 << 10 // bytes of an expression
	maxDepth = 512      // of nested parts, also a.b.c
)

// strength of the infix operators; a higher one binds closer (N1, "Operator
// Precedence"). They all group from the left.
var strength = map[string]int{
	"implies": 1,
	"or":      2, "xor": 2,
	"and": 3,
	"in":  4, "contains": 4,
	"=": 5, "~": 5, "!=": 5, "!~": 5,
	"<": 6, ">": 6, "<=": 6, ">=": 6,
	"|":  7,
	"is": 8, "as": 8,
	"+": 9, "-": 9, "&": 9,
	"*": 10, "/": 10, "div": 10, "mod": 10,
}

// strengthOfSign is that of a leading - or +.
const strengthOfSign = 11

// durations are the units of time that stand without quotes, with their plural.
var durations = map[string]string{
	"year": "year", "month": "month", "week": "week", "day": "day",
	"hour": "hour", "minute": "minute", "second": "second", "millisecond": "millisecond",
	"years": "year", "months": "month", "weeks": "week", "days": "day",
	"hours": "hour", "minutes": "minute", "seconds": "second", "milliseconds": "millisecond",
}

// keywords cannot be names without back ticks. The words as, contains, in and
// is can.
var keywords = map[string]bool{
	"and": true, "or": true, "xor": true, "implies": true, "div": true, "mod": true,
	"true": true, "false": true,
}
