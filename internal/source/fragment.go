package source

import (
	"strings"
	"sync"
	"time"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/fault"
)

const (
	fragmentsFor = 10 * time.Minute // how long the next fragment of a message is looked out for
	maxFragments = 4096             // pointers remembered; then all are forgotten
)

// fragments remembers where messages that came in parts would go on, to refuse
// the other parts too: none of them may be taken for a message. The zero value is
// ready.
type fragments struct {
	mu   sync.Mutex
	next map[string]time.Time // by sender and continuation pointer
}

// fragment tells whether a message is a part of one (HL7 v2.9 2.10.2): DSC-1 says
// where it goes on, and the part that does says so in MSH-14. A DSC that
// offers more results of a query (DSC-2 is I) is not meant. MSH-14 alone proves
// nothing, since some senders put other things there.
func (f *fragments) fragment(m *hl7.Message, h hl7.Header, now time.Time) (problem, bool) {
	pointer := m.Segment(0).Field(14)
	goesOn := f.known(h, pointer, now)
	for dsc := range m.All("DSC") {
		if next := dsc.Field(1); next.Valued() && strings.TrimSpace(dsc.Field(2).String()) != "I" {
			f.expect(h, next, now)
			return fragmented("DSC-1"), true
		}
	}
	if goesOn {
		return fragmented("MSH-14"), true
	}
	return problem{}, false
}

func fragmented(at string) problem {
	return problem{kind: fault.Unsupported, at: at, code: 207, text: "the message is one part of several, which are not put together; send it whole"}
}

func pointerKey(h hl7.Header, pointer hl7.Value) string {
	return clip(h.SendingApp) + "|" + clip(h.SendingFacility) + "|" + clip(string(pointer.Raw()))
}

func (f *fragments) known(h hl7.Header, pointer hl7.Value, now time.Time) bool {
	if !pointer.Valued() {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	at, ok := f.next[pointerKey(h, pointer)]
	return ok && now.Sub(at) < fragmentsFor
}

func (f *fragments) expect(h hl7.Header, pointer hl7.Value, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.next == nil || len(f.next) >= maxFragments { // nobody has so many in ten minutes who means it
		f.next = map[string]time.Time{}
	}
	f.next[pointerKey(h, pointer)] = now
}
