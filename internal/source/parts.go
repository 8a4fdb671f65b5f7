package source

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/store"
)

// PartsDestination is where the parts of a message go that came in several. Each is
// stored and answered like a message, and waits there until the others are here; see
// [MLLP.Join].
const PartsDestination = "parts"

// Limits of messages in parts.
const (
	partsFor   = 10 * time.Minute // how long a part waits since the last that belongs to it
	maxParts   = 100              // of one message
	maxWhole   = 64 << 20         // bytes of one message
	maxWaiting = 4096             // parts that wait, of all messages
	maxPast    = 4096             // pointers that are remembered; then all are forgotten
)

// Parts is what the store must do besides, for messages that come in parts.
type Parts interface {
	Claim(ctx context.Context, destination string) (message.Message, error)
	Settle(ctx context.Context, s store.Settlement) error
	Release(id message.ID, destination string)
	Message(ctx context.Context, id message.ID) (store.MessageDetail, error)
	Messages(ctx context.Context, f store.MessageFilter) ([]store.MessageInfo, error)
	Pending(ctx context.Context, destination string) ([]message.ID, error)
	Replay(ctx context.Context, id message.ID, destination string) error
}

// part is one part of a message (HL7 v2.9 2.10.2).
type part struct {
	id       message.ID
	control  string
	from, to string // keys of the pointers that tie it to the parts before and after, "" at the ends
	bytes    int
}

// partOf reads what ties a message to others. ok is false if DSC and MSH-14 are
// empty.
func partOf(m *hl7.Message, h hl7.Header) (p part, ok bool) {
	from, to := m.Continuation()
	sender := h.SendingApp + "\r" + h.SendingFacility + "\r"
	p = part{control: h.ControlID, bytes: len(m.Bytes())}
	if from != "" {
		p.from = bounded(sender + from)
	}
	if to != "" {
		p.to = bounded(sender + to)
	}
	return p, from != "" || to != ""
}

// lane is one that no other part has: a part does not wait for another to be
// settled.
func (p part) lane() string { return bounded("part:" + p.control + "\r" + p.from + "\r" + p.to) }

// part tells whether a message is a part of one, and expects the part after it; undo
// takes that back if it is not stored. A part that cannot be taken is bad.
func (s *MLLP) part(m *hl7.Message, h hl7.Header) (taken *part, undo func(), refused problem, bad bool) {
	undo = func() {}
	p, tied := partOf(m, h)
	if !tied || p.to == "" && !s.pointers.expected(p) {
		return nil, undo, problem{}, false
	}
	if s.Parts == nil {
		s.pointers.settled(p) // the next is one too
		at := "MSH-14"
		if p.to != "" {
			at = "DSC-1"
		}
		return nil, undo, problem{kind: fault.Unsupported, at: at, code: 207, text: "the message is one part of several, which are not put together; send it whole"}, true
	}
	undo, refused, bad = s.pointers.take(p)
	return &p, undo, refused, bad
}

// pointers knows where messages go on that came in part, to tell the parts from
// messages: of the last part that is only MSH-14, in which some senders put other
// things. The zero value is ready.
type pointers struct {
	mu   sync.Mutex
	next map[string]chain // by the pointer that the next part must have
	past map[string]bool  // pointers that were waited for before
}

// chain is the beginning of a message up to some part.
type chain struct {
	control string // MSH-10 of that part
	parts   int
	bytes   int
}

// expected tells whether a message that has only MSH-14 is a part.
func (k *pointers) expected(p part) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, waits := k.next[p.from]
	return p.from != "" && (waits || k.past[p.from])
}

// take says that a part has come, and that the next is expected if one is. undo
// takes it back. A part that goes beyond a limit is not taken.
func (k *pointers) take(p part) (undo func(), refused problem, bad bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	c := k.next[p.from]
	c.control, c.parts, c.bytes = p.control, c.parts+1, c.bytes+p.bytes
	old, known := k.next[p.to]
	switch {
	case c.parts > maxParts:
		return nil, problem{kind: fault.TooLarge, at: "MSH-14", code: 207, text: fmt.Sprintf("the message has more than %d parts", maxParts)}, true
	case c.bytes > maxWhole:
		return nil, problem{kind: fault.TooLarge, at: "MSH-14", code: 207, text: "the parts of the message are too large together"}, true
	case p.to == "":
		return func() {}, problem{}, false
	case known && old.control != p.control:
		return nil, problem{kind: fault.Conflict, at: "DSC-1", code: 205, text: "a part of another message has this pointer and waits for its next part"}, true
	case known: // it was sent again
		return func() {}, problem{}, false
	case len(k.next) >= maxWaiting:
		return nil, problem{kind: fault.Busy, code: 207, text: "too many messages wait for their parts; send it again"}, true
	}
	if k.next == nil {
		k.next = map[string]chain{}
	}
	k.next[p.to] = c
	return func() { k.settled(p) }, problem{}, false
}

// settled says that nothing is to follow a part any more.
func (k *pointers) settled(p part) {
	if p.to == "" {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if c, ok := k.next[p.to]; ok && c.control != p.control {
		return // another part has the pointer
	}
	delete(k.next, p.to)
	if k.past == nil || len(k.past) >= maxPast {
		k.past = map[string]bool{}
	}
	k.past[p.to] = true
}

// Recall learns which parts wait since before a restart. It is called before the
// first block is taken in.
func (s *MLLP) Recall(ctx context.Context) error {
	if s.Parts == nil {
		return nil
	}
	waiting, err := s.Parts.Pending(ctx, PartsDestination)
	if err != nil {
		return err
	}
	for _, id := range waiting {
		p, err := s.stored(ctx, id)
		if err != nil {
			s.log().Error("a part of a message cannot be read", "message", id.String(), "err", err)
			continue // it is claimed later, and then it is dead
		}
		s.pointers.take(p)
	}
	dead, err := s.Parts.Messages(ctx, store.MessageFilter{States: []message.State{message.Dead}, Limit: 1000})
	if err != nil {
		return err
	}
	for _, m := range dead {
		if m.Destination != PartsDestination {
			continue
		}
		if p, err := s.stored(ctx, m.ID); err == nil && p.to != "" {
			if _, waits := s.pointers.next[p.to]; !waits {
				s.pointers.settled(p)
			}
		}
	}
	return nil
}

// stored reads a part that is in the store.
func (s *MLLP) stored(ctx context.Context, id message.ID) (part, error) {
	d, err := s.Parts.Message(ctx, id)
	if err != nil {
		return part{}, err
	}
	return readPart(d.Message)
}

func readPart(m message.Message) (part, error) {
	parsed, err := hl7.Parse(m.Body)
	if err != nil {
		return part{}, fault.New(fault.Invalid, "", "a part of a message that cannot be read")
	}
	p, _ := partOf(parsed, parsed.Header())
	p.id = m.ID
	return p, nil
}

// revive gives a part that was sent again another chance, if it is dead since its
// message did not become whole: the sender has begun anew.
func (s *MLLP) revive(ctx context.Context, p part, id message.ID) {
	d, err := s.Parts.Message(ctx, id)
	if err != nil || d.State != message.Dead || d.Destination != PartsDestination {
		return
	}
	if _, _, bad := s.pointers.take(p); bad {
		return
	}
	if err := s.Parts.Replay(ctx, id, PartsDestination); err != nil {
		s.log().Error("a part of a message that was sent again cannot be replayed", "message", id.String(), "err", err)
	}
}
