package app

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const keyBytes = 32

// idKey reads the key from which ids of resources are computed, or makes it at
// the first start. It is on disk before it is used: another key would give the
// same patient another id. So it is not made where used says that there are
// messages.
func idKey(dir string, used bool) ([]byte, error) {
	file := filepath.Join(dir, "id.key")
	key, err := os.ReadFile(file)
	switch {
	case err == nil && len(key) == keyBytes:
		return key, nil
	case err == nil:
		return nil, fmt.Errorf("%s: has %d bytes, want %d; restore it from a backup", file, len(key), keyBytes)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	case used:
		return nil, fmt.Errorf("%s: is missing, and the database beside it was made with one; restore it from a backup", file)
	}
	key = make([]byte, keyBytes)
	rand.Read(key) // never fails
	return key, writeDurably(file, key)
}

// derive makes a key for another purpose, so that no two uses share one.
func derive(key []byte, purpose string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}

// writeDurably leaves either nothing or the whole file, also in a power cut.
func writeDurably(file string, b []byte) error {
	temporary := file + ".new"
	f, err := os.OpenFile(temporary, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary, file); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(file))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
