package reverse

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
)

// A function does what no row can say. The list is in tables/README.md.
type function struct {
	alone bool // needs no from; what it gives does not make a segment worth writing
	one   func(e *env, r *row, n node, c *cell, level int) bool
	list  func(e *env, r *row, nodes []node) []cell
}

var functions = map[string]*function{
	"setID":         {alone: true, one: func(e *env, _ *row, _ node, c *cell, _ int) bool { c.set(strconv.Itoa(e.frame.set)); return true }},
	"event":         {alone: true, one: event},
	"now":           {alone: true, one: now},
	"authorityName": {one: authorityPart(func(a authority) string { return a.name })},
	"authorityID":   {one: authorityPart(func(a authority) string { return a.id })},
	"authorityType": {one: authorityPart(func(a authority) string { return a.idType })},
	"systemName":    {one: systemName},
	"lines":         {list: lines},
	"join":          {list: join},
	"snPart":        {one: snPart},
	"textType":      {one: textType},
	"codedType":     {one: codedType},
	"rangeText":     {one: rangeText},
	"mediaType":     {one: func(e *env, _ *row, n node, c *cell, _ int) bool { return mime(e, n, c, 0) }},
	"mediaSubtype":  {one: func(e *env, _ *row, n node, c *cell, _ int) bool { return mime(e, n, c, 1) }},
}

func event(e *env, _ *row, _ node, c *cell, _ int) bool {
	_, trigger, _ := strings.Cut(e.to.Event, "^")
	c.set(trigger)
	return trigger != ""
}

func now(e *env, _ *row, _ node, c *cell, _ int) bool {
	c.set(hl7.FormatTime(e.to.Time, hl7.PrecisionSecond, true))
	return true
}

// An authority is an HD: who assigned an identifier.
type authority struct{ name, id, idType string }

// namesOf turns the registry of a site around. Of several names of one URI the
// first in the alphabet counts.
func namesOf(namespaces map[string]string) map[string]string {
	out := map[string]string{}
	for _, name := range sortedKeys(namespaces) {
		if uri := namespaces[name]; out[uri] == "" {
			out[uri] = name
		}
	}
	return out
}

// authorityOf reads who assigned an identifier: by the name that the site has for
// its system, by the assigner, by the system itself.
func (e *env) authorityOf(id *r4.Identifier) authority {
	a := authority{name: e.r.names[id.System]}
	universal := id.System
	if id.Assigner != nil {
		if a.name == "" {
			a.name = id.Assigner.Display
		}
		if x := id.Assigner.Identifier; x != nil && x.Value != "" {
			universal = x.Value
		}
	}
	if own, ok := strings.CutPrefix(id.System, "urn:pons:ns:"); ok && a.name == "" {
		a.name = lastPart(own)
	}
	if oid, ok := strings.CutPrefix(universal, "urn:oid:"); ok {
		a.id, a.idType = oid, "ISO"
	} else if uuid, ok := strings.CutPrefix(universal, "urn:uuid:"); ok {
		a.id, a.idType = uuid, "UUID"
	} else if strings.HasPrefix(universal, "http") && e.r.names[id.System] == "" {
		a.id, a.idType = universal, "URI"
	}
	if a.name == a.id {
		a.name = ""
	}
	return a
}

// lastPart reads the name in a URN of ours, facility:name.
func lastPart(urn string) string {
	name := urn[strings.LastIndexByte(urn, ':')+1:]
	if text, err := url.PathUnescape(name); err == nil {
		return text
	}
	return name
}

func authorityPart(part func(authority) string) func(*env, *row, node, *cell, int) bool {
	return func(e *env, _ *row, n node, c *cell, _ int) bool {
		id, ok := n.v.(*r4.Identifier)
		if !ok {
			return false
		}
		text := part(e.authorityOf(id))
		if text == "" {
			return false
		}
		c.set(text)
		e.mark(key{n.mark, identifierSystem(), 0})
		if id.Assigner != nil {
			e.markAll(id.Assigner)
		}
		return true
	}
}

func identifierSystem() *r4.Field { return fieldOf("Identifier", "system") }

