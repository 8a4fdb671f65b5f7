package web_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/web"
)

// TestConvertCorpus converts some messages of the corpus on the page: each
// element of a Lineage is drawn, as an element that leads somewhere, and each
// place that nothing consumed is marked.
func TestConvertCorpus(t *testing.T) {
	const corpus = "../../../shared/corpus"
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("SKIPPED: no corpus at " + corpus)
	}
	h := web.New(converting(&fake{}, &bench{}))
	met, converted, elements := 0, 0, 0
	err := filepath.WalkDir(corpus, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil || !bytes.Contains(b[:min(len(b), 4096)], []byte("MSH")) {
			return err
		}
		for _, body := range hl7.Split(b) {
			if met++; met%29 != 0 || len(body) > 200_000 {
				continue
			}
			w := post(t, h, map[string]string{"file": string(body)})
			p := w.Body.String()
			if w.Code != http.StatusOK && w.Code != http.StatusUnprocessableEntity || !strings.HasSuffix(p, "</html>\n") {
				t.Errorf("%s: status %d, %d bytes", name, w.Code, len(p))
			}
			if w.Code == http.StatusOK {
				converted++
				elements += drawn(t, name, body, p)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if converted < 60 || elements < 5000 {
		t.Errorf("%d messages converted, %d elements", converted, elements)
	}
	t.Logf("%d messages converted, %d elements", converted, elements)
}

// drawn compares a page with the conversion that it shows.
func drawn(t *testing.T, name string, body []byte, p string) int {
	t.Helper()
	text, _, err := hl7.Decode(body, "windows-1252")
	if err != nil {
		t.Fatal(err)
	}
	m, err := hl7.Parse(bytes.Trim(text, " \t\r\n\x0b\x1c\ufeff"))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	res, err := mapper().Convert(m)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	type at struct {
		entry int
		path  string
	}
	want := map[at]bool{}
	for _, l := range res.Lineage {
		want[at{l.Entry, l.Path}] = true
	}
	if got := strings.Count(p, `<a class="e"`); got != len(want) {
		t.Errorf("%s: %d elements are drawn of %d", name, got, len(want))
	}
	if marked := strings.Count(p, "<em>not used</em>"); (marked == 0) != (len(res.Unmapped) == 0) {
		t.Errorf("%s: %d rows are marked, %d places are not used", name, marked, len(res.Unmapped))
	}
	return len(want)
}

// FuzzConvert gives the page whatever comes: never half a page, never markup.
func FuzzConvert(f *testing.F) {
	for _, name := range []string{"admission.hl7", "baddate.hl7", "results.hl7", "script.hl7", "latin1.hl7", "noise.bin"} {
		f.Add(file(name), "segments/PID[Patient].yaml", "")
	}
	f.Add(file("admission.hl7"), "segments/PID[Patient].yaml", "map: 'PID[Patient]'\nrows:\n- {id: 10, from: PID-7, to: deceasedDateTime}\n")
	h := web.New(converting(&fake{}, &bench{}))
	f.Fuzz(func(t *testing.T, body []byte, name, rows string) {
		w := post(t, h, map[string]string{"file": string(body), "overlay_file": name, "overlay": rows})
		p := w.Body.String()
		if w.Code >= 500 || !strings.HasSuffix(p, "</html>\n") {
			t.Fatalf("status %d, %d bytes", w.Code, len(p))
		}
		if strings.Count(p, "<script") > 1 || strings.Contains(p, "<img src=x") {
			t.Fatal("markup of the message is in the page")
		}
	})
}
