package source

import (
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

// MLLP takes in the HL7 messages of MLLP blocks and answers them in original
// acknowledgment mode (HL7 v2.9 2.9.2). It is an mllp.Handler.
//
// AA means that the message is on disk. A message that cannot be taken is
// answered AR and kept as dead, within limits, with the reason; one whose block
// did not end is kept and not answered, for its sender cannot have finished. If
// the store fails nothing is kept, the answer is AR with error 207, and the
// sender may try again.
type MLLP struct {
	Channel     string // name for the messages that come in here
	Destination string // where they are to go
	Charset     string // of messages that declare none and are not UTF-8
	Store       Store
	Log         *slog.Logger // ids, addresses, sizes, causes; nothing of a message
	Now         func() time.Time

	// MaxRefused and MaxRefusedBytes bound what is kept of refused messages per
	// address and hour, so that a stranger cannot fill the disk. 0: 200 and
	// 64 MiB. What comes beyond is answered alike, counted, and not kept.
	MaxRefused      int
	MaxRefusedBytes int64

	answers message.IDs // control ids of the answers
	refused quota
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

// Handle takes in one block. Its error is always nil: every failure is an
// answer, and the connection can go on.
func (s *MLLP) Handle(ctx context.Context, b mllp.Block) ([]byte, error) {
	a := s.arrived(b)
	switch {
	case b.Problem == nil:
		return s.block(ctx, a, b.Data), nil
	case errors.Is(b.Problem, mllp.ErrBusy):
		m, _ := first(b.Data)
		return s.answer(m, a, "AR", tooBusy), nil
	case errors.Is(b.Problem, mllp.ErrTooLarge):
		head := b.Data[:min(len(b.Data), keptOfTooLarge)]
		m, _ := first(head)
		return s.refuse(ctx, a, m, head, tooLarge), nil
	default:
		m, _ := first(b.Data)
		s.refuse(ctx, a, m, b.Data, truncated)
		return nil, nil
	}
}

// block takes in the messages of a whole block, in order, and returns their
// answers in one: a sender that waits for one block gets one.
func (s *MLLP) block(ctx context.Context, a arrival, data []byte) (answers []byte) {
	pieces := hl7.Split(data)
	switch {
	case len(pieces) == 0: // nothing but the lines of a batch
		return s.refuse(ctx, a, nil, data, notHL7("", "there is no message in the block"))
	case len(pieces) > maxMessages:
		return s.refuse(ctx, a, nil, data[:min(len(data), keptOfTooLarge)], tooMany)
	}
	var failed error
	for _, piece := range pieces {
		var answer []byte
		answer, failed = s.message(ctx, a, piece, failed)
		answers = append(answers, answer...)
	}
	return answers
}

// message takes in one message. If one before it in the same block failed to be
// stored it fails alike, for they would otherwise come to change places.
func (s *MLLP) message(ctx context.Context, a arrival, body []byte, failed error) (answer []byte, _ error) {
	m, err := hl7.Parse(body)
	if err != nil {
		return s.refuse(ctx, a, nil, body, syntax(err)), failed
	}
	h := m.Header()
	if r, bad := check(h); bad {
		return s.refuse(ctx, a, m, body, r), failed
	}
	msg := s.envelope(a, m, body)
	msg.Lane = lane(s.text(m, body), h)
	msg.AckCode = "AA"
	msg.Ack = s.answer(m, a, msg.AckCode) // it is stored with the message that it answers
	var receipt Receipt
	if failed == nil {
		receipt, failed = s.Store.Accept(ctx, msg)
	}
	if failed != nil {
		s.log().Error("message not stored", "peer", a.peer, "bytes", len(body),
			"kind", fault.KindOf(failed).String(), "at", fault.At(failed), "err", failed)
		kind := fault.KindOf(failed)
		return s.answer(m, a, ackCode(kind), problem{code: errorCode(kind), text: "the message could not be stored"}), failed
	}
	s.log().Debug("message accepted", "message", receipt.ID.String(), "peer", a.peer, "bytes", len(body),
		"duplicate", receipt.Duplicate, "reused", receipt.Reused)
	if receipt.Duplicate && len(receipt.Ack) > 0 {
		return receipt.Ack, nil
	}
	return msg.Ack, nil
}

// refuse keeps a message as dead, if its sender has not had too many kept
// already, and returns the answer AR. m is nil where no header could be read.
func (s *MLLP) refuse(ctx context.Context, a arrival, m *hl7.Message, body []byte, p problem) []byte {
	msg := s.envelope(a, m, body)
	if !p.unanswered {
		if p.headless {
			m = nil
		}
		msg.AckCode = "AR"
		msg.Ack = s.answer(m, a, msg.AckCode, p)
	}
	keep, first := s.refused.take(a, len(body), s.MaxRefused, s.MaxRefusedBytes)
	if !keep {
		if first {
			s.log().Warn("too many refused messages from one address: no more are kept for now", "peer", a.peer)
		}
		return msg.Ack
	}
	receipt, err := s.Store.AcceptDead(ctx, msg, p.cause())
	if err != nil {
		s.log().Error("refused message not kept", "peer", a.peer, "bytes", len(body), "err", err)
		return msg.Ack
	}
	s.log().Warn("message refused", "message", receipt.ID.String(), "peer", a.peer, "bytes", len(body),
		"kind", p.kind.String(), "at", p.at, "cause", p.text, "answer", msg.AckCode)
	return msg.Ack
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
