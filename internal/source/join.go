package source

import (
	"context"
	"errors"
	"time"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/store"
)

// Join puts messages together that come in parts, until ctx ends; it is called once,
// and fails only when the store does.
//
// A part waits claimed, as long as its message is not whole. The whole is stored as
// a message of its own, with the header of its first part and the answer that this
// got, and only then are the parts settled: a crash in between leads to the same
// whole again, which the store knows. Parts that wait for another ten minutes
// after the last of them are dead, with the pointer at which one is missing as the
// place, and can be replayed; so are parts that do not fit together.
func (s *MLLP) Join(ctx context.Context) error {
	if s.Parts == nil {
		return nil
	}
	j := joiner{s: s, from: map[string]*waiting{}, to: map[string]*waiting{}}
	defer j.release()
	for ctx.Err() == nil {
		if err := j.next(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// waiting is a part that was claimed. Its bytes are read again when they are
// needed: what waits takes no memory to speak of.
type waiting struct {
	part
	since time.Time
}

// joiner holds the parts that wait, by what ties them together.
type joiner struct {
	s        *MLLP
	from, to map[string]*waiting
}

// next waits for a part, or until one has waited for too long.
func (j *joiner) next(ctx context.Context) error {
	until, cancel := ctx, context.CancelFunc(func() {})
	if oldest, ok := j.oldest(); ok {
		until, cancel = context.WithTimeout(ctx, max(0, oldest.Add(partsFor).Sub(j.s.Now())))
	}
	defer cancel()
	m, err := j.s.Parts.Claim(until, PartsDestination)
	switch {
	case ctx.Err() != nil:
		if err == nil {
			j.s.Parts.Release(m.ID, PartsDestination)
		}
		return nil
	case err == nil:
		return j.add(ctx, m)
	case m.ID != 0: // claimed, and it cannot be read
		return j.fail(ctx, []*waiting{{part: part{id: m.ID}}}, fault.New(fault.KindOf(err), "", "the part cannot be read"))
	case errors.Is(err, context.DeadlineExceeded):
		return j.expire(ctx)
	default:
		return err
	}
}

// add takes in a part and joins its message if that is whole now.
func (j *joiner) add(ctx context.Context, m message.Message) error {
	p, err := readPart(m)
	w := &waiting{part: p, since: j.s.Now()}
	w.id = m.ID
	if err != nil {
		return j.fail(ctx, []*waiting{w}, err)
	}
	if p.from != "" && j.from[p.from] != nil {
		return j.fail(ctx, []*waiting{w}, fault.New(fault.Conflict, "MSH-14", "another part with this pointer waits already"))
	}
	if p.to != "" && j.to[p.to] != nil {
		return j.fail(ctx, []*waiting{w}, fault.New(fault.Conflict, "DSC-1", "another part with this pointer waits already"))
	}
	if p.from != "" {
		j.from[p.from] = w
	}
	if p.to != "" {
		j.to[p.to] = w
	}
	chain := j.chain(w)
	for _, other := range chain {
		other.since = w.since
	}
	first, last := chain[0], chain[len(chain)-1]
	switch {
	case len(chain) > maxParts:
		return j.fail(ctx, chain, fault.New(fault.TooLarge, "MSH-14", "the message has more than %d parts", maxParts))
	case first.from == "" && last.to == "":
		return j.join(ctx, chain)
	}
	return nil
}

// chain lists the parts that are tied to one, in order. It ends after one more
// than a message may have, also where the pointers lead in a circle.
func (j *joiner) chain(w *waiting) []*waiting {
	first := w
	for range maxParts {
		before := j.to[first.from]
		if first.from == "" || before == nil || before == w {
			break
		}
		first = before
	}
	all := []*waiting{first}
	for last := first; last.to != "" && len(all) <= maxParts; {
		if last = j.from[last.to]; last == nil || last == first {
			break
		}
		all = append(all, last)
	}
	return all
}

// join stores the whole message and settles its parts.
func (j *joiner) join(ctx context.Context, parts []*waiting) error {
	whole, first, err := j.whole(context.WithoutCancel(ctx), parts)
	if err != nil {
		return j.fail(ctx, parts, err)
	}
	msg := j.s.envelope(arrival{peer: first.Peer, at: j.s.Now()}, whole, whole.Bytes())
	msg.Channel = first.Channel + "/joined" // beside the first part, which has the same control id
	msg.Lane = lane(j.s.text(whole, msg.Body), whole.Header())
	msg.Ack, msg.AckCode = first.Ack, first.AckCode
	var receipt Receipt
	err = j.insist(ctx, func() (err error) {
		receipt, err = j.s.Store.Accept(context.WithoutCancel(ctx), msg)
		return err
	})
	if err != nil {
		return err
	}
	j.s.log().Info("message joined", "message", receipt.ID.String(), "parts", len(parts), "bytes", len(msg.Body), "duplicate", receipt.Duplicate)
	return j.settle(ctx, parts, func(*waiting) store.Settlement {
		return store.Settlement{To: message.Delivered,
			Steps: []message.Step{{Name: "joined", At: j.s.Now(), Note: "into message " + receipt.ID.String()}}}
	})
}

// whole reads the parts and puts them together.
func (j *joiner) whole(ctx context.Context, parts []*waiting) (whole *hl7.Message, first message.Message, err error) {
	assembler := hl7.Assembler{MaxFragments: maxParts, MaxBytes: maxWhole}
	for i, w := range parts {
		d, err := j.s.Parts.Message(ctx, w.id)
		if err != nil {
			return nil, first, err
		}
		if i == 0 {
			first = d.Message
		}
		m, err := hl7.Parse(d.Body)
		if err == nil {
			whole, err = assembler.Add(m, time.Time{})
		}
		if syntax, ok := errors.AsType[*hl7.SyntaxError](err); ok {
			return nil, first, fault.New(fault.Invalid, syntax.At, "the parts do not fit together: %s", syntax.Problem)
		}
	}
	if whole == nil {
		return nil, first, fault.New(fault.Invalid, "DSC", "the parts do not fit together")
	}
	return whole, first, nil
}

// oldest is when the part came that waits longest.
func (j *joiner) oldest() (oldest time.Time, any bool) {
	for _, parts := range []map[string]*waiting{j.from, j.to} {
		for _, w := range parts {
			if !any || w.since.Before(oldest) {
				oldest, any = w.since, true
			}
		}
	}
	return oldest, any
}

// expire ends the wait of parts whose message does not become whole.
func (j *joiner) expire(ctx context.Context) error {
	due := j.s.Now().Add(-partsFor)
	missing := map[*waiting]error{} // found out before the first of them is settled
	for _, parts := range []map[string]*waiting{j.from, j.to} {
		for _, w := range parts {
			if w.since.After(due) {
				continue
			}
			at, text := "MSH-14", "another part of the message is missing; it did not come within 10 minutes"
			switch {
			case w.from != "" && j.to[w.from] == nil:
				text = "the part before this one did not come within 10 minutes"
			case w.to != "" && j.from[w.to] == nil:
				at, text = "DSC-1", "the part after this one did not come within 10 minutes"
			}
			missing[w] = fault.New(fault.Invalid, at, "%s", text)
		}
	}
	for w, why := range missing {
		if err := j.fail(ctx, []*waiting{w}, why); err != nil {
			return err
		}
	}
	return nil
}

// fail keeps parts as dead.
func (j *joiner) fail(ctx context.Context, parts []*waiting, why error) error {
	cause := message.Cause{Kind: fault.KindOf(why).String(), At: fault.At(why), Text: why.Error()}
	if f, ok := errors.AsType[*fault.Error](why); ok {
		cause.Text = f.Err.Error()
	}
	return j.settle(ctx, parts, func(w *waiting) store.Settlement {
		j.s.log().Warn("message in parts not joined", "message", w.id.String(), "kind", cause.Kind, "at", cause.At, "cause", cause.Text)
		return store.Settlement{To: message.Dead, Cause: cause,
			Steps: []message.Step{{Name: message.Dead.String(), At: j.s.Now(), Note: cause.Text}}}
	})
}

// settle writes down what became of parts and forgets them.
func (j *joiner) settle(ctx context.Context, parts []*waiting, what func(*waiting) store.Settlement) error {
	for _, w := range parts {
		done := what(w)
		done.ID, done.Destination = w.id, PartsDestination
		err := j.insist(ctx, func() error { return j.s.Parts.Settle(context.WithoutCancel(ctx), done) })
		if err != nil {
			return err
		}
		if j.from[w.from] == w {
			delete(j.from, w.from)
		}
		if j.to[w.to] == w {
			delete(j.to, w.to)
		}
		j.s.pointers.settled(w.part)
	}
	return nil
}

// insist tries again as long as the store can write nothing, because the disk is
// full.
func (j *joiner) insist(ctx context.Context, do func() error) error {
	for wait := time.Second; ; wait = min(2*wait, 10*time.Second) {
		err := do()
		if err == nil || fault.KindOf(err) != fault.Busy {
			return err
		}
		j.s.log().Error("the store cannot write", "err", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// release gives back what is claimed.
func (j *joiner) release() {
	for _, parts := range []map[string]*waiting{j.from, j.to} {
		for _, w := range parts {
			j.s.Parts.Release(w.id, PartsDestination)
		}
	}
}
