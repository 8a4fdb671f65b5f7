package hl7

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// EditSegment is one segment of an [Editor]. Its methods are those of the editor,
// with a place inside the segment, "3[2].4.1", instead of a path. They return the
// segment, so that calls can be chained.
type EditSegment struct {
	e *Editor
	l *line // nil when it is not there, and then the editor has an error
}

// Name returns the segment's three characters.
func (s EditSegment) Name() string {
	if s.l == nil {
		return ""
	}
	return string(s.l.text[:3])
}

// Set writes text at a place. See [Editor.Set].
func (s EditSegment) Set(place, text string) EditSegment {
	return s.at(place, func(p Path) { s.set(p, text) })
}

// SetRaw writes bytes at a place as they stand. See [Editor.SetRaw].
func (s EditSegment) SetRaw(place, raw string) EditSegment {
	return s.at(place, func(p Path) { s.setRaw(p, raw) })
}

// Put writes a composite at a place. See [Editor.Put].
func (s EditSegment) Put(place string, c Composite) EditSegment {
	return s.at(place, func(p Path) { s.put(p, c) })
}

// Copy writes a value at a place. See [Editor.Copy].
func (s EditSegment) Copy(place string, v Value) EditSegment {
	return s.at(place, func(p Path) { s.copy(p, v) })
}

// InsertRep makes room for a repetition. See [Editor.InsertRep].
func (s EditSegment) InsertRep(place string) EditSegment { return s.at(place, s.insertRep) }

// RemoveRep takes out a repetition. See [Editor.RemoveRep].
func (s EditSegment) RemoveRep(place string) EditSegment { return s.at(place, s.removeRep) }

func (s EditSegment) at(place string, do func(Path)) EditSegment {
	if s.e.err != nil || s.l == nil {
		return s
	}
	p, ok := parsePath("ZZZ-" + place)
	if !ok {
		s.e.fail(s.Name(), "not a place in a segment, like 3[2].4.1")
		return s
	}
	do(p)
	return s
}

func (s EditSegment) fail(p Path, problem string) {
	n, name := 0, s.Name()
	for _, l := range s.e.lines {
		if string(l.text[:3]) == name {
			n++
		}
		if l == s.l {
			break
		}
	}
	p.Segment, p.Occurrence = name, n
	s.e.fail(p.String(), problem)
}

func (s EditSegment) set(p Path, text string) {
	if s.e.d.Escape == 0 && strings.IndexFunc(text, func(r rune) bool { return r < 0x80 && escapeLetter(byte(r), s.e.d) != "" }) >= 0 {
		s.fail(p, "the text holds a delimiter and the message has no escape character")
		return
	}
	s.write(p, Escape(text, s.e.d))
}

func (s EditSegment) setRaw(p Path, raw string) {
	seps := s.e.d.separators()
	for lv := levelField; lv <= depth(p); lv++ {
		if strings.IndexByte(raw, seps[lv]) >= 0 {
			s.fail(p, "the value holds a delimiter of a level above its place")
			return
		}
	}
	if strings.ContainsAny(raw, "\r\n") {
		s.fail(p, "the value holds a line end")
		return
	}
	s.write(p, raw)
}

func (s EditSegment) put(p Path, c Composite) {
	lv := max(depth(p), levelRepetition) + 1
	raw, ok := compose(c, lv, s.e.d)
	if !ok {
		s.fail(p, "the delimiters of the message cannot express the parts of the value at this depth")
		return
	}
	s.write(p, raw)
}

func (s EditSegment) copy(p Path, v Value) {
	raw, ok := translate(v, s.e.d, depth(p))
	if !ok {
		s.fail(p, "the value has parts that cannot stand at this place")
		return
	}
	s.write(p, raw)
}

func (s EditSegment) insertRep(p Path) {
	if p.Rep == 0 || p.Component != 0 {
		s.fail(p, "not the place of a repetition, like PID-3[2]")
		return
	}
	from, _, pad, ok := s.find(p)
	switch {
	case !ok:
	case len(pad) > 0:
		s.replace(from, from, string(pad))
	case s.e.d.Repetition == 0:
		s.fail(p, "the message names no repetition separator")
	default:
		s.replace(from, from, string(s.e.d.Repetition))
	}
}

func (s EditSegment) removeRep(p Path) {
	if p.Rep == 0 || p.Component != 0 {
		s.fail(p, "not the place of a repetition, like PID-3[2]")
		return
	}
	from, to, pad, ok := s.find(p)
	switch {
	case !ok || len(pad) > 0:
		return
	case to < len(s.l.text) && s.e.d.Repetition != 0 && s.l.text[to] == s.e.d.Repetition:
		to++
	case p.Rep > 1:
		from--
	}
	s.replace(from, to, "")
}

// write puts bytes at a place.
func (s EditSegment) write(p Path, raw string) {
	from, to, pad, ok := s.find(p)
	if !ok || raw == "" && len(pad) > 0 {
		return
	}
	s.replace(from, to, string(pad)+raw)
}

func (s EditSegment) replace(from, to int, with string) {
	s.l.text = slices.Concat(s.l.text[:from], []byte(with), s.l.text[to:])
}

// find returns where a place lies in the segment, and the separators that must
// be written before it when it is not there.
func (s EditSegment) find(p Path) (from, to int, pad []byte, ok bool) {
	rep, component := p.Rep, p.Component
	if p.Sub > 0 {
		component = max(component, 1)
	}
	if component > 0 {
		rep = max(rep, 1)
	}
	field := p.Field + 1 // the name is the first part
	if namesDelimiters(s.l.text, s.e.d.Field) {
		if field--; field <= 2 {
			s.fail(p, "the delimiters of a message cannot be changed in one place")
			return 0, 0, nil, false
		}
	}
	to = len(s.l.text)
	seps := s.e.d.separators()
	for lv, n := range []int{field, rep, component, p.Sub} {
		if n == 0 {
			break
		}
		if len(pad) == 0 {
			if f, t, there := cut(s.l.text, int32(from), int32(to), seps[lv], n); there {
				from, to = int(f), int(t)
				continue
			}
			n -= bytes.Count(s.l.text[from:to], seps[lv:lv+1])
			from = to
		}
		if n > 1 && lv > 0 && seps[lv] == s.e.d.Field {
			s.fail(p, "the message names no "+level(lv).String()+" separator")
			return 0, 0, nil, false
		}
		pad = append(pad, bytes.Repeat(seps[lv:lv+1], n-1)...)
	}
	return from, to, pad, true
}

// depth returns the level of the place that a path names.
func depth(p Path) level {
	switch {
	case p.Sub > 0:
		return levelSubcomponent
	case p.Component > 0:
		return levelComponent
	case p.Rep > 0:
		return levelRepetition
	}
	return levelField
}

func (lv level) String() string {
	switch lv {
	case levelField:
		return "field"
	case levelRepetition:
		return "repetition"
	case levelComponent:
		return "component"
	case levelSubcomponent:
		return "subcomponent"
	}
	return "level " + strconv.Itoa(int(lv))
}
