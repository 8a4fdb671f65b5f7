package store

import (
	"cmp"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
)

// maxNorm is how much of a text the index keeps, in bytes.
const maxNorm = 64

// The rows of the search index that belong to one resource, without its pk:
// sorted, none twice.
type rows struct {
	hashes []hashRow
	dates  []dateRow
	texts  []textRow
}

type hashRow struct{ sp, h int64 }
type dateRow struct{ sp, lo, hi int64 }
type textRow struct {
	sp   int64
	norm string
}

func (a hashRow) compare(b hashRow) int {
	return cmp.Or(cmp.Compare(a.sp, b.sp), cmp.Compare(a.h, b.h))
}
func (a dateRow) compare(b dateRow) int {
	return cmp.Or(cmp.Compare(a.sp, b.sp), cmp.Compare(a.lo, b.lo), cmp.Compare(a.hi, b.hi))
}
func (a textRow) compare(b textRow) int {
	return cmp.Or(cmp.Compare(a.sp, b.sp), cmp.Compare(a.norm, b.norm))
}

// rowsOf turns what search.Extract found into rows. sp gives the number of a
// parameter, or 0 to leave it out. Numbers and quantities have no rows yet; a
// search for them goes over all resources of the type.
func rowsOf(typ string, entries []search.Entry, sp func(name string) (int64, error)) (rows, error) {
	var r rows
	for i := range entries {
		e := &entries[i]
		sp, err := sp(typ + "." + e.Param)
		if err != nil {
			return rows{}, err
		}
		if sp == 0 {
			continue
		}
		switch e.Kind {
		case search.Token:
			r.hashes = append(r.hashes, hashRow{sp, tokenHash(e.System, e.Code)})
		case search.Reference:
			r.hashes = append(r.hashes, hashRow{sp, hash(e.Ref)})
		case search.URI:
			r.hashes = append(r.hashes, hashRow{sp, hash(e.Code)})
		case search.Date:
			r.dates = append(r.dates, dateRow{sp, e.Lo, e.Hi})
		case search.String:
			r.texts = append(r.texts, textRow{sp, shorten(e.Text)})
		}
	}
	r.hashes, r.dates, r.texts = tidy(r.hashes), tidy(r.dates), tidy(r.texts)
	return r, nil
}

// rowsOfBody gives the rows that a stored body has. If Extract is no longer
// what it was when they were written, some stay behind at the next change;
// they cost a look, for every hit is checked on the body.
func (s *Store) rowsOfBody(typ string, packed []byte) (rows, error) {
	entries, err := s.entriesOf(packed)
	if err != nil {
		return rows{}, err
	}
	return rowsOf(typ, entries, func(name string) (int64, error) { return s.names.id(name), nil })
}

func (s *Store) entriesOf(packed []byte) ([]search.Entry, error) {
	body, err := s.pack.unpack(packed)
	if err != nil {
		return nil, err
	}
	// Which version it is does not matter here, but an empty meta is not FHIR.
	body, err = patchMeta(body, 1, time.Unix(0, 0))
	if err != nil {
		return nil, err
	}
	r, err := r4.Unmarshal(body)
	if err != nil {
		return nil, fmt.Errorf("a stored resource: %w", err)
	}
	return search.Extract(r), nil
}

// shorten cuts a text to what the index keeps, at a character.
func shorten(s string) string {
	if len(s) <= maxNorm {
		return s
	}
	end := maxNorm
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

func tidy[R interface {
	comparable
	compare(R) int
}](r []R) []R {
	slices.SortFunc(r, R.compare)
	return slices.Compact(r)
}

// additions gathers the index rows that the writes of one job add, so that many
// go in with one statement.
type additions struct {
	hashes []hashAt
	texts  []textAt
}

type hashAt struct {
	hashRow
	pk int64
}

type textAt struct {
	textRow
	pk int64
}

// reindex makes the index rows of a resource what they should be: have is what
// is there. What is to be added waits in add until its flush.
func reindex(t *tx, add *additions, pk int64, have, want rows) error {
	for _, r := range missing(want.hashes, have.hashes) {
		if _, err := t.exec(sqlDropHash, r.sp, r.h, pk); err != nil {
			return err
		}
	}
	for _, r := range missing(want.dates, have.dates) {
		if _, err := t.exec(sqlDropDate, r.sp, r.lo, r.hi, pk); err != nil {
			return err
		}
	}
	for _, r := range missing(want.texts, have.texts) {
		if _, err := t.exec(sqlDropText, r.sp, r.norm, pk); err != nil {
			return err
		}
	}
	for _, r := range missing(have.hashes, want.hashes) {
		add.hashes = append(add.hashes, hashAt{r, pk})
	}
	for _, r := range missing(have.texts, want.texts) {
		add.texts = append(add.texts, textAt{r, pk})
	}
	for _, r := range missing(have.dates, want.dates) { // few
		if _, err := t.exec(sqlAddDate, r.sp, r.lo, r.hi, pk); err != nil {
			return err
		}
	}
	return nil
}

// flush adds what reindex has gathered, in the order of the tables.
func (a *additions) flush(t *tx) error {
	slices.SortFunc(a.hashes, func(x, y hashAt) int { return cmp.Or(x.compare(y.hashRow), cmp.Compare(x.pk, y.pk)) })
	slices.SortFunc(a.texts, func(x, y textAt) int { return cmp.Or(x.compare(y.textRow), cmp.Compare(x.pk, y.pk)) })
	err := inBatches(t, sqlAddHashes, a.hashes, func(args []any, r hashAt) []any { return append(args, r.sp, r.h, r.pk) })
	if err == nil {
		err = inBatches(t, sqlAddTexts, a.texts, func(args []any, r textAt) []any { return append(args, r.sp, r.norm, r.pk) })
	}
	a.hashes, a.texts = a.hashes[:0], a.texts[:0]
	return err
}

// batch is one statement that adds so many rows.
type batch struct {
	rows  int
	query string
}

// inBatches adds all rows with as few statements as queries, largest first,
// allow.
func inBatches[R any](t *tx, queries []batch, all []R, bind func([]any, R) []any) error {
	var args []any
	for _, q := range queries {
		for ; len(all) >= q.rows; all = all[q.rows:] {
			args = args[:0]
			for _, r := range all[:q.rows] {
				args = bind(args, r)
			}
			if _, err := t.exec(q.query, args...); err != nil {
				return err
			}
		}
	}
	return nil
}

// missing returns the rows of all that are not in some. Both are sorted.
func missing[R interface{ compare(R) int }](some, all []R) []R {
	var out []R
	for _, r := range all {
		for len(some) > 0 && some[0].compare(r) < 0 {
			some = some[1:]
		}
		if len(some) == 0 || some[0].compare(r) != 0 {
			out = append(out, r)
		}
	}
	return out
}
