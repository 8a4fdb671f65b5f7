package main

import (
	"regexp"
	"strings"
	"testing"
)

// What bench convert prints is a figure for each message of the file; how fast is not a test's matter.
func TestBenchConvert(t *testing.T) {
	out, stderr, code := pons(t, "", "bench", "convert", "--duration=1ms", "../../examples/admit.hl7")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	line := regexp.MustCompile(`^\S+admit\.hl7: 325 bytes, Bundle of [1-9]\d+ bytes: [1-9]\d* /s on one core, [1-9]\d* allocations each; splitting alone [1-9]\d* /s, [1-9]\d* times as often\n$`)
	if !line.MatchString(out) {
		t.Errorf("got %q", out)
	}
}

func TestBenchConvertRefuses(t *testing.T) {
	_, stderr, code := pons(t, "PID|1\r", "bench", "convert", "--duration=1ms", "-")
	if code == 0 || !strings.Contains(stderr, "standard input") {
		t.Errorf("exit %d: %q; a file without a message has nothing to measure", code, stderr)
	}
}
