package web_test

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/web"
)

func pages(f *fake) http.Handler {
	return web.New(web.Options{Store: f, Now: func() time.Time { return now }, Zone: time.UTC, MLLP: "127.0.0.1:2575"})
}

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

// page gets a page that must be there.
func page(t *testing.T, h http.Handler, path string) string {
	t.Helper()
	w := get(t, h, path)
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s: %d", path, w.Code)
	}
	return w.Body.String()
}

var (
	tags   = regexp.MustCompile(`<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
)

// words returns what a page says, without its markup.
func words(p string) string {
	return strings.TrimSpace(spaces.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(p, "")), " "))
}

func wants(t *testing.T, p string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(p, w) {
			t.Errorf("the page lacks %q", w)
		}
	}
}

var rowHref = regexp.MustCompile(`href="/ui/messages/([0-9a-z]{13})"`)

func rows(p string) []string {
	var ids []string
	for _, m := range rowHref.FindAllStringSubmatch(p, -1) {
		ids = append(ids, m[1])
	}
	return ids
}

func pageLink(p, rel string) string {
	m := regexp.MustCompile(`rel="` + rel + `" href="([^"]*)"`).FindStringSubmatch(p)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

func TestListShowsWhatBecameOfEachMessage(t *testing.T) {
	f, ids := hospital()
	p := page(t, pages(f), "/ui/")
	wants(t, words(p),
		"1 message needs a person.", "3 messages wait. The oldest came 4 min ago.",
		"claimed ORU^R01 results LAB at NORTH just now 09:49:59 AA accepted being worked on",
		"dead ADT^A08 update PAS at NORTH 18 min ago 09:32:00 AA accepted PID-7: is not a date: February has no day 31",
		"delivered ADT^A01 admission SENDING_APP at SENDING_FAC 20 min ago 09:30:00 AA accepted delivered after 45 ms")
	wants(t, p,
		`<h1><a href="/ui/?state=dead">`, `href="/ui/messages/`+ids[1].String()+`"`,
		`<time datetime="2025-04-13T09:32:00.000Z">`, `<caption>`, `scope="col"`, `scope="row"`, `<html lang="en">`)
	for _, st := range message.States() {
		wants(t, p, `href="/ui/?state=`+st.String()+`"`)
	}
	if strings.Contains(p, "http-equiv") {
		t.Error("the page refreshes without being asked")
	}
}

// The list is for a screen on a wall: nothing of a patient is on it.
func TestListIsFreeOfPatients(t *testing.T) {
	f, _ := hospital()
	for _, path := range []string{"/ui/", "/ui/?state=dead", "/ui/?type=ORU%5ER01"} {
		p := page(t, pages(f), path)
		for _, secret := range []string{
			"9000000009", "Smith", "John", "19850315", "1985", "High Street", "Manchester", "Jones", "12345",
			"40012345", "Okafor", "Grace", "Mill Lane", "496 0000", "13.20", "NHS|", "MSG001", "6f1c2a52",
		} {
			if strings.Contains(p, secret) {
				t.Errorf("%s shows %q", path, secret)
			}
		}
	}
}

func TestListFilters(t *testing.T) {
	f, ids := hospital()
	h := pages(f)
	if got := rows(page(t, h, "/ui/?state=dead")); !slices.Equal(got, []string{ids[1].String()}) {
		t.Errorf("dead: %v", got)
	}
	p := page(t, h, "/ui/?state=retrying&type=ORU%5ER01&refresh=7")
	if got := rows(p); !slices.Equal(got, []string{ids[2].String()}) {
		t.Errorf("retrying results: %v", got)
	}
	// Every link keeps the rest of the address.
	wants(t, html.UnescapeString(p), `<meta http-equiv="refresh" content="7">`, "Stop refreshing",
		`href="/ui/?refresh=7&state=retrying"`, `href="/ui/?refresh=7&type=ORU%5ER01"`, `href="/ui/?refresh=7&state=dead&type=ORU%5ER01"`)
	wants(t, page(t, h, "/ui/?state=filtered&type=ADT%5EA01"), "No message here is like that.", `<a href="/ui/">Show all</a>`)
	wants(t, page(t, h, "/ui/?refresh=1"), `content="2"`)
	wants(t, page(t, h, "/ui/?refresh=99999"), `content="3600"`)

	for _, bad := range []string{"?state=gone", "?before=1", "?after=zzzzzzzzzzzzz", "?refresh=soon", "?refresh=-1", "?type=" + strings.Repeat("A", 65)} {
		if w := get(t, h, "/ui/"+bad); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, w.Code)
		}
	}
}

