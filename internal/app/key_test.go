package app

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestKeyIsMadeOnce(t *testing.T) {
	dir := t.TempDir()
	first, err := idKey(dir, false)
	if err != nil || len(first) != keyBytes {
		t.Fatalf("%d bytes, %v", len(first), err)
	}
	if again, err := idKey(dir, true); err != nil || !bytes.Equal(again, first) {
		t.Errorf("another key at the second start: %v", err)
	}
	if other, err := idKey(t.TempDir(), false); err != nil || bytes.Equal(other, first) {
		t.Errorf("the same key for another folder: %v", err)
	}
	if info, err := os.Stat(filepath.Join(dir, "id.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want it for the owner alone", info.Mode(), err)
	}
}

// TestLostKeyIsNotReplaced: with another key every patient without a known
// identifier would be a new one.
func TestLostKeyIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	if _, err := idKey(dir, true); err == nil {
		t.Error("a key was made beside a database that has messages")
	}
	if err := os.WriteFile(filepath.Join(dir, "id.key"), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := idKey(dir, false); err == nil {
		t.Error("a key of another length was taken")
	}
}
