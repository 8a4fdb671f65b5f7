package mapping

import (
	"reflect"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// Merge brings what a message says of a resource into what is known of it. old
// is the stored resource, in the one that the message gave, nulls the elements
// that the sender deleted with "" ([Entry.Nulls]). Neither is changed. It
// returns old itself and false when nothing is new.
//
// The rules, element by element:
//   - an element that in lacks is left alone; one in nulls is removed;
//   - a single element is replaced. A backbone element, Period and Meta are
//     merged part by part: the end of a visit leaves its start alone;
//   - a list is replaced as sent, but an identifier stays unless in names one of
//     the same system, an extension unless in has one of the same URL, a
//     participant of a visit unless in names one of the same role, and whom an
//     account is of stays;
//   - a value that says less does not replace one that is known: that nothing is
//     known (data-absent-reason, a null flavor as coding, a status of unknown), a
//     date without the day or time that is known, the mere true of a choice that
//     has the time or number;
//   - id, version and time of old stay, and "" never deletes an identifier.
//
// Beyond single elements:
//   - a result that comes late (preliminary after final, or issued before)
//     changes nothing; the reports keep the results of both;
//   - the value, flags, ranges and comments of an Observation are one statement:
//     a new value takes all of the old one away, and new results the comments of
//     a report;
//   - a visit that is over is not opened by data about it; its end has to be
//     deleted as well (period.end in nulls: A01, A13);
//   - a message that names a visit and says no state of it (a result) only fills
//     in what is not known.
//
// Two resources of different type do not merge: in is returned, and true.
func Merge(old, in r4.Resource, nulls []string) (merged r4.Resource, changed bool) {
	if old == nil || in == nil || old.ResourceType() != in.ResourceType() {
		return in, in != nil
	}
	if comesLate(old, in) {
		return withResults(old, in)
	}
	merged = r4.Clone(old)
	for _, path := range nulls {
		remove(merged, path)
	}
	restate(merged, in)
	m := merging{fill: aside(in), over: staysOver(old, in, nulls)}
	m.into(merged, r4.Clone(in), old.ResourceType())
	merged.SetResourceID(old.ResourceID())
	if r4.Equal(old, merged) {
		return old, false
	}
	return merged, true
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
var united = map[string]bool{"Account.subject": true}

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
	fill bool // only what is not known is taken
	over bool // of a visit that is over: state and places stay
}

// into merges src into dst, which have the same type; at is the path of both,
// beginning with the resource type.
func (m merging) into(dst, src any, at string) {
	t := r4.TypeOf(dst)
	for i := range t.Fields {
		f := &t.Fields[i]
		path := at + "." + f.Name
		if !filled(f, src) || owned[path[strings.IndexByte(path, '.')+1:]] {
			continue
		}
		known := filled(f, dst)
		key := listKey(f, path)
		switch {
		case known && saysNothing(f, src, path):
		case known && m.over && (path == "Encounter.status" || path == "Encounter.location"):
		case key != nil:
			m.list(f, dst, src, key)
		case known && !f.List && !f.Choice && (f.Types[0].Kind == r4.KindBackbone || partwise[f.Types[0].Name]):
			m.into(f.At(dst, 0), f.At(src, 0), path)
		case known && m.fill:
		case known && !f.List && saysLess(f, dst, src):
			// What old adds to the same primitive (a time of birth) stays as well.
		case known && united[path]:
			unite(f, dst, src)
		default:
			f.Clear(dst)
			copyAll(f, dst, src)
		}
	}
}

// listKey returns what tells the entries of a list apart, nil if the list is
// replaced as a whole.
func listKey(f *r4.Field, path string) func(any) string {
	if !f.List || f.Types[0].Kind == r4.KindPrimitive {
		return nil
	}
	if key := byKey[path]; key != nil {
		return key
	}
	return byKey[f.Types[0].Name]
}

// saysLess reports whether a single value of src is in that of dst already: the
// same primitive, the beginning of its date, or the true of a choice of which
// dst has the time or number (Patient.deceased, multipleBirth).
func saysLess(f *r4.Field, dst, src any) bool {
	text, known := f.Text(src, 0), f.Text(dst, 0)
	is, was := f.TypeAt(src), f.TypeAt(dst)
	switch {
	case text == "" || f.Element(src, 0) != nil:
		return false
	case is == was:
		return text == known || lessPrecise(is, text, known)
	}
	return f.Choice && is.Name == "boolean" && text == "true" && was.Kind == r4.KindPrimitive
}

// filled reports whether the field holds a value or what stands for one.
func filled(f *r4.Field, parent any) bool {
	return f.Len(parent) > 0 || f.Element(parent, 0) != nil
}

// saysNothing reports whether src has only the word that nothing is known.
func saysNothing(f *r4.Field, src any, path string) bool {
	if f.List && f.Len(src) > 1 {
		return false
	}
	if text := f.Text(src, 0); text != "" {
		return text == empty[path]
	}
	if e := f.Element(src, 0); e != nil && f.Len(src) == 0 {
		return onlyAbsent(e.Extension)
	}
	v := f.At(src, 0)
	if c, ok := v.(*r4.Coding); ok && c.System == nullFlavor {
		return true
	}
	t := r4.TypeOf(v)
	if t == nil || t.Kind == r4.KindResource {
		return false
	}
	ext, _, ok := t.Field("extension")
	if !ok {
		return false
	}
	for i := range t.Fields {
		if g := &t.Fields[i]; g.Name != ext.Name && filled(g, v) {
			return false
		}
	}
	var list []r4.Extension
	for e := range ext.Values(v) {
		list = append(list, *e.(*r4.Extension))
	}
	return onlyAbsent(list)
}

func onlyAbsent(list []r4.Extension) bool {
	for i := range list {
		if list[i].URL != dataAbsent {
			return false
		}
	}
	return len(list) > 0
}

// copyAll gives dst, whose field is empty, the values of src. src is given up:
// the two share what is below.
func copyAll(f *r4.Field, dst, src any) {
	n := max(f.Len(src), 1)
	for i := range n {
		if v := f.At(src, i); v != nil && f.TypeAt(src) != nil && f.TypeAt(src).Kind != r4.KindPrimitive {
			put(f, dst, v)
			continue
		}
		if text := f.Text(src, i); text != "" {
			// It had the format of the type where it comes from.
			_ = f.SetPrimitive(dst, f.TypeAt(src), text)
		}
		if e := f.Element(src, i); e != nil {
			if d := f.MakeElement(dst, f.TypeAt(src), i); d != nil {
				*d = *e
			}
		}
	}
}

// put sets a complex value or resource, or appends it to a list.
func put(f *r4.Field, dst, value any) {
	if r, ok := value.(r4.Resource); ok {
		_ = f.SetResource(dst, r) // its field took it before
		return
	}
	p := f.Make(dst, r4.TypeOf(value))
	reflect.ValueOf(p).Elem().Set(reflect.ValueOf(value).Elem())
}

// remove deletes the element at a path of [Entry.Nulls]: names with dots, an
// extension with its URL behind a colon, which ends the path.
func remove(parent any, path string) {
	if owned[path] || path == "identifier" {
		return
	}
	t := r4.TypeOf(parent)
	if t == nil {
		return
	}
	if name, url, ok := strings.Cut(path, ":"); ok && !strings.Contains(name, ".") {
		removeExtension(parent, name, url)
		return
	}
	name, rest, deeper := strings.Cut(path, ".")
	f, _, ok := t.Field(name)
	if !ok {
		return
	}
	if !deeper {
		f.Clear(parent)
		return
	}
	if e := f.Element(parent, 0); e != nil {
		if n, url, ok := strings.Cut(rest, ":"); ok && n == "extension" {
			if e.Extension = without(e.Extension, url); e.Extension == nil && e.ID == "" {
				typ, text := f.TypeAt(parent), f.Text(parent, 0)
				f.Clear(parent)
				if text != "" {
					_ = f.SetPrimitive(parent, typ, text)
				}
			}
		}
		return
	}
	if v := f.At(parent, 0); r4.TypeOf(v) != nil {
		remove(v, rest)
		if r4.Equal(v, r4.TypeOf(v).New()) {
			f.Clear(parent) // an element without parts is not valid
		}
	}
}

func removeExtension(parent any, name, url string) {
	f, _, ok := r4.TypeOf(parent).Field(name)
	if !ok {
		return
	}
	for i := f.Len(parent) - 1; i >= 0; i-- {
		if e, ok := f.At(parent, i).(*r4.Extension); ok && e.URL == url {
			f.Remove(parent, i)
		}
	}
}

func without(list []r4.Extension, url string) []r4.Extension {
	var rest []r4.Extension
	for _, e := range list {
		if e.URL != url {
			rest = append(rest, e)
		}
	}
	return rest
}
