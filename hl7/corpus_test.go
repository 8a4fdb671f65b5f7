package hl7_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ponshealth/pons/hl7"
)

const corpus = "../../shared/corpus"

// corpusFiles gives every file of messages under a folder of the corpus.
func corpusFiles(t testing.TB, folder string) map[string][]byte {
	t.Helper()
	root := filepath.Join(corpus, folder)
	if _, err := os.Stat(root); err != nil {
		t.Skip("SKIPPED: the corpus is not here: ", err)
	}
	files := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".json") || strings.HasSuffix(path, ".md") {
			return err
		}
		b, err := os.ReadFile(path)
		files[path] = b
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestCorpus takes every file of the corpus through decoding, splitting, parsing and
// down to each subcomponent. Nothing may be lost on the way, and what is refused has a place.
func TestCorpus(t *testing.T) {
	read, refused, warned := 0, 0, 0
	for file, raw := range corpusFiles(t, "") {
		text, _, err := hl7.Decode(raw, "windows-1252")
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if !utf8.Valid(text) {
			t.Errorf("%s: decoded to something that is not UTF-8", file)
		}
		for _, piece := range hl7.Split(text) {
			m, err := hl7.Parse(piece)
			if err != nil {
				refused++
				continue
			}
			read++
			if len(m.Warnings()) > 0 {
				warned++
			}
			if problem := rebuild(m) + compareWalks(m); problem != "" {
				t.Errorf("%s: %s", file, problem)
			}
			if r, err := hl7.ParseAck(hl7.Ack(m, hl7.AckOptions{Code: "AA"})); err != nil || r.ControlID != m.Header().ControlID {
				t.Errorf("%s: the answer is not read back: %v", file, err)
			}
		}
	}
	t.Logf("%d messages read, %d of them with warnings; %d pieces refused", read, warned, refused)
	if read < 2500 {
		t.Errorf("only %d messages were read", read)
	}
}

// rebuild puts a message together again from its smallest parts and tells what
// does not come back.
func rebuild(m *hl7.Message) string {
	d := m.Delimiters()
	end := 0
	for s := range m.Segments() {
		start := bytes.Index(m.Bytes()[end:], s.Raw())
		if start < 0 {
			return "segments do not lie in the message"
		}
		if between := m.Bytes()[end : end+start]; len(bytes.Trim(between, "\xef\xbb\xbf \t\r\n")) > 0 {
			return "something lies between segments"
		}
		end += start + len(s.Raw())

		out, _, _ := bytes.Cut(s.Raw(), []byte{d.Field}) // the name, and lines that follow a name alone
		out = bytes.Clone(out)
		for n := 1; n <= s.Len(); n++ {
			f := s.Field(n)
			header := s.Name() == "MSH" || s.Name() == "FHS" || s.Name() == "BHS"
			if header = header && s.Raw()[3] == d.Field; !header || n > 2 {
				out = append(out, d.Field)
			}
			before := len(out)
			for r := 1; r <= f.Reps(); r++ {
				out = appendIf(out, r > 1, d.Repetition)
				for c := 1; c <= f.Rep(r).Components(); c++ {
					out = appendIf(out, c > 1, d.Component)
					for i := 1; i <= f.Rep(r).Component(c).Subs(); i++ {
						out = appendIf(out, i > 1, d.Subcomponent)
						out = append(out, f.Rep(r).Component(c).Sub(i).Raw()...)
					}
				}
			}
			if !bytes.Equal(out[before:], f.Raw()) {
				return "the parts of a field are not the field"
			}
		}
		if !bytes.Equal(out, s.Raw()) {
			return "the fields of a segment are not the segment"
		}
	}
	if len(bytes.Trim(m.Bytes()[end:], " \t\r\n")) > 0 {
		return "something lies after the last segment"
	}
	return ""
}

// compareWalks tells whether the ways to visit a message differ: by number, by
// iterator, by leaf.
func compareWalks(m *hl7.Message) string {
	for s := range m.Segments() {
		var byNumber, byIterator, byLeaf []hl7.Value
		var paths []hl7.Path
		fields := 0
		for n, f := range s.EachField() {
			if fields++; n != fields || !same(f, s.Field(n)) {
				return "a field differs from its iterator"
			}
			for r, rep := range f.EachRep() {
				for c, component := range rep.EachComponent() {
					for i, v := range component.EachSub() {
						if !v.Empty() {
							byIterator = append(byIterator, v)
							paths = append(paths, hl7.Path{Segment: s.Name(), Field: n, Rep: r, Component: c, Sub: i})
						}
					}
				}
			}
			for r := range f.Reps() {
				for c := range f.Rep(r + 1).Components() {
					for i := range f.Rep(r + 1).Component(c + 1).Subs() {
						if v := f.Rep(r + 1).Component(c + 1).Sub(i + 1); !v.Empty() {
							byNumber = append(byNumber, v)
						}
					}
				}
			}
		}
		i := 0
		for p, v := range s.Leaves() {
			if i >= len(paths) || p != paths[i] || string(v.Raw()) != string(byIterator[i].Raw()) || v.String() != byIterator[i].String() {
				return "a leaf differs"
			}
			byLeaf = append(byLeaf, v)
			i++
		}
		if fields != s.Len() || !slices.EqualFunc(byNumber, byIterator, same) || len(byLeaf) != len(byNumber) {
			return "the walks do not see the same"
		}
	}
	return ""
}

func appendIf(b []byte, yes bool, c byte) []byte {
	if yes {
		b = append(b, c)
	}
	return b
}

// TestCorpusKeepsAll: the pieces of a file and what was left out between them are
// the file; what was left out is framing and batch lines.
func TestCorpusKeepsAll(t *testing.T) {
	for file, text := range corpusFiles(t, "") {
		end := 0
		dropped := func(b []byte) {
			for _, line := range bytes.FieldsFunc(b, func(r rune) bool { return r == '\r' || r == '\n' }) {
				line = bytes.Trim(line, " \t\v\x1c\xef\xbb\xbf")
				if len(line) > 0 && !bytes.HasPrefix(line, []byte("FHS")) && !bytes.HasPrefix(line, []byte("BHS")) &&
					!bytes.HasPrefix(line, []byte("BTS")) && !bytes.HasPrefix(line, []byte("FTS")) {
					t.Errorf("%s: a line of %d bytes is lost", file, len(line))
				}
			}
		}
		for _, piece := range hl7.Split(text) {
			start := bytes.Index(text[end:], piece)
			dropped(text[end : end+start])
			end += start + len(piece)
		}
		dropped(text[end:])
	}
}

// same reports whether two values are the same bytes of a message.
func same(a, b hl7.Value) bool {
	x, y := a.Raw(), b.Raw()
	return len(x) == len(y) && (len(x) == 0 || &x[0] == &y[0])
}
