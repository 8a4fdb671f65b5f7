package app

import "testing"

func TestLoopbackName(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost":          true,
		"LocalHost:8080":     true,
		"127.0.0.1:8080":     true,
		"127.1.2.3":          true,
		"[::1]:8080":         true,
		"pons.localhost:80":  true,
		"":                   false,
		"evil.example":       false,
		"evil.example:8080":  false,
		"127.0.0.1.evil.com": false,
		"10.0.0.1:8080":      false,
		"localhost.evil.com": false,
		"notlocalhost":       false,
	} {
		if got := loopbackName(host); got != want {
			t.Errorf("%q: %v, want %v", host, got, want)
		}
	}
}
