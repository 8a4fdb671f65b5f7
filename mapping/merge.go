package mapping

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// Merge brings what a message says of a resource into what is known of it, when
// nothing is known of earlier messages: see [Ledger.Take]. old is the stored
// resource, in the one that the message gave, nulls the elements that the sender
// deleted with "" ([Entry.Nulls]). Neither is changed. It returns old itself and
// false when nothing is new.
//
// Two resources of different type do not merge: in is returned, and true.
func Merge(old, in r4.Resource, nulls []string) (merged r4.Resource, changed bool) {
	merged, changed, _ = (&Ledger{}).Take(old, Said{Resource: in, Nulls: nulls})
	return merged, changed
}

// Take brings what a message says of a resource into what is known of it, and
// notes in l who said so. old is the stored resource that l is of; it is not
// changed, nor is said. touched says that l changed and has to be stored;
// changed that the resource did as well. Without a change it returns old itself.
//
// The rules, cell by cell (see [Ledger]):
//   - of two statements the newer one counts, in whatever order they come; of
//     results the one that is further (final after preliminary) or was issued
//     later. What a newer message leaves out is left alone; what it deletes with
//     "" is removed, and an older message does not bring it back;
//   - what says of itself that it is said by the way ([Said.Fill], and a message
//     that names a visit and says no state of it) only takes the place of what is
//     not known, however new it is;
//   - a single element is replaced. A backbone element, Period and Meta are
//     merged part by part: the end of a visit leaves its start alone;
//   - a list is replaced as sent; of a Patient only what the same sender had sent,
//     while the entries of others stay. An identifier stays unless one of the same
//     system comes, an extension unless one of the same URL does, a participant
//     of a visit unless one of the same role does; whom an account is of, and what
//     a report has found, stays;
//   - a value that says less does not replace one that is known: that nothing is
//     known (data-absent-reason, a null flavor as coding, a status of unknown), a
//     date without the day or time that is known, the mere true of a choice that
//     has the time or number;
//   - id, version and time of old stay, and "" never deletes an identifier;
//   - the value, flags, ranges and comments of an Observation are one statement:
//     a new value takes all of the old one away, and new results the comments of
//     a report;
//   - a visit that is over is not opened by data about it (A08) but by what opens
//     it, which deletes its end (period.end in nulls: A01, A13). While it is over
//     nobody lies in its places.
func (l *Ledger) Take(old r4.Resource, s Said) (merged r4.Resource, changed, touched bool) {
	in := s.Resource
	if in == nil {
		return old, false, false
	}
	m := mark{by: &stamp{Origin: s.Origin}, rank: said}
	if s.Fill || aside(in) {
		m.rank = fills
	}
	m.by.progressOf(in)
	if old == nil || old.ResourceType() != in.ResourceType() {
		*l = Ledger{rest: m}
		l.begin(in, s.Nulls)
		return in, true, true
	}
	if l.rest.by == nil {
		l.rest = mark{by: &stamp{}, rank: said}
		l.rest.by.progressOf(old)
	}
	before := l.clone()
	t := merging{l: l, mark: m, nulls: s.Nulls, dst: r4.Clone(old)}
	t.run(r4.Clone(in))
	l.compact(t.dst)
	touched = !l.equal(&before)
	if r4.Equal(old, t.dst) {
		return old, false, touched
	}
	return t.dst, true, true
}

// partwise are the data types whose parts are facts of their own. A part of any
// other type means nothing beside parts of another value: a new code beside an
// old text would be a third thing.
var partwise = map[string]bool{"Period": true, "Meta": true}

// byKey are the types whose lists are not replaced as a whole: an entry stays
// while none of the same key is sent.
var byKey = map[string]func(entry any) string{
	"Identifier": func(e any) string {
		id := e.(*r4.Identifier)
		if id.Use == "old" { // of a patient that was merged into this one
			return "old " + id.System + "|" + id.Value
		}
		if id.System != "" || id.Type == nil {
			return id.System
		}
		key := id.Type.Text // without a system the type tells whose number it is
		for i := range id.Type.Coding {
			key += "|" + id.Type.Coding[i].Code
		}
		return key
	},
	"Extension": func(e any) string { return e.(*r4.Extension).URL },
	// Each role is a field of its own in v2: a new attending doctor (PV1-7) says
	// nothing of the consulting one (PV1-9).
	"Encounter.participant": func(e any) string {
		if role := e.(*r4.EncounterParticipant).Type; len(role) > 0 && len(role[0].Coding) > 0 {
			return role[0].Coding[0].Code
		}
		return ""
	},
}

// united are lists of references of which none goes when another one is sent.
var united = map[string]bool{"Account.subject": true, "DiagnosticReport.result": true, "Patient.link": true}

// ownLists are the lists of which each sender has entries of its own.
var ownLists = map[string]bool{
	"Patient.identifier": true, "Patient.name": true, "Patient.telecom": true, "Patient.address": true,
	"Patient.contact": true, "Patient.communication": true, "Patient.generalPractitioner": true, "Patient.photo": true,
}

// owned are the elements that are the store's.
var owned = map[string]bool{"id": true, "meta.versionId": true, "meta.lastUpdated": true}

// empty are the values of required elements that say that nothing is known.
var empty = map[string]string{
	"DiagnosticReport.status": "unknown",
	"Encounter.status":        "unknown",
	"EpisodeOfCare.status":    "unknown",
	"Observation.status":      "unknown",
	"Procedure.status":        "unknown",
	"ServiceRequest.status":   "unknown",
}

const (
	dataAbsent = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
	nullFlavor = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
)

