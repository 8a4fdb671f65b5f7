package store

import (
	"context"
	"slices"

	"github.com/ponshealth/pons/fhir/search"
)

// Page is one page of what a search found.
type Page struct {
	Resources []Resource
	Next      string // the cursor of the next page, or ""
	Total     int    // how many there are in all; -1 if nobody counted
}

// Limits of a search.
const (
	defaultCount = 20
	maxCount     = 1000
	// A search that some criterion narrows down to so few reads them all.
	fewCandidates = 1000
	// A search whose order no index has may read so many; more is
	// fault.TooLarge.
	maxGathered = 10000
	// A page ends when its bodies are of so many bytes, with one in any case.
	maxPage = 16 << 20
)

// Search finds the live resources of q.Type that meet q. The index gives
// candidates and each is asked again by its body, so that the result is what
// search.Criterion.Matches says.
//
// Without q.Sort the order is newest first. A total is exact up to a collision
// of hashes (64 bits; 40 for a code without its system). Pages follow each other
// by place and not by number, so what is written meanwhile neither repeats nor
// hides what was there.
func (s *Store) Search(ctx context.Context, q *search.Query) (Page, error) {
	if q.IDs != nil && len(q.IDs) == 0 {
		return Page{}, nil
	}
	f := finder{s: s, q: q, typ: s.names.id(q.Type), count: min(q.Count, maxCount)}
	if f.count <= 0 {
		f.count = defaultCount
	}
	if err := f.from.parse(q.Cursor); err != nil {
		return Page{}, err
	}
	f.choose()
	if q.CountOnly {
		total, err := f.total(ctx)
		return Page{Total: total}, err
	}
	page, err := f.page(ctx)
	if err == nil && page.Total < 0 && q.Total {
		page.Total, err = f.total(ctx)
	}
	return page, err
}

// finder is one search.
type finder struct {
	s     *Store
	q     *search.Query
	typ   int64
	count int
	from  position
	sets  []set
	exact bool // the sets together say all that the query does
	bytes int  // in the page so far
}

// choose makes the sets of the query.
func (f *finder) choose() {
	f.exact = true
	for _, c := range f.q.Criteria {
		set, ok := f.s.setOf(f.q.Type, c)
		if ok {
			f.sets = append(f.sets, set)
		}
		f.exact = f.exact && ok && set.exact
	}
	if f.q.IDs != nil {
		f.sets = append(f.sets, f.s.idSet(f.q.Type, f.q.IDs))
	}
}

// page finds the way that is cheapest: read all of a small set, or walk an
// index that has the right order.
func (f *finder) page(ctx context.Context) (Page, error) {
	smallest, size, err := f.smallest(ctx)
	if err != nil {
		return Page{}, err
	}
	walk, walkable := f.walk()
	if f.from.mode == gathered || f.from.mode == 0 && size <= f.s.few || !walkable {
		return f.gather(ctx, smallest, size)
	}
	return f.follow(ctx, walk)
}

// smallest tells which set has the fewest candidates, looking at no more than
// it must; -1 is all resources of the type.
func (f *finder) smallest(ctx context.Context) (which, size int, err error) {
	which, size = -1, f.s.few+1
	for i, set := range f.sets {
		probe := fragment{text: `SELECT COUNT(*) FROM (`}
		probe.join(set.fragment)
		probe.add(` LIMIT ?)`, size)
		var n int
		if err := f.s.composed(ctx, probe, func(scan func(...any) error) error { return scan(&n) }); err != nil {
			return 0, 0, err
		}
		if n < size || which < 0 {
			which, size = i, n
		}
	}
	return which, size, nil
}

// others adds a condition on r.pk for every set but one. A set without a quick
// test is materialised, which pays only against many candidates.
func (f *finder) others(to *fragment, but int, few bool) {
	for i, set := range f.sets {
		switch {
		case i == but:
		case set.point.text != "":
			to.add(` AND (`)
			to.join(set.point)
			to.add(`)`)
		case !few:
			to.add(` AND r.pk IN (`)
			to.join(set.fragment)
			to.add(`)`)
		}
	}
}

// candidate is a resource that may meet the query. Its body is unpacked when
// it is in the page.
type candidate struct {
	Resource
	pk      int64
	updated int64
	packed  []byte
	keys    []sortKey
}

const candidateColumns = `SELECT r.version, r.updated, r.pk, r.id, r.body`

