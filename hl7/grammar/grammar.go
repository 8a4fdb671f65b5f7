// Package grammar holds the grammar of HL7 version 2, from 2.1 to 2.9.1, as data:
// segments with their fields, data types with their components, message
// structures with their groups, the structure of each event, and code tables.
//
//	v := grammar.For("2.5.1")
//	pid, _ := v.Segment("PID")
//	fmt.Println(pid.Fields[2].Name) // Patient Identifier List
//
// The data is a comparison of several public descriptions of the standard: facts, no
// prose. It is embedded (about 200 KB) and unpacked when a version is first asked
// for. The package knows no messages: see package hl7 for those.
//
// What it returns is shared and must not be changed.
package grammar

//go:generate go run ../../internal/gen/grammar -from ../../../shared/hl7v2-grammar -to .

import (
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Unbounded is the value of MaxRep and Max where there is no limit.
const Unbounded = -1

// Segment is the definition of a segment in one version (HL7 v2.9 2.5.2, and the segment
// tables of the chapters).
type Segment struct {
	Name   string  // "PID"
	Title  string  // "Patient Identification"
	Fields []Field // number n is Fields[n-1]
}

// Field returns field n, from 1 on. Messages may have more fields than their
// version knows.
func (s *Segment) Field(n int) (Field, bool) {
	if n < 1 || n > len(s.Fields) {
		return Field{}, false
	}
	return s.Fields[n-1], true
}

// Field is the definition of a field, a row of a segment table (HL7 v2.9 2.5.3). Field number n is Fields[n-1].
type Field struct {
	Seq    int    // from 1 on
	Name   string // "Patient Identifier List"
	Type   string // data type, "varies" where another field names it
	Opt    string // R required, O optional, C conditional, B backward compatible, W withdrawn, X not supported, RE required or empty
	MaxRep int    // 1 for a field that does not repeat, Unbounded for no limit
	Length int    // greatest length, 0 when the version gives none
	Table  string // four digits, or ""
}

// DataType is the definition of a data type in one version (HL7 v2.9 chapter 2A).
type DataType struct {
	Name       string      // "CX"
	Title      string      // "Extended Composite ID with Check Digit"
	Components []Component // none for a primitive
}

// Component returns component n, from 1 on.
func (d *DataType) Component(n int) (Component, bool) {
	if n < 1 || n > len(d.Components) {
		return Component{}, false
	}
	return d.Components[n-1], true
}

// Component is the definition of a component. Component number n is Components[n-1].
type Component struct {
	Seq    int    // from 1 on
	Name   string // "Assigning Authority"
	Type   string // data type
	Opt    string // as in Field
	Length int    // greatest length, 0 when the version gives none
	Table  string // four digits, or ""
}

// Version is the grammar of one version of the standard.
type Version struct {
	name       string
	segments   map[string]*Segment
	dataTypes  map[string]*DataType
	structures map[string]string // trees, read when asked for
	events     map[string]string
	tables     sync.Map // *Table by id, made when asked for
}

// Versions returns the versions in order, oldest first.
func Versions() []string { return slices.Clone(versions[:]) }

var versions = [...]string{
	"2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8", "2.8.1", "2.8.2", "2.9", "2.9.1",
}

// fallback is the version for those that say none.
const fallback = "2.5.1"

var loaded [len(versions)]struct {
	once    sync.Once
	version *Version
}

// For returns the grammar of a version as MSH-12 names it. It takes what senders
// write: components behind the version ("2.5.1^USA") do not count, an empty or
// unreadable version is 2.5.1, and one that does not exist is the last before it:
// 2.5.2 is 2.5.1, 2.99 is 2.9.1, and everything before 2.1 is 2.1.
func For(version string) *Version {
	i := find(version)
	l := &loaded[i]
	l.once.Do(func() { l.version = load(i) })
	return l.version
}

func find(version string) int {
	if i := strings.IndexAny(version, "^~&"); i >= 0 {
		version = version[:i]
	}
	version = strings.TrimSpace(version)
	if i := slices.Index(versions[:], version); i >= 0 {
		return i
	}
	want, ok := number(version)
	if !ok {
		return slices.Index(versions[:], fallback)
	}
	best := 0
	for i, name := range versions {
		if n, _ := number(name); slices.Compare(n[:], want[:]) <= 0 {
			best = i
		}
	}
	return best
}

// number reads "2.5.1" as its three numbers.
func number(s string) (n [3]int, ok bool) {
	for i, part := range strings.SplitN(s, ".", 3) {
		v, err := strconv.Atoi(part)
		if err != nil || v < 0 {
			return n, false
		}
		n[i] = v
	}
	return n, true
}

// Name returns the version, such as "2.5.1".
func (v *Version) Name() string { return v.name }

// Segment returns the definition of a segment; false for Z segments and those
// that the version does not have.
func (v *Version) Segment(name string) (*Segment, bool) {
	s, ok := v.segments[name]
	return s, ok
}

// DataType returns the definition of a data type.
func (v *Version) DataType(name string) (*DataType, bool) {
	d, ok := v.dataTypes[name]
	return d, ok
}

// StructureOf returns the message structure of a message type and event, as
// MSH-9.1 and MSH-9.2 name them: "ADT" and "A04" give "ADT_A01" from 2.3.1 on. It is
// for messages that leave MSH-9.3 empty. Every acknowledgment that has no structure of its own is "ACK".
func (v *Version) StructureOf(messageType, event string) (string, bool) {
	if s, ok := v.events[messageType+"^"+event]; ok {
		return s, true
	}
	if s, ok := v.events[messageType]; ok && (event == "" || messageType == "ACK") {
		return s, true
	}
	return "", false
}
