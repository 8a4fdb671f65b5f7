package script_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/script"
)

// The test binary is its own worker.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "script-worker" {
		if err := script.Worker(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const admit = "MSH|^~\\&|A|B|C|D|20240102030405||ADT^A01|1|P|2.5\rPID|1||77^^^X^MR||SECRETNAME^ANN||19900101|W\rNTE|1||a\rNTE|2||b\r"

func open(t *testing.T, source string, l script.Limits) (*script.Runner, error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r, err := script.New(t.Context(), []string{self, "script-worker"}, "site.js", source, l)
	if err == nil {
		t.Cleanup(r.Close)
	}
	return r, err
}

func mustOpen(t *testing.T, source string, l script.Limits) *script.Runner {
	t.Helper()
	r, err := open(t, source, l)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func parse(t *testing.T, text string) *hl7.Message {
	t.Helper()
	m, err := hl7.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMessage(t *testing.T) {
	r := mustOpen(t, `
		function message(msg) {
			if (msg.get("PID-8") === "W") msg.set("PID-8", "F");
			msg.set("PID-5.2", "A|B");
			msg.remove("NTE", 2);
			msg.add("ZPI|" + msg.count("NTE") + "|" + [3, 1, 2].toSorted().findLast(n => n < 3));
			if (msg.get("MSH-9.2") === "A99") return false;
		}`, script.Limits{})
	for range 3 { // a worker is used again
		m, keep, err := r.Message(t.Context(), parse(t, admit))
		if err != nil || !keep {
			t.Fatal(keep, err)
		}
		if m.Get("PID-8") != "F" || m.Get("PID-5.2") != "A|B" || m.Get("NTE(2)-3") != "" || m.Get("ZPI-1") != "1" || m.Get("ZPI-2") != "2" {
			t.Errorf("%q", m.Bytes())
		}
	}
	if _, keep, err := r.Message(t.Context(), parse(t, strings.Replace(admit, "A01", "A99", 1))); keep || err != nil {
		t.Errorf("not filtered: %v", err)
	}
}

func TestBundle(t *testing.T) {
	r := mustOpen(t, `function bundle(b, msg) { b.entry[0].resource.active = msg.get("PID-8") === "W" }`, script.Limits{})
	b, keep, err := r.Bundle(t.Context(), []byte(`{"entry":[{"resource":{"resourceType":"Patient"}}]}`), parse(t, admit))
	if err != nil || !keep || string(b) != `{"entry":[{"resource":{"resourceType":"Patient","active":true}}]}` {
		t.Errorf("%s, %v, %v", b, keep, err)
	}
	m := parse(t, admit)
	if same, keep, err := r.Message(t.Context(), m); same != m || !keep || err != nil {
		t.Error("without a function message the message does not stay as it is")
	}
	if _, _, err := mustOpen(t, `function bundle(b, msg) { msg.set("PID-8", "X") }`, script.Limits{}).Bundle(t.Context(), []byte(`{}`), m); err == nil {
		t.Error("bundle() could change the message")
	}
}

// What a script does wrong ends as an error with its place, without a value of the message,
// and the next message is served.
func TestFailures(t *testing.T) {
	for name, c := range map[string]struct{ body, at, problem string }{
		"thrown":       {"\n throw new Error(msg.get('PID-5.1'))", "site.js:2", "an error of its own making"},
		"type":         {"msg.get('PID-5.1').x.y", "site.js:1", "TypeError"},
		"named":        {"undefined_SECRETNAME()", "site.js:1", "ReferenceError"},
		"bad edit":     {"msg.set('PID', msg.get('PID-5.1'))", "", "RangeError"},
		"endless":      {"for (;;) {}", "site.js", "it took longer than it may"},
		"inside":       {"new Array(1e9).join(msg.get('PID-5.1'))", "site.js", "it took longer than it may"},
		"expression":   {"/^(a+)+$/.test('a'.repeat(50) + '!')", "site.js", "it took longer than it may"},
		"memory":       {"let s = []; for (;;) s.push(new Array(10000).fill(msg.get('PID-5.1')))", "", "it took more memory than it may"},
		"no such file": {"require('fs')", "site.js:1", "ReferenceError"},
		"no import":    {"std.open('/etc/passwd')", "site.js:1", "ReferenceError"},
		"no network":   {"fetch('http://x.example')", "site.js:1", "ReferenceError"},
		"no process":   {"os.exec(['ls'])", "site.js:1", "ReferenceError"},
	} {
		t.Run(name, func(t *testing.T) {
			r := mustOpen(t, "function message(msg) { if (msg.get('PID-8') === 'W') {"+c.body+"} }", script.Limits{Time: 2 * time.Second, Memory: 16 << 20})
			_, _, err := r.Message(t.Context(), parse(t, admit))
			e, ok := errors.AsType[*script.Error](err)
			if !ok || !strings.HasPrefix(e.At, "site.js") || c.at != "" && e.At != c.at || e.Problem != c.problem {
				t.Errorf("got %v, want %q at %q", err, c.problem, c.at)
			}
			if err != nil && strings.Contains(err.Error(), "SECRETNAME") {
				t.Error("the error tells a value of the message")
			}
			if _, keep, err := r.Message(t.Context(), parse(t, strings.Replace(admit, "|W", "|F", 1))); err != nil || !keep {
				t.Errorf("the next message suffers: %v", err)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	for name, source := range map[string]string{
		"syntax":  "function message(msg) {\n  let 1x\n}",
		"nothing": "let x = 1",
		"endless": "for (;;) {}",
	} {
		if _, err := open(t, source, script.Limits{Time: time.Second}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	_, err := open(t, "function message(msg) {\n  let 1x\n}", script.Limits{})
	if e, ok := errors.AsType[*script.Error](err); !ok || e.At != "site.js:2" || e.Problem != "SyntaxError" {
		t.Errorf("got %v", err)
	}
}

// One that runs away does not hold up another.
func TestApart(t *testing.T) {
	r := mustOpen(t, "function message(msg) { if (msg.get('PID-8') === 'W') for (;;) {} }", script.Limits{Time: 2 * time.Second})
	ctx, cancel := context.WithCancel(t.Context())
	away := make(chan error, 1)
	go func() {
		_, _, err := r.Message(ctx, parse(t, admit))
		away <- err
	}()
	for range 10 {
		if _, keep, err := r.Message(t.Context(), parse(t, strings.Replace(admit, "|W", "|F", 1))); err != nil || !keep {
			t.Fatal(err)
		}
	}
	cancel()
	if err := <-away; err == nil {
		t.Error("the endless script came to an end")
	}
}

// One run is no more than the sum of its parts: nothing is left for the next.
func TestNothingStays(t *testing.T) {
	r := mustOpen(t, "let n = 0; function message(msg) { n++; globalThis.k = (globalThis.k || 0) + 1; msg.set('PID-1', n + '' + k) }", script.Limits{})
	for range 3 {
		m, _, err := r.Message(t.Context(), parse(t, admit))
		if err != nil || m.Get("PID-1") != "11" {
			t.Fatalf("%v, %v", m.Get("PID-1"), err)
		}
	}
}

func BenchmarkMessage(b *testing.B) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	r, err := script.New(b.Context(), []string{self, "script-worker"}, "site.js", "function message(msg) { msg.set('PID-8', msg.get('PID-8') === 'W' ? 'F' : 'M') }", script.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	m, err := hl7.Parse([]byte(admit))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, err := r.Message(b.Context(), m); err != nil {
			b.Fatal(err)
		}
	}
}
