package store

import (
	"context"
	"slices"
	"strings"
)

// Referrers returns the live resources that refer to one by any of the R4
// search parameters for references, in the order in which they were created.
// The index goes by hash, so a few may be among them that do not: the body
// decides. Elements that no search parameter covers are not looked at.
func (s *Store) Referrers(ctx context.Context, typ, id string) ([]Key, error) {
	h := hash(typ + "/" + id)
	seen := map[Key]bool{}
	var all []Key
	for _, sp := range s.names.parameters() {
		err := s.each(ctx, sqlReferrers, []any{sp, h}, func(scan func(...any) error) error {
			var of int64
			var k Key
			err := scan(&of, &k.ID)
			if k.Type = s.names.text(of); err == nil && !seen[k] {
				seen[k] = true
				all = append(all, k)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// parameters are the numbers of the search parameters that any resource had.
func (n *names) parameters() []int64 {
	n.mu.RLock()
	defer n.mu.RUnlock()
	var all []int64
	for id, text := range n.texts {
		if strings.Contains(text, ".") && text[0] >= 'A' && text[0] <= 'Z' {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return all
}