// Older and newer lead through every message once, there and back.
func TestListPages(t *testing.T) {
	f, _ := hospital()
	h := pages(f)
	var there [][]string
	path, last := "/ui/", ""
	for path != "" {
		p := page(t, h, path)
		there, last, path = append(there, rows(p)), path, pageLink(p, "next")
	}
	all := slices.Concat(there...)
	if len(there) != 3 || len(all) != len(f.messages) {
		t.Fatalf("%d pages with %d messages, want 3 with %d", len(there), len(all), len(f.messages))
	}
	for i, d := range slices.Backward(f.messages) {
		if got := all[len(all)-1-i]; got != d.Message.ID.String() {
			t.Fatalf("message %d is %s, want %s", i, got, d.Message.ID)
		}
	}
	var back []string
	for path = last; path != ""; {
		p := page(t, h, path)
		back, path = append(rows(p), back...), pageLink(p, "prev")
	}
	if !slices.Equal(back, all) {
		t.Errorf("the way back shows %d messages, want the same %d in the same order", len(back), len(all))
	}
}

func TestSentence(t *testing.T) {
	const (
		received, retrying, delivered, filtered, dead = message.Received, message.Retrying, message.Delivered, message.Filtered, message.Dead
	)
	for _, c := range []struct {
		counts map[message.State]int
		want   string
	}{
		{nil, "No message has come yet."},
		{map[message.State]int{delivered: 1}, "The only message is delivered. Nothing waits."},
		{map[message.State]int{delivered: 1214}, "All 1,214 messages delivered. Nothing waits."},
		{map[message.State]int{delivered: 3, filtered: 2}, "Nothing waits.3 delivered, 2 filtered."},
		{map[message.State]int{delivered: 3, received: 1}, "1 message is on the way.The oldest came 5 s ago."},
		{map[message.State]int{delivered: 3, received: 2, retrying: 3}, "3 messages wait for another try.5 messages wait. The oldest came 5 s ago."},
		{map[message.State]int{retrying: 2}, "2 messages wait for another try.The oldest came 5 s ago."},
		{map[message.State]int{delivered: 3, dead: 3}, "3 messages need a person.Nothing else waits."},
		{map[message.State]int{received: 1, dead: 1}, "1 message needs a person.1 message waits. The oldest came 5 s ago."},
	} {
		f := &fake{}
		for st, n := range c.counts {
			for range n {
				f.add(now.Add(-5*time.Second), web.Detail{Info: web.Info{State: st}})
			}
		}
		p := page(t, pages(f), "/ui/")
		_, p, _ = strings.Cut(p, `aria-label="State of the engine">`)
		p, _, _ = strings.Cut(p, "</section>")
		if got := strings.ReplaceAll(words(p), ". ", "."); got != strings.ReplaceAll(c.want, ". ", ".") {
			t.Errorf("%v: %q, want %q", c.counts, got, c.want)
		}
	}
}

func TestEmptyListTellsHowToBegin(t *testing.T) {
	for _, c := range []struct{ mllp, host, want string }{
		{"127.0.0.1:2575", "localhost:8080", "pons send first.hl7 --to 127.0.0.1:2575"},
		{"[::]:2575", "pons.example:8080", "pons send first.hl7 --to pons.example:2575"},
		{"0.0.0.0:4000", "10.1.2.3", "pons send first.hl7 --to 10.1.2.3:4000"},
		{"[::]:2575", "[fe80::1]:8080", "pons send first.hl7 --to [fe80::1]:2575"},
		{"", "localhost", "No MLLP listener is open"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/ui/", nil)
		r.Host = c.host
		w := httptest.NewRecorder()
		web.New(web.Options{Store: &fake{}, MLLP: c.mllp}).ServeHTTP(w, r)
		if !strings.Contains(words(w.Body.String()), c.want) {
			t.Errorf("%s reached as %s: the page lacks %q", c.mllp, c.host, c.want)
		}
	}
}

func TestStoreFailures(t *testing.T) {
	status := map[fault.Kind]int{fault.NotFound: 404, fault.Gone: 404, fault.Busy: 503}
	for _, kind := range fault.Kinds() {
		want := status[kind]
		if want == 0 {
			want = http.StatusInternalServerError
		}
		f, ids := hospital()
		f.err = fault.New(kind, "message", "canary-%s", kind)
		for _, path := range []string{"/ui/", "/ui/messages/" + ids[0].String(), "/ui/messages/" + ids[0].String() + "/raw"} {
			w := get(t, pages(f), path)
			if w.Code != want || strings.Contains(w.Body.String(), "canary") {
				t.Errorf("%s on %s: %d, want %d", kind, path, w.Code, want)
			}
		}
	}
}

func TestRoutes(t *testing.T) {
	h := pages(&fake{})
	for path, want := range map[string]string{
		"/": "302 /ui/", "/ui": "302 /ui/", "/ui/": "200 ", "/ui/nothing": "404 ", "/elsewhere": "404 ",
		"/ui/messages/short": "404 ", "/ui/messages/zzzzzzzzzzzzz": "404 ", "/ui/messages/0000000000001/raw": "404 ",
		"/ui/assets/style.css": "200 ", "/ui/assets/mark.svg": "200 ", "/ui/assets/list.html": "404 ",
	} {
		w := get(t, h, path)
		if got := fmt.Sprint(w.Code, " ", w.Header().Get("Location")); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
