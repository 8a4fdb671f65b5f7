// Package web serves the pages for people, under /ui/: the last messages with
// what became of them, and one message beside the FHIR resources that it
// became. On the page of a conversion a message is tried out: pasted, converted
// by the tables in use, and shown beside the result with all that led to it.
//
// Pages are made on the server by html/template from embedded files. They load
// nothing from elsewhere and need no script, and their security policy says so;
// that of a conversion has one of ours that lights up what belongs together.
// The list shows no patient data; the page of a message shows all of it. Who
// may see which page is not decided here.
package web

import (
	"bytes"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"github.com/ponshealth/pons/internal/fault"
)

// Options is what the pages need. Store is required; the rest may be zero.
type Options struct {
	Store   Store
	Convert Converter        // nil: there is no page of a conversion
	Log     *slog.Logger     // nil discards
	Now     func() time.Time // nil is time.Now
	Zone    *time.Location   // of the times shown; nil is the machine's own
	MLLP    string           // host:port that senders connect to; "" when none listens
	Charset string           // of messages that declare none and are not UTF-8; "" is windows-1252
}

//go:embed templates/*.html
var templateFiles embed.FS

// pages is filled from the binary itself: a fault in it is a bug, found by
// every test.
var pages = template.Must(template.ParseFS(templateFiles, "templates/*.html"))

type server struct {
	Options
	assets assets
	turns  chan struct{} // of conversions
}

// New returns the handler of everything under /ui/ and of the exact path /,
// which leads there. It answers 404 to everything else.
func New(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.Charset == "" {
		o.Charset = "windows-1252"
	}
	s := &server{Options: o, assets: loadAssets(), turns: make(chan struct{}, maxConversions)}

	mux := http.NewServeMux()
	home := http.RedirectHandler("/ui/", http.StatusFound)
	mux.Handle("GET /{$}", home)
	mux.Handle("GET /ui", home)
	mux.HandleFunc("GET /ui/{$}", s.list)
	mux.HandleFunc("GET /ui/messages/{id}", s.message)
	mux.HandleFunc("GET /ui/messages/{id}/raw", s.raw)
	mux.HandleFunc("POST /ui/messages/{id}/replay", s.replay)
	if o.Convert != nil {
		mux.HandleFunc("GET /ui/convert", s.convertStored)
		mux.HandleFunc("POST /ui/convert", s.convertGiven)
	}
	mux.HandleFunc("GET /ui/assets/{name}", s.assets.serve)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.notFound(w, r, "There is no such page.") })

	// A page of another site must not be able to press our buttons. Browsers
	// say where a request comes from; a request that does not say is no browser.
	same := http.NewCrossOriginProtection()
	same.SetDenyHandler(http.HandlerFunc(s.crossSite))
	return headers(same.Handler(mux))
}

// policy allows our own style sheet and pictures, forms to ourselves, and
// nothing else: no script, no frame, no font, no connection. A page with a
// script of ours allows that too.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY") // for browsers older than frame-ancestors
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store") // patient data stays out of caches; assets set their own
		next.ServeHTTP(w, r)
	})
}

// frame is what every page has around its content.
type frame struct {
	Title   string
	Style   string // address of the style sheet
	Mark    string // address of the picture
	Script  string // address of the script; "" on most pages
	Convert bool   // there is a page of a conversion
	Refresh int    // seconds until the page loads itself again; 0 never
	Now     string
	Body    any
}

// show writes a page. It is made whole in memory first, so that a failure gives
// a clean error and never half a page.
func (s *server) show(w http.ResponseWriter, r *http.Request, status int, name string, f frame) {
	f.Style, f.Mark = s.assets.href("style.css"), s.assets.href("mark.svg")
	f.Convert = s.Convert != nil
	if f.Script != "" {
		w.Header().Set("Content-Security-Policy", policy+"; script-src 'self'")
	}
	f.Now = s.Now().In(s.Zone).Format("2 Jan 2006, 15:04:05 MST")
	var page bytes.Buffer
	if err := pages.ExecuteTemplate(&page, name, f); err != nil {
		// The text of a template error may quote the data it stumbled on.
		s.Log.ErrorContext(r.Context(), "page failed", "page", name)
		http.Error(w, "This page could not be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	page.WriteTo(w) // an error means that the reader has gone
}

// problem is a page that could not be shown, in plain words.
type problem struct {
	Heading, Text string
	Back          string // where to go from here
	BackText      string
}

func (s *server) fail(w http.ResponseWriter, r *http.Request, status int, p problem) {
	if p.Back == "" {
		p.Back, p.BackText = "/ui/", "To the list of messages"
	}
	s.show(w, r, status, "problem", frame{Title: p.Heading, Body: p})
}

func (s *server) notFound(w http.ResponseWriter, r *http.Request, text string) {
	s.fail(w, r, http.StatusNotFound, problem{Heading: "Not found", Text: text})
}

func (s *server) crossSite(w http.ResponseWriter, r *http.Request) {
	s.Log.WarnContext(r.Context(), "request from another site refused")
	s.fail(w, r, http.StatusForbidden, problem{Heading: "Refused",
		Text: "This request came from another site. Nothing was changed."})
}

// storeFailed answers for an error of the store. This is the pages' table from
// kinds of failure to answers.
func (s *server) storeFailed(w http.ResponseWriter, r *http.Request, err error) {
	switch kind := fault.KindOf(err); {
	case r.Context().Err() != nil: // the reader has gone
	case kind == fault.NotFound || kind == fault.Gone:
		s.notFound(w, r, "There is no message with this id. It may have been removed.")
	case kind == fault.Busy:
		w.Header().Set("Retry-After", "1")
		s.fail(w, r, http.StatusServiceUnavailable, problem{Heading: "The store is busy",
			Text: "Try again in a moment. Messages are not affected by this page.", Back: r.URL.RequestURI(), BackText: "Try again"})
	default:
		s.Log.ErrorContext(r.Context(), "store failed", "kind", kind.String(), "at", fault.At(err), "route", r.Pattern)
		s.fail(w, r, http.StatusInternalServerError, problem{Heading: "The store did not answer",
			Text: "The message store failed to read what this page needs. The log of Pons has the details."})
	}
}