// systemName gives the name of table 0396 for the URI of a code system, HL7nnnn
// for a table of HL7.
func systemName(e *env, _ *row, n node, c *cell, _ int) bool {
	uri := n.text()
	if uri == "" {
		return false
	}
	e.mark(n.key())
	switch name := e.r.prog.systems[uri]; {
	case name != "":
		c.set(name)
	case strings.HasPrefix(uri, "http://terminology.hl7.org/CodeSystem/v2-"):
		c.set("HL7" + strings.TrimPrefix(uri, "http://terminology.hl7.org/CodeSystem/v2-"))
	case strings.HasPrefix(uri, "urn:pons:cs:"):
		c.set(e.ownSystem(lastPart(uri)))
	case strings.HasPrefix(uri, "urn:oid:"):
		c.set(strings.TrimPrefix(uri, "urn:oid:"))
	default:
		c.set(uri)
	}
	return true
}

// ownSystem gives the name that a sender had for a code system of its own: that of a
// known system, whose last part was kept where it does not have the code.
func (e *env) ownSystem(name string) string {
	if known := e.r.prog.short[name]; known != "" {
		return known
	}
	return name
}

// lines makes a repetition of each line of a text (HL7 v2.9 2A, TX: "the repeat
// delimiter is used to indicate a series of lines").
func lines(e *env, _ *row, nodes []node) []cell {
	var out []cell
	for _, n := range nodes {
		text, ok := e.text(n)
		if !ok {
			continue
		}
		e.pending = append(e.pending, n.via...)
		for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
			out = append(out, cell{text: line})
		}
	}
	return out
}

// join makes one text of several, with blanks between them.
func join(e *env, _ *row, nodes []node) []cell {
	var words []string
	for _, n := range nodes {
		if text, ok := e.text(n); ok {
			words = append(words, text)
			e.pending = append(e.pending, n.via...)
		}
	}
	if len(words) == 0 {
		return nil
	}
	return []cell{{text: strings.Join(words, " ")}}
}

// snPart takes a part of a structured numeric out of the text that SN[Quantity]
// and its kind keep: comparator, number, separator, number, with blanks between
// those that were there.
func snPart(e *env, r *row, n node, c *cell, _ int) bool {
	var part [5]string
	at := 1
	for _, word := range strings.Fields(n.text()) {
		switch {
		case at == 1 && slices.Contains([]string{"<", ">", "<=", ">=", "=", "<>"}, word):
			part[1] = word
		case at <= 2 && !separates(word):
			part[2], at = word, 3
		case at <= 3 && separates(word):
			part[3], at = word, 4
		case at == 4:
			part[4], at = word, 5
		default:
			return false
		}
	}
	if part[r.comp] == "" {
		return false
	}
	e.mark(n.key())
	c.set(part[r.comp])
	return true
}

// separates reports whether a word is SN.3: - + / . : (HL7 v2.9 2A, SN).
func separates(word string) bool { return len(word) == 1 && strings.Contains("-+/.:", word) }

// textType gives OBX-2 of a text: TX if it has lines, else ST.
func textType(_ *env, _ *row, n node, c *cell, _ int) bool {
	c.set("ST")
	if strings.Contains(n.text(), "\n") {
		c.set("TX")
	}
	return true
}

// codedType gives OBX-2 of a coded value: CE as long as that can hold it, up to
// 2.5.1, for old receivers; else CWE.
func codedType(e *env, _ *row, n node, c *cell, _ int) bool {
	concept, ok := n.v.(*r4.CodeableConcept)
	if !ok {
		return false
	}
	c.set("CE")
	more := concept.Text != "" && len(concept.Coding) > 0 || len(concept.Coding) > 2
	for i := range concept.Coding {
		more = more || concept.Coding[i].Version != ""
	}
	if e.since("2.6") || more && e.since("2.5") {
		c.set("CWE")
	}
	return true
}

// rangeText writes a reference range that has no words: low-high, >low or <high
// (HL7 v2.9 7.4.2.7).
func rangeText(e *env, _ *row, n node, c *cell, _ int) bool {
	r, ok := n.v.(*r4.ObservationReferenceRange)
	if !ok {
		return false
	}
	low, high := decimalOf(r.Low), decimalOf(r.High)
	switch {
	case low != "" && high != "":
		c.set(low + "-" + high)
	case low != "":
		c.set(">=" + low)
	case high != "":
		c.set("<=" + high)
	default:
		return false
	}
	e.markAll(r)
	return true
}

func decimalOf(q *r4.Quantity) string {
	if q == nil {
		return ""
	}
	return string(q.Value)
}

// mime gives a part of a media type.
func mime(e *env, n node, c *cell, part int) bool {
	parts := strings.SplitN(n.text(), "/", 2)
	if len(parts) != 2 || parts[part] == "" {
		return false
	}
	e.mark(n.key())
	c.set(parts[part])
	return true
}
