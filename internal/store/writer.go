package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ponshealth/pons/internal/fault"
)

const (
	acceptQueue = 1024 // jobs that may wait; senders block beyond
	workQueue   = 256

	idleAfter = 500 * time.Millisecond // nothing to do for so long: copy the log into the database
	logPages  = 16384                  // pages of 4 KiB in the write-ahead log before they are copied
)

// job is one piece of work for the writer.
type job struct {
	do    func(*tx) error // within a savepoint
	after func()          // what memory must follow, once it is durable; nil if nothing
	done  chan error      // gets the one answer
	err   error
}

// writer is the one goroutine that changes the database.
type writer struct {
	db      *sqlite
	log     *slog.Logger
	tx      *tx
	accepts chan *job
	work    chan *job
	quit    chan struct{} // closed to end it
	ended   chan struct{} // closed when it has ended

	logPages int64
	copyAt   int64 // pages in the log at which the next checkpoint is due
	dirty    bool  // there are commits that no checkpoint has copied
	rested   rest
	accepted time.Time // when the last accept was taken
	group    []*job
	broken   error         // set for good once a commit failed, and then
	isBroken chan struct{} // closed
}

func startWriter(db *sqlite, logPages int64, log *slog.Logger) *writer {
	w := &writer{
		db: db, log: log,
		tx:      &tx{db: db, stmts: map[string]*sql.Stmt{}, tally: map[tallyKey]int64{}},
		accepts: make(chan *job, acceptQueue), work: make(chan *job, workQueue),
		quit: make(chan struct{}), ended: make(chan struct{}),
		logPages: logPages, copyAt: logPages, isBroken: make(chan struct{}),
	}
	go w.run()
	return w
}

func (w *writer) close() {
	close(w.quit)
	<-w.ended
}

// ErrClosed is what calls return that come after Close or wait while it comes.
var ErrClosed = fault.New(fault.Busy, "", "the store is closed")

// accept and other queue a job and wait until it is durable. If ctx ends
// first, the job may or may not be done.
func (w *writer) accept(ctx context.Context, do func(*tx) error, after func()) error {
	return w.submit(ctx, w.accepts, do, after)
}

func (w *writer) other(ctx context.Context, do func(*tx) error, after func()) error {
	return w.submit(ctx, w.work, do, after)
}

func (w *writer) submit(ctx context.Context, queue chan *job, do func(*tx) error, after func()) error {
	j := &job{do: do, after: after, done: make(chan error, 1)}
	select {
	case <-w.quit:
		return ErrClosed
	default:
	}
	select {
	case queue <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.quit:
		return ErrClosed
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-w.ended:
	}
	select {
	case err := <-j.done: // answered before the end
		return err
	default:
		return ErrClosed
	}
}

func (w *writer) run() {
	defer close(w.ended)
	defer w.tx.close()
	timer := time.NewTimer(idleAfter)
	defer timer.Stop()
	for {
		work, wait := w.work, time.Hour
		if left := w.rested.left(time.Now()); left > 0 {
			work, wait = nil, left
		} else if w.dirty {
			wait = idleAfter
		}
		timer.Reset(wait)
		select {
		case <-w.quit:
			return
		case j := <-w.accepts:
			w.commit(j, true)
		case j := <-work:
			w.commit(j, false)
		case <-timer.C:
			if work != nil && w.dirty {
				w.checkpoint()
			}
		}
		if w.dirty && w.db.frames.Load() >= w.copyAt {
			w.checkpoint()
		}
	}
}

// commit makes a group of what is waiting, beginning with first, commits it
// and answers.
func (w *writer) commit(first *job, isAccept bool) {
	w.group = w.group[:0]
	err := w.broken
	if err == nil {
		if _, err = w.tx.exec(sqlBegin); err != nil {
			err = w.notBegun(err)
		} else {
			err = w.fill(first, isAccept)
		}
	}
	if err != nil && len(w.group) == 0 {
		w.group = append(w.group, first)
	}
	for i, j := range w.group {
		if err != nil {
			j.err = err
		} else if j.err == nil && j.after != nil {
			j.after()
		}
		j.done <- j.err
		w.group[i] = nil
	}
}

