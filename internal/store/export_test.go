package store

// Lower returns o with another level of synchronous, to show what it loses.
func Lower(o Options, synchronous string) Options {
	o.synchronous = synchronous
	return o
}

// Tight returns o so that a store does early what it else does when it is big:
// checkpoints after so many pages, and walks an index for more than so many
// candidates.
func Tight(o Options, logPages int64, few int) Options {
	o.logPages, o.few = logPages, few
	return o
}
