package store

import (
	"os"
	"syscall"
	"unsafe"
)

var lockFileEx = syscall.NewLazyDLL("kernel32.dll").NewProc("LockFileEx")

const (
	lockExclusive = 2
	lockAtOnce    = 1
	lockOffset    = 1 << 30 // past the text: Windows locks keep others from reading
)

// flock takes the file for this process until it is closed, also by a crash.
func flock(f *os.File) error {
	at := syscall.Overlapped{OffsetHigh: 0, Offset: lockOffset}
	ok, _, err := lockFileEx.Call(f.Fd(), lockExclusive|lockAtOnce, 0, 1, 0, uintptr(unsafe.Pointer(&at)))
	if ok == 0 {
		return err
	}
	return nil
}

// syncDir does nothing: NTFS journals names, and Windows cannot sync a
// directory.
func syncDir(string) error { return nil }
