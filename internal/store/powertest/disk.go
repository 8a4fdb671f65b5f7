// Package powertest is a disk whose power can be cut, as an SQLite VFS. It
// keeps what was written apart from what was fsynced. A cut forgets, of all
// that was not fsynced, what a real disk might forget: any set of sectors, in
// any order.
//
// It is stricter than most disks. The name of a new file survives only if the
// directory was synced, which SQLite does with the first sync of a journal or
// write-ahead log.
package powertest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// sector is what a disk writes whole or not at all.
const sector = 512

// Disk is a set of files. Its methods may be called at any time.
type Disk struct {
	SyncTime time.Duration // how long an fsync takes
	Lies     bool          // it says that it synced and does nothing

	mu     sync.Mutex
	shared string // directory of the shared memory of connections, which no power cut outlives
	rnd    *rand.Rand
	power  int              // grows with each cut; what was opened before is dead
	names  map[string]*file // as programs see them
	stored map[string]*file // as the platter has them
	broken error            // what Sync returns from now on
	full   bool             // writes that need room fail
	syncs  int

	fuse int           // changes until the power goes; 0 is never
	how  Forget        // what is forgotten then
	off  chan struct{} // closed then
}

// file is one file. Programs see data; disk and what of pending survives is
// left after a cut.
type file struct {
	data, disk []byte
	pending    []write
	locks      locks
}

// write is a change that was not synced: bytes, or a new size if they are nil.
type write struct {
	at    int64
	bytes []byte
}

// New returns an empty disk. What it forgets follows from seed. dir must be an
// empty directory of the operating system.
func New(dir string, seed uint64) *Disk {
	return &Disk{shared: dir, rnd: rand.New(rand.NewPCG(seed, seed)), names: map[string]*file{}, stored: map[string]*file{}}
}

var disks atomic.Int64 // numbers the VFS names of all disks

// Power switches the disk on, as it was left by the last Cut, and returns the
// name of the VFS that reaches it until the next.
func (d *Disk) Power() string {
	name := fmt.Sprint("powertest-", disks.Add(1))
	d.mu.Lock()
	defer d.mu.Unlock()
	vfs.Register(name, &filesystem{disk: d, power: d.power, shared: filepath.Join(d.shared, name)})
	return name
}

// Forget says how much of what was not synced a cut loses.
type Forget int

// Ways to forget.
const (
	Nothing Forget = iota // the process was killed, the machine lives
	All                   // the cache of the disk is gone
	Some                  // any sectors of it are
)

// Cut switches the power off. Whoever has a file open gets errors from now on.
func (d *Disk) Cut(how Forget) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cut(how)
}

// CutAfter switches the power off just before the nth change from now: a write,
// a sync, a new size or a removal. It returns a channel that is closed then.
// A Cut before that takes its place.
func (d *Disk) CutAfter(n int, how Forget) (off <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fuse, d.how, d.off = n, how, make(chan struct{})
	return d.off
}

// change must be called with mu before every change.
func (d *Disk) change(power int) error {
	if d.fuse > 0 {
		if d.fuse--; d.fuse == 0 {
			d.cut(d.how)
		}
	}
	return d.alive(power)
}

func (d *Disk) cut(how Forget) {
	d.power++
	d.fuse = 0
	if d.off != nil {
		close(d.off)
		d.off = nil
	}
	d.broken, d.full = nil, false
	if how == Nothing {
		d.stored = d.names
	}
	for name, f := range d.names { // a name may have reached the platter unasked
		if how == Some && d.stored[name] != f && d.rnd.IntN(2) == 0 {
			d.stored[name] = f
		}
	}
	for name := range d.stored { // and so may its removal
		if how == Some && d.names[name] == nil && d.rnd.IntN(2) == 0 {
			delete(d.stored, name)
		}
	}
	d.names = map[string]*file{}
	for name, f := range d.stored {
		d.names[name] = &file{data: d.survives(f, how)}
		d.names[name].disk = slices.Clone(d.names[name].data)
	}
	d.stored = make(map[string]*file, len(d.names))
	for name, f := range d.names {
		d.stored[name] = f
	}
}

// survives is what a cut leaves of a file.
func (d *Disk) survives(f *file, how Forget) []byte {
	switch how {
	case Nothing:
		return slices.Clone(f.data)
	case All:
		return slices.Clone(f.disk)
	}
	left := slices.Clone(f.disk)
	chance := d.rnd.Float64() // of a sector to survive, another for each file and cut
	for _, w := range f.pending {
		if w.bytes == nil {
			if d.rnd.Float64() < chance {
				left = resize(left, w.at)
			}
			continue
		}
		for from := w.at; from < w.at+int64(len(w.bytes)); {
			to := min(from-from%sector+sector, w.at+int64(len(w.bytes)))
			if d.rnd.Float64() < chance {
				left = put(left, write{from, w.bytes[from-w.at : to-w.at]})
			}
			from = to
		}
	}
	return left
}

// FailSyncs makes every fsync from now on fail, until the next cut or nil.
func (d *Disk) FailSyncs(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = err
}

// Fill makes every write that needs more room fail, or not any longer.
func (d *Disk) Fill(full bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.full = full
}

// Syncs tells how often something was fsynced.
func (d *Disk) Syncs() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.syncs
}

var errOff = errors.New("powertest: the power is off")

// alive must be held with mu.
func (d *Disk) alive(power int) error {
	if power != d.power {
		return vfs.SystemError(errOff, sqlite3.IOERR)
	}
	return nil
}

func put(data []byte, w write) []byte {
	if end := w.at + int64(len(w.bytes)); end > int64(len(data)) {
		data = resize(data, end)
	}
	copy(data[w.at:], w.bytes)
	return data
}

func resize(data []byte, size int64) []byte {
	if size <= int64(len(data)) {
		return data[:size]
	}
	return append(data, make([]byte, size-int64(len(data)))...)
}
