package source_test

import (
	"context"
	"sync"
	"time"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/source"
	"github.com/ponshealth/pons/internal/store"
)

// queue is a fake store that hands out the parts of messages too.
type queue struct {
	fake
	qmu   sync.Mutex
	state map[message.ID]message.State
	cause map[message.ID]message.Cause
	held  map[message.ID]bool
}

func newQueue() *queue {
	return &queue{state: map[message.ID]message.State{}, cause: map[message.ID]message.Cause{}, held: map[message.ID]bool{}}
}

// crash forgets what a process forgets when it ends.
func (q *queue) crash() { q.held = map[message.ID]bool{} }

func (q *queue) all() []message.Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	return append([]message.Message(nil), q.accepted...)
}

// Claim looks once a second; it is for tests in which time is not real.
func (q *queue) Claim(ctx context.Context, destination string) (message.Message, error) {
	for {
		for _, m := range q.all() {
			if m.Destination == destination && q.hold(m.ID) {
				return m, nil
			}
		}
		select {
		case <-ctx.Done():
			return message.Message{}, ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

func (q *queue) hold(id message.ID) bool {
	q.qmu.Lock()
	defer q.qmu.Unlock()
	if q.held[id] || q.state[id] != message.Received {
		return false
	}
	q.held[id] = true
	return true
}

func (q *queue) Release(id message.ID, _ string) {
	q.qmu.Lock()
	defer q.qmu.Unlock()
	delete(q.held, id)
}

func (q *queue) Settle(_ context.Context, s store.Settlement) error {
	q.qmu.Lock()
	defer q.qmu.Unlock()
	if !q.held[s.ID] || s.Destination != source.PartsDestination {
		return fault.New(fault.Internal, "", "nobody has claimed this")
	}
	delete(q.held, s.ID)
	q.state[s.ID], q.cause[s.ID] = s.To, s.Cause
	return nil
}

func (q *queue) Replay(_ context.Context, id message.ID, _ string) error {
	q.qmu.Lock()
	defer q.qmu.Unlock()
	if !q.state[id].Settled() {
		return fault.New(fault.Invalid, "", "not settled")
	}
	q.state[id] = message.Received
	return nil
}

func (q *queue) info(m message.Message) store.MessageInfo {
	q.qmu.Lock()
	defer q.qmu.Unlock()
	return store.MessageInfo{Message: m, State: q.state[m.ID], Cause: q.cause[m.ID]}
}

func (q *queue) Message(_ context.Context, id message.ID) (store.MessageDetail, error) {
	for _, m := range q.all() {
		if m.ID == id {
			return store.MessageDetail{MessageInfo: q.info(m)}, nil
		}
	}
	return store.MessageDetail{}, fault.New(fault.NotFound, "", "no such message")
}

func (q *queue) Messages(_ context.Context, f store.MessageFilter) (found []store.MessageInfo, err error) {
	for _, m := range q.all() {
		if i := q.info(m); i.State == f.States[0] {
			found = append(found, i)
		}
	}
	return found, nil
}

func (q *queue) Pending(_ context.Context, destination string) (ids []message.ID, err error) {
	for _, m := range q.all() {
		if m.Destination == destination && !q.info(m).State.Settled() {
			ids = append(ids, m.ID)
		}
	}
	return ids, nil
}
