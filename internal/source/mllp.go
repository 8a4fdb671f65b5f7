package source

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/mllp"
)

// Limits of what one block may do.
const (
	// maxMessages is how many messages one block may hold.
	maxMessages = 10_000
	// keptOfTooLarge is how much is kept of a block over the size limit.
	keptOfTooLarge = 64 << 10
)

// MLLP takes in the HL7 messages of MLLP blocks and answers each as its MSH-15 and
// MSH-16 ask: in original acknowledgment mode, or with an accept acknowledgment
// of enhanced mode (HL7 v2.9 2.9.2 and 2.9.3). It is an mllp.Handler.
//
// AA and CA mean that the message is on disk. A message that cannot be taken is
// answered AR (CE, CR) and kept as dead, within limits, with the reason; one whose
// block did not end is kept and not answered, for its sender cannot have
// finished. If the store fails nothing is kept, the answer is AR with error 207
// (CE), and the sender may try again.
//
// A batch is taken only if it is whole by its own counts, and then each of its
// messages by itself; the answers are a batch too. The parts of a message that
// comes in several (DSC) are stored and answered each; see [MLLP.Join].
type MLLP struct {
	Channel     string // name for the messages that come in here
	Destination string // where they are to go
	Charset     string // of messages that declare none and are not UTF-8
	Store       Store
	Parts       Parts        // nil: messages in parts are refused
	Numbers     Numbers      // nil: MSH-13 is not looked at, and the sequence number protocol not followed
	Log         *slog.Logger // ids, addresses, sizes, causes; nothing of a message
	Now         func() time.Time

	// Original answers in original mode whatever MSH-15 and MSH-16 ask, for
	// senders that fill them in and understand AA only.
	Original bool
	// Processing are values of MSH-11 to be taken beside P, D and T of HL7
	// table 0103.
	Processing []string

	// MaxRefused and MaxRefusedBytes bound what is kept of refused messages per
	// address and hour, so that a stranger cannot fill the disk. 0: 200 and
	// 64 MiB. What comes beyond is answered alike, counted, and not kept.
	MaxRefused      int
	MaxRefusedBytes int64

	answers  message.IDs // control ids of the answers
	refused  quota
	pointers pointers
	links    links
}

// arrival is what is known of a message before it is read.
type arrival struct {
	peer string       // address and port, "" if there is none
	host netip.Prefix // what counts as one sender
	at   time.Time
}

func (s *MLLP) arrived(b mllp.Block) arrival {
	a := arrival{host: b.Origin(), at: s.Now()}
	if b.Peer != nil {
		a.peer = b.Peer.String()
	}
	return a
}

// reception is one block on its way in.
type reception struct {
	arrival
	failed error // why a message could not be stored: none after it may overtake it
	lost   bool  // something of the block is not in the store
}

// Handle takes in one block. Its error is nil or mllp.ErrNotCommitted: every
// failure is an answer, and the connection can go on.
func (s *MLLP) Handle(ctx context.Context, b mllp.Block) ([]byte, error) {
	r := &reception{arrival: s.arrived(b)}
	reply := s.handle(ctx, r, b)
	if r.lost {
		return reply, mllp.ErrNotCommitted
	}
	return reply, nil
}

func (s *MLLP) handle(ctx context.Context, r *reception, b mllp.Block) []byte {
	switch {
	case b.Problem == nil:
		return s.block(ctx, r, b.Data)
	case errors.Is(b.Problem, mllp.ErrBusy):
		r.lost = true
		m, _ := first(b.Data)
		return s.refusal(r, m, "AR", tooBusy)
	case errors.Is(b.Problem, mllp.ErrTooLarge):
		head := b.Data[:min(len(b.Data), keptOfTooLarge)]
		m, _ := first(head)
		return s.refuse(ctx, r, m, head, tooLarge)
	default:
		m, _ := first(b.Data)
		s.refuse(ctx, r, m, b.Data, truncated)
		return nil
	}
}

// block takes in the messages of a whole block, in order, and returns their
// answers in one: a sender that waits for one block gets one.
func (s *MLLP) block(ctx context.Context, r *reception, data []byte) []byte {
	pieces := hl7.Split(data)
	switch {
	case len(pieces) == 0: // nothing but the lines of a batch
		return s.refuse(ctx, r, nil, data, notHL7("", "there is no message in the block"))
	case len(pieces) > maxMessages:
		return s.refuse(ctx, r, nil, data[:min(len(data), keptOfTooLarge)], tooMany)
	case !isBatch(data):
		return bytes.Join(s.messages(ctx, r, pieces), nil)
	}
	if found := hl7.CheckBatch(data); len(found) > 0 {
		return s.refuseBatch(ctx, r, data, pieces, found[0])
	}
	answers := s.messages(ctx, r, pieces)
	if _, batch := batchHeader(data); batch && r.failed != nil {
		// No part of a batch is accepted when another part could not be stored. The
		// sender sends it again, and what is here already is recognised.
		answers = s.refusals(r, pieces, ackCode(fault.KindOf(r.failed)), unstored(r.failed))
	}
	return batchOf(data, s.answers.Next(r.at), r.arrival, answers)
}

func (s *MLLP) messages(ctx context.Context, r *reception, pieces [][]byte) (answers [][]byte) {
	for _, piece := range pieces {
		if answer := s.message(ctx, r, piece); len(answer) > 0 {
			answers = append(answers, answer)
		}
	}
	return answers
}

