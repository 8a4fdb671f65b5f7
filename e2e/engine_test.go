// Package e2e drives the built binary from outside: MLLP bytes in, HTTP out. It
// uses none of Pons's packages, so that a fault in one cannot hide itself.
package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "pons-e2e-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "pons")
	out, err := exec.Command("go", "build", "-o", file, "github.com/ponshealth/pons/cmd/pons").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return file, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if file, err := binary(); err == nil {
		os.RemoveAll(filepath.Dir(file))
	}
	os.Exit(code)
}

// engine is a running pons and what it said.
type engine struct {
	t          *testing.T
	cmd        *exec.Cmd
	mllp, http string
	log        *lockedBuffer
	done       chan struct{}
}

// start runs pons on a data folder and waits until it is ready.
func start(t *testing.T, dir string, args ...string) *engine {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	e := &engine{t: t, log: &lockedBuffer{}, done: make(chan struct{})}
	e.cmd = exec.Command(file, append([]string{"serve", "--mllp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data", dir, "--log-format", "json"}, args...)...)
	stderr, err := e.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.kill)
	ready := make(chan struct{})
	go func() {
		defer close(e.done)
		lines := bufio.NewScanner(stderr)
		lines.Buffer(nil, 1<<20)
		var once sync.Once
		for lines.Scan() {
			e.log.Write(append(lines.Bytes(), '\n'))
			var line struct{ Msg, MLLP, HTTP string }
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "ready" {
				once.Do(func() { e.mllp, e.http = line.MLLP, line.HTTP; close(ready) })
			}
		}
	}()
	select {
	case <-ready:
	case <-e.done:
		t.Fatalf("pons ended before it was ready:\n%s", e.log)
	case <-time.After(30 * time.Second):
		t.Fatalf("pons is not ready after 30 s:\n%s", e.log)
	}
	return e
}

// kill ends the process as kill -9 does.
func (e *engine) kill() {
	e.cmd.Process.Kill()
	<-e.done
	e.cmd.Wait()
}

// stop asks the process to end and fails the test when it does not end well.
func (e *engine) stop() {
	e.t.Helper()
	e.cmd.Process.Signal(os.Interrupt)
	select {
	case <-e.done:
	case <-time.After(20 * time.Second):
		e.t.Fatalf("pons does not stop:\n%s", e.log)
	}
	if err := e.cmd.Wait(); err != nil {
		e.t.Errorf("pons stopped with %v:\n%s", err, e.log)
	}
}

// get reads a JSON resource. It returns the status also when it is not 200.
func (e *engine) get(path string, into any) int {
	e.t.Helper()
	resp, err := http.Get(e.http + path)
	if err != nil {
		e.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(body, into); err != nil {
			e.t.Fatalf("GET %s: %d, not JSON: %v", path, resp.StatusCode, err)
		}
	}
	return resp.StatusCode
}

// bundle is the part of a search answer that tests look at.
type bundle struct {
	Total int
	Link  []struct{ Relation, URL string }
	Entry []struct{ Resource map[string]any }
}

// patients searches by identifier.
func (e *engine) patients(system, value string) bundle {
	e.t.Helper()
	var b bundle
	path := "/fhir/Patient?identifier=" + url.QueryEscape(system+"|"+value)
	if status := e.get(path, &b); status != http.StatusOK {
		e.t.Fatalf("GET %s: %d", path, status)
	}
	return b
}

// eventually waits until ok, at most a minute.
func (e *engine) eventually(what string, ok func() bool) {
	e.t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			e.t.Fatalf("after a minute: not %s", what)
		}
	}
}

// sender is one MLLP connection.
type sender struct {
	conn net.Conn
	in   *bufio.Reader
}

func dial(addr string) (*sender, error) {
	c, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return nil, err
	}
	return &sender{c, bufio.NewReader(c)}, nil
}

// send writes one frame and returns the answer's payload. MLLP release 1:
// 0x0B payload 0x1C 0x0D.
func (s *sender) send(message string) (string, error) {
	s.conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := s.conn.Write([]byte("\x0b" + message + "\x1c\r")); err != nil {
		return "", err
	}
	return s.receive()
}

func (s *sender) receive() (string, error) {
	if _, err := s.in.ReadString(0x0b); err != nil {
		return "", err
	}
	answer, err := s.in.ReadString(0x1c)
	if err != nil {
		return "", err
	}
	_, err = s.in.ReadByte()
	return strings.TrimSuffix(answer, "\x1c"), err
}

// ackCode returns MSA-1 of an answer and checks that MSA-2 names the message.
func ackCode(answer, controlID string) (string, error) {
	for segment := range strings.SplitSeq(answer, "\r") {
		if f := strings.Split(segment, "|"); f[0] == "MSA" && len(f) > 2 {
			if f[2] != controlID {
				return "", fmt.Errorf("the answer is for %q, not for %q", f[2], controlID)
			}
			return f[1], nil
		}
	}
	return "", fmt.Errorf("the answer has no MSA")
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
