package hl7_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

// corpusRow is a line of the table: what became of the files of one origin.
type corpusRow struct {
	files, messages, warned, refused, batch int
}

// refusal is what could not be read: how much of it there is with one reason, and where
// the first is.
type refusal struct {
	n     int
	first string
}

// TestCorpusTable reads the corpus file by file as pons reads files, and prints what became
// of it as a table in Markdown (go test -v -run CorpusTable ./hl7). Every file ends up in
// it: its messages are read, and put together from their parts they are the same bytes, or
// they are refused with a place.
func TestCorpusTable(t *testing.T) {
	rows, refusals := map[string]*corpusRow{}, map[string]*refusal{}
	for file, raw := range corpusFiles(t, "") {
		rel, _ := filepath.Rel(corpus, file)
		name := origin(rel)
		if rows[name] == nil {
			rows[name] = &corpusRow{}
		}
		rows[name].files++
		rows[name].add(t, rel, raw, refusals)
	}
	if missing := notInCorpus(t, rows); len(missing) > 0 {
		t.Errorf("files of the index that are not there: %v", missing)
	}
	var out strings.Builder
	total := corpusRow{}
	out.WriteString("| corpus | files | messages | read and the same again | of them with warnings | refused with a place | batch lines |\n|---|--:|--:|--:|--:|--:|--:|\n")
	for _, name := range keys(rows) {
		rows[name].write(&out, name)
		total.files += rows[name].files
		total.messages += rows[name].messages
		total.warned += rows[name].warned
		total.refused += rows[name].refused
		total.batch += rows[name].batch
	}
	total.write(&out, "**all**")
	out.WriteString("\n| refused because | times | first of them |\n|---|--:|---|\n")
	for _, why := range keys(refusals) {
		fmt.Fprintf(&out, "| %s | %d | %s |\n", why, refusals[why].n, refusals[why].first)
	}
	own, others := 0, []string{}
	for id := 1; id <= 40; id++ {
		if who, ok := elsewhere[id]; ok {
			others = append(others, fmt.Sprintf("%d (%s)", id, who))
		} else {
			own++
		}
	}
	fmt.Fprintf(&out, "\nparser-cases: %d of 40 are tests of this package (TestParserCases), the others of their own: %s.", own, strings.Join(others, ", "))
	t.Log("\n" + out.String())
	if total.messages < 2600 || total.refused > total.messages/20 {
		t.Errorf("%d messages, %d refused", total.messages, total.refused)
	}
}

// origin is the line of a file in the table.
func origin(rel string) string {
	first, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
	switch first {
	case "raw", "batch", "badinputs":
		return first
	}
	return "index: " + first
}

// add reads a file.
func (c *corpusRow) add(t *testing.T, rel string, raw []byte, refusals map[string]*refusal) {
	r := hl7.NewReader(bytes.NewReader(raw))
	r.Comments = true
	refuse := func(err error) {
		var syntax *hl7.SyntaxError
		var charset *hl7.CharsetError
		at, why := "", err.Error()
		switch {
		case errors.As(err, &syntax):
			at, why = syntax.At, syntax.Problem
		case errors.As(err, &charset):
			at, why = charset.At, charset.Problem
		}
		if at == "" {
			t.Errorf("%s: refused without a place: %v", rel, err)
		}
		c.messages++
		c.refused++
		if refusals[why] == nil {
			refusals[why] = &refusal{}
		}
		refusals[why].n++
		if place := "`" + rel + "`, " + at; refusals[why].first == "" || place < refusals[why].first {
			refusals[why].first = place
		}
	}
	for {
		item, err := r.Next()
		switch {
		case err == io.EOF:
			return
		case err != nil:
			refuse(err)
			continue
		case item.Kind > hl7.ItemStray:
			c.batch++
			continue
		}
		m, err := item.Message("windows-1252")
		if err != nil {
			refuse(err)
			continue
		}
		c.messages++
		if len(m.Warnings()) > 0 {
			c.warned++
		}
		text, _, _ := item.Decode("windows-1252")
		if problem := rebuild(m); problem != "" || !bytes.Equal(m.Bytes(), text) {
			t.Errorf("%s: not the same again: %s", rel, problem)
		}
	}
}

func (c *corpusRow) write(out io.Writer, name string) {
	fmt.Fprintf(out, "| %s | %d | %d | %d | %d | %d | %d |\n", name, c.files, c.messages, c.messages-c.refused, c.warned, c.refused, c.batch)
}

// notInCorpus lists files that the index names and that no row has counted.
func notInCorpus(t *testing.T, rows map[string]*corpusRow) (missing []string) {
	b, err := os.ReadFile(filepath.Join(corpus, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var index struct{ Messages []struct{ File string } }
	if err := json.Unmarshal(b, &index); err != nil {
		t.Fatal(err)
	}
	for _, m := range index.Messages {
		if _, err := os.Stat(filepath.Join(corpus, m.File)); err != nil || rows[origin(m.File)] == nil {
			missing = append(missing, m.File)
		}
	}
	if len(index.Messages) < 2000 {
		t.Errorf("the index names %d files", len(index.Messages))
	}
	return missing
}

func keys[V any](m map[string]V) (all []string) {
	for k := range m {
		all = append(all, k)
	}
	slices.SortFunc(all, cmp.Compare)
	return all
}
