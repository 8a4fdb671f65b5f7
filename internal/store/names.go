package store

import (
	"context"
	"sync"
)

// names turns words that many rows share into small numbers and back. Names
// are never removed.
type names struct {
	mu    sync.RWMutex
	ids   map[string]int64
	texts map[int64]string
}

func (n *names) recall(ctx context.Context, s *Store) error {
	n.ids, n.texts = map[string]int64{}, map[int64]string{}
	return s.each(ctx, sqlNames, nil, func(scan func(...any) error) error {
		var id int64
		var text string
		err := scan(&id, &text)
		n.put(id, text)
		return err
	})
}

func (n *names) put(id int64, text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ids[text], n.texts[id] = id, text
}

// id returns the number of a known name, or 0.
func (n *names) id(text string) int64 {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.ids[text]
}

func (n *names) text(id int64) string {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.texts[id]
}

// nameID returns the number of a name and gives it one if it has none. That
// is a commit of its own, so that a job which fails later cannot take the
// number back.
func (s *Store) nameID(ctx context.Context, text string) (int64, error) {
	if id := s.names.id(text); id != 0 {
		return id, nil
	}
	var id int64
	err := s.write.other(ctx, func(t *tx) error {
		found, err := t.one(sqlNameID, []any{text}, &id)
		if found || err != nil {
			return err
		}
		_, err = t.one(sqlAddName, []any{text}, &id)
		return err
	}, func() { s.names.put(id, text) })
	return id, err
}
