package mapping

import "github.com/ponshealth/pons/fhir/r4"

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

// list replaces the entries of dst whose key src has and appends the rest of
// src. An entry that is unchanged keeps its place.
func (m merging) list(f *r4.Field, dst, src any, key func(any) string) {
	if m.fill {
		fillList(f, dst, src, key)
		return
	}
	sent := make(map[string]bool)
	for e := range f.Values(src) {
		sent[key(e)] = true
	}
	used := make([]bool, f.Len(src))
	old := r4.Clone(dst)
	f.Clear(dst)
	for e := range f.Values(old) {
		if !sent[key(e)] {
			put(f, dst, e)
			continue
		}
		for i := range used {
			if s := f.At(src, i); !used[i] && r4.Equal(s, e) {
				used[i] = true
				put(f, dst, e)
				break
			}
		}
	}
	for i := range used {
		if !used[i] {
			put(f, dst, f.At(src, i))
		}
	}
}

// fillList appends the entries of src of whose key dst has none.
func fillList(f *r4.Field, dst, src any, key func(any) string) {
	known := make(map[string]bool)
	for e := range f.Values(dst) {
		known[key(e)] = true
	}
	for e := range f.Values(src) {
		if !known[key(e)] {
			put(f, dst, e)
		}
	}
}