// notBegun: another program writes to the database, or it is out of order.
func (w *writer) notBegun(err error) error {
	if w.db.busy(err) {
		return fault.Wrap(fault.Busy, "", fmt.Errorf("store: begin: %w", err))
	}
	return w.breakDown("begin", err)
}

// fill runs jobs and commits. An error is that of the whole group: none of it
// is stored.
func (w *writer) fill(first *job, isAccept bool) error {
	start := time.Now()
	resting := w.rested.left(start) > 0
	length := workBurst
	if start.Sub(w.accepted) > quiet {
		length = longBurst
	}
	var burst time.Time // when the first job that is not an accept began
	accepts, others := 0, 0
	for j := first; j != nil; {
		if isAccept {
			accepts++
			w.accepted, length = start, workBurst
		} else {
			if others == 0 {
				burst = time.Now()
			}
			others++
		}
		w.group = append(w.group, j)
		if err := w.one(j); err != nil {
			return w.abandon(err)
		}
		moreWork := !resting && (others == 0 || others < maxWork && time.Since(burst) < length)
		j, isAccept = w.more(accepts < maxAccepts, moreWork)
	}
	if err := w.tx.writeCounts(); err != nil {
		return w.abandon(err)
	}
	if _, err := w.tx.exec(sqlCommit); err != nil {
		return w.abandon(err)
	}
	w.dirty = true
	if w.db.frames.Load() < w.logPages {
		w.copyAt = w.logPages
	}
	if now := time.Now(); others > 0 {
		w.rested.begin(now, now.Sub(burst))
	} else {
		w.rested.busy += now.Sub(start)
	}
	return nil
}

// more picks the next job of a group, accepts before others. It never waits.
func (w *writer) more(accepts, others bool) (j *job, isAccept bool) {
	if accepts {
		select {
		case j := <-w.accepts:
			return j, true
		default:
		}
	}
	if others {
		select {
		case j := <-w.work:
			return j, false
		default:
		}
	}
	return nil, false
}

// one runs a job in a savepoint. A job that fails leaves nothing behind and
// does not disturb the others; an error here is one that ends the group.
func (w *writer) one(j *job) error {
	if _, err := w.tx.exec(sqlSavepoint); err != nil {
		return err
	}
	j.err = j.do(w.tx)
	w.tx.settleCounts(j.err == nil)
	if j.err != nil {
		if w.db.grave(j.err) {
			return j.err
		}
		if _, err := w.tx.exec(sqlRollbackTo); err != nil {
			return errors.Join(j.err, err)
		}
		if _, ok := errors.AsType[*fault.Error](j.err); !ok {
			j.err = fault.Wrap(fault.Internal, "", fmt.Errorf("store: %w", j.err))
		}
	}
	_, err := w.tx.exec(sqlRelease)
	return err
}

// abandon undoes a group. A full disk may become emptier; anything else that
// the engine cannot do ends all writing.
func (w *writer) abandon(err error) error {
	clear(w.tx.tally)
	w.tx.exec(sqlRollback) // fails if the engine has done it already
	if w.db.full(err) {
		return fault.Wrap(fault.Busy, "", fmt.Errorf("store: the disk may be full: %w", err))
	}
	return w.breakDown("write", err)
}

// breakDown ends all writing until the store is opened again. After a failed
// fsync nobody can know what the disk holds, and trying again would only look
// as if it worked.
func (w *writer) breakDown(doing string, err error) error {
	w.broken = fault.Wrap(fault.Internal, "", fmt.Errorf("store: %s: %w (nothing more is written until the store is opened again)", doing, err))
	close(w.isBroken)
	w.log.Error("store is broken", "doing", doing, "error", err)
	return w.broken
}

// checkpoint copies the log into the database. A reader may keep the log from
// starting over; it grows then, and the next try comes a while later.
func (w *writer) checkpoint() {
	if w.broken != nil {
		return
	}
	w.dirty = false
	w.copyAt = max(w.logPages, w.db.frames.Load()+w.logPages/4)
	if err := w.db.checkpoint(context.Background()); err != nil && !w.db.full(err) {
		w.breakDown("checkpoint", err)
	}
}
