package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/pressly/goose/v3"
)

// This file is all that knows the database engine and its Go driver. A second
// engine gets a file beside it; every other file speaks database/sql and the
// SQL that both understand, with parameters written $1, $2.

//go:embed migrations/sqlite/*.sql
var sqliteMigrations embed.FS

// The settings of a connection. The order matters: the journal before the rest.
// Checkpoints are the writer's business, not a surprise within a commit.
const (
	sqliteCommon = `PRAGMA journal_mode = WAL;
PRAGMA temp_store = MEMORY;
PRAGMA wal_autocheckpoint = 0;
PRAGMA cell_size_check = ON;
PRAGMA trusted_schema = OFF;
PRAGMA journal_size_limit = 268435456;`
	sqliteWriter = `PRAGMA cache_size = -32768;`
	sqliteReader = `PRAGMA cache_size = -4096; PRAGMA query_only = ON;`
)

const sqliteFile = "pons.db"

const sqliteBusyWait = 10 * time.Second

// sqlite is an open SQLite database: one connection that writes and a pool
// that reads.
type sqlite struct {
	write  *sql.DB
	conn   *sql.Conn // the only connection of write
	read   *sql.DB
	frames atomic.Int64 // pages in the write-ahead log after the last commit
}

// openSQLite opens dir/pons.db, brings its tables up to date and checks that
// it does what durability needs.
func openSQLite(ctx context.Context, dir string, o Options) (*sqlite, error) {
	synchronous := "FULL"
	if o.synchronous != "" {
		synchronous = o.synchronous
	}
	source, err := sqliteSource(dir, o.VFS)
	if err != nil {
		return nil, err
	}
	db := &sqlite{}
	setup := func(own string) func(*sqlite3.Conn) error {
		return func(c *sqlite3.Conn) error { return sqliteSetup(c, synchronous, own) }
	}
	db.write, err = driver.Open(source, setup(sqliteWriter), nil)
	if err == nil {
		db.write.SetMaxOpenConns(1)
		err = db.migrate(ctx)
	}
	if err == nil {
		db.conn, err = db.write.Conn(ctx)
	}
	if err == nil {
		err = db.conn.Raw(func(c any) error {
			c.(driver.Conn).Raw().WALHook(func(_ *sqlite3.Conn, _ string, pages int) error {
				db.frames.Store(int64(pages))
				return nil
			})
			return nil
		})
	}
	if err == nil {
		db.read, err = driver.Open(source, setup(sqliteReader), nil)
	}
	if err == nil {
		db.read.SetMaxOpenConns(o.Readers)
		db.read.SetMaxIdleConns(o.Readers)
		db.read.SetConnMaxIdleTime(5 * time.Minute)
		err = db.read.PingContext(ctx)
	}
	if err == nil {
		err = protect(dir)
	}
	if err != nil {
		return nil, errors.Join(err, db.close())
	}
	return db, nil
}

// sqliteSource names the database for the driver. The files are for their owner
// only, also in a directory that others may enter.
func sqliteSource(dir, vfs string) (string, error) {
	file, err := filepath.Abs(filepath.Join(dir, sqliteFile))
	if err != nil {
		return "", err
	}
	query := url.Values{}
	if vfs != "" {
		query.Set("vfs", vfs)
	} else {
		// The log gets the mode of the database, the shared memory see protect.
		f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return "", err
		}
		err = errors.Join(f.Chmod(0o600), f.Close())
		if err != nil {
			return "", err
		}
		query.Set("modeof", file)
	}
	path := filepath.ToSlash(file)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a Windows drive
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}
	return u.String(), nil
}

// protect takes the shared memory file away from others. It holds page numbers
// only, and the driver makes it as the umask says.
func protect(dir string) error {
	err := os.Chmod(filepath.Join(dir, sqliteFile+"-shm"), 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// sqliteSetup sets a new connection up and reads back what durability hangs
// on: a setting that did not take is silent in SQLite.
func sqliteSetup(c *sqlite3.Conn, synchronous, own string) error {
	if err := c.BusyTimeout(sqliteBusyWait); err != nil {
		return err
	}
	// Without this guarantee SQLite looks at the values bound to a statement to
	// choose among partial indexes, and compiles it anew at every run.
	if _, err := c.Config(sqlite3.DBCONFIG_ENABLE_QPSG, true); err != nil {
		return err
	}
	if err := c.Exec(sqliteCommon + own); err != nil {
		return err
	}
	level := map[string]string{"FULL": "2", "NORMAL": "1"}[synchronous]
	if err := c.Exec("PRAGMA synchronous = " + level); err != nil {
		return err
	}
	if err := sqliteVerify(c, "PRAGMA journal_mode", "wal"); err != nil {
		return err
	}
	return sqliteVerify(c, "PRAGMA synchronous", level)
}

func sqliteVerify(c *sqlite3.Conn, query, want string) error {
	s, _, err := c.Prepare(query)
	if err != nil {
		return err
	}
	defer s.Close()
	got := "nothing"
	if s.Step() {
		got = s.ColumnText(0)
	}
	if err := s.Err(); err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%s is %s, not %s: an answer would not be durable", query, got, want)
	}
	return nil
}

func (db *sqlite) migrate(ctx context.Context) error {
	files, err := fs.Sub(sqliteMigrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db.write, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	is, known, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if is > known {
		return fmt.Errorf("the tables are of version %d, and this program knows versions up to %d", is, known)
	}
	_, err = p.Up(ctx)
	return err
}

// text turns a statement into the engine's own form.
func (db *sqlite) text(query string) string { return strings.ReplaceAll(query, "$", "?") }

// checkpoint copies what it can from the write-ahead log into the database
// without waiting for anyone, and makes it durable there.
func (db *sqlite) checkpoint(ctx context.Context) error {
	var busy, logged, copied int64
	row := db.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
	if err := row.Scan(&busy, &logged, &copied); err != nil {
		return err
	}
	return nil
}

// close is safe on a half-open database. Readers go first: the last connection
// to leave empties the write-ahead log.
func (db *sqlite) close() error {
	var errs []error
	if db.read != nil {
		errs = append(errs, db.read.Close())
	}
	if db.conn != nil {
		errs = append(errs, db.conn.Close())
	}
	if db.write != nil {
		errs = append(errs, db.write.Close())
	}
	return errors.Join(errs...)
}

// full tells whether a write was refused, for which a full disk is the usual
// reason (the driver loses the system's own). The transaction is undone then
// and the next one writes the same part of the log anew, so that going on is
// safe. It is not after a sync that failed: what it should have kept may be
// gone, and the next sync would not say so.
func (db *sqlite) full(err error) bool {
	return errors.Is(err, sqlite3.FULL) || errors.Is(err, sqlite3.IOERR_WRITE)
}

// busy tells whether somebody else held a lock for too long.
func (db *sqlite) busy(err error) bool { return errors.Is(err, sqlite3.BUSY) }

// grave tells whether err is of the engine or the disk, not of one statement:
// the transaction cannot go on.
func (db *sqlite) grave(err error) bool {
	code, ok := errors.AsType[sqlite3.ErrorCode](err)
	if !ok {
		return false
	}
	switch code {
	case sqlite3.IOERR, sqlite3.FULL, sqlite3.CORRUPT, sqlite3.NOTADB, sqlite3.CANTOPEN,
		sqlite3.PROTOCOL, sqlite3.READONLY, sqlite3.NOMEM, sqlite3.BUSY, sqlite3.LOCKED:
		return true
	}
	return false
}
