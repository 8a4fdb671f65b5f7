package web

import (
	"context"
	"time"

	"github.com/ponshealth/pons/internal/message"
)

// Store is what the pages ask of the message store. An error is of package
// fault: NotFound for what is not there.
type Store interface {
	Messages(ctx context.Context, f Filter) ([]Info, error)
	Message(ctx context.Context, id message.ID) (Detail, error)
	Counts(ctx context.Context) (map[message.State]int, error)
	Resource(ctx context.Context, ref Ref) ([]byte, error) // JSON; nothing for a version that says "deleted"
	Replay(ctx context.Context, id message.ID, destination string) error
}

// Filter says which messages a list shows. The zero value is the newest.
type Filter struct {
	States []message.State // empty is all
	Type   string          // "ADT^A01"; "" is all
	Before message.ID      // only older ones
	After  message.ID      // only newer ones
	Oldest bool            // begin with the oldest, not the newest
	Limit  int
}

// Info is a message without its body and what became of it.
type Info struct {
	Message message.Message
	State   message.State
	Cause   message.Cause
	Settled time.Time // zero while it is not
	RetryAt time.Time // of one that is retrying; zero when not known
}

// Detail is all that is kept of a message.
type Detail struct {
	Info
	Steps    []message.Step
	Produced []Ref
}

// Ref is one version of a FHIR resource.
type Ref struct {
	Type, ID string
	Version  int
}
