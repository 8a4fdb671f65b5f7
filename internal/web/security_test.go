package web_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/web"
)

func TestHeaders(t *testing.T) {
	f, ids := hospital()
	for _, path := range []string{"/", "/ui/", "/ui/?state=none", "/ui/messages/" + ids[0].String(), "/ui/messages/" + ids[0].String() + "/raw", "/ui/no"} {
		h := get(t, pages(f), path).Header()
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":  "nosniff",
			"Referrer-Policy":         "no-referrer",
			"Cache-Control":           "no-store",
			"X-Frame-Options":         "DENY",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
}

// Style and picture may be kept for ever under the address that pages use, and
// under no other.
func TestAssetsAreKept(t *testing.T) {
	h := pages(&fake{})
	p := page(t, h, "/ui/")
	_, href, _ := strings.Cut(p, `rel="stylesheet" href="`)
	href, _, _ = strings.Cut(href, `"`)
	w := get(t, h, href)
	if got := w.Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
		t.Errorf("%s: %s", href, got)
	}
	if got := w.Header().Get("Content-Type"); got != "text/css; charset=utf-8" {
		t.Error(got)
	}
	r := httptest.NewRequest(http.MethodGet, "/ui/assets/style.css", nil)
	r.Header.Set("If-None-Match", w.Header().Get("ETag"))
	again := httptest.NewRecorder()
	h.ServeHTTP(again, r)
	if again.Code != http.StatusNotModified || again.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("%d %s", again.Code, again.Header().Get("Cache-Control"))
	}
}

// A value that looks like markup stays a value, wherever it stands.
func TestMarkupInDataIsText(t *testing.T) {
	evil := `"><script>alert(1)</script><img src=x onerror=alert(2)>`
	d := badDate()
	d.Message.Body = file("script.hl7")
	d.Message.Ack = []byte("MSH|^~\\&|" + evil + "\rMSA|AE|" + evil + "\r")
	d.Message.Type, d.Message.SendingApp, d.Message.SendingFac, d.Message.ControlID = evil, evil, evil, evil
	d.Message.Channel, d.Message.Peer, d.Message.Version, d.Message.Destination = evil, evil, evil, evil
	d.Message.AckCode = evil
	d.Cause = message.Cause{Kind: evil, At: evil, Text: evil}
	d.Steps = []message.Step{{Name: evil, Note: evil}}
	d.Produced = []web.Ref{{Type: "Basic", ID: evil, Version: 1}, {Type: evil, ID: "1", Version: 1}}
	f, path := one(d)
	f.resources[d.Produced[0]] = []byte(`{"text":{"div":"<script>alert(1)</script><img src=x onerror=alert(2)>"},"reference":"javascript:alert(1)"}`)
	for _, path := range []string{path, "/ui/", "/ui/?type=" + strings.ReplaceAll(evil[:40], " ", "%20")} {
		p := page(t, pages(f), path)
		for _, no := range []string{"<script", "<img src=x", `href="javascript`, "onerror=alert(2)>"} {
			if strings.Contains(p, no) {
				t.Errorf("%s has %q", path, no)
			}
		}
		wants(t, p, "&lt;script&gt;")
	}
}

func TestReplay(t *testing.T) {
	site := "http://pons.example"
	for _, c := range []struct {
		name    string
		headers map[string]string
		state   message.State
		err     error
		status  int
		done    bool
	}{
		{"the button", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": site}, message.Dead, nil, http.StatusSeeOther, true},
		{"an older browser", map[string]string{"Origin": site}, message.Dead, nil, http.StatusSeeOther, true},
		{"no browser", nil, message.Dead, nil, http.StatusSeeOther, true},
		{"another site", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"}, message.Dead, nil, http.StatusForbidden, false},
		{"a sister site", map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "http://evil.pons.example"}, message.Dead, nil, http.StatusForbidden, false},
		{"another site in an older browser", map[string]string{"Origin": "http://evil.example"}, message.Dead, nil, http.StatusForbidden, false},
		{"another port", map[string]string{"Origin": site + ":81"}, message.Dead, nil, http.StatusForbidden, false},
		{"a sandboxed page", map[string]string{"Origin": "null"}, message.Dead, nil, http.StatusForbidden, false},
		{"not dead", nil, message.Delivered, nil, http.StatusConflict, false},
		{"being worked on", nil, message.Claimed, nil, http.StatusConflict, false},
		{"overtaken", nil, message.Dead, fault.New(fault.Conflict, "message", "not dead"), http.StatusConflict, true},
		{"overtaken, as the store says it", nil, message.Dead, fault.New(fault.Invalid, "", "not dead"), http.StatusConflict, true},
		{"busy", nil, message.Dead, fault.New(fault.Busy, "store", "busy"), http.StatusServiceUnavailable, true},
	} {
		d := badDate()
		d.State = c.state
		f, path := one(d)
		f.replayErr = c.err
		r := httptest.NewRequest(http.MethodPost, site+path+"/replay", nil)
		for k, v := range c.headers {
			r.Header.Set(k, v)
		}
		w := httptest.NewRecorder()
		pages(f).ServeHTTP(w, r)
		if w.Code != c.status || (len(f.replayed) == 1) != c.done {
			t.Errorf("%s: %d, replayed %v, want %d", c.name, w.Code, f.replayed, c.status)
		}
		if w.Code == http.StatusSeeOther && (w.Header().Get("Location") != path || f.replayed[0] != strings.TrimPrefix(path, "/ui/messages/")+" fhir") {
			t.Errorf("%s: %s %v", c.name, w.Header().Get("Location"), f.replayed)
		}
	}
}

// The log of everything that the pages do has nothing of a patient in it, not
// even what a failing store says.
func TestLogsHoldNoPatient(t *testing.T) {
	var logged bytes.Buffer
	f, ids := hospital()
	h := web.New(web.Options{Store: f, Now: func() time.Time { return now },
		Log: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	visit := func() {
		for _, id := range ids {
			get(t, h, "/ui/messages/"+id.String())
			get(t, h, "/ui/messages/"+id.String()+"/raw")
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/ui/messages/"+id.String()+"/replay", nil))
		}
		get(t, h, "/ui/?type=Okafor")
		get(t, h, "/ui/messages/Okafor")
	}
	visit()
	f.err = fault.New(fault.Internal, "message", "row of Okafor, Grace")
	visit()
	if !strings.Contains(logged.String(), "message replayed") || !strings.Contains(logged.String(), "store failed") {
		t.Fatalf("the log lacks what happened:\n%s", &logged)
	}
	for _, secret := range []string{"Okafor", "Grace", "Smith", "9000000009", "40012345", "1985"} {
		if strings.Contains(logged.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, &logged)
		}
	}
}