// merging is one merge of two resources.
type merging struct {
	l     *Ledger
	mark  mark // of what comes in
	nulls []string
	dst   r4.Resource

	from *Ledger // what comes in is another resource, with its own ledger
	lift func(mark) mark
}

// is is the mark of a cell of what comes in.
func (m *merging) is(path string) mark {
	if m.from == nil {
		return m.mark
	}
	return m.lift(m.from.was(path, true))
}

func (m *merging) run(in r4.Resource) {
	typ := in.ResourceType()
	visit, _ := m.dst.(*r4.Encounter)
	if visit != nil {
		m.l.reopenPlaces(visit)
	}
	if m.mark.rank == said && m.from == nil {
		m.delete(in)
	}
	switch in := in.(type) {
	case *r4.Encounter:
		m.l.state(visit, in, m.mark, m.nulls)
		in.Status = ""
	case *r4.Observation:
		m.statement(m.dst.(*r4.Observation), in)
	case *r4.DiagnosticReport:
		m.results(in)
	}
	id := m.dst.ResourceID()
	m.into(m.dst, in, typ)
	m.dst.SetResourceID(id)
	if visit != nil {
		m.l.leavePlaces(visit)
	}
}

// into merges src into dst, which have the same type; at is the path of both,
// beginning with the resource type.
func (m *merging) into(dst, src any, at string) {
	t := r4.TypeOf(dst)
	for i := range t.Fields {
		f := &t.Fields[i]
		path := at + "." + f.Name
		if !filled(f, src) || owned[path[strings.IndexByte(path, '.')+1:]] {
			continue
		}
		key := listKey(f, path)
		switch {
		case ownLists[path]:
			m.ofSender(f, dst, src, path, key)
		case key != nil:
			m.list(f, dst, src, path, key)
		case united[path]:
			unite(f, dst, src)
		case partly(f):
			m.parts(f, dst, src, path)
		default:
			m.cell(f, dst, src, path)
		}
	}
}

// partly reports whether the parts of a field are facts of their own.
func partly(f *r4.Field) bool {
	return !f.List && !f.Choice && (f.Types[0].Kind == r4.KindBackbone || partwise[f.Types[0].Name])
}

// parts merges a single element part by part.
func (m *merging) parts(f *r4.Field, dst, src any, path string) {
	known := filled(f, dst)
	if known && saysNothing(f, src, path) {
		return
	}
	var into any
	if into = f.At(dst, 0); !known || into == nil {
		into = f.Make(dst, nil)
	}
	m.into(into, f.At(src, 0), path)
	if r4.Equal(into, r4.TypeOf(into).New()) {
		f.Clear(dst)
	}
}

// cell merges what is replaced as a whole.
func (m *merging) cell(f *r4.Field, dst, src any, path string) {
	known := filled(f, dst)
	is, was := m.is(path), m.l.was(path, known)
	if saysNothing(f, src, path) {
		is.rank = nothing
	}
	if known && saysNothing(f, dst, path) {
		was.rank = nothing
	}
	take := is.beats(was)
	if known && !f.List && is.rank == was.rank && is.rank > nothing {
		switch {
		case saysLess(f, dst, src): // also the same
			if take {
				m.l.set(path, is)
			}
			return
		case saysLess(f, src, dst):
			if !take {
				is = was
			}
			take = true
		}
	}
	if !take {
		return
	}
	f.Clear(dst)
	copyAll(f, dst, src)
	m.l.set(path, is)
}

// delete removes what the sender deleted.
func (m *merging) delete(in r4.Resource) {
	typ := m.dst.ResourceType()
	for _, name := range m.nulls {
		if owned[name] || name == "identifier" || name == "" {
			continue
		}
		m.deleteOne(name, typ+"."+name)
	}
}

func (m *merging) deleteOne(name, path string) {
	if ownLists[path] {
		if f, _, ok := r4.TypeOf(m.dst).Field(name); ok {
			m.sender(f, m.dst, path, listKey(f, path), "", m.gone(), nil)
		}
		return
	}
	all := true
	var cells []string
	for c := range cellsOf(m.dst, m.dst.ResourceType()) {
		if c != path && !strings.HasPrefix(c, path+".") && !strings.HasPrefix(c, path+":") {
			continue
		}
		if is := m.gone(); is.beats(m.l.was(c, true)) {
			cells = append(cells, c)
		} else {
			all = false
		}
	}
	switch {
	case all:
		remove(m.dst, name)
	default:
		for _, c := range cells {
			remove(m.dst, c[len(path)-len(name):])
		}
	}
	for _, c := range cells {
		if delete(m.l.cells, c); !all {
			m.l.set(c, m.gone())
		}
	}
	if all && m.gone().beats(m.l.was(path, false)) {
		m.l.set(path, m.gone())
	}
}

// gone is the mark of a deletion.
func (m *merging) gone() mark { return mark{by: m.mark.by, rank: said, gone: true} }

// begin notes of a new resource what it does not show.
func (l *Ledger) begin(in r4.Resource, nulls []string) {
	typ := in.ResourceType()
	if l.rest.rank == said {
		for _, name := range nulls {
			path := typ + "." + name
			if name == "identifier" || owned[name] || name == "" {
				continue
			}
			if ownLists[path] {
				path += "@" + l.rest.by.Source
			}
			l.set(path, mark{by: l.rest.by, rank: said, gone: true})
		}
	}
	switch in := in.(type) {
	case *r4.Encounter:
		l.state(in, in, l.rest, nulls)
		l.shows(in)
		l.leavePlaces(in)
	case *r4.DiagnosticReport:
		if len(in.Result) > 0 && !hasNote(in) {
			l.set(noteCell, mark{by: l.rest.by, rank: l.rest.rank, gone: true})
		}
		l.listResults(in, l.rest)
	}
}
