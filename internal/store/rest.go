package store

import "time"

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
