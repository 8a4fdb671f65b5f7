package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ponshealth/pons/internal/fault"
)

// lockDir makes this process the only one that has the store in dir open, until
// the file is closed or the process ends. Claims live in memory, so two engines
// on one directory would both deliver the same message.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if err := flock(f); err != nil {
		owner, _ := os.ReadFile(f.Name())
		f.Close()
		if pid := strings.TrimSpace(string(owner)); pid != "" {
			return nil, fault.New(fault.Busy, "", "data directory %s is in use by process %s", dir, pid)
		}
		return nil, fault.New(fault.Busy, "", "data directory %s is in use by another process", dir)
	}
	// The number is for people only; the lock is what counts.
	if err := f.Truncate(0); err == nil {
		fmt.Fprintln(f, os.Getpid())
	}
	return f, nil
}
