package store_test

import (
	"testing"
	"time"

	"github.com/ponshealth/pons/internal/store"
	"github.com/ponshealth/pons/internal/store/storetest"
)

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t testing.TB, dir string, now func() time.Time) *store.Store {
		return openAs(t, dir, store.Options{Now: now})
	})
}

// TestSQLiteTight takes the ways of a big store with little data.
func TestSQLiteTight(t *testing.T) {
	storetest.Run(t, func(t testing.TB, dir string, now func() time.Time) *store.Store {
		return openAs(t, dir, store.Tight(store.Options{Now: now}, 20, 2))
	})
}

func openAs(t testing.TB, dir string, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
