package hl7

import (
	"bytes"
	"strings"
	"time"
)

// Assembler puts together messages that were sent in fragments (HL7 v2.9 2.10.2): each
// but the last ends with a DSC, and each but the first names in MSH-14 the pointer of
// the DSC before it. The zero value is ready for use. It is not safe for concurrent
// use.
//
// Every fragment is a message with a control ID of its own and gets an accept
// acknowledgment of its own. The whole has the MSH of the first, to which the
// application acknowledgment refers.
type Assembler struct {
	MaxFragments int           // of one message; 0 is 100
	MaxBytes     int           // of all that waits; 0 is 64 MiB
	MaxAge       time.Duration // since the last fragment; 0 is 10 minutes

	waiting map[string]*fragments
	bytes   int
}

// fragments is a message of which some is missing.
type fragments struct {
	delim Delimiters
	text  []byte
	last  int // where in text the last segment starts
	count int
	seen  time.Time
}

// Add takes a message that came in at a time. It returns the whole message when this
// was its last fragment or it never was in any, and nil when more has to come. A
// message without fragments and without ADD segments is returned as it is.
//
// The error is a *[SyntaxError] at MSH-14 or DSC: nobody waits for this fragment, there
// are too many, or they differ in delimiters. What has waited too long is dropped.
// A DSC whose style (DSC-2, table 0398) is I belongs to a query and not to this.
func (a *Assembler) Add(m *Message, now time.Time) (*Message, error) {
	a.expire(now)
	pointer, next := m.Continuation()
	if pointer == "" && next == "" {
		return Unfold(m)
	}
	f := &fragments{delim: m.delim}
	if pointer != "" {
		key := fragmentKey(m, pointer)
		if f = a.waiting[key]; f == nil {
			return nil, &SyntaxError{"MSH-14", "no fragment with this pointer is waiting"}
		}
		a.drop(key)
	}
	if f.delim != m.delim {
		return nil, &SyntaxError{"MSH-2", "the fragments of a message differ in their delimiters"}
	}
	f.add(m)
	f.seen = now
	if next == "" {
		return Parse(f.text)
	}
	switch key := fragmentKey(m, next); {
	case f.count >= orDefault(a.MaxFragments, 100):
		return nil, &SyntaxError{"DSC", "the message has too many fragments"}
	case a.bytes+len(f.text) > orDefault(a.MaxBytes, 64<<20):
		return nil, &SyntaxError{"DSC", "the fragments that wait are too large"}
	case a.waiting[key] != nil:
		return nil, &SyntaxError{"DSC-1", "a fragment with this pointer is waiting already"}
	default:
		if a.waiting == nil {
			a.waiting = map[string]*fragments{}
		}
		a.waiting[key] = f
		a.bytes += len(f.text)
	}
	return nil, nil
}

// Waiting returns the number of messages of which fragments are missing.
func (a *Assembler) Waiting() int { return len(a.waiting) }

func (a *Assembler) expire(now time.Time) {
	age := a.MaxAge
	if age <= 0 {
		age = 10 * time.Minute
	}
	for key, f := range a.waiting {
		if now.Sub(f.seen) > age {
			a.drop(key)
		}
	}
}

func (a *Assembler) drop(key string) {
	a.bytes -= len(a.waiting[key].text)
	delete(a.waiting, key)
}

func orDefault(n, standard int) int {
	if n <= 0 {
		return standard
	}
	return n
}

// Continuation returns where a fragment of a message goes on from and to (HL7 v2.9
// 2.10.2), byte for byte: MSH-14, which repeats the pointer of the fragment before it, and
// DSC-1, which the next fragment will repeat. Each is "" where it is absent or null, and
// a message with neither is no fragment. MSH-14 alone proves little, since some
// senders put other things there. A DSC whose style (DSC-2, table 0398) is I offers more
// results of a query and does not count.
func (m *Message) Continuation() (from, to string) {
	if pointer := m.Segment(0).Field(14); pointer.Valued() {
		from = pointer.raw()
	}
	for dsc := range m.All("DSC") {
		if continues(dsc) {
			to = dsc.Field(1).raw()
		}
	}
	return from, to
}

func continues(dsc Segment) bool {
	return dsc.Field(1).Valued() && strings.TrimSpace(dsc.Field(2).String()) != "I"
}

// fragmentKey tells messages of one sender that wait for a pointer.
func fragmentKey(m *Message, pointer string) string {
	h := m.Header()
	return h.SendingApp + "\r" + h.SendingFacility + "\r" + pointer
}

// add appends the segments of a fragment, without what belongs to the fragment alone: its
// MSH if it is not the first, and the DSC that names the next.
func (f *fragments) add(m *Message) {
	for s := range m.Segments() {
		if s.Index() == 0 && f.count > 0 || s.Name() == "DSC" && continues(s) {
			continue
		}
		f.segment(s.Raw())
	}
	f.count++
}

// segment appends a segment: an ADD with fields continues the one before it at the very
// character, and an ADD alone says that the next fragment will.
func (f *fragments) segment(raw []byte) {
	switch {
	case string(raw) == "ADD":
	case bytes.HasPrefix(raw, []byte{'A', 'D', 'D', f.delim.Field}) && f.last > 0:
		f.text = append(append(bytes.TrimSuffix(f.text, []byte{'\r'}), raw[4:]...), '\r')
	default:
		f.last = len(f.text)
		f.text = append(append(f.text, raw...), '\r')
	}
}

// Unfold joins segments that ADD segments continue within a message (HL7 v2.9 2.10.2.1):
// what follows "ADD|" is part of the segment before it, from the very character where
// that ended. A message without ADD is returned as it is. The error is that of
// [Parse].
func Unfold(m *Message) (*Message, error) {
	if _, ok := m.First("ADD"); !ok {
		return m, nil
	}
	f := fragments{delim: m.delim}
	for s := range m.Segments() {
		f.segment(s.Raw())
	}
	return Parse(f.text)
}
