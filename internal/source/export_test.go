package source

var (
	AckCode   = ackCode
	ErrorCode = errorCode
	Verdicts  = verdicts
)

// Pointers is how many continuation pointers are remembered.
func (s *MLLP) Pointers() int { return len(s.pointers.next) + len(s.pointers.past) }

// Waiting is how many messages wait for their next part.
func (s *MLLP) Waiting() int { return len(s.pointers.next) }

// Links is how many links are locked.
func (s *MLLP) Links() int { return len(s.links.busy) }