// message takes in one message.
func (s *MLLP) message(ctx context.Context, r *reception, body []byte) (answer []byte) {
	m, err := hl7.Parse(body)
	if err != nil {
		return s.refuse(ctx, r, nil, body, syntax(err))
	}
	n, isNumbered, refused, bad := s.number(m)
	// A message that starts a link is of no type.
	untyped := isNumbered && n <= startLink
	if p, bad := s.check(m.Header(), untyped); bad {
		return s.refuse(ctx, r, m, body, p)
	}
	switch {
	case bad:
		return s.refuse(ctx, r, m, body, refused)
	case isNumbered:
		return s.numbered(ctx, r, m, body, n)
	}
	answer, _ = s.take(ctx, r, m, body, "")
	return answer
}

// take stores a message. If one before it in the same block failed to be stored it
// fails alike, for they would otherwise come to change places. sequence is MSA-4 of
// the answer.
func (s *MLLP) take(ctx context.Context, r *reception, m *hl7.Message, body []byte, sequence string) (answer []byte, taken bool) {
	h := m.Header()
	part, undo, p, bad := s.part(m, h)
	if bad {
		if p.kind == fault.Busy {
			r.lost = true
			return s.refusal(r, m, "AR", p), false
		}
		return s.refuse(ctx, r, m, body, p), false
	}
	md := s.mode(h)
	msg := s.envelope(r.arrival, m, body)
	if part != nil {
		msg.Destination, msg.Lane = PartsDestination, part.lane()
	} else {
		msg.Lane = lane(s.text(m, body), h)
	}
	if md.good { // it is stored with the message that it answers
		msg.AckCode = md.yes()
		msg.Ack = s.answerNumbered(m, r.arrival, msg.AckCode, sequence)
	}
	var receipt Receipt
	if r.failed == nil {
		receipt, r.failed = s.Store.Accept(ctx, msg)
	}
	if r.failed != nil || receipt.Duplicate {
		undo()
	}
	if r.failed != nil {
		r.lost = true
		kind := fault.KindOf(r.failed)
		s.log().Error("message not stored", "peer", r.peer, "bytes", len(body),
			"kind", kind.String(), "at", fault.At(r.failed), "err", r.failed)
		if !md.bad {
			return nil, false
		}
		return s.answer(m, r.arrival, md.no(ackCode(kind), ""), unstored(r.failed)), false
	}
	s.log().Debug("message accepted", "message", receipt.ID.String(), "peer", r.peer, "bytes", len(body),
		"duplicate", receipt.Duplicate, "reused", receipt.Reused)
	if receipt.Duplicate && part != nil {
		s.revive(ctx, *part, receipt.ID)
	}
	if receipt.Duplicate && len(receipt.Ack) > 0 {
		return receipt.Ack, true
	}
	return msg.Ack, true
}

// unstored is the problem of a message that is good and that the store refused.
func unstored(err error) problem {
	return problem{code: errorCode(fault.KindOf(err)), text: "the message could not be stored"}
}

// refuse keeps a message as dead and returns the answer. m is nil where no
// header could be read.
func (s *MLLP) refuse(ctx context.Context, r *reception, m *hl7.Message, body []byte, p problem) []byte {
	msg := s.envelope(r.arrival, m, body)
	md := original
	if m != nil {
		md = s.mode(m.Header())
	}
	if md.bad && !p.unanswered {
		if p.headless {
			m = nil
		}
		msg.AckCode = md.no("AR", p.at)
		msg.Ack = s.answer(m, r.arrival, msg.AckCode, p)
	}
	s.keep(ctx, r, msg, p)
	return msg.Ack
}

// keep keeps a refused message, if its sender has not had too many kept already.
func (s *MLLP) keep(ctx context.Context, r *reception, msg message.Message, p problem) {
	keep, first := s.refused.take(r.arrival, len(msg.Body), s.MaxRefused, s.MaxRefusedBytes)
	if !keep {
		r.lost = true
		if first {
			s.log().Warn("too many refused messages from one address: no more are kept for now", "peer", r.peer)
		}
		return
	}
	receipt, err := s.Store.AcceptDead(ctx, msg, p.cause())
	if err != nil {
		r.lost = true
		s.log().Error("refused message not kept", "peer", r.peer, "bytes", len(msg.Body), "err", err)
		return
	}
	s.log().Warn("message refused", "message", receipt.ID.String(), "peer", r.peer, "bytes", len(msg.Body),
		"kind", p.kind.String(), "at", p.at, "cause", p.text, "answer", msg.AckCode)
}

// NotKept tells how many refused messages were not kept because their senders
// had too many.
func (s *MLLP) NotKept() int64 { return s.refused.dropped.Load() }

func (s *MLLP) envelope(a arrival, m *hl7.Message, body []byte) message.Message {
	msg := message.Message{Channel: s.Channel, Destination: s.Destination, Received: a.at, Peer: a.peer, Body: body}
	if m == nil {
		return msg
	}
	h := m.Header()
	msg.ControlID, msg.SendingApp, msg.SendingFac = clip(h.ControlID), clip(h.SendingApp), clip(h.SendingFacility)
	msg.Version, msg.Type = clip(h.Version), clip(h.Type)
	if h.Event != "" {
		msg.Type = clip(h.Type + "^" + h.Event)
	}
	return msg
}

// text returns the message with its character set decoded, which only Asian
// sets need before they are split, or m itself.
func (s *MLLP) text(m *hl7.Message, body []byte) *hl7.Message {
	text, _, err := hl7.Decode(body, s.Charset)
	if err != nil || len(text) == 0 || &text[0] == &body[0] {
		return m
	}
	if decoded, err := hl7.Parse(text); err == nil {
		return decoded
	}
	return m
}

func (s *MLLP) log() *slog.Logger {
	if s.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Log
}

// first returns the first message of a block that is not whole, for what its
// header says.
func first(data []byte) (*hl7.Message, error) {
	pieces := hl7.Split(data)
	if len(pieces) == 0 {
		return nil, errors.New("no message")
	}
	return hl7.Parse(pieces[0])
}
