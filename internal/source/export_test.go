package source

var (
	AckCode   = ackCode
	ErrorCode = errorCode
	Verdicts  = verdicts
)

// Pointers is how many continuation pointers are remembered.
func (s *MLLP) Pointers() int { return len(s.parts.next) }
