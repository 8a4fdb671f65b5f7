package search

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/ponshealth/pons/fhir/r4"
)

// Extract gives what a resource holds for every parameter of its type. No entry
// comes twice; their order is that of the parameters' names. A value that
// cannot be compared (a date of an odd form, a reference to a contained
// resource) has no entry.
func Extract(r r4.Resource) []Entry {
	if r == nil {
		return nil
	}
	t := typeOf(r.ResourceType())
	if t == nil {
		return nil
	}
	x := scratch.Get().(*extractor)
	defer x.free()
	for _, s := range t.compile(r.ResourceType()) {
		x.param, x.kind, x.system = s.param.Name, s.param.Kind, s.system
		if s.truth {
			x.code("", strconv.FormatBool(presentAndNotFalse(r, s.steps[0].field)))
			continue
		}
		walk(r, s.steps, x.element)
	}
	return slices.Clone(x.entries)
}

// scratch holds extractors between calls, for the room in their entries.
var scratch = sync.Pool{New: func() any { return &extractor{entries: make([]Entry, 0, 64)} }}

// free gives x back without what it saw.
func (x *extractor) free() {
	clear(x.entries)
	*x = extractor{entries: x.entries[:0]}
	scratch.Put(x)
}

func presentAndNotFalse(r r4.Resource, f *r4.Field) bool {
	return f.Len(r) > 0 && f.Text(r, 0) != "false"
}

// extractor gathers the entries of one resource. param, kind and system are
// those of the expression that is being walked.
type extractor struct {
	entries []Entry
	param   string
	kind    Kind
	system  string
}

// add keeps an entry unless the same is there already.
func (x *extractor) add(e Entry) {
	e.Param, e.Kind = x.param, x.kind
	for i := len(x.entries) - 1; i >= 0 && x.entries[i].Param == e.Param; i-- {
		if x.entries[i] == e {
			return
		}
	}
	x.entries = append(x.entries, e)
}

// element makes the entries of one element, by the kind of the parameter and
// the type of the element (search.html, table at the end: which parameter type
// goes with which data type).
func (x *extractor) element(f *r4.Field, parent any, i int) {
	value := f.At(parent, i)
	if text := f.Text(parent, i); text != "" {
		typ := f.TypeAt(parent)
		if typ != nil {
			x.primitive(typ.Name, text, f, parent)
		}
		return
	}
	switch x.kind {
	case Token:
		x.token(value)
	case Reference:
		x.reference(value)
	case String:
		x.composite(value)
	case Date:
		x.period(value)
	case Number, Quantity: // of the numbers, only a Range comes here
		x.quantity(value)
	}
}

func (x *extractor) primitive(typ, text string, f *r4.Field, parent any) {
	switch x.kind {
	case Token:
		x.code(x.system, text)
	case Reference, URI:
		if typ == "canonical" {
			if base, _, versioned := strings.Cut(text, "|"); versioned {
				x.uri(base)
			}
		}
		x.uri(text)
	case String:
		x.text(text)
		if _, ok := parent.(*r4.HumanName); ok && f.Name == "family" {
			x.words(text)
		}
	case Date:
		if lo, hi, ok := parseDate(text); ok {
			x.add(Entry{Lo: lo, Hi: hi})
		}
	case Number:
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			x.add(Entry{Min: n, Max: n})
		}
	}
}

func (x *extractor) uri(text string) {
	switch {
	case x.kind == URI:
		x.add(Entry{Code: text})
	case text[0] != '#': // contained
		x.add(Entry{Ref: text})
	}
}

func (x *extractor) code(system, code string) {
	if system != "" || code != "" {
		x.add(Entry{System: system, Code: code})
	}
}

func (x *extractor) token(value any) {
	switch v := value.(type) {
	case *r4.Coding:
		x.code(v.System, v.Code)
	case *r4.CodeableConcept:
		for i := range v.Coding {
			x.code(v.Coding[i].System, v.Coding[i].Code)
		}
	case *r4.Identifier:
		x.code(v.System, v.Value)
	case *r4.ContactPoint:
		x.code("", v.Value)
	}
}

// reference makes an entry of what is referred to, without its version, and one
// for the parameter "name:identifier" if it is identified.
func (x *extractor) reference(value any) {
	ref, ok := value.(*r4.Reference)
	if !ok {
		return
	}
	if target, _, _ := strings.Cut(ref.Reference, "/_history/"); target != "" && target[0] != '#' {
		x.add(Entry{Ref: target})
	}
	if ref.Identifier != nil && (ref.Identifier.System != "" || ref.Identifier.Value != "") {
		name := x.param
		x.param, x.kind = name+identifierSuffix, Token
		x.code(ref.Identifier.System, ref.Identifier.Value)
		x.param, x.kind = name, Reference
	}
}

const identifierSuffix = ":identifier"

// composite is the search in whole names and addresses: every part of type
// string (search.html#string).
func (x *extractor) composite(value any) {
	switch v := value.(type) {
	case *r4.HumanName:
		x.text(v.Family)
		x.words(v.Family)
		for _, parts := range [][]string{v.Given, v.Prefix, v.Suffix, {v.Text}} {
			for _, part := range parts {
				x.text(part)
			}
		}
		if v.Family == "" {
			x.words(v.Text)
		}
	case *r4.Address:
		for _, line := range v.Line {
			x.text(line)
		}
		for _, part := range []string{v.City, v.District, v.State, v.PostalCode, v.Country, v.Text} {
			x.text(part)
		}
	}
}

func (x *extractor) text(s string) {
	if folded := Fold(s); folded != "" {
		x.add(Entry{Text: folded, Raw: s})
	}
}

// words adds the later words of a family name, which are to be found on their
// own: "Carreno Quinones" also by "Quinones" (search.html#string).
func (x *extractor) words(s string) {
	for rest, found := Fold(s), true; found; {
		if _, rest, found = strings.Cut(rest, " "); found {
			x.add(Entry{Text: rest})
		}
	}
}

func (x *extractor) period(value any) {
	switch v := value.(type) {
	case *r4.Period:
		x.span(v.Start, v.End)
	case *r4.Timing:
		x.timing(v)
	}
}

// span is the range from the start of one date to the end of another.
func (x *extractor) span(start, end string) {
	lo, _, hasStart := parseDate(start)
	_, hi, hasEnd := parseDate(end)
	switch {
	case hasStart && hasEnd && lo < hi:
		x.add(Entry{Lo: lo, Hi: hi})
	case hasStart && end == "":
		x.add(Entry{Lo: lo, Hi: math.MaxInt64})
	case hasEnd && start == "":
		x.add(Entry{Lo: math.MinInt64, Hi: hi})
	}
}

// timing counts by its outer limits only (search.html#date).
func (x *extractor) timing(v *r4.Timing) {
	if len(v.Event) > 0 {
		first, last := int64(math.MaxInt64), int64(math.MinInt64)
		for _, event := range v.Event {
			if lo, hi, ok := parseDate(event); ok {
				first, last = min(first, lo), max(last, hi)
			}
		}
		if first < last {
			x.add(Entry{Lo: first, Hi: last})
		}
	}
	if v.Repeat != nil {
		if bounds, ok := v.Repeat.Bounds.(*r4.Period); ok {
			x.span(bounds.Start, bounds.End)
		}
	}
}
