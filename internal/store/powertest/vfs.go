package powertest

import (
	"io"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// filesystem is a disk between two cuts.
type filesystem struct {
	disk   *Disk
	power  int
	shared string
}

func (fsys *filesystem) FullPathname(name string) (string, error) { return name, nil }

func (fsys *filesystem) Access(name string, _ vfs.AccessFlag) (bool, error) {
	fsys.disk.mu.Lock()
	defer fsys.disk.mu.Unlock()
	return fsys.disk.names[name] != nil, fsys.disk.alive(fsys.power)
}

func (fsys *filesystem) Delete(name string, syncDir bool) error {
	fsys.disk.mu.Lock()
	defer fsys.disk.mu.Unlock()
	if err := fsys.disk.change(fsys.power); err != nil {
		return err
	}
	if fsys.disk.names[name] == nil {
		return sqlite3.IOERR_DELETE_NOENT
	}
	delete(fsys.disk.names, name)
	if syncDir {
		fsys.disk.stored = maps.Clone(fsys.disk.names)
	}
	return nil
}

func (fsys *filesystem) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	fsys.disk.mu.Lock()
	defer fsys.disk.mu.Unlock()
	if err := fsys.disk.alive(fsys.power); err != nil {
		return nil, flags, err
	}
	f := fsys.disk.names[name]
	switch {
	case name == "":
		f = &file{} // nobody else's
	case f == nil && flags&vfs.OPEN_CREATE == 0:
		return nil, flags, sqlite3.CANTOPEN
	case f == nil:
		f = &file{}
		fsys.disk.names[name] = f
	}
	h := &handle{fs: fsys, file: f}
	journal := flags&(vfs.OPEN_WAL|vfs.OPEN_MAIN_JOURNAL|vfs.OPEN_SUPER_JOURNAL) != 0
	h.syncDir = journal && flags&vfs.OPEN_CREATE != 0
	if flags&vfs.OPEN_MAIN_DB != 0 {
		h.shared = vfs.NewSharedMemory(fsys.shared, flags)
	}
	return h, flags, nil
}

// handle is an open file.
type handle struct {
	fs      *filesystem
	file    *file
	shared  vfs.SharedMemory
	syncDir bool // the next sync also makes the names durable
	lock    vfs.LockLevel
}

func (h *handle) SharedMemory() vfs.SharedMemory { return h.shared }

func (h *handle) Close() error {
	if h.shared != nil {
		h.shared.Close()
	}
	return h.Unlock(vfs.LOCK_NONE)
}

// within runs do while the power is on.
func (h *handle) within(do func() error) error {
	h.fs.disk.mu.Lock()
	defer h.fs.disk.mu.Unlock()
	if err := h.fs.disk.alive(h.fs.power); err != nil {
		return err
	}
	return do()
}

// change is within for what changes the disk.
func (h *handle) change(do func() error) error {
	h.fs.disk.mu.Lock()
	defer h.fs.disk.mu.Unlock()
	if err := h.fs.disk.change(h.fs.power); err != nil {
		return err
	}
	return do()
}

func (h *handle) ReadAt(p []byte, off int64) (n int, err error) {
	err = h.within(func() error {
		if off < int64(len(h.file.data)) {
			n = copy(p, h.file.data[off:])
		}
		if n < len(p) {
			return io.EOF
		}
		return nil
	})
	return n, err
}

func (h *handle) WriteAt(p []byte, off int64) (int, error) {
	err := h.change(func() error {
		w := write{off, slices.Clone(p)}
		if h.fs.disk.full && off+int64(len(p)) > int64(len(h.file.data)) {
			return &fs.PathError{Op: "write", Err: syscall.ENOSPC} // as from an os.File
		}
		h.file.data = put(h.file.data, w)
		h.file.pending = append(h.file.pending, w)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

func (h *handle) Truncate(size int64) error {
	return h.change(func() error {
		h.file.data = resize(h.file.data, size)
		h.file.pending = append(h.file.pending, write{at: size})
		return nil
	})
}

// Sync takes its time, during which the power may go, and then makes durable
// all that was written before it began.
func (h *handle) Sync(vfs.SyncFlag) error {
	var upTo int
	err := h.within(func() error {
		upTo = len(h.file.pending)
		return h.fs.disk.broken
	})
	if err != nil {
		return vfs.SystemError(err, sqlite3.IOERR_FSYNC)
	}
	time.Sleep(h.fs.disk.SyncTime)
	return h.change(func() error {
		h.fs.disk.syncs++
		if h.fs.disk.Lies {
			return nil
		}
		upTo = min(upTo, len(h.file.pending)) // another sync may have been quicker
		for _, w := range h.file.pending[:upTo] {
			if w.bytes == nil {
				h.file.disk = resize(h.file.disk, w.at)
			} else {
				h.file.disk = put(h.file.disk, w)
			}
		}
		h.file.pending = slices.Clone(h.file.pending[upTo:])
		if h.syncDir {
			h.syncDir = false
			h.fs.disk.stored = maps.Clone(h.fs.disk.names)
		}
		return nil
	})
}

func (h *handle) Size() (size int64, err error) {
	err = h.within(func() error {
		size = int64(len(h.file.data))
		return nil
	})
	return size, err
}

func (h *handle) SectorSize() int { return 4096 }

// DeviceCharacteristics are those that the operating system's files have: a
// write changes nothing beside it.
func (h *handle) DeviceCharacteristics() vfs.DeviceCharacteristic {
	return vfs.IOCAP_SUBPAGE_READ | vfs.IOCAP_POWERSAFE_OVERWRITE
}

// locks are the database locks of one file (https://sqlite.org/lockingv3.html).
type locks struct {
	mu       sync.Mutex
	shared   int
	reserved *handle
	pending  bool
}

func (h *handle) Lock(level vfs.LockLevel) error {
	if h.lock >= level {
		return nil
	}
	l := &h.file.locks
	l.mu.Lock()
	defer l.mu.Unlock()
	switch level {
	case vfs.LOCK_SHARED:
		if l.pending {
			return sqlite3.BUSY
		}
		l.shared++
	case vfs.LOCK_RESERVED:
		if l.reserved != nil {
			return sqlite3.BUSY
		}
		l.reserved = h
	case vfs.LOCK_EXCLUSIVE:
		if l.reserved != nil && l.reserved != h {
			return sqlite3.BUSY
		}
		l.reserved, l.pending = h, true
		if l.shared > 1 {
			h.lock = vfs.LOCK_PENDING
			return sqlite3.BUSY
		}
	}
	h.lock = level
	return nil
}

func (h *handle) Unlock(level vfs.LockLevel) error {
	if h.lock <= level {
		return nil
	}
	l := &h.file.locks
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.reserved == h && level < vfs.LOCK_RESERVED {
		l.reserved, l.pending = nil, false
	}
	if level < vfs.LOCK_SHARED {
		l.shared--
	}
	h.lock = level
	return nil
}

func (h *handle) CheckReservedLock() (bool, error) {
	h.file.locks.mu.Lock()
	defer h.file.locks.mu.Unlock()
	return h.file.locks.reserved != nil, nil
}
