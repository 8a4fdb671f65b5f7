package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/web"
	"github.com/ponshealth/pons/mapping"
)

// post sends the form of a conversion, as a browser does.
func post(t *testing.T, h http.Handler, fields map[string]string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		if name == "file" {
			w, err := form.CreateFormFile("file", "m.hl7")
			if err != nil {
				t.Fatal(err)
			}
			w.Write([]byte(value))
			continue
		}
		if err := form.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	form.Close()
	r := httptest.NewRequest(http.MethodPost, "http://pons.example/ui/convert", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestConvertPasted(t *testing.T) {
	f := &fake{}
	h := web.New(converting(f, &bench{}))
	w := post(t, h, map[string]string{"message": strings.ReplaceAll(string(file("baddate.hl7")), "\r", "\r\n"), "overlay": " \r\n", "overlay_file": ""})
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, words(w.Body.String()))
	}
	p := w.Body.String()
	// The 31st of February is used by nothing; the rest of the patient is there.
	wants(t, words(p), "PID-7 Date/Time of Birth19850231 not used", `"family": "Okafor"`, "PID-5.1 Family NameOkafor",
		"PID[Patient]#13", "PID-8 → gender by CWE[code], codes by AdministrativeSex", "PID-7: ", "valid",
		"dom-6: A resource should have narrative")
	if strings.Contains(p, `"birthDate"`) {
		t.Error("a day that there is not became a date")
	}
	if got := w.Header().Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") || !strings.HasSuffix(got, "script-src 'self'") {
		t.Error(got)
	}
	if len(f.messages) != 0 {
		t.Error("something was stored")
	}
	// Without the script too an element leads to its field, and the field to it.
	element := regexp.MustCompile(`id="(x\d+)" href="#(f\d+)"[^>]*data-p="Patient.name\[0\].family"`).FindStringSubmatch(p)
	if element == nil {
		t.Fatal("the family name leads nowhere")
	}
	wants(t, p, fmt.Sprintf(`id="%s" href="#%s"><code>PID-5.1</code>`, element[2], element[1]))
}

// TestConvertLeadsHome: each element leads to a row of the message, or of the
// tables, that is on the page; each row of a message that has a link, to an
// element.
func TestConvertLeadsHome(t *testing.T) {
	f, ids := hospital()
	h := web.New(converting(f, &bench{}))
	for _, path := range []string{"/ui/convert?example", "/ui/convert?id=" + ids[2].String()} {
		p := page(t, h, path)
		on := map[string]bool{}
		for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(p, -1) {
			if on[m[1]] {
				t.Errorf("%s: the id %s stands here twice", path, m[1])
			}
			on[m[1]] = true
		}
		links := regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(p, -1)
		for _, m := range links {
			if !on[m[1]] {
				t.Errorf("%s: nothing is at #%s", path, m[1])
			}
		}
		rows := regexp.MustCompile(`data-r="([^"]+)"`).FindAllStringSubmatch(p, -1)
		for _, m := range rows {
			for n := range strings.SplitSeq(m[1], " ") {
				if !on["r"+n] {
					t.Errorf("%s: there is no row %s", path, n)
				}
			}
		}
		if !regexp.MustCompile(`data-p="[A-Za-z]+\.subject\.reference">.*<a class="to" href="#e\d+">→ Patient</a>`).MatchString(p) {
			t.Errorf("%s: no reference leads to the patient", path)
		}
		if len(links) < 100 || len(rows) < 80 {
			t.Errorf("%s: %d links and %d elements with rows", path, len(links), len(rows))
		}
	}
}

// TestRowsGoIntoOverlays: a row of each kind of file, taken over as the page
// offers it, is an overlay that can be used and changes nothing.
func TestRowsGoIntoOverlays(t *testing.T) {
	h := web.New(converting(&fake{}, &bench{}))
	p := page(t, h, "/ui/convert?example")
	example := regexp.MustCompile(`(?s)<textarea id="message"[^>]*>\n(.*?)</textarea>`).FindStringSubmatch(p)[1]
	elements := strings.Count(p, `<a class="e"`)
	tried := map[string]bool{}
	for _, m := range regexp.MustCompile(`data-file="([^"]+)" data-overlay="([^"]+)"`).FindAllStringSubmatch(p, -1) {
		name, rows := html.UnescapeString(m[1]), html.UnescapeString(m[2])
		dir, _, _ := strings.Cut(name, "/")
		if tried[dir] {
			continue
		}
		tried[dir] = true
		w := post(t, h, map[string]string{"message": html.UnescapeString(example), "overlay_file": name, "overlay": rows})
		if got := strings.Count(w.Body.String(), `<a class="e"`); w.Code != http.StatusOK || got != elements {
			t.Errorf("%s\n%s: status %d, %d elements, want %d", name, rows, w.Code, got, elements)
		}
	}
	for _, dir := range []string{"messages", "segments", "datatypes", "vocabulary"} {
		if !tried[dir] {
			t.Errorf("no row of %s is on the page", dir)
		}
	}
}

