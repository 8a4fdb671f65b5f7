package app

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
)

// serve runs a handler as the engine does and returns its address and what was
// logged, which is complete after stop.
func serve(t *testing.T, h http.Handler) (addr string, log *bytes.Buffer, stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	log = &bytes.Buffer{}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serveHTTP(ctx, l, h, slog.New(slog.NewTextHandler(log, nil))) }()
	stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	return l.Addr().String(), log, stop
}

// TestPanicIsLoggedWithoutWhatItSays: a panic may quote the patient whose page
// was asked for.
func TestPanicIsLoggedWithoutWhatItSays(t *testing.T) {
	const canary = "ZQXCANARY"
	addr, log, stop := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(canary) }))
	resp, err := http.Get("http://" + addr + "/ui/")
	if err == nil {
		resp.Body.Close()
		t.Errorf("status %d, want a closed connection", resp.StatusCode)
	}
	stop()
	if got := log.String(); strings.Contains(got, canary) || !strings.Contains(got, "http_test.go") {
		t.Errorf("want the place and not the text of the panic:\n%s", got)
	}
}

// TestConnectionsAreLimited: those beyond the limit are closed, and a closed one
// makes room for another.
func TestConnectionsAreLimited(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := limit(inner, 1)
	accepted := make(chan net.Conn)
	go func() {
		defer close(accepted)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	dial := func() net.Conn {
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	dial()
	first := <-accepted
	if _, err := dial().Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("one too many: %v, want it closed", err)
	}
	first.Close()
	first.Close() // as net/http may
	dial()
	second := <-accepted
	if _, err := dial().Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("one too many after one has left: %v, want it closed", err)
	}
	second.Close()
	l.Close()
	if c, more := <-accepted; more {
		t.Errorf("accepted %v from a closed listener", c.RemoteAddr())
	}
}
