// Package store keeps what Pons must not lose: the messages and what became of
// them, the FHIR resources with their history, and the index that finds them.
//
// One goroutine writes. It commits in groups, and nobody is answered before the
// group is durable. Reads run beside it on connections of their own.
//
// The package knows nothing of HL7 or HTTP. Errors are faults (internal/fault);
// none of them quotes a message or a resource.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
)

// Options of a store. The zero value is ready.
type Options struct {
	Now     func() time.Time // the clock; nil is time.Now
	Readers int              // connections that read at the same time; 0 is 4
	Log     *slog.Logger     // nil is none
	VFS     string           // name of a registered SQLite VFS, for tests; "" is the operating system

	synchronous string // for the test that shows what a lower level loses
	logPages    int64  // pages in the write-ahead log that call for a checkpoint; 0 is the default
	few         int    // candidates that a search reads at once; 0 is fewCandidates
}

// Store is an open store. It is safe for concurrent use.
type Store struct {
	now   func() time.Time
	lock  *os.File
	few   int
	db    *sqlite
	pack  *packer
	names names
	ids   message.IDs
	lanes lanes
	write *writer

	readMu sync.Mutex
	reads  map[string]*sql.Stmt // prepared statements of the readers, by text

	// Only the writer goroutine touches these.
	lastPK      int64 // newest resource.pk
	lastUpdated int64 // newest resource.updated of this run, in microseconds
}

// Open opens the store in dir, which it creates (mode 0700) if need be, and
// brings its tables up to date. One process may have dir open; another gets
// fault.Busy. Every message that was accepted and not settled is workable
// again.
func Open(ctx context.Context, dir string, o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Readers <= 0 {
		o.Readers = 4
	}
	if o.few <= 0 {
		o.few = fewCandidates
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.logPages <= 0 {
		o.logPages = logPages
	}
	if err := makeDir(dir); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{now: o.Now, lock: lock, few: o.few, reads: map[string]*sql.Stmt{}}
	if s.pack, err = newPacker(); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	if s.db, err = openSQLite(ctx, dir, o); err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), lock.Close())
	}
	if err = s.recall(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("read the database: %w", err), s.closeReads(), s.db.close(), lock.Close())
	}
	s.write = startWriter(s.db, o.logPages, o.Log)
	return s, nil
}

// Close waits for the group that is being committed, refuses what is queued
// behind it, and closes the store. Calls that wait in Claim return.
func (s *Store) Close() error {
	s.write.close()
	s.lanes.close()
	return errors.Join(s.closeReads(), s.db.close(), s.lock.Close())
}

// Broken is closed when the store has stopped writing for good, because a
// commit or an fsync failed. Every call that writes fails from then on; opening
// the store again is the cure.
func (s *Store) Broken() <-chan struct{} { return s.write.isBroken }

// Err tells why the store is Broken, or nil if it is not.
func (s *Store) Err() error {
	select {
	case <-s.write.isBroken:
		return s.write.broken
	default:
		return nil
	}
}

// recall reads what the store keeps in memory.
func (s *Store) recall(ctx context.Context) error {
	if err := s.names.recall(ctx, s); err != nil {
		return err
	}
	var newest int64
	if _, err := s.one(ctx, sqlNewest, nil, &newest, &s.lastPK); err != nil {
		return err
	}
	s.ids.Seen(message.ID(newest))
	return s.recallLanes(ctx)
}

// makeDir creates dir and makes its name durable: without that, a power cut
// could take the whole directory with all that was fsynced in it.
func makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	return syncDir(parent)
}

// one runs a query on a reader and scans its first row. It tells whether there
// was one.
func (s *Store) one(ctx context.Context, query string, args []any, dest ...any) (bool, error) {
	stmt, err := s.prepared(ctx, query)
	if err != nil {
		return false, s.failed(ctx, err)
	}
	err = stmt.QueryRowContext(ctx, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, s.failed(ctx, err)
}

// each runs a query on a reader and calls row for every row.
func (s *Store) each(ctx context.Context, query string, args []any, row func(scan func(...any) error) error) error {
	stmt, err := s.prepared(ctx, query)
	if err != nil {
		return s.failed(ctx, err)
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return s.failed(ctx, err)
	}
	return s.failed(ctx, scanAll(rows, row))
}

func scanAll(rows *sql.Rows, row func(scan func(...any) error) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// failed passes faults and the end of ctx on, and gives the rest a kind.
func (s *Store) failed(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	return fault.Wrap(fault.Internal, "", fmt.Errorf("store: %w", err))
}

// prepared returns the reader's statement for query, which lives as long as
// the store. Texts are constants or joined from a few of them, so there are
// not many.
func (s *Store) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	s.readMu.Lock()
	defer s.readMu.Unlock()
	if stmt, ok := s.reads[query]; ok {
		return stmt, nil
	}
	stmt, err := s.db.read.PrepareContext(ctx, s.db.text(query))
	if err != nil {
		return nil, err
	}
	s.reads[query] = stmt
	return stmt, nil
}

func (s *Store) closeReads() error {
	s.readMu.Lock()
	defer s.readMu.Unlock()
	var errs []error
	for _, stmt := range s.reads {
		errs = append(errs, stmt.Close())
	}
	clear(s.reads)
	return errors.Join(errs...)
}
