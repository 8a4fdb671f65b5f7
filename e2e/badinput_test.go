package e2e

import (
	"bytes"
	"crypto/rand"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestBadInput sends what strangers and broken senders send. Each gets the
// right answer or a closed connection, and a good sender is served meanwhile.
func TestBadInput(t *testing.T) {
	e := start(t, t.TempDir())
	noise := make([]byte, 1<<20)
	rand.Read(noise)
	for _, c := range []struct {
		name, bytes string
		want        string // MSA-1, "" for a closed connection or no answer
	}{
		{"not HL7", "\x0bhello\x1c\r", "AR"},
		{"no MSH-10", "\x0b" + strings.Replace(admission("B1"), "|B1|P", "||P", 1) + "\x1c\r", "AR"},
		{"wrong delimiters", "\x0b" + strings.ReplaceAll(admission("B2"), `MSH|^~\&|`, `MSH||||||`) + "\x1c\r", "AR"},
		{"truncated", "\x0b" + admission("B3")[:100], ""},
		{"binary noise", "\x0b" + strings.ReplaceAll(string(noise), "\x1c", ".") + "\x1c\r", "AR"},
		{"noise without a frame", strings.ReplaceAll(string(noise), "\x0b", "."), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := dial(e.mllp)
			if err != nil {
				t.Fatal(err)
			}
			defer s.conn.Close()
			s.conn.SetDeadline(time.Now().Add(20 * time.Second))
			io.WriteString(s.conn, c.bytes) // may fail: the engine may close first
			if tcp, ok := s.conn.(*net.TCPConn); ok {
				tcp.CloseWrite()
			}
			answer, err := s.receive()
			if code := msa1(answer); code != c.want {
				t.Errorf("answer %q (%v), want %q", code, err, c.want)
			}
			e.good(t, "G"+strconv.Itoa(len(c.name)))
		})
	}
	t.Run("100 MB frame", func(t *testing.T) {
		before := e.memory()
		s, err := dial(e.mllp)
		if err != nil {
			t.Fatal(err)
		}
		defer s.conn.Close()
		s.conn.SetDeadline(time.Now().Add(30 * time.Second))
		go func() {
			io.WriteString(s.conn, "\x0b"+admission("B9"))
			chunk := bytes.Repeat([]byte("x"), 1<<20)
			for range 100 {
				if _, err := s.conn.Write(chunk); err != nil {
					return // closed, as it should be
				}
			}
		}()
		answer, _ := s.receive()
		if code := msa1(answer); code == "AA" {
			t.Error("a frame over the limit was answered AA")
		}
		e.good(t, "G100MB")
		if grown := e.memory() - before; grown > 160 {
			t.Errorf("memory grew by %d MiB over a frame that is limited to 32 MiB", grown)
		}
	})
}

// TestSlowConnections holds a thousand connections that send a byte now and
// then, and sends good messages beside them.
func TestSlowConnections(t *testing.T) {
	dir := t.TempDir()
	config := dir + "/pons.yaml"
	if err := os.WriteFile(config, []byte("mllp: {max_connections: 2000, max_per_address: 2000}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	e := start(t, dir+"/data", "--config", config)
	before := e.memory()
	var slow []*sender
	for range 1000 {
		s, err := dial(e.mllp)
		if err != nil {
			t.Fatal(err)
		}
		defer s.conn.Close()
		io.WriteString(s.conn, "\x0bMSH|")
		slow = append(slow, s)
	}
	for i := range 50 {
		for _, s := range slow[i*20 : i*20+20] {
			io.WriteString(s.conn, "x")
		}
		e.good(t, "S"+strconv.Itoa(i))
	}
	if grown := e.memory() - before; grown > 100 {
		t.Errorf("memory grew by %d MiB over 1,000 slow connections", grown)
	}
}

// good sends a message as a good sender does and wants AA.
func (e *engine) good(t *testing.T, id string) {
	t.Helper()
	s, err := dial(e.mllp)
	if err != nil {
		t.Fatal(err)
	}
	defer s.conn.Close()
	answer, err := s.send(admission(id))
	if err != nil {
		t.Fatalf("a good sender got no answer: %v", err)
	}
	if code, err := ackCode(answer, id); err != nil || code != "AA" {
		t.Errorf("a good sender got %q (%v), want AA", code, err)
	}
}

// memory is the resident size of the engine in MiB.
func (e *engine) memory() int {
	e.t.Helper()
	b, err := os.ReadFile("/proc/" + strconv.Itoa(e.cmd.Process.Pid) + "/status")
	if err != nil {
		e.t.Skip("memory is read from /proc, which this system does not have")
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmRSS:" {
			kb, err := strconv.Atoi(f[1])
			if err != nil {
				e.t.Fatal(err)
			}
			return kb >> 10
		}
	}
	e.t.Fatal("no VmRSS")
	return 0
}

func msa1(answer string) string {
	for segment := range strings.SplitSeq(answer, "\r") {
		if f := strings.Split(segment, "|"); f[0] == "MSA" && len(f) > 1 {
			return f[1]
		}
	}
	return ""
}
