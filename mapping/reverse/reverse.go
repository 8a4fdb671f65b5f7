package reverse

import (
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/grammar"
)

//go:embed tables
var embedded embed.FS

// Options says what the tables leave to the house that runs them. The zero
// value is usable.
type Options struct {
	// Namespaces gives the URI of an assigning authority by its HL7 namespace id,
	// as mapping.Options has it; here it is read the other way.
	Namespaces map[string]string

	// Tables replaces the embedded tables: a file system with the directories
	// messages, segments, datatypes and choices.
	Tables fs.FS
}

// A Reverter writes v2 messages from FHIR resources. It is safe for concurrent
// use.
type Reverter struct {
	prog  *program
	names map[string]string // namespace id by URI
}

// New compiles the tables. The error names file and line of what is wrong with
// them: an unknown element, field, map, vocabulary or function, and a code of FHIR
// that several codes of v2 share while no table says which of them is meant.
func New(o Options) (*Reverter, error) {
	tables := o.Tables
	if tables == nil {
		sub, err := fs.Sub(embedded, "tables")
		if err != nil {
			return nil, err
		}
		tables = sub
	}
	prog, err := compile(tables)
	if err != nil {
		return nil, err
	}
	return &Reverter{prog: prog, names: namesOf(o.Namespaces)}, nil
}

// Events lists the messages that there are tables for, such as "ADT^A01", sorted.
func (r *Reverter) Events() []string { return sortedKeys(r.prog.messages) }

// A Target says which message is wanted, and what its MSH holds that is in no
// resource.
type Target struct {
	Event     string    // "ADT^A08", MSH-9.1 and MSH-9.2
	Version   string    // MSH-12; empty is 2.5.1
	ControlID string    // MSH-10, required
	Time      time.Time // MSH-7 and EVN-2, required

	SendingApp, SendingFacility     hl7.HD // MSH-3 and MSH-4
	ReceivingApp, ReceivingFacility hl7.HD // MSH-5 and MSH-6

	ProcessingID string // MSH-11; empty is P
	Charset      string // MSH-18, table 0211; empty leaves it out

	// Patient is the id of the Patient whom the message is about, where there are
	// several.
	Patient string
}

// A Result is a message, and what of the resources is not in it.
type Result struct {
	Message *hl7.Message
	// Left lists the elements that nothing carried over, in the order of the
	// resources: whole elements where nothing of them was.
	Left []Place
}

// A Place is an element of a resource.
type Place struct {
	Resource int    `json:"resource"` // index among the resources, or in Bundle.entry
	Path     string `json:"path"`     // "Patient.photo[0]", or "Provenance" for the whole of it
}

// An Error says why resources do not make a message, and where the reason
// stands. It quotes no value.
type Error struct {
	At      string // element, field or option: "Patient", "Target.ControlID"
	Problem string // plain words
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.At, e.Problem) }

// Bundle is Resources for the resources of a Bundle, whose entries may refer to
// one another by fullUrl.
func (r *Reverter) Bundle(b *r4.Bundle, to Target) (*Result, error) {
	if b == nil {
		return nil, &Error{"Bundle", "there is none"}
	}
	ix := newIndex()
	for i := range b.Entry {
		ix.add(b.Entry[i].Resource, b.Entry[i].FullURL)
	}
	return r.run(ix, to)
}

// Resources writes one message from resources. They refer to one another by
// type and id. None of them is changed, and the same resources and target give the
// same bytes.
func (r *Reverter) Resources(in []r4.Resource, to Target) (*Result, error) {
	ix := newIndex()
	for _, res := range in {
		ix.add(res, "")
	}
	return r.run(ix, to)
}

// run makes the message of what is indexed.
func (r *Reverter) run(ix *index, to Target) (*Result, error) {
	table := r.prog.messages[to.Event]
	if table == nil {
		return nil, &Error{"Target.Event", "there is no table for this message"}
	}
	if to.Version == "" {
		to.Version = "2.5.1"
	}
	e := &env{r: r, ix: ix, to: to, grammar: grammar.For(to.Version), used: map[key]bool{}, patient: to.Patient}
	if e.patient == "" {
		if err := e.onePatient(); err != nil {
			return nil, err
		}
	}
	e.frame = &frame{}
	if err := e.items(table.items); err != nil {
		return nil, err
	}
	msg, err := e.message()
	if err != nil {
		return nil, err
	}
	return &Result{Message: msg, Left: e.left()}, nil
}
