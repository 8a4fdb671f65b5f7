package web_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

// draw gets the page of a message with a body, and returns it.
func draw(t testing.TB, body []byte, at string) string {
	d := badDate()
	d.Message.Body, d.Cause.At = body, at
	f, path := one(d)
	w := httptest.NewRecorder()
	pages(f).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	if w.Code != http.StatusOK || !strings.HasSuffix(w.Body.String(), "</html>\n") {
		t.Fatalf("status %d, %d bytes", w.Code, w.Body.Len())
	}
	if w.Body.Len() > 4<<20 {
		t.Fatalf("the page has %d bytes", w.Body.Len())
	}
	return w.Body.String()
}

// TestCorpus draws every fourth message of the corpus.
func TestCorpus(t *testing.T) {
	const corpus = "../../../shared/corpus"
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("SKIPPED: no corpus at " + corpus)
	}
	met, drawn, trees := 0, 0, 0
	err := filepath.WalkDir(corpus, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if !bytes.Contains(b[:min(len(b), 4096)], []byte("MSH")) {
			return nil
		}
		for _, m := range hl7.Split(b) {
			if met++; met%4 != 0 {
				continue
			}
			drawn++
			p := draw(t, m, "PID-7")
			if strings.Contains(p, "<dt><code>MSH-9") {
				trees++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if drawn < 300 || trees < drawn/2 {
		t.Errorf("%d messages drawn, %d of them as a tree", drawn, trees)
	}
	t.Logf("%d messages drawn, %d as a tree", drawn, trees)
}

// FuzzMessage draws whatever comes: never an error, never unescaped markup.
func FuzzMessage(f *testing.F) {
	for _, name := range []string{"admission.hl7", "baddate.hl7", "results.hl7", "script.hl7", "latin1.hl7", "noise.bin"} {
		f.Add(file(name), "PID-7")
	}
	f.Add([]byte("MSH$%~\\&$A\rPID$$$1%2&3~\"\"\r"), "PID-3[2].1")
	f.Fuzz(func(t *testing.T, body []byte, at string) {
		p := draw(t, body, at)
		for _, no := range []string{"<script", "<SCRIPT", "<img src=x"} {
			if strings.Contains(p, no) {
				t.Errorf("the page has %q", no)
			}
		}
	})
}

func BenchmarkMessage(b *testing.B) {
	for name, body := range map[string][]byte{
		"admission": file("admission.hl7"),
		"long":      []byte("MSH|^~\\&|LAB|N|P|H|20250413||ORU^R01|1|P|2.5.1\r" + strings.Repeat("OBX|1|NM|718-7^Hb^LN||13.2|g/dL\r", 30_000)),
	} {
		d := admission()
		d.Message.Body = body
		f, path := one(d)
		h, r := pages(f), httptest.NewRequest(http.MethodGet, path, nil)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}

func BenchmarkList(b *testing.B) {
	f, _ := hospital()
	h, r := pages(f), httptest.NewRequest(http.MethodGet, "/ui/", nil)
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
}
