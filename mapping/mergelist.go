package mapping

import (
	"hash/fnv"
	"slices"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// unite appends the entries of src that dst lacks.
func unite(f *r4.Field, dst, src any) {
	for e := range f.Values(src) {
		if !has(f, dst, e) {
			put(f, dst, e)
		}
	}
}

func has(f *r4.Field, parent, entry any) bool {
	for e := range f.Values(parent) {
		if r4.Equal(e, entry) {
			return true
		}
	}
	return false
}

// keysOf lists the keys of the entries of a list, in order, each once.
func keysOf(f *r4.Field, parent any, key func(any) string) []string {
	var all []string
	for e := range f.Values(parent) {
		if k := key(e); !slices.Contains(all, k) {
			all = append(all, k)
		}
	}
	return all
}

// list merges a list whose entries under one key are one cell.
func (m *merging) list(f *r4.Field, dst, src any, path string, key func(any) string) {
	have := keysOf(f, dst, key)
	var taken []string
	for _, k := range keysOf(f, src, key) {
		at := path + ":" + k
		if is := m.is(at); is.beats(m.l.was(at, slices.Contains(have, k))) {
			taken = append(taken, k)
			m.l.set(at, is)
		}
	}
	if len(taken) == 0 {
		return
	}
	var entries []any
	for e := range f.Values(src) {
		if slices.Contains(taken, key(e)) {
			entries = append(entries, e)
		}
	}
	replace(f, dst, entries, func(e any) bool { return slices.Contains(taken, key(e)) })
}

// replace puts entries in the place of those of the list that go. One that is
// there already keeps its place.
func replace(f *r4.Field, dst any, entries []any, goes func(any) bool) {
	used := make([]bool, len(entries))
	old := r4.Clone(dst)
	f.Clear(dst)
	for e := range f.Values(old) {
		if !goes(e) {
			put(f, dst, e)
			continue
		}
		for i, s := range entries {
			if !used[i] && r4.Equal(s, e) {
				used[i] = true
				put(f, dst, e)
				break
			}
		}
	}
	for i, e := range entries {
		if !used[i] {
			put(f, dst, e)
		}
	}
}

// An entry of a list of several senders, and its hash.
type entry struct {
	value any
	hash  uint64
}

// entriesOf lists the entries of one key (nil: all), each once.
func entriesOf(f *r4.Field, parent any, key func(any) string, k string) []entry {
	var all []entry
	for e := range f.Values(parent) {
		if key != nil && key(e) != k {
			continue
		}
		text, err := r4.AppendJSON(nil, e)
		if err != nil {
			continue // it came from a resource, so it can be written
		}
		h := fnv.New64a()
		h.Write(text)
		if sum := h.Sum64(); !slices.ContainsFunc(all, func(o entry) bool { return o.hash == sum }) {
			all = append(all, entry{e, sum})
		}
	}
	return all
}

func hashes(entries []entry) []uint64 {
	all := make([]uint64, len(entries))
	for i := range entries {
		all[i] = entries[i].hash
	}
	return all
}

// senders are the marks of a list by sender. A list of which nothing is noted is
// of who said the rest.
func (l *Ledger) senders(base string, have []entry) map[string]mark {
	found := map[string]mark{}
	for path, m := range l.cells {
		if rest, ok := strings.CutPrefix(path, base+"@"); ok {
			found[rest] = m
		}
	}
	if len(found) == 0 && len(have) > 0 {
		found[l.rest.by.Source] = l.rest
	}
	for s, m := range found {
		if m.own == nil && !m.gone {
			m.own = hashes(have)
			found[s] = m
		}
	}
	return found
}

// ofSender merges a list of which each sender has its own entries.
func (m *merging) ofSender(f *r4.Field, dst, src any, path string, key func(any) string) {
	if filled(f, dst) && saysNothing(f, src, path) {
		return
	}
	keys := []string{""}
	if key != nil {
		keys = keysOf(f, src, key)
	}
	for _, k := range keys {
		base := path
		if key != nil {
			base += ":" + k
		}
		entries := entriesOf(f, src, key, k)
		if m.from == nil {
			m.sender(f, dst, base, key, k, m.mark, entries)
			continue
		}
		from := m.from.senders(base, entries)
		for _, s := range sortedKeys(from) {
			if is := from[s]; !is.gone {
				m.sender(f, dst, base, key, k, m.lift(is), only(entries, is.own))
			}
		}
	}
}

// only are the entries that have one of the hashes.
func only(entries []entry, of []uint64) []entry {
	var all []entry
	for _, e := range entries {
		if slices.Contains(of, e.hash) {
			all = append(all, e)
		}
	}
	return all
}

// sender takes what one sender says of a list, which is nothing if is.gone.
func (m *merging) sender(f *r4.Field, dst any, base string, key func(any) string, k string, is mark, entries []entry) {
	have := entriesOf(f, dst, key, k)
	marks := m.l.senders(base, have)
	var claimed []uint64
	for _, was := range marks {
		claimed = append(claimed, was.own...)
	}
	own := is.by.Source
	for s, was := range marks {
		switch {
		case is.rank == fills && was.rank == said:
			return
		case (is.rank == fills || s == own) && was.rank == is.rank && !is.beats(was):
			return
		}
	}
	for s, was := range marks {
		if was.rank == fills || s == own {
			delete(marks, s)
		}
	}
	is.own = hashes(entries)
	marks[own] = is
	pool := slices.Concat(entries, have)
	var want []any
	var done []uint64
	for _, s := range newestFirst(marks) {
		for _, h := range marks[s].own {
			if i := slices.IndexFunc(pool, func(e entry) bool { return e.hash == h }); i >= 0 && !slices.Contains(done, h) {
				want, done = append(want, pool[i].value), append(done, h)
			}
		}
	}
	for _, e := range have { // of nobody who is known, such as a client of the FHIR server
		if !slices.Contains(claimed, e.hash) && !slices.Contains(done, e.hash) {
			want = append(want, e.value)
		}
	}
	if key != nil {
		replace(f, dst, want, func(e any) bool { return key(e) == k })
	} else {
		f.Clear(dst)
		for _, e := range want {
			put(f, dst, e)
		}
	}
	m.l.setSenders(base, marks)
}

func newestFirst(marks map[string]mark) []string {
	all := sortedKeys(marks)
	slices.SortStableFunc(all, func(a, b string) int { return marks[b].by.compare(marks[a].by) })
	return all
}

func (l *Ledger) setSenders(base string, marks map[string]mark) {
	for path := range l.cells {
		if strings.HasPrefix(path, base+"@") {
			delete(l.cells, path)
		}
	}
	for s, m := range marks {
		l.set(base+"@"+s, m)
	}
}

// ofSenders tells whether a cell is that of a sender.
func ofSenders(path string) bool {
	i := strings.IndexAny(path, "@:")
	return i >= 0 && ownLists[path[:i]] && strings.Contains(path[i:], "@")
}

// eachSenders calls fn for each list of r of which each sender has entries.
func eachSenders(r r4.Resource, fn func(base string, have []entry)) {
	t := r4.TypeOf(r)
	for i := range t.Fields {
		f := &t.Fields[i]
		path := t.Name + "." + f.Name
		if !ownLists[path] || !filled(f, r) {
			continue
		}
		key := listKey(f, path)
		if key == nil {
			fn(path, entriesOf(f, r, nil, ""))
			continue
		}
		for _, k := range keysOf(f, r, key) {
			fn(path+":"+k, entriesOf(f, r, key, k))
		}
	}
}
