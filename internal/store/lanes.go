package store

import (
	"container/heap"
	"sync"
	"time"

	"github.com/ponshealth/pons/internal/message"
)

// lanes is what may be worked on now. It holds one message id for each lane
// that has work, never the messages; the rest of a lane stays in table pending
// until its head is settled. The writer tells it what was committed, in order.
type lanes struct {
	mu     sync.Mutex
	queues map[string]*queue // by destination
	closed chan struct{}
}

// queue is the work for one destination.
type queue struct {
	lanes map[int64]*lane
	ready []*lane // in turn; taken from first
	first int
	later retries // retrying lanes
	held  map[message.ID]*lane
	wake  chan struct{} // holds one token while a claimer should look
}

// lane is a lane with work. Exactly one of these holds: it is in ready, it is
// in later (at > -1), or it is in held.
type lane struct {
	head
	key int64
	at  int // place in later, or -1
}

// head is the message of a lane that must be settled next.
type head struct {
	id       message.ID
	state    message.State // as the database has it: Received or Retrying
	attempts int           // tries that failed
	until    time.Time     // not to be tried before; zero is at once
}

func (l *lanes) queue(destination string) *queue {
	if l.queues == nil {
		l.queues, l.closed = map[string]*queue{}, make(chan struct{})
	}
	q, ok := l.queues[destination]
	if !ok {
		q = &queue{lanes: map[int64]*lane{}, held: map[message.ID]*lane{}, wake: make(chan struct{}, 1)}
		l.queues[destination] = q
	}
	return q
}

// add says that a message was accepted, or is to be delivered again. Only if
// its lane has no older work does it become the head.
func (l *lanes) add(destination string, key int64, next head) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.queue(destination)
	have, ok := q.lanes[key]
	switch {
	case !ok:
		have = &lane{key: key, head: next, at: -1}
		q.lanes[key] = have
		q.place(have)
	case next.id < have.id && q.held[have.id] == nil: // a replay of an older one
		waited := have.at >= 0
		if waited {
			heap.Remove(&q.later, have.at)
		}
		have.head = next
		if waited {
			q.place(have)
		}
	}
}

// take gives the next lane whose head may be tried now, and holds it. Without
// one it tells how long nothing will change by itself; less than zero is
// forever.
func (l *lanes) take(destination string, now time.Time) (taken *lane, wait time.Duration, wake <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.queue(destination)
	for len(q.later) > 0 && !q.later[0].until.After(now) {
		due := heap.Pop(&q.later).(*lane)
		due.until = time.Time{}
		q.place(due)
	}
	if q.first == len(q.ready) {
		wait = -1
		if len(q.later) > 0 {
			wait = q.later[0].until.Sub(now)
		}
		return nil, wait, q.wake
	}
	next := q.ready[q.first]
	q.ready[q.first] = nil
	if q.first++; q.first == len(q.ready) {
		q.ready, q.first = q.ready[:0], 0
	}
	q.held[next.id] = next
	if q.first < len(q.ready) || len(q.later) > 0 {
		q.signal() // another claimer should take the next, or wait for its time
	}
	return next, 0, q.wake
}

// holding returns the lane that is held for a message, as it is now.
func (l *lanes) holding(destination string, id message.ID) (lane, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	held := l.queue(destination).held[id]
	if held == nil {
		return lane{}, false
	}
	return *held, true
}

// claimed counts the lanes that are held: for a first try and for another.
func (l *lanes) claimed() (fresh, again int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, q := range l.queues {
		for _, held := range q.held {
			if held.state == message.Retrying {
				again++
			} else {
				fresh++
			}
		}
	}
	return fresh, again
}

// advance lets a held lane go on with its oldest message now, or forgets it if
// there is none.
func (l *lanes) advance(destination string, id message.ID, next head) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.queue(destination)
	held := q.held[id]
	if held == nil {
		return
	}
	delete(q.held, id)
	if next.id == 0 {
		delete(q.lanes, held.key)
		return
	}
	held.head = next
	q.place(held)
}

// release gives a held lane back as it was.
func (l *lanes) release(destination string, id message.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.queue(destination)
	if held := q.held[id]; held != nil {
		delete(q.held, id)
		q.place(held)
	}
}

func (l *lanes) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue("")
	close(l.closed)
}

// place puts a lane that nobody holds where its head belongs: behind those that
// are ready, or among those that wait for their time.
func (q *queue) place(l *lane) {
	if !l.until.IsZero() {
		heap.Push(&q.later, l)
		q.signal() // the time that claimers wait for may be another
		return
	}
	if q.first > 1024 && q.first > len(q.ready)/2 {
		q.ready = append(q.ready[:0], q.ready[q.first:]...)
		q.first = 0
	}
	q.ready = append(q.ready, l)
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// retries is a heap of lanes by the time of their next try.
type retries []*lane

func (r retries) Len() int           { return len(r) }
func (r retries) Less(i, j int) bool { return r[i].until.Before(r[j].until) }
func (r retries) Swap(i, j int) {
	r[i], r[j] = r[j], r[i]
	r[i].at, r[j].at = i, j
}
func (r *retries) Push(x any) {
	l := x.(*lane)
	l.at = len(*r)
	*r = append(*r, l)
}
func (r *retries) Pop() any {
	last := len(*r) - 1
	l := (*r)[last]
	(*r)[last] = nil
	*r = (*r)[:last]
	l.at = -1
	return l
}
