// Package terminology answers what a check of a FHIR resource asks of a
// terminology service: is this code in that value set, is its display right, does
// one code contain another (FHIR R4 terminology-service.html: validate-code,
// subsumes and expand). It works in memory on ValueSets and CodeSystems from a
// Source, such as a *profile.Registry.
//
//	t := terminology.New(profile.Base())
//	r, _ := t.ValidateCode("http://hl7.org/fhir/ValueSet/administrative-gender", "", "female", "")
//	// r.Answer == terminology.In
//
// # What it can tell
//
// A code is in, or it is not in, or that cannot be told here. The third is the
// honest answer where the content is not at hand: SNOMED CT, LOINC and other
// systems that nobody gave, systems of which there is only a fragment or an
// example, filters that need such content. The Reason of a Result names it.
//
// Some systems are rules rather than lists, and are known by them: media types
// (urn:ietf:bcp:13), languages (urn:ietf:bcp:47), units (UCUM), URIs
// (urn:ietf:rfc:3986), countries (urn:iso:std:iso:3166) and currencies
// (urn:iso:std:iso:4217). Of SNOMED CT and LOINC the check digits are known, so
// that a mistyped code gets a Warning.
//
// # Value sets
//
// Compose is followed in full: lists of concepts, filters (is-a, descendent-of,
// is-not-a, generalizes, =, regex, in, not-in, exists) on codes, displays,
// parents, children and properties, imported value sets, also such that import
// each other in a circle, and exclusions. An expansion answers where there is no
// compose or compose cannot tell.
//
// Reasons and warnings name value sets and systems of definitions. They never
// hold the code or the display that was asked for.
package terminology

import (
	"strings"
	"sync"

	"github.com/ponshealth/pons/fhir/r4"
)

// Source gives the definitions, by canonical URL with or without |version. It
// gives the same pointer for the same definition each time, and nobody changes
// what it points to.
type Source interface {
	ValueSet(url string) (*r4.ValueSet, error)
	CodeSystem(url string) (*r4.CodeSystem, error)
}

// Answer is what can be said of a code and a value set.
type Answer uint8

const (
	CannotTell Answer = iota // the content that would tell is not here
	In
	NotIn
)

// String is "in", "not in" or "cannot tell".
func (a Answer) String() string {
	switch a {
	case In:
		return "in"
	case NotIn:
		return "not in"
	}
	return "cannot tell"
}

// Result is what is known of a code.
type Result struct {
	Answer Answer
	// Reason says why it cannot be told, or what more there is to say of a code
	// that is not in. It may be empty for In and NotIn.
	Reason string
	// System is the code system: the one that was given, or for a code without
	// one that of the value set in which the code was found.
	System string
	// Display is the code's display as the definitions have it, "" if unknown.
	Display string
	// WrongDisplay says that a display was given and is none of those that the
	// definitions have for the code. Case and blanks do not matter.
	WrongDisplay bool
	// Abstract says that the code groups others and is not for use in data
	// (property notSelectable).
	Abstract bool
	// Inactive says that the code is not to be used any more.
	Inactive bool
	// Warning says what is wrong with the form of a code whose system is not
	// here: the check digit of SNOMED CT or LOINC.
	Warning string
}

// Error is a value set that cannot be expanded.
type Error struct {
	At      string // the canonical URL
	Problem string
}

func (e *Error) Error() string { return e.At + ": " + e.Problem }

// Memory is a terminology service in memory. It reads definitions when they are
// first asked for and keeps what it made of them. It is safe for concurrent use.
type Memory struct {
	source Source

	mu      sync.RWMutex
	sets    map[*r4.ValueSet]*set
	systems map[*r4.CodeSystem]*system
}

// maxKept bounds each cache; a full one is begun anew.
const maxKept = 10_000

// New makes a service over the definitions of a source.
func New(source Source) *Memory {
	return &Memory{source: source, sets: map[*r4.ValueSet]*set{}, systems: map[*r4.CodeSystem]*system{}}
}

// ValidateCode tells whether a code is in a value set. The system may be empty,
// as for an element of type code: then a code of any system of the value set will
// do. Without a value set the code is only looked up in its system. A display may
// be given to be checked, or be empty.
//
// A value set that the source does not have is not an error but a code of which
// nothing can be told. The error is always nil; it is there so that services that
// have to ask elsewhere look the same.
func (m *Memory) ValidateCode(valueSet, system, code, display string) (Result, error) {
	system, version := cut(system)
	q := query{m: m, system: system, version: version, code: code}
	r := Result{System: system}
	switch {
	case code == "":
		r.Answer, r.Reason = NotIn, "there is no code"
		return r, nil
	case valueSet == "" && system == "":
		r.Reason = "neither value set nor code system is given"
		return r, nil
	case valueSet == "":
		r.Answer = q.inSystem(system, version)
	default:
		r.Answer = q.inSet(valueSet)
	}
	r.Reason = q.reason
	if r.Answer == In && r.System == "" {
		r.System = q.found
	}
	q.describe(&r, display)
	return r, nil
}

// cut parts a canonical URL from its version.
func cut(canonical string) (url, version string) {
	url, version, _ = strings.Cut(canonical, "|")
	return url, version
}

// set gives the prepared value set of a URL; nil when it is not known.
func (m *Memory) set(url string) *set {
	v, err := m.source.ValueSet(url)
	if err != nil || v == nil {
		return nil
	}
	m.mu.RLock()
	s := m.sets[v]
	m.mu.RUnlock()
	if s != nil {
		return s
	}
	return kept(m, m.sets, v, prepare(v))
}

// systemOf gives the prepared code system of a URL, nil when its content is not
// known. When the version is not there, another one is taken.
func (m *Memory) systemOf(url, version string) *system {
	var c *r4.CodeSystem
	err := error(nil)
	if version != "" {
		c, err = m.source.CodeSystem(url + "|" + version)
	}
	if c == nil || err != nil {
		if c, err = m.source.CodeSystem(url); err != nil || c == nil {
			return nil
		}
	}
	m.mu.RLock()
	s := m.systems[c]
	m.mu.RUnlock()
	if s != nil {
		return s
	}
	return kept(m, m.systems, c, index(c))
}

// kept puts what was made into a cache, or gives what another made meanwhile.
func kept[K comparable, V any](m *Memory, in map[K]*V, key K, made *V) *V {
	m.mu.Lock()
	defer m.mu.Unlock()
	if old := in[key]; old != nil {
		return old
	}
	if len(in) >= maxKept {
		clear(in)
	}
	in[key] = made
	return made
}