// read scans a candidate and looks whether it meets the query.
func (f *finder) read(scan func(...any) error, more ...any) (candidate, bool, error) {
	c := candidate{Resource: Resource{Type: f.q.Type}}
	if err := scan(append([]any{&c.Version, &c.updated, &c.pk, &c.ID, &c.packed}, more...)...); err != nil {
		return c, false, err
	}
	if len(f.q.Criteria) == 0 && len(f.q.Sort) == 0 {
		return c, f.meets(c.ID, nil), nil
	}
	entries, err := f.s.entriesOf(c.packed)
	if err != nil {
		return c, false, err
	}
	entries = append(entries, search.LastUpdated(micros(c.updated)))
	c.keys = f.sortKeys(c.ID, entries)
	return c, f.meets(c.ID, entries), nil
}

// put adds a candidate to the page, with its body as a reader sees it.
func (f *finder) put(page *Page, c candidate) error {
	c.Updated = micros(c.updated)
	body, err := f.s.pack.unpack(c.packed)
	if err == nil {
		c.Body, err = patchMeta(body, c.Version, c.Updated)
	}
	f.bytes += len(c.Body)
	page.Resources = append(page.Resources, c.Resource)
	return err
}

// full tells whether the page has all that it may.
func (f *finder) full(page *Page) bool {
	return len(page.Resources) >= f.count || f.bytes >= maxPage
}

func (f *finder) meets(id string, entries []search.Entry) bool {
	for _, criterion := range f.q.Criteria {
		if !criterion.Matches(entries) {
			return false
		}
	}
	return f.q.IDs == nil || slices.Contains(f.q.IDs, id)
}

// total counts by the index if that says all, and else by reading.
func (f *finder) total(ctx context.Context) (int, error) {
	n := 0
	if !f.exact {
		candidates := f.candidates(-1, false)
		err := f.s.composed(ctx, candidates, func(scan func(...any) error) error {
			_, ok, err := f.read(scan)
			if ok {
				n++
			}
			return err
		})
		return n, err
	}
	count := fragment{text: `SELECT COUNT(*) FROM resource r WHERE r.type = ? AND r.deleted = 0`, args: []any{f.typ}}
	if len(f.sets) > 0 {
		count = fragment{text: `SELECT COUNT(*) FROM (`}
		for i, set := range f.sets {
			if i > 0 {
				count.add(` INTERSECT `)
			}
			count.join(set.fragment)
		}
		if len(f.sets) == 1 && !f.sets[0].one { // one resource may be in it twice
			count.add(` INTERSECT `)
			count.join(f.sets[0].fragment)
		}
		count.add(`)`)
	}
	err := f.s.composed(ctx, count, func(scan func(...any) error) error { return scan(&n) })
	return n, err
}

// composed runs a query that was put together, on a reader.
func (s *Store) composed(ctx context.Context, f fragment, row func(scan func(...any) error) error) error {
	rows, err := s.db.read.QueryContext(ctx, s.db.text(f.numbered()), f.args...)
	if err != nil {
		return s.failed(ctx, err)
	}
	return s.failed(ctx, scanAll(rows, row))
}

// candidates is the query for the candidates of one set, or of all the type if
// it is -1.
func (f *finder) candidates(of int, few bool) fragment {
	query := fragment{text: candidateColumns + ` FROM resource r WHERE r.type = ? AND r.deleted = 0`, args: []any{f.typ}}
	if of >= 0 {
		query.add(` AND r.pk IN (`)
		query.join(f.sets[of].fragment)
		query.add(`)`)
	}
	f.others(&query, of, few)
	return query
}

// FindToken returns the ids of the live resources of a type that hold a token
// with exactly this system ("" is none) and code, such as an identifier.
func (s *Store) FindToken(ctx context.Context, typ, param, system, code string) ([]string, error) {
	var ids []string
	args := []any{s.names.id(typ + "." + param), tokenHash(system, code)}
	err := s.each(ctx, sqlHolders, args, func(scan func(...any) error) error {
		var pk int64
		var id string
		var packed []byte
		if err := scan(&pk, &id, &packed); err != nil {
			return err
		}
		entries, err := s.entriesOf(packed)
		if err == nil && holds(entries, param, system, code) {
			ids = append(ids, id)
		}
		return err
	})
	return ids, err
}

// holds compares to the letter: two identifiers that differ in letter case are
// two, though a search finds both.
func holds(entries []search.Entry, param, system, code string) bool {
	return slices.ContainsFunc(entries, func(e search.Entry) bool {
		return e.Kind == search.Token && e.Param == param && e.System == system && e.Code == code
	})
}
