package search_test

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
)

// parser is what the cases and the benchmarks search with.
var parser = search.Parser{
	Base: "https://example.org/fhir",
	Now:  time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
}

// TestFind runs the cases of testdata/find: a resource, a line of dashes, and
// searches that must find it (+), must not find it (-), or must be refused (!).
// Lines that begin with # say which rule of search.html is meant.
func TestFind(t *testing.T) {
	files, err := filepath.Glob("testdata/find/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { findCase(t, file) })
	}
}

func findCase(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, searches, _ := bytes.Cut(text, []byte("\n----------\n"))
	r, err := r4.Unmarshal(head)
	if err != nil {
		t.Fatal(err)
	}
	entries := append(search.Extract(r), search.LastUpdated(time.Date(2025, 4, 13, 9, 30, 0, 0, time.UTC)))
	for line := range strings.Lines(string(searches)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		want, query, _ := strings.Cut(line, " ")
		if got := find(t, r.ResourceType(), query, entries); got != want {
			t.Errorf("%s gives %s, want %s", query, got, want)
		}
	}
}

func find(t *testing.T, resourceType, query string, entries []search.Entry) string {
	params, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	q, err := parser.Parse(resourceType, params)
	if err != nil {
		return "!"
	}
	if len(q.Criteria) == 0 {
		t.Errorf("%s has no criteria", query)
	}
	for _, c := range q.Criteria {
		if !c.Matches(entries) {
			return "-"
		}
	}
	return "+"
}
