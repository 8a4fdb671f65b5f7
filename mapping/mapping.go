// Package mapping turns an HL7 v2 message into FHIR R4 resources by tables that
// people read: the rows of the official HL7 v2-to-FHIR guide (IG 1.0.0), with
// its errata mended and each departure from it visible in its row.
//
// The tables are YAML files, embedded in the program and compiled once by
// [New]: every target path is resolved against the R4 definitions and every
// condition becomes a closure. [Mapper.Convert] is pure: it knows no clock but
// the message's, gives the same bytes for the same message, and may be called
// from many goroutines.
//
// A Result says of each element which field and which row wrote it, and of each
// value of the message that nothing consumed where it stands. Neither holds
// values, nor do errors and notes: they name places.
package mapping

import (
	"embed"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
)

//go:embed tables
var embedded embed.FS

// Options says what the tables leave to the house that runs them. The zero
// value is usable.
type Options struct {
	// Namespaces gives the URI of an assigning authority by its HL7 namespace id
	// (HD.1, such as CX.4.1): "NHS" -> "https://fhir.nhs.uk/Id/nhs-number". The
	// key may also be the universal id (HD.2).
	Namespaces map[string]string

	// Zone is the time zone of times that name none. With nil none is invented:
	// such a time is written as a date, with a note.
	Zone *time.Location

	// IDKey keys the hash that makes resource ids of business identifiers. With
	// an empty key anybody can compute the id of a known identifier.
	IDKey []byte

	// Tables replaces the embedded tables: a file system with the directories
	// messages, segments, datatypes and vocabulary and the files identity.yaml,
	// defaults.yaml and systems.yaml.
	Tables fs.FS

	// Overlays change and add to the tables, one after the other.
	Overlays []Overlay
}

// A Mapper converts messages. It is safe for concurrent use.
type Mapper struct {
	prog *program
	opt  Options
	ids  *idMaker
	pool sync.Pool // of *conv
}

// New compiles the tables. The error names file and line of what is wrong with
// them: an unknown path, type, map, vocabulary or function, or a bad condition.
func New(o Options) (*Mapper, error) {
	_, raw, err := o.load()
	if err != nil {
		return nil, err
	}
	prog, err := compile(raw)
	if err != nil {
		return nil, err
	}
	m := &Mapper{prog: prog, opt: o, ids: newIDMaker(o.IDKey)}
	m.pool.New = func() any { return &conv{m: m, mem: &memory{}} }
	return m, nil
}

// An Error says why a message cannot be converted, and where the reason stands.
type Error struct {
	At      string // place in the message, such as "MSH-9"
	Problem string // plain words, never a value of the message
	Code    int    // HL7 table 0357: 200 unsupported type, 201 unsupported event, 207 other
}

// Codes of [Error] (HL7 table 0357).
const (
	UnsupportedType  = 200 // of message
	UnsupportedEvent = 201
	ApplicationError = 207
)

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.At, e.Problem) }

// A Result is what a message became.
type Result struct {
	// Bundle is a transaction: each entry has a fullUrl urn:uuid:<id>, that id in
	// its resource, and the request PUT <type>/<id>. References between entries
	// are urn:uuid:<id>.
	Bundle *r4.Bundle
	// Entries runs parallel to Bundle.Entry.
	Entries []Entry
	// Lineage lists the elements in the order of the Bundle.
	Lineage []Lineage
	// Unmapped lists the valued places of the message that nothing consumed.
	Unmapped []Place
	// Notes lists what was put up with.
	Notes []Note
	// Origin says whose word the message is, and of when.
	Origin Origin
	// Unlink says that the links between the patients of the message are those that
	// there are no longer.
	Unlink bool
	// Move says that something that was filed under the patient of the slot Patient[2] is
	// that of Patient[1]: "*" all of it, else the entries of that type.
	Move string
	// Weak are, with Move, the types of identifiers (HL7 table 0203) that say nothing of who
	// a patient is, such as those of insurance.
	Weak []string
	// Sets are what the message lists whole.
	Sets []Set
}

// A Set is all that the sender has of one kind, such as the next of kin of a
// patient: repeating segments are sent in snapshot mode (HL7 v2.9 2.10.4), so what
// the sender had listed before and left out now is no more. A message without any
// such segment, or with action codes, says nothing of the set.
type Set struct {
	Name    string // such as "NK1"
	Owner   int    // index of the entry whose set it is, a Patient or Encounter
	Members []int  // indexes of the entries in it; none when all were deleted
}

// Entry says more of one entry of the Bundle.
type Entry struct {
	Slot        string       // name in the tables, such as "Patient[1]"; "" if made inside another
	Nulls       []string     // elements that the sender deleted with "" (two quotation marks)
	Fill        bool         // said by the way: only to take the place of what is not known
	Identifiers []Identifier // business identifiers that name this resource anywhere; empty if its id comes from elsewhere
}

// Identifier is a business identifier: a system and a value in it.
type Identifier struct{ System, Value string }

// Lineage says whence an element came.
type Lineage struct {
	Entry   int    `json:"entry"`   // index in Bundle.Entry; -1 is the Bundle itself
	Path    string `json:"path"`    // element, such as "name[0].given[1]"
	Segment int    `json:"segment"` // index of the segment in the message, -1 if none
	Field   string `json:"field"`   // source, such as "PID-5[1].2"
	Row     string `json:"row"`     // table rows, outermost first: "PID[Patient]#7/XPN[HumanName]#4"
}

// Place is a value in the message.
type Place struct {
	Segment int    `json:"segment"` // index in the message
	Path    string `json:"path"`    // such as "PID-5[1].2"; repetition 1 of a field that does not repeat is left out
}

// Note tells of something that was put up with.
type Note struct {
	At   string `json:"at"`   // place in the message or in the result
	Text string `json:"text"` // plain words, never a value
}
