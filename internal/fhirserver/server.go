// Package fhirserver serves FHIR R4 resources over HTTP
// (http://hl7.org/fhir/R4/http.html): capabilities, read, vread, create, update,
// patch, delete, search and history of an instance, in JSON. What it needs of a store
// is the small interface Store.
//
// Each interaction has a file of its own; route.go is the table of them and
// outcome.go the table of what each kind of failure looks like. Every failure
// is answered with an OperationOutcome that names a place and never a value.
package fhirserver

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"time"

	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/store"
)

// Store is what the server asks of a store of resources.
type Store interface {
	// Read returns the current version, which may be a deletion, or fails with
	// fault.NotFound.
	Read(ctx context.Context, typ, id string) (store.Resource, error)
	ReadVersion(ctx context.Context, typ, id string, version int) (store.Resource, error)
	// History returns versions below before (0: from the current one), newest first.
	History(ctx context.Context, typ, id string, count, before int) ([]store.Resource, error)
	Search(ctx context.Context, q *search.Query) (store.Page, error)
	// Write does all or nothing, and fails with fault.Conflict when an expected
	// version has moved on.
	Write(ctx context.Context, w []store.Write) ([]store.Resource, error)
}

// Options of a server. All but Store may be left out.
type Options struct {
	Store    Store
	Base     string           // absolute URL of the server without a slash at the end; "" takes each request's Host and Path
	Path     string           // the path that was stripped before requests come here; "" is "/fhir"
	MaxBody  int64            // bytes of a request body; 0 is 16 MiB
	MaxURL   int              // bytes of a request URL; 0 is 16 KiB
	PageSize int              // entries of a page when the client does not say; 0 is 50
	MaxPage  int              // entries of a page at most; 0 is 1000
	Timeout  time.Duration    // of one request in the store; 0 is 30 s
	Key      []byte           // 32 bytes that seal page links; nil makes a new one, and links end with the process
	Lenient  bool             // pass over unknown search parameters unless a client prefers strict handling
	Version  string           // of the software, for the CapabilityStatement
	Now      func() time.Time // nil is time.Now
	Log      *slog.Logger     // nil logs nothing
}

// Limits that are not options.
const (
	maxForm  = 8 << 10 // bytes of a search form: its page links must fit into a URL
	linkLife = 24 * time.Hour
)

type server struct {
	Options
	seal         sealer
	capabilities func() ([]byte, error)
}

// New makes the handler. It serves paths below Options.Path, which the caller
// strips (http.StripPrefix).
func New(o Options) http.Handler {
	o.Path = cmp.Or(o.Path, "/fhir")
	o.MaxBody = cmp.Or(o.MaxBody, 16<<20)
	o.MaxURL = cmp.Or(o.MaxURL, 16<<10)
	o.PageSize = cmp.Or(o.PageSize, 50)
	o.MaxPage = cmp.Or(o.MaxPage, 1000)
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Key == nil {
		o.Key = make([]byte, 32)
		rand.Read(o.Key)
	}
	s := &server{Options: o, seal: newSealer(o.Key)}
	s.capabilities = s.buildCapabilities()
	return s
}

// ServeHTTP finds the interaction, runs it, and turns its error into an answer.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := s.Now()
	x := &exchange{server: s, w: w, r: r, name: "none", media: fhirJSON}
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	ctx, cancel := context.WithTimeout(r.Context(), s.Timeout)
	defer cancel()
	x.ctx = ctx
	err := x.run()
	if err != nil {
		x.fail(err)
	}
	level := slog.LevelDebug
	if x.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	s.Log.LogAttrs(ctx, level, "fhir request", slog.String("interaction", x.name), slog.String("type", x.typ),
		slog.Int("status", x.status), slog.Duration("took", s.Now().Sub(start)), failure(err))
}

// failure is the log's view of an error: the code of its issue, or its text
// where it is ours and the client does not see it.
func failure(err error) slog.Attr {
	if err == nil {
		return slog.Attr{}
	}
	if p := problemOf(err); p.status < http.StatusInternalServerError {
		return slog.String("issue", p.issues[0].code)
	}
	return slog.String("error", err.Error())
}

// run does the interaction. A panic becomes an error that holds where it was,
// and not what it said, which could be anything.
func (x *exchange) run() (err error) {
	defer func() {
		if p := recover(); p != nil {
			if e, ok := p.(error); ok && errors.Is(e, http.ErrAbortHandler) {
				panic(p)
			}
			stack := make([]byte, 4<<10)
			err = fmt.Errorf("panic\n%s", stack[:runtime.Stack(stack, false)])
		}
	}()
	if len(x.r.RequestURI) > x.server.MaxURL || len(x.r.URL.RawQuery) > x.server.MaxURL {
		return &problem{status: http.StatusRequestURITooLong, issues: []issue{{code: "too-long", text: "the URL is too long; POST to _search"}}}
	}
	handle, err := x.route()
	if err != nil {
		return err
	}
	if err := x.negotiate(); err != nil {
		return err
	}
	return handle(x)
}
