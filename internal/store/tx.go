package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/ponshealth/pons/internal/message"
)

// tx is the writer's side of the database: a transaction that lives for one
// group of jobs. Only the writer goroutine touches it.
type tx struct {
	db    *sqlite
	stmts map[string]*sql.Stmt
	tally map[tallyKey]int64 // how the counts change by the jobs that succeeded
	mine  []tallied          // and by the running one
}

type tallyKey struct {
	destination int64
	state       message.State
}

type tallied struct {
	tallyKey
	n int64
}

// exec runs a statement and tells how many rows it changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	stmt, err := t.prepared(query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// one scans the first row of a query, if there is one.
func (t *tx) one(query string, args []any, dest ...any) (bool, error) {
	stmt, err := t.prepared(query)
	if err != nil {
		return false, err
	}
	err = stmt.QueryRowContext(context.Background(), args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// each calls row for every row of a query.
func (t *tx) each(query string, args []any, row func(scan func(...any) error) error) error {
	stmt, err := t.prepared(query)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(context.Background(), args...)
	if err != nil {
		return err
	}
	return scanAll(rows, row)
}

// prepared returns the statement for query, which lives as long as the
// connection.
func (t *tx) prepared(query string) (*sql.Stmt, error) {
	if stmt, ok := t.stmts[query]; ok {
		return stmt, nil
	}
	stmt, err := t.db.conn.PrepareContext(context.Background(), t.db.text(query))
	if err != nil {
		return nil, err
	}
	t.stmts[query] = stmt
	return stmt, nil
}

// count notes that one delivery entered (n = 1) or left (n = -1) a state. The
// job that says so may yet fail.
func (t *tx) count(destination int64, state message.State, n int64) {
	t.mine = append(t.mine, tallied{tallyKey{destination, state}, n})
}

// settleCounts takes over the counts of a job that succeeded and forgets those
// of one that did not.
func (t *tx) settleCounts(ok bool) {
	for _, c := range t.mine {
		if ok {
			t.tally[c.tallyKey] += c.n
		}
	}
	t.mine = t.mine[:0]
}

// writeCounts writes the counts of the whole group, once for each state.
func (t *tx) writeCounts() error {
	for k, n := range t.tally {
		if n == 0 {
			continue
		}
		if _, err := t.exec(sqlTally, k.destination, int64(k.state), n); err != nil {
			return err
		}
	}
	clear(t.tally)
	return nil
}

func (t *tx) close() error {
	var errs []error
	for _, stmt := range t.stmts {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}
