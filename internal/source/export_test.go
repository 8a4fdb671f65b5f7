package source

var (
	AckCode   = ackCode
	ErrorCode = errorCode
	Verdicts  = verdicts
)
