package validate

import (
	"fmt"
	"regexp"

	"github.com/ponshealth/pons/hl7"
)

// Profile holds the rules of one sender. It is read-only and may be shared. Only
// [ParseProfile] makes one that does anything.
type Profile struct {
	Name    string // for people and reports
	Title   string
	Version string // the version to read messages by, whatever MSH-12 says; "" for what it says

	messages []kind // that may come; none is all
	listed   bool   // only the Z segments that are listed may come
	segments []segmentRule
	tables   map[string]tableRule
	adjust   []adjustment
}

// ProfileError says what is wrong with a profile.
type ProfileError struct {
	Line    int    // of the YAML file, from 1 on; 0 when the file cannot be read
	Problem string // plain words
}

// Error returns the line and the problem.
func (e *ProfileError) Error() string {
	if e.Line == 0 {
		return "profile: " + e.Problem
	}
	return fmt.Sprintf("profile: line %d: %s", e.Line, e.Problem)
}

// kind is a message type, with or without an event.
type kind string

// is reports whether a message is of the kind: "ADT" is all events, "ADT^A01" one.
func (k kind) is(message string) bool {
	return string(k) == message || len(message) > len(k) && message[:len(k)] == string(k) && message[len(k)] == '^'
}

func anyKind(kinds []kind, message string) bool {
	for _, k := range kinds {
		if k.is(message) {
			return true
		}
	}
	return len(kinds) == 0
}

// segmentRule is what a profile says of a segment.
type segmentRule struct {
	name     string
	kinds    []kind // messages for which it says it
	required bool
	max      int // -1 for no limit
	local    bool
	fields   []fieldRule
	known    int // highest field of a Z segment
}

// fieldRule is what a profile says of a field or a part of one.
type fieldRule struct {
	at       hl7.Path // Segment, Field, and perhaps Rep, Component, Sub
	name     string
	kinds    []kind
	when     *condition
	required bool
	absent   bool
	minRep   int
	maxRep   int // 0 for no limit
	min, max int // length; 0 for no limit
	values   map[string]bool
	pattern  *regexp.Regexp
	typ      string
	severity Severity
	text     string
}

// condition is when a rule counts.
type condition struct {
	at     hl7.Path
	values map[string]bool // nil asks whether there is a value
	valued bool
}

// tableRule replaces or adds to the codes of a table.
type tableRule struct {
	codes    map[string]bool
	add      bool
	severity Severity
}

// adjustment gives a rule of the standard another severity.
type adjustment struct {
	rule     Rule // "" is all
	at       hl7.Path
	kinds    []kind
	severity Severity
}

// severity is that of a finding under this profile: the first adjustment that
// fits decides.
func (p *Profile) severity(rule Rule, severity Severity, at hl7.Path, message string) Severity {
	if rule == RuleProfile {
		return severity
	}
	for _, a := range p.adjust {
		if (a.rule == "" || a.rule == rule) && within(at, a.at) && anyKind(a.kinds, message) {
			return a.severity
		}
	}
	return severity
}

// within reports whether a place is another or a part of it. What the other does
// not say fits all.
func within(at, outer hl7.Path) bool {
	return (outer.Segment == "" || at.Segment == outer.Segment) && (outer.Field == 0 || at.Field == outer.Field) &&
		(outer.Rep == 0 || max(at.Rep, 1) == outer.Rep) &&
		(outer.Component == 0 || max(at.Component, 1) == outer.Component) && (outer.Sub == 0 || max(at.Sub, 1) == outer.Sub)
}
