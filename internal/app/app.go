// Package app puts the engine together. Nothing else does: to learn what Pons
// can do, read New.
package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/ponshealth/pons/internal/config"
	"github.com/ponshealth/pons/internal/fhirserver"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/pipeline"
	"github.com/ponshealth/pons/internal/store"
	"github.com/ponshealth/pons/internal/web"
	"github.com/ponshealth/pons/mapping"
)

// Names of the one channel and the one destination that there are today.
const (
	Channel     = "default"
	Destination = "fhir"
)

// workers is how many lanes are worked at once. More than the cores of a small
// machine, since a worker waits for the commit of its message.
const workers = 48

// App is an engine that has been put together.
type App struct {
	MLLP net.Addr // where HL7 v2 messages come in
	HTTP net.Addr // where FHIR and the pages are served

	Store *store.Store

	noZone bool
	mutual bool // senders show who they are
	log    *slog.Logger
	tasks  []func(context.Context) error
	maps   *converter
}

// New opens everything that can fail and starts nothing. What it opened is
// closed when Run ends, so Run must be called.
func New(ctx context.Context, cfg config.Config, version string, log *slog.Logger) (_ *App, err error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	zone, err := cfg.Location()
	if err != nil {
		return nil, err
	}
	st, err := store.Open(ctx, cfg.Data, store.Options{Log: log})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", cfg.Data, err)
	}
	closing := []interface{ Close() error }{st}
	defer func() {
		if err != nil {
			for _, c := range closing {
				c.Close()
			}
		}
	}()
	before, err := st.Messages(ctx, store.MessageFilter{Limit: 1})
	if err != nil {
		return nil, err
	}
	key, err := idKey(cfg.Data, len(before) > 0)
	if err != nil {
		return nil, err
	}
	maps, err := newConverter(ctx, cfg, mapping.Options{Namespaces: cfg.Namespaces, Zone: zone, IDKey: key}, log)
	if err != nil {
		return nil, err
	}
	closing = append(closing, maps)
	from := mllpSource(cfg.MLLP, accepter{st}, log)
	from.Parts = st
	if cfg.MLLP.Sequence {
		from.Numbers = st
	}
	if err := from.Recall(ctx); err != nil {
		return nil, err
	}
	in, err := mllpServer(cfg.MLLP, from, log)
	if err != nil {
		return nil, err
	}
	mllpListener, err := net.Listen("tcp", cfg.MLLP.Listen)
	if err != nil {
		return nil, fmt.Errorf("mllp: %w", err)
	}
	closing = append(closing, mllpListener)
	httpListener, err := net.Listen("tcp", cfg.HTTP.Listen)
	if err != nil {
		return nil, fmt.Errorf("http: %w", err)
	}

	path := &pipeline.Pipeline{
		Destination: Destination,
		Queue:       st,
		Resources:   st,
		Converter:   maps,
		Charset:     cfg.MLLP.Charset,
		Trials:      cfg.Trials,
		Workers:     workers,
		Log:         log,
		Now:         time.Now,
	}
	a := &App{MLLP: mllpListener.Addr(), HTTP: httpListener.Addr(), Store: st, maps: maps, noZone: zone == nil, mutual: cfg.MLLP.TLS.Mutual(), log: log}
	mux := http.NewServeMux()
	mux.Handle("/fhir/", http.StripPrefix("/fhir", fhirserver.New(fhirserver.Options{
		Store:   st,
		MaxBody: cfg.HTTP.MaxBody,
		Key:     derive(key, "links to pages of a search"),
		Version: version,
		Log:     log,
	})))
	mux.HandleFunc("GET /healthz", a.health)
	mux.Handle("/", web.New(web.Options{Store: pages{st}, Convert: newPreviews(maps), Log: log, MLLP: a.MLLP.String(), Charset: cfg.MLLP.Charset}))
	var handler http.Handler = mux
	if loopback(a.HTTP) {
		handler = onlyLoopback(mux)
	}
	a.tasks = []func(context.Context) error{
		func(ctx context.Context) error { return in.Serve(ctx, mllpListener) },
		func(ctx context.Context) error { return serveHTTP(ctx, httpListener, handler, log) },
		from.Join,
		path.Run,
		maps.Watch,
		a.watch,
	}
	return a, nil
}

// Run starts every task, waits for all, and closes the store. The first task
// to fail stops the rest.
func (a *App) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if a.noZone {
		a.log.Warn("no time zone is configured: a time that carries none is stored as a date (see zone in the configuration)")
	}
	for name, addr := range map[string]net.Addr{"mllp": a.MLLP, "http": a.HTTP} {
		if !loopback(addr) && !(name == "mllp" && a.mutual) {
			a.log.Warn("others can reach this listener, and it asks nobody who they are", "listener", name, "address", addr.String())
		}
	}
	a.log.Info("ready", "mllp", a.MLLP.String(), "http", "http://"+a.HTTP.String())
	var tasks sync.WaitGroup
	for _, task := range a.tasks {
		tasks.Go(func() {
			if err := task(ctx); err != nil {
				cancel(err)
			}
		})
	}
	tasks.Wait()
	err := errors.Join(a.maps.Close(), a.Store.Close())
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = errors.Join(cause, err)
	}
	a.log.Info("stopped")
	return err
}

// watch ends the engine when the store has stopped writing: to open it again is
// the only cure, and whoever supervises the process can do that.
func (a *App) watch(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-a.Store.Broken():
		return a.Store.Err()
	}
}

// health answers 200 as long as the store can be read and written, with the
// number of messages in each state.
func (a *App) health(w http.ResponseWriter, r *http.Request) {
	counts, err := a.Store.Counts(r.Context())
	if err != nil || a.Store.Err() != nil {
		http.Error(w, "the store does not answer", http.StatusServiceUnavailable)
		return
	}
	messages := make(map[string]int, len(counts))
	for _, state := range message.States() {
		messages[state.String()] = counts[state]
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"status": "ok", "messages": messages})
}
