package store

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/fault"
)

func micros(n int64) time.Time { return time.UnixMicro(n).UTC() }

// gather reads every candidate, sorts and cuts. The total is known then.
func (f *finder) gather(ctx context.Context, set, size int) (Page, error) {
	var all []candidate
	query := f.candidates(set, size <= f.s.few)
	query.add(` LIMIT ?`, maxGathered+1)
	read := 0
	err := f.s.composed(ctx, query, func(scan func(...any) error) error {
		if read++; read > maxGathered {
			return fault.New(fault.TooLarge, "_sort", "more than %d resources to put into this order", maxGathered)
		}
		c, ok, err := f.read(scan)
		if ok {
			c.packed = nil // ten thousand bodies are too many to hold
			all = append(all, c)
		}
		return err
	})
	if err != nil {
		return Page{}, err
	}
	slices.SortFunc(all, func(a, b candidate) int {
		for i, by := range f.q.Sort {
			if order := a.keys[i].compare(b.keys[i], by.Descending); order != 0 {
				return order
			}
		}
		return cmp.Compare(b.pk, a.pk)
	})
	start := 0
	if f.from.mode == gathered {
		start = slices.IndexFunc(all, func(c candidate) bool { return c.pk == f.from.pk }) + 1
		if start == 0 { // it is gone; what was before it probably is not
			start = min(max(int(f.from.lo)-1, 0), len(all))
		}
	}
	page := Page{Total: len(all)}
	end := start
	for ; end < len(all) && !f.full(&page); end++ {
		c := all[end]
		found, err := f.s.one(ctx, sqlReadLive, []any{c.pk}, &c.Version, &c.updated, &c.packed)
		if err == nil && found { // else it was deleted a moment ago
			err = f.put(&page, c)
		}
		if err != nil {
			return Page{}, err
		}
	}
	if end < len(all) {
		page.Next = position{mode: gathered, lo: int64(end), pk: all[end-1].pk}.String()
	}
	return page, nil
}

// walk is an index in the order that the query wants.
type walk struct {
	mode       byte
	set        int // the set that it drives, or -1
	sp         int64
	descending bool
}

// walk finds one, or says that there is none.
func (f *finder) walk() (walk, bool) {
	if len(f.q.Sort) > 0 {
		by := f.q.Sort[0]
		w := walk{set: -1, descending: by.Descending, sp: f.s.names.id(f.q.Type + "." + by.Param)}
		switch {
		case len(f.q.Sort) > 1:
			return w, false
		case by.Param == search.ParamLastUpdated:
			w.mode = byUpdated
			return w, true
		case by.Kind == search.Date:
			w.mode = byDate
			return w, true
		}
		return w, false
	}
	one := slices.IndexFunc(f.sets, func(s set) bool { return s.one })
	if one >= 0 {
		return walk{mode: byHash, set: one, descending: true}, true
	}
	return walk{mode: byUpdated, set: -1, descending: true}, true
}

// follow walks an index until the page is full.
func (f *finder) follow(ctx context.Context, w walk) (Page, error) {
	at := f.from
	if at.mode != w.mode && !(w.mode == byDate && at.mode == undated) {
		at = w.start()
	}
	page := Page{Total: -1}
	for batch := f.count + 1; ; batch = min(2*batch, maxCount) {
		read, err := f.step(ctx, w, &at, batch, &page)
		if err != nil {
			return Page{}, err
		}
		if page.Next != "" {
			return page, nil
		}
		if read == batch {
			continue
		}
		if at.mode != byDate {
			return page, nil
		}
		at = position{mode: undated, pk: math.MaxInt64}
	}
}

// start is before the first place.
func (w walk) start() position {
	if w.descending {
		return position{mode: w.mode, lo: math.MaxInt64, hi: math.MaxInt64, pk: math.MaxInt64}
	}
	return position{mode: w.mode, lo: math.MinInt64, hi: math.MinInt64, pk: math.MinInt64}
}

// step reads one batch behind at and moves it. When a page is full and there is
// one more, it sets page.Next.
func (f *finder) step(ctx context.Context, w walk, at *position, batch int, page *Page) (read int, err error) {
	query := f.batch(w, *at)
	query.add(` LIMIT ?`, batch)
	last := *at
	err = f.s.composed(ctx, query, func(scan func(...any) error) error {
		read++
		here := position{mode: at.mode}
		c, ok, err := f.read(scan, &here.lo, &here.hi)
		here.pk = c.pk
		last = here
		// One with several dates stands where the first of them is.
		if ok && at.mode == byDate && c.keys[0] != dateKey(here.lo, here.hi) {
			ok = false
		}
		if err != nil || !ok || page.Next != "" {
			return err
		}
		if f.full(page) {
			page.Next = at.String()
			return nil
		}
		*at = here
		return f.put(page, c)
	})
	if page.Next == "" {
		*at = last
	}
	return read, err
}

// batch is the query for what comes behind a position.
func (f *finder) batch(w walk, at position) fragment {
	var q fragment
	direction, than := ` DESC`, ` < `
	if !w.descending && at.mode != undated {
		direction, than = ` ASC`, ` > `
	}
	switch at.mode {
	case byHash:
		q.add(candidateColumns + `, 0, 0 FROM ix_hash x CROSS JOIN resource r`)
		q.join(f.sets[w.set].where)
		q.add(` AND x.pk < ? AND r.pk = x.pk AND r.deleted = 0`, at.pk)
		f.others(&q, w.set, false)
		q.add(` ORDER BY x.pk DESC`)
	case byUpdated:
		q.add(candidateColumns+`, r.updated, 0 FROM resource r WHERE r.type = ? AND r.deleted = 0`, f.typ)
		q.add(` AND (r.updated, r.pk)`+than+`(?, ?)`, at.lo, at.pk)
		f.others(&q, -1, false)
		q.add(` ORDER BY r.updated` + direction + `, r.pk` + direction)
	case byDate:
		q.add(candidateColumns+`, d.lo, d.hi FROM ix_date d CROSS JOIN resource r WHERE d.sp = ? AND r.pk = d.pk AND r.deleted = 0`, w.sp)
		q.add(` AND (d.lo, d.hi, d.pk)`+than+`(?, ?, ?)`, at.lo, at.hi, at.pk)
		f.others(&q, -1, false)
		q.add(` ORDER BY d.lo` + direction + `, d.hi` + direction + `, d.pk` + direction)
	case undated:
		q.add(candidateColumns+`, 0, 0 FROM resource r WHERE r.type = ? AND r.deleted = 0`, f.typ)
		q.add(` AND r.pk NOT IN (SELECT x.pk FROM ix_date x WHERE x.sp = ?) AND r.pk < ?`, w.sp, at.pk)
		f.others(&q, -1, false)
		q.add(` ORDER BY r.pk DESC`)
	}
	return q
}
