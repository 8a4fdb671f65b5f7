package message

import "fmt"

// State says what became of a message at one destination.
type State uint8

// States of a message. docs/message-states.md draws them.
const (
	Received  State = iota // durable, waiting for its turn in its lane
	Claimed                // being worked on; after a crash it is Received again
	Retrying               // failed in a way that may pass; waiting for its next try
	Delivered              // the destination has it
	Filtered               // a rule says that it is not wanted: the script of the site, or MSH-11
	Dead                   // needs a person; kept, and can be replayed
)

var stateNames = [...]string{"received", "claimed", "retrying", "delivered", "filtered", "dead"}

// next is the life of a message: which states may follow which. A replay takes
// a settled message back to Received.
var next = [...][]State{
	Received:  {Claimed, Dead},
	Claimed:   {Delivered, Filtered, Retrying, Dead, Received},
	Retrying:  {Claimed, Dead},
	Delivered: {Received},
	Filtered:  {Received},
	Dead:      {Received},
}

// States returns every state in the order of a message's life.
func States() []State {
	all := make([]State, len(stateNames))
	for i := range all {
		all[i] = State(i)
	}
	return all
}

func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("state %d", uint8(s))
}

// ParseState is the inverse of String.
func ParseState(name string) (State, error) {
	for i, n := range stateNames {
		if n == name {
			return State(i), nil
		}
	}
	return 0, fmt.Errorf("message: no state is called %q", name)
}

// May tells whether a message in state s may become to.
func (s State) May(to State) bool {
	if int(s) >= len(next) {
		return false
	}
	for _, n := range next[s] {
		if n == to {
			return true
		}
	}
	return false
}

// Settled tells whether nothing more happens to a message by itself.
func (s State) Settled() bool { return s == Delivered || s == Filtered || s == Dead }
