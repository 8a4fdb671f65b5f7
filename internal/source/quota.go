package source

import (
	"cmp"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

const (
	quotaWindow = time.Hour
	quotaPeers  = 4096 // addresses told apart; the rest share one quota
)

// quota bounds what is kept of each address within an hour. The zero value is
// ready.
type quota struct {
	mu      sync.Mutex
	since   time.Time
	used    map[netip.Prefix]usage
	dropped atomic.Int64
}

type usage struct {
	count int
	bytes int64
	full  bool
}

// take asks for n bytes to be kept for whoever sent them. first is true for the
// first refusal of an hour.
func (q *quota) take(a arrival, n, maxCount int, maxBytes int64) (keep, first bool) {
	maxCount, maxBytes = cmp.Or(maxCount, 200), cmp.Or(maxBytes, 64<<20)
	key := a.host
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.used == nil || a.at.Sub(q.since) >= quotaWindow || a.at.Before(q.since) {
		q.since, q.used = a.at, map[netip.Prefix]usage{}
	}
	if _, known := q.used[key]; !known && len(q.used) >= quotaPeers {
		key = netip.Prefix{}
	}
	u := q.used[key]
	if u.count >= maxCount || u.bytes+int64(n) > maxBytes {
		q.dropped.Add(1)
		first = !u.full
		u.full = true
		q.used[key] = u
		return false, first
	}
	u.count++
	u.bytes += int64(n)
	q.used[key] = u
	return true, false
}
