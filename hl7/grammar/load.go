package grammar

import (
	"compress/flate"
	_ "embed"
	"io"
	"strconv"
	"strings"
	"sync"
)

// The embedded data is text, one record per line, described in internal/gen/grammar.
//
//go:embed grammar.flate
var packedGrammar string

// definitions is the text of all versions. It stays in memory, because the
// strings of every loaded version are parts of it.
var definitions = sync.OnceValue(func() string { return unpack(packedGrammar) })

func unpack(packed string) string {
	text, err := io.ReadAll(flate.NewReader(strings.NewReader(packed)))
	if err != nil {
		panic("grammar: the embedded data is damaged: " + err.Error()) // a build that no test has seen
	}
	return string(text)
}

// load reads the grammar of one version out of the text of all.
func load(index int) *Version {
	v := &Version{
		name: versions[index], segments: map[string]*Segment{}, dataTypes: map[string]*DataType{},
		structures: map[string]string{}, events: map[string]string{},
	}
	var segment *Segment
	var dataType *DataType
	for line := range strings.Lines(definitions()) {
		kind, r := line[0], record(strings.TrimSuffix(line[1:], "\n"))
		r.next()
		switch kind {
		case 'S':
			if name := r.next(); r.has(index) {
				segment = &Segment{Name: name, Title: r.next()}
				v.segments[name] = segment
			}
		case 'F':
			if r.has(index) {
				segment.Fields = append(segment.Fields, Field{
					Seq: r.number(), Name: r.next(), Type: r.next(), Opt: r.next(),
					MaxRep: r.limit(), Length: r.number(), Table: r.next(),
				})
			}
		case 'D':
			if name := r.next(); r.has(index) {
				dataType = &DataType{Name: name, Title: r.next()}
				v.dataTypes[name] = dataType
			}
		case 'C':
			if r.has(index) {
				dataType.Components = append(dataType.Components, Component{
					Seq: r.number(), Name: r.next(), Type: r.next(), Opt: r.next(),
					Length: r.number(), Table: r.next(),
				})
			}
		case 'M':
			if name := r.next(); r.has(index) {
				v.structures[name] = r.next()
			}
		case 'E':
			if name := r.next(); r.has(index) {
				v.events[name] = r.next()
			}
		}
	}
	return v
}

// record is what is left of a line.
type record string

// next takes the next member.
func (r *record) next() string {
	member, rest, _ := strings.Cut(string(*r), "\t")
	*r = record(rest)
	return member
}

// has takes a set of versions and reports whether one is in it.
func (r *record) has(version int) bool {
	set, _ := strconv.ParseUint(r.next(), 16, 32)
	return set>>version&1 == 1
}

// number takes a number; empty is 0.
func (r *record) number() int {
	n, _ := strconv.Atoi(r.next())
	return n
}

// limit takes the greatest number of repetitions; empty is 1.
func (r *record) limit() int {
	switch s := r.next(); s {
	case "":
		return 1
	case "*":
		return Unbounded
	default:
		n, _ := strconv.Atoi(s)
		return n
	}
}
