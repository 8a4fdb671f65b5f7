package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// block is the nth block of a language in a part of a page.
func block(t *testing.T, page, heading, language string, n int) string {
	t.Helper()
	_, part, ok := strings.Cut(read(t, page), "\n## "+heading+"\n")
	part, _, _ = strings.Cut(part, "\n## ")
	found := regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(part, -1)
	if !ok || len(found) < n {
		t.Fatalf("%s: %s has no block %d of %s", page, heading, n, language)
	}
	return found[n-1][1]
}

// TestTLSOfThePage does what docs/mllp.md says: certificates by openssl, an engine that asks
// for them, a sender that has one and senders that do not.
func TestTLSOfThePage(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("SKIPPED: there is no openssl here")
	}
	const page = "../docs/mllp.md"
	dir := t.TempDir()
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	run := func(line string) (string, error) {
		cmd := exec.Command("bash", "-e", "-c", line)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(bin)+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run(block(t, page, "TLS", "sh", 1)); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	config := block(t, page, "TLS", "yaml", 1)
	for _, file := range []string{"pons.pem", "pons.key", "ca.pem"} {
		config = strings.ReplaceAll(config, " "+file, " "+filepath.Join(dir, file))
	}
	if err := os.WriteFile(filepath.Join(dir, "pons.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	admit, err := os.ReadFile("../examples/admit.hl7")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "admit.hl7"), admit, 0o600); err != nil {
		t.Fatal(err)
	}
	e := start(t, filepath.Join(dir, "data"), "-c", filepath.Join(dir, "pons.yaml"))
	defer e.stop()
	send := strings.ReplaceAll(strings.TrimSpace(block(t, page, "TLS", "sh", 2)), "127.0.0.1:2575", e.mllp) + " --timeout 10s"
	if out, err := run(send); err != nil || !strings.Contains(out, "AA MSG001") {
		t.Errorf("%v\n%s", err, out)
	}
	for name, other := range map[string]string{
		"no certificate":        strings.ReplaceAll(send, "--cert sender.pem --key sender.key", ""),
		"of another name":       strings.ReplaceAll(send, "sender.", "pons."),
		"no TLS":                strings.ReplaceAll(send, "--ca ca.pem --cert sender.pem --key sender.key", ""),
		"authority not known":   strings.ReplaceAll(send, "--ca ca.pem", ""),
		"another engine's name": send + " --server-name elsewhere.example",
	} {
		if out, err := run(other); err == nil || strings.Contains(out, "AA MSG001") {
			t.Errorf("%s: was answered\n%s", name, out)
		} else if name == "no TLS" && !strings.Contains(out, "--tls") {
			t.Errorf("%s: no word of TLS:\n%s", name, out)
		}
	}
	if n := e.messages()["dead"]; n != 0 {
		t.Errorf("%d messages are dead: a stranger's bytes were kept", n)
	}
}

// TestSequenceOfTheConfiguration: the number that is expected outlives kill -9.
func TestSequenceOfTheConfiguration(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "pons.yaml")
	if err := os.WriteFile(config, []byte("mllp: {sequence: true}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := func(e *engine, message string) string {
		t.Helper()
		c, err := dial(e.mllp)
		if err != nil {
			t.Fatal(err)
		}
		defer c.conn.Close()
		answer, err := c.send(message)
		if err != nil {
			t.Fatal(err)
		}
		for segment := range strings.SplitSeq(answer, "\r") {
			if f := strings.Split(segment+"||||", "|"); f[0] == "MSA" {
				return f[1] + " " + f[4]
			}
		}
		return answer
	}
	numbered := func(id, n string) string { return strings.Replace(admission(id), "|P|2.5\r", "|P|2.5|"+n+"\r", 1) }
	first := start(t, filepath.Join(dir, "data"), "-c", config)
	for _, c := range []struct{ message, want string }{{numbered("S1", "7"), "AA 7"}, {numbered("S3", "9"), "AR 8"}} {
		if got := ask(first, c.message); got != c.want {
			t.Errorf("answer %q, want %q", got, c.want)
		}
	}
	first.kill()
	second := start(t, filepath.Join(dir, "data"), "-c", config)
	for _, c := range []struct{ message, want string }{
		{`MSH|^~\&|PAS|HOSP|PONS|HOSP|2026||^|S0|P|2.5|0` + "\r", "AA 8"},
		{numbered("S1", "7"), "AA 8"}, {numbered("S2", "8"), "AA 8"}, {numbered("S3", "9"), "AA 9"},
	} {
		if got := ask(second, c.message); got != c.want {
			t.Errorf("after a kill: answer %q, want %q", got, c.want)
		}
	}
	second.stop()
}
