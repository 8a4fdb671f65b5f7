package source

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"strconv"
	"strings"
	"sync"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/store"
)

// Numbers keeps where senders stand that number their messages, on disk.
type Numbers interface {
	Sequence(ctx context.Context, channel, link string) (store.Sequence, error)
	SetSequence(ctx context.Context, channel, link string, q store.Sequence) error
}

// Two numbers in MSH-13 that are none: the sender begins to send, or wants to begin
// with another number.
const (
	startLink = 0
	resync    = -1
)

// number reads MSH-13. ok is false if the sender does not number this message.
func (s *MLLP) number(m *hl7.Message) (n int64, ok bool, refused problem, bad bool) {
	field := m.Segment(0).Field(13)
	text := strings.TrimSpace(field.String())
	if s.Numbers == nil || !field.Valued() || text == "" {
		return 0, false, problem{}, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < resync || n == 1<<63-1 {
		return 0, false, problem{kind: fault.Invalid, at: "MSH-13", code: 102, text: "the sequence number is not a number from -1 on"}, true
	}
	return n, true, problem{}, false
}

// linkOf names the two applications between which messages are numbered.
func linkOf(h hl7.Header) string {
	return bounded(strings.Join([]string{h.SendingApp, h.SendingFacility, h.ReceivingApp, h.ReceivingFacility}, "\r"))
}

// numbered takes in a message by the sequence number protocol (HL7 v2.9 2.10.1). The
// number that a sender has to go on with is on disk before it is answered, after the
// message: if that fails in between, the sender sends the message again under the same
// number, and it is known. MSA-4 of the answer repeats the number of a message that
// is taken, and of all else is the number that is expected, -1 for any.
func (s *MLLP) numbered(ctx context.Context, r *reception, m *hl7.Message, body []byte, n int64) []byte {
	h := m.Header()
	link := linkOf(h)
	defer s.links.lock(link)()
	at, err := s.Numbers.Sequence(ctx, s.Channel, link)
	if err != nil {
		return s.unnumbered(r, m, err)
	}
	sum := sha256.Sum256(body)
	switch {
	case n == startLink:
		return s.linked(ctx, r, m, body, at.Next)
	case n == resync:
		if err := s.Numbers.SetSequence(ctx, s.Channel, link, store.Sequence{Next: store.AnyNumber}); err != nil {
			return s.unnumbered(r, m, err)
		}
		return s.linked(ctx, r, m, body, store.AnyNumber)
	case at.Next == store.AnyNumber, n == at.Next:
	case n == at.Next-1 && bytes.Equal(at.Last, sum[:]): // the answer was lost
		return s.positive(r, m, at.Next)
	default:
		p := problem{kind: fault.Conflict, at: "MSH-13", code: 207, text: "another sequence number is expected, see MSA-4", expected: at.Next}
		return s.refuse(ctx, r, m, body, p)
	}
	answer, taken := s.take(ctx, r, m, body, strconv.FormatInt(n, 10))
	if !taken {
		return answer
	}
	if err := s.Numbers.SetSequence(ctx, s.Channel, link, store.Sequence{Next: n + 1, Last: sum[:]}); err != nil {
		return s.unnumbered(r, m, err)
	}
	return answer
}

// linked answers a message that only asks for the number that is expected. What it
// says of a patient is not processed, since it comes again under a number of its own,
// but it is kept.
func (s *MLLP) linked(ctx context.Context, r *reception, m *hl7.Message, body []byte, expected int64) []byte {
	answer := s.positive(r, m, expected)
	if hasContent(m) {
		msg := s.envelope(r.arrival, m, body)
		msg.Ack, msg.AckCode = answer, s.mode(m.Header()).yes()
		s.keep(ctx, r, msg, problem{kind: fault.Unsupported, at: "MSH-13",
			text: "the sequence number says that the message is to start the link, so its content was not processed"})
	}
	return answer
}

// hasContent tells whether anything is valued beyond MSH.
func hasContent(m *hl7.Message) bool {
	for s := range m.Segments() {
		if s.Index() == 0 {
			continue
		}
		for n := 1; n <= s.Len(); n++ {
			if s.Field(n).Valued() {
				return true
			}
		}
	}
	return false
}

// positive is an answer to a message that is not stored.
func (s *MLLP) positive(r *reception, m *hl7.Message, expected int64) []byte {
	md := s.mode(m.Header())
	if !md.good {
		return nil
	}
	return s.answerNumbered(m, r.arrival, md.yes(), strconv.FormatInt(expected, 10))
}

// unnumbered is the answer when the number could not be read or written.
func (s *MLLP) unnumbered(r *reception, m *hl7.Message, err error) []byte {
	r.lost = true
	if r.failed == nil {
		r.failed = errors.Join(errors.New("sequence number"), err)
	}
	s.log().Error("sequence number not stored", "peer", r.peer, "kind", fault.KindOf(err).String(), "err", err)
	return s.refusal(r, m, ackCode(fault.KindOf(err)), unstored(err))
}

// links lets the messages of one link in after each other. The zero value is ready.
type links struct {
	mu   sync.Mutex
	busy map[string]*link
}

type link struct {
	mu   sync.Mutex
	used int
}

func (l *links) lock(name string) (unlock func()) {
	l.mu.Lock()
	if l.busy == nil {
		l.busy = map[string]*link{}
	}
	one := l.busy[name]
	if one == nil {
		one = &link{}
		l.busy[name] = one
	}
	one.used++
	l.mu.Unlock()
	one.mu.Lock()
	return func() {
		one.mu.Unlock()
		l.mu.Lock()
		defer l.mu.Unlock()
		if one.used--; one.used == 0 {
			delete(l.busy, name)
		}
	}
}
