// Package source holds the ways a message comes in. A source reads no more of a
// message than it must to answer its sender: the header, and which patient it is
// about. It makes the message durable and only then answers.
package source

import (
	"context"

	"github.com/ponshealth/pons/internal/message"
)

// Receipt says what became of a message that was handed to the Store.
type Receipt struct {
	ID        message.ID // of the message, or of the earlier one that it repeats
	Duplicate bool       // the same message is here already; nothing was stored
	Ack       []byte     // of a duplicate: the answer that was given then
	Reused    bool       // the sender used the control id before for other content
}

// Store is what a source asks of a durable store.
type Store interface {
	// Accept returns nil when the message is on disk, to be worked on.
	Accept(context.Context, message.Message) (Receipt, error)
	// AcceptDead keeps a message that was refused, for a person to look at.
	AcceptDead(context.Context, message.Message, message.Cause) (Receipt, error)
}
