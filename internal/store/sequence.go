package store

import "context"

// AnyNumber is a Sequence that may go on with any number.
const AnyNumber = -1

// Sequence is where a sender stands that numbers its messages (HL7 v2.9 2.10.1).
type Sequence struct {
	Next int64  // the number that is expected, or AnyNumber
	Last []byte // names the message that had the number before it; nil if there is none
}

// Sequence returns where the sender of a link stands, at AnyNumber if it is not
// known.
func (s *Store) Sequence(ctx context.Context, channel, link string) (Sequence, error) {
	q := Sequence{Next: AnyNumber}
	_, err := s.one(ctx, sqlSequence, []any{channel, link}, &q.Next, &q.Last)
	return q, err
}

// SetSequence says where the sender of a link stands. It returns when that is on
// disk; a sender waits for it.
func (s *Store) SetSequence(ctx context.Context, channel, link string, q Sequence) error {
	return s.write.accept(ctx, func(t *tx) error {
		_, err := t.exec(sqlSetSequence, channel, link, q.Next, bytesOf(q.Last))
		return err
	}, nil)
}