// TestConvertGiven tries the ways to give a message, good and bad.
func TestConvertGiven(t *testing.T) {
	adt := string(file("admission.hl7"))
	latin1 := string(file("latin1.hl7"))
	many := "MSH|^~\\&|A|B|C|D|20250413||ADT^A01|1|P|2.5\rPID|1||" + strings.Repeat("1~", 2100) + "\r"
	for _, c := range []struct {
		name   string
		fields map[string]string
		status int
		want   string
	}{
		{"pasted", map[string]string{"message": adt}, 200, "Smith"},
		{"with the frame of MLLP", map[string]string{"message": "\x0b" + adt + "\x1c\r"}, 200, "Smith"},
		{"a file before what is pasted", map[string]string{"message": "rubbish", "file": adt}, 200, "Smith"},
		{"an empty file", map[string]string{"message": adt, "file": ""}, 200, "Smith"},
		{"a file in another charset", map[string]string{"file": latin1}, 200, "ü"},
		{"two messages", map[string]string{"message": adt + adt}, 200, "Only the first message is converted; 1 more came with it."},
		{"nothing", map[string]string{}, 422, "There is no message yet"},
		{"no HL7", map[string]string{"message": "hello"}, 422, "cannot be read as HL7 v2"},
		{"bytes that are no text", map[string]string{"message": adt + "ZZZ|\xff\r"}, 422, "not UTF-8"},
		{"a type without table", map[string]string{"message": strings.Replace(adt, "ADT^A01", "ZZZ^Z01", 1)}, 422, "MSH-9: this type of message has no table"},
		{"too many repetitions", map[string]string{"message": many}, 422, "too much for this page"},
		{"too large", map[string]string{"message": adt + "NTE|1||" + strings.Repeat("x", 1<<20)}, 413, "Too large for this page"},
		{"an overlay too large", map[string]string{"message": adt, "overlay": strings.Repeat("#", 64<<10+1)}, 413, "Too large for this page"},
		{"an overlay without file", map[string]string{"message": adt, "overlay": "map: x"}, 422, "Name the file of the overlay"},
		{"a file of an overlay without rows", map[string]string{"message": adt, "overlay_file": "x"}, 200, "Smith"},
		{"an overlay that is wrong", map[string]string{"message": adt, "overlay_file": "segments/PID[Patient].yaml", "overlay": "map: 'PID[Patient]'\nrows:\n- {id: 10, too: x}"}, 422, "segments/PID[Patient].yaml:3: the key is not known here - {id: 10, too: x}"},
		{"an overlay", map[string]string{"message": adt, "overlay_file": "segments/PID[Patient].yaml", "overlay": "map: 'PID[Patient]'\nrows:\n- {id: 10, from: PID-7, to: deceasedDateTime}"}, 200, `"deceasedDateTime": "1985-03-15"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := post(t, web.New(converting(&fake{}, &bench{})), c.fields)
			if w.Code != c.status {
				t.Errorf("status %d, want %d", w.Code, c.status)
			}
			wants(t, words(w.Body.String()), c.want)
		})
	}
}

// A form without a file may come in the other form of forms.
func TestConvertURLEncoded(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/ui/convert", strings.NewReader(url.Values{"message": {string(file("admission.hl7"))}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	web.New(converting(&fake{}, &bench{})).ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Errorf("status %d", w.Code)
	}
	for _, kind := range []string{"", "application/json", "multipart/form-data", "multipart/form-data; boundary=x"} {
		r := httptest.NewRequest(http.MethodPost, "/ui/convert", strings.NewReader("--x\r\nbroken"))
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		web.New(converting(&fake{}, &bench{})).ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest {
			t.Errorf("%q: status %d, want 400", kind, w.Code)
		}
	}
}

func TestConvertFromAnotherSite(t *testing.T) {
	for _, c := range []struct {
		headers []string
		calls   int32
	}{
		{[]string{"Sec-Fetch-Site", "same-origin", "Origin", "http://pons.example"}, 1},
		{[]string{"Sec-Fetch-Site", "cross-site", "Origin", "http://evil.example"}, 0},
		{[]string{"Origin", "http://evil.example"}, 0},
		{[]string{"Origin", "null"}, 0},
	} {
		b := &bench{}
		w := post(t, web.New(converting(&fake{}, b)), map[string]string{"message": string(file("admission.hl7"))}, c.headers...)
		if b.calls.Load() != c.calls || (w.Code == http.StatusForbidden) != (c.calls == 0) {
			t.Errorf("%q: status %d, converted %d times", c.headers, w.Code, b.calls.Load())
		}
	}
}

// TestConvertFailures: what goes wrong is said in words, and no value of the
// message reaches the log.
func TestConvertFailures(t *testing.T) {
	var logged bytes.Buffer
	for _, c := range []struct {
		err    error
		status int
		want   string
	}{
		{web.ErrNotWanted, 422, "The script of this site does not want this message"},
		{&mapping.Error{At: "PID-3", Problem: "is missing"}, 422, "PID-3: is missing"},
		{fault.New(fault.Invalid, "script site.js:3", "took too long"), 422, "script site.js:3: took too long"},
		{errors.New("row of Smith, John"), 500, "The conversion failed."},
	} {
		o := converting(&fake{}, &bench{err: c.err})
		o.Log = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
		w := post(t, web.New(o), map[string]string{"message": string(file("admission.hl7"))})
		if w.Code != c.status {
			t.Errorf("%v: status %d, want %d", c.err, w.Code, c.status)
		}
		wants(t, words(w.Body.String()), c.want, "PID-5.1 Family NameSmith")
	}
	if !strings.Contains(logged.String(), "conversion for a page failed") {
		t.Errorf("the log lacks what happened: %s", &logged)
	}
	for _, secret := range []string{"Smith", "9000000009", "1985"} {
		if strings.Contains(logged.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, &logged)
		}
	}
}

// TestConvertTakesTurns: two are converted at once; a third that gives up
// waiting is told so and was never begun.
func TestConvertTakesTurns(t *testing.T) {
	b := &bench{entered: make(chan struct{}), block: make(chan struct{})}
	h := web.New(converting(&fake{}, b))
	ask := func(ctx context.Context) int {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/ui/convert?example", nil))
		return w.Code
	}
	done := make(chan int)
	for range 2 {
		go func() { done <- ask(t.Context()) }()
		<-b.entered
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if code := ask(gone); code != http.StatusServiceUnavailable || b.calls.Load() != 2 {
		t.Errorf("the third: status %d, %d were begun", code, b.calls.Load())
	}
	close(b.block)
	for range 2 {
		if code := <-done; code != http.StatusOK {
			t.Errorf("status %d", code)
		}
	}
}

// Without a Converter there is no page, and nothing leads to it.
func TestNoConverter(t *testing.T) {
	f, ids := hospital()
	if w := get(t, pages(f), "/ui/convert"); w.Code != http.StatusNotFound {
		t.Errorf("status %d", w.Code)
	}
	path := "/ui/messages/" + ids[0].String()
	if strings.Contains(page(t, pages(f), path), "/ui/convert") {
		t.Error("a link leads to no page")
	}
	wants(t, page(t, web.New(converting(f, &bench{})), path), `href="/ui/convert?id=`+ids[0].String()+`"`, `href="/ui/convert">Convert`)
}

func BenchmarkConvertPage(b *testing.B) {
	body := "MSH|^~\\&|LAB|N|P|H|20250413||ORU^R01|1|P|2.5.1\rPID|1||1^^^A^MR||D^J\rOBR|1|1|2|X^Y^L\r" +
		strings.Repeat("OBX|1|NM|718-7^Hemoglobin^LN||13.2|g/dL^^UCUM|12-16|N|||F|||20250413101010\r", 520)
	d := admission()
	d.Message.Body = []byte(body)
	f := &fake{}
	path := "/ui/convert?id=" + f.add(now, d).String()
	h := web.New(converting(f, &bench{}))
	for b.Loop() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
		b.ReportMetric(float64(w.Body.Len()), "page-bytes")
	}
}
