package structure

import "strconv"

// Kind says what is wrong.
type Kind uint8

// The kinds of problems.
const (
	NoStructure Kind = iota // the message type and event have no structure in any version
	Missing                 // a required segment or group is not there
	OutOfOrder              // a segment of the structure stands where it cannot
	TooMany                 // a segment or group that does not repeat is repeated
	Unexpected              // a segment that the structure does not have
)

// String returns the kind in words.
func (k Kind) String() string {
	switch k {
	case NoStructure:
		return "no structure"
	case Missing:
		return "missing"
	case OutOfOrder:
		return "out of order"
	case TooMany:
		return "too many"
	case Unexpected:
		return "unexpected"
	}
	return "kind " + strconv.Itoa(int(k))
}

// Problem is one thing in which a message differs from its structure (HL7 v2.9 2.12; in an
// answer it is code 100 or 101 of table 0357).
type Problem struct {
	Kind Kind   // what is wrong
	Name string // the segment or group that is concerned
	// Begins is the segment that Name begins with: the first one that is required,
	// or the first if none is. Of a segment it is its name.
	Begins string
	// Segment is the number, from 0 on, of the segment that is concerned; of what
	// is missing, of the segment before which it is missing, the number of
	// segments if that is the end.
	Segment int
	Group   Node // the group in which it is or is missing
}

// maxProblems bounds what a hostile message can make of itself.
const maxProblems = 1000
