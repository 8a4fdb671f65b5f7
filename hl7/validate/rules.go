package validate

// Level says how deep to check. Each level has those before it; the zero Level
// is the deepest.
type Level uint8

// The levels.
const (
	Parse     Level = iota + 1 // bytes, character set, delimiters, escapes
	Structure                  // message type, segments and their order
	Fields                     // required, repetitions, lengths, withdrawn
	Types                      // data types
	Tables                     // codes
)

// levels are the names of the levels.
var levels = []string{"", "parse", "structure", "fields", "types", "tables"}

// String returns the name of the level, as [ParseLevel] reads it.
func (l Level) String() string {
	if int(l) < len(levels) {
		return levels[l]
	}
	return ""
}

// ParseLevel reads the name of a level.
func ParseLevel(s string) (Level, bool) {
	for i, name := range levels {
		if name == s && i > 0 {
			return Level(i), true
		}
	}
	return 0, false
}

// Rule is the name of a rule, as profiles know it.
type Rule string

// The rules.
const (
	RuleSyntax      Rule = "syntax"               // the bytes are no message
	RuleCharset     Rule = "charset"              // MSH-18 does not say how the message is written
	RuleLines       Rule = "lines"                // lines that are not segments, a doubled escape character
	RuleEscape      Rule = "escape"               // escape sequences that there are not
	RuleVersion     Rule = "version"              // MSH-12 is no version
	RuleMessageType Rule = "message-type"         // MSH-9 has no structure
	RuleMissing     Rule = "segment-missing"      // a required segment or group
	RuleOrder       Rule = "segment-order"        // a segment out of order
	RuleRepeats     Rule = "segment-repeats"      // a segment or group too often
	RuleUnexpected  Rule = "segment-unexpected"   // a segment that the structure does not have
	RuleRequired    Rule = "required"             // a required field or component
	RuleRepetitions Rule = "repetitions"          // more repetitions than the field may have
	RuleLength      Rule = "length"               // longer than the version allows
	RuleWithdrawn   Rule = "withdrawn"            // a field that the version has no more
	RuleExtraField  Rule = "extra-field"          // a field that the version does not have
	RuleExtraPart   Rule = "extra-component"      // a component that the data type does not have
	RuleType        Rule = "type"                 // not in the format of the data type
	RuleTable       Rule = "table"                // not a code of an HL7 table, and none other is allowed
	RuleTableOpen   Rule = "table-with-exception" // not a code of an HL7 table, where the data type allows others
	RuleTableOther  Rule = "table-other-version"  // a code that only other versions of the table have
	RuleUserTable   Rule = "user-table"           // not a code that HL7 suggests for a user table
	RuleDeprecated  Rule = "deprecated-code"      // a code that is on its way out
	RuleProfile     Rule = "profile"              // a rule of the profile
)

// rules are the facts of each rule. The codes are of HL7 table 0357; 104 is
// there since 2.7, 198 and 199 since 2.9. The severities follow what the
// standard asks of receivers: to ignore segments and fields that they do not
// expect (HL7 v2.9 2.6.2), to tell all else.
var rules = map[Rule]struct {
	level    Level
	code     int
	severity Severity
}{
	RuleSyntax:      {Parse, 100, Error},
	RuleCharset:     {Parse, 102, Warning},
	RuleLines:       {Parse, 100, Warning},
	RuleEscape:      {Parse, 102, Warning},
	RuleVersion:     {Structure, 203, Warning},
	RuleMessageType: {Structure, 200, Error},
	RuleMissing:     {Structure, 100, Error},
	RuleOrder:       {Structure, 100, Error},
	RuleRepeats:     {Structure, 198, Error},
	RuleUnexpected:  {Structure, 100, Warning},
	RuleRequired:    {Fields, 101, Error},
	RuleRepetitions: {Fields, 198, Error},
	RuleLength:      {Fields, 104, Warning},
	RuleWithdrawn:   {Fields, 199, Warning},
	RuleExtraField:  {Fields, 199, Warning},
	RuleExtraPart:   {Types, 102, Warning},
	RuleType:        {Types, 102, Error},
	RuleTable:       {Tables, 103, Error},
	RuleTableOpen:   {Tables, 103, Warning},
	RuleTableOther:  {Tables, 103, Warning},
	RuleUserTable:   {Tables, 103, Information},
	RuleDeprecated:  {Tables, 103, Information},
	RuleProfile:     {Parse, 199, Error},
}
