package store

import (
	"testing"

	"github.com/ponshealth/pons/fhir/search"
)

// TestIndexCoversMatches holds the index against the definition of a search: it
// may find too much, never too little.
func TestIndexCoversMatches(t *testing.T) {
	var entries []search.Entry
	var values []search.Value
	texts := []string{"", "a", "A", "b", "a|b", "http://x", "HTTP://X"}
	for _, system := range texts {
		for _, code := range texts {
			if system == "" && code == "" {
				continue
			}
			entries = append(entries, search.Entry{Param: "p", Kind: search.Token, System: system, Code: code})
			values = append(values, search.Value{HasSystem: true, System: system, Code: code})
			if code != "" {
				values = append(values, search.Value{Code: code})
			}
		}
	}
	matched, refused := 0, 0
	for _, e := range entries {
		r, err := rowsOf("T", []search.Entry{e}, func(string) (int64, error) { return 1, nil })
		if err != nil || len(r.hashes) != 1 {
			t.Fatalf("%+v has rows %v, %v; want one", e, r, err)
		}
		h := r.hashes[0].h
		for _, v := range values {
			c := search.Criterion{Param: "p", Kind: search.Token, Values: []search.Value{v}}
			lo, hi := hashRange(search.Token, v)
			found := anyOfSystem(c) || lo <= h && h <= hi
			switch matches := c.Matches([]search.Entry{e}); {
			case matches && !found:
				t.Errorf("%+v matches %+v and is not filed where it is looked for", v, e)
			case matches:
				matched++
			case !found:
				refused++
			}
		}
	}
	if matched < len(entries) || refused < matched {
		t.Errorf("%d matches, %d kept apart: the test shows too little", matched, refused)
	}
}

// TestIdentityMindsLetterCase: a search takes A7 and a7 for one, a decision who
// is meant does not.
func TestIdentityMindsLetterCase(t *testing.T) {
	entries := []search.Entry{{Param: "identifier", Kind: search.Token, System: "urn:h", Code: "A7"}}
	for _, c := range []struct {
		system, code string
		want         bool
	}{{"urn:h", "A7", true}, {"urn:h", "a7", false}, {"", "A7", false}, {"URN:H", "A7", false}} {
		if got := holds(entries, "identifier", c.system, c.code); got != c.want {
			t.Errorf("%s|%s: %v, want %v", c.system, c.code, got, c.want)
		}
	}
}
