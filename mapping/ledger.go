package mapping

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// Origin says whose word a message is, and of when. Times are UTC as
// "20060102150405.000000", which sort as texts; of a message that names no zone,
// and of a site that configured none, they are those of the sender's clock.
type Origin struct {
	At      string // when it happened: EVN-2 if it has a time of day, else MSH-7
	Sent    string // MSH-7
	Source  string // MSH-3 and MSH-4
	Control string // MSH-10
}

// Said is what one message says of a resource.
type Said struct {
	Resource r4.Resource
	Nulls    []string // [Entry.Nulls]
	Fill     bool     // [Entry.Fill]: takes only the place of what is not known
	Origin   Origin
}

// A Ledger says of a stored resource who said which part of it, and when. With
// it messages may come in any order: what becomes of them is the same. The zero
// value knows nothing: whatever the resource has is older than any message.
//
// It holds no values of elements. Its parts are cells: a single element
// ("Patient.birthDate"), a part of a Period or backbone element
// ("Encounter.period.start"), the entries of a list under one key
// ("Encounter.participant:ATND") or of one sender ("Patient.telecom@PAS").
type Ledger struct {
	rest  mark // of the cells that are there and not listed
	cells map[string]mark
}

// A mark is who said a cell.
type mark struct {
	by   *stamp
	rank rank
	gone bool     // the cell was deleted
	own  []uint64 // hashes of the entries, in a list of several senders
	text string   // what the resource does not show
}

// A rank goes before any time: a greater one takes the place of a smaller one.
type rank uint8

const (
	noRank     rank = iota // nobody said it
	nothing                // a word for nothing, such as the status unknown
	fills                  // said by the way
	said                   // said
	upperRanks             // no rank
)

// A stamp is the origin of a statement. Of results their progress goes first.
type stamp struct {
	Origin
	issued, taken string
	stage         int
}

// compare tells which of two stamps is the newer one: 1 for a, -1 for b, 0 when
// nothing tells.
func (a *stamp) compare(b *stamp) int {
	switch {
	case surelyAfter(a.issued, b.issued):
		return 1
	case surelyAfter(b.issued, a.issued):
		return -1
	case surelyAfter(a.taken, b.taken) && a.At >= b.At:
		return 1
	case surelyAfter(b.taken, a.taken) && b.At >= a.At:
		return -1
	case a.stage > 0 && b.stage > 0 && a.stage != b.stage:
		return cmp.Compare(a.stage, b.stage)
	}
	if c := cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Sent, b.Sent), cmp.Compare(a.Source, b.Source)); c != 0 {
		return c
	}
	return compareControl(a.Control, b.Control)
}

// compareControl compares control ids that count: the same beginning and then
// digits, as many of them. Others say nothing of the order.
func compareControl(a, b string) int {
	if len(a) != len(b) {
		return 0
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if i == len(a) || !allDigits(a[i:]) || !allDigits(b[i:]) {
		return 0
	}
	return cmp.Compare(a[i:], b[i:])
}

// same reports whether two stamps are of one message.
func (a *stamp) same(b *stamp) bool { return a == b || a.Origin == b.Origin && a.Control != "" }

// beats reports whether a takes the place of b. Of two statements that nothing
// tells apart the one that came last stands; what a message says anew stands
// over its own deletion.
func (a mark) beats(b mark) bool {
	switch {
	case a.rank != b.rank:
		return a.rank > b.rank
	case b.by == nil:
		return true
	case a.by.same(b.by):
		return b.gone && !a.gone
	}
	return a.by.compare(b.by) >= 0
}

// equal reports whether two marks are of one message and rank.
func (a mark) equal(b mark) bool {
	return a.rank == b.rank && a.by != nil && b.by != nil && *a.by == *b.by
}

// was is who said a cell so far, or deleted it or what it is part of.
func (l *Ledger) was(path string, known bool) mark {
	if m, ok := l.cells[path]; ok {
		return m
	}
	if known {
		return l.rest
	}
	for {
		i := strings.LastIndexAny(path, ".:")
		if i < 0 {
			return mark{}
		}
		if path = path[:i]; l.cells[path].gone {
			return l.cells[path]
		}
	}
}

func (l *Ledger) set(path string, m mark) {
	if l.cells == nil {
		l.cells = map[string]mark{}
	}
	l.cells[path] = m
}

// clone copies what a change of l would change.
func (l *Ledger) clone() Ledger {
	c := Ledger{rest: l.rest}
	for path, m := range l.cells {
		c.set(path, m)
	}
	return c
}

// Since returns whose word an element is, and of when: "Encounter.subject".
func (l *Ledger) Since(path string) Origin {
	if m := l.was(path, true); m.by != nil {
		return m.by.Origin
	}
	return Origin{}
}

// Note returns a note that was put into the ledger under a name, and of when it
// is.
func (l *Ledger) Note(name string) (text string, of Origin) {
	m := l.cells["!"+name]
	if m.by == nil {
		return "", Origin{}
	}
	return strings.TrimPrefix(m.text, emptyNote), m.by.Origin
}

// emptyNote stands for a note without words. A cell without a text, of the message that
// said all the rest, would be taken for one of the rest and not be kept, and with it when
// that was said.
const emptyNote = "-"

// SetNote keeps a note under a name in the ledger. It reports whether it is new.
func (l *Ledger) SetNote(name, text string, of Origin) bool {
	if text == "" {
		text = emptyNote
	}
	m := mark{by: &stamp{Origin: of}, rank: said, text: text}
	if was := l.cells["!"+name]; was.equal(m) && was.text == text {
		return false
	}
	l.set("!"+name, m)
	return true
}

// NotedElsewhere reports whether any other note whose name begins so has a word.
func (l *Ledger) NotedElsewhere(prefix, except, word string) bool {
	for path, m := range l.cells {
		if name, ok := strings.CutPrefix(path, "!"); ok && name != except && strings.HasPrefix(name, prefix) && slices.Contains(strings.Fields(m.text), word) {
			return true
		}
	}
	return false
}

// DropNote takes a note out of the ledger.
func (l *Ledger) DropNote(name string) { delete(l.cells, "!"+name) }

// Newer reports whether o is newer than p.
func (o Origin) Newer(p Origin) bool {
	return (&stamp{Origin: o}).compare(&stamp{Origin: p}) > 0
}
