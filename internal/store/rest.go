package store

import "time"

// How the writer divides its time. A sender waits for its answer, a delivery
// waits for nobody; but deliveries must keep up. So deliveries are done in
// bursts, which is also cheaper (neighbours in the index share pages), and after
// a burst the writer rests: it takes accepts only, for as long as they keep it
// busy, up to a limit.
const (
	maxAccepts = 1024 // accepts in one group
	maxWork    = 64   // other jobs in one group

	workBurst = 3 * time.Millisecond  // other jobs are begun for so long in one group
	longBurst = 40 * time.Millisecond // and for so long when nobody sends
	quiet     = 50 * time.Millisecond // nobody sends if the last accept is so old
	restShare = 2.5                   // longest rest, as a multiple of the burst with its commit
	restLeast = 2 * time.Millisecond  // a rest is not ended for want of accepts before
	restBusy  = 0.15                  // and after that, if accepts take less than this part of it
)

// rest is the time after a burst of deliveries in which the writer takes
// accepts only.
type rest struct {
	from, until time.Time
	busy        time.Duration // spent on accepts since from
}

// begin starts a rest after a burst of some length.
func (r *rest) begin(now time.Time, burst time.Duration) {
	*r = rest{from: now, until: now.Add(time.Duration(restShare * float64(burst)))}
}

// left tells how long the rest goes on if no accept comes; not above zero, it
// is over.
func (r *rest) left(now time.Time) time.Duration {
	wanted := max(restLeast, time.Duration(float64(r.busy)/restBusy))
	return min(r.from.Add(wanted).Sub(now), r.until.Sub(now))
}
