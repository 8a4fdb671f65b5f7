package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"
)

// Limits of a stranger on HTTP.
const (
	headerTimeout   = 10 * time.Second
	bodyTimeout     = time.Minute
	responseTimeout = 5 * time.Minute // from the header of the request; for a reader on a slow line
	idleTimeout     = 2 * time.Minute
	stopTimeout     = 10 * time.Second
	headerBytes     = 64 << 10
	maxHTTPConns    = 512
)

func serveHTTP(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	s := &http.Server{
		Handler:           guarded(h, log),
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       bodyTimeout,
		WriteTimeout:      responseTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    headerBytes,
	}
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(limit(l, maxHTTPConns)) }()
	select {
	case err := <-failed:
		return fmt.Errorf("http: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := s.Shutdown(stop); err != nil {
		s.Close()
	}
	<-failed
	return nil
}

// guarded ends a request that panics without telling what the panic says, which
// may quote a patient. The server itself would log it.
func guarded(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				if p != http.ErrAbortHandler {
					log.Error("request panicked", "method", r.Method, "stack", string(debug.Stack()))
				}
				panic(http.ErrAbortHandler) // closes the connection and is not logged
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// limited is a listener that closes connections beyond so many at once. They
// would use up the files that this process may open, which the senders of
// messages need.
type limited struct {
	net.Listener
	free chan struct{}
}

func limit(l net.Listener, n int) net.Listener { return limited{l, make(chan struct{}, n)} }

func (l limited) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case l.free <- struct{}{}:
			return &counted{Conn: c, leave: sync.OnceFunc(func() { <-l.free })}, nil
		default:
			c.Close()
		}
	}
}

// counted is a connection that makes room when it is closed.
type counted struct {
	net.Conn
	leave func()
}

func (c *counted) Close() error {
	c.leave()
	return c.Conn.Close()
}
