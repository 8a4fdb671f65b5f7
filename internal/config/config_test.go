package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/internal/config"
)

func TestDefaultIsLoopbackAndValid(t *testing.T) {
	cfg := config.Default()
	if err := cfg.Check(); err != nil {
		t.Fatal(err)
	}
	for _, addr := range []string{cfg.MLLP.Listen, cfg.HTTP.Listen} {
		if !strings.HasPrefix(addr, "127.0.0.1:") {
			t.Errorf("default address %s is not on loopback", addr)
		}
	}
	if zone, err := cfg.Location(); zone != nil || err != nil {
		t.Errorf("default zone %v, %v; want none, so that none is invented", zone, err)
	}
}

func TestFileOverDefaults(t *testing.T) {
	cfg, err := config.Parse([]byte(`
mllp: {listen: "0.0.0.0:6661", idle: 1h}
zone: Europe/London
namespaces:
  MRN: https://hospital.example/mrn
`))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.MLLP.Listen != "0.0.0.0:6661" || cfg.MLLP.Idle != time.Hour {
		t.Errorf("mllp = %+v", cfg.MLLP)
	}
	if cfg.HTTP != config.Default().HTTP || cfg.MLLP.MaxMessage != config.Default().MLLP.MaxMessage {
		t.Error("what the file does not name is not the default")
	}
	if cfg.Namespaces["MRN"] == "" || cfg.Namespaces["NHS"] == "" {
		t.Errorf("namespaces = %v, want the file's and the default ones", cfg.Namespaces)
	}
	if zone, err := cfg.Location(); err != nil || zone.String() != "Europe/London" {
		t.Errorf("zone = %v, %v", zone, err)
	}
}

func TestListenerForSenders(t *testing.T) {
	cfg, err := config.Parse([]byte(`
mllp:
  tls: {cert: c.pem, key: c.key, client_ca: ca.pem, allow: ["dns:lab.example"]}
  release2: true
  bare: true
  original_ack: true
  processing_ids: [N]
  sequence: true
`))
	if err != nil {
		t.Fatal(err)
	}
	m := cfg.MLLP
	if m.TLS.Cert != "c.pem" || m.TLS.Key != "c.key" || m.TLS.ClientCA != "ca.pem" || len(m.TLS.Allow) != 1 ||
		!m.TLS.Mutual() || !m.Release2 || !m.Bare || !m.OriginalAck || !m.Sequence || len(m.ProcessingIDs) != 1 {
		t.Errorf("mllp = %+v", m)
	}
	if d := config.Default().MLLP; d.TLS.Mutual() || d.TLS.Cert != "" || d.Release2 || d.Bare || d.OriginalAck || d.Sequence || d.ProcessingIDs != nil {
		t.Errorf("default = %+v", d)
	}
}

func TestBadFiles(t *testing.T) {
	for name, c := range map[string]struct{ yaml, want string }{
		"unknown key":     {"mlpp: {}", "line 1: field mlpp not found"},
		"unknown below":   {"data: x\nhttp:\n  port: 80", "line 3: field port not found"},
		"twice":           {"data: a\ndata: b", "already"},
		"type":            {"mllp: {max_message: many}", "line 1"},
		"no port":         {"mllp: {listen: localhost}", "mllp.listen"},
		"zone":            {"zone: Mars/North", "zone"},
		"zero":            {"http: {max_body: 0}", "http.max_body"},
		"relative system": {"namespaces: {A: mrn}", "namespaces.A"},
		"half of TLS":     {"mllp: {tls: {cert: c.pem}}", "mllp.tls"},
		"TLS without key": {"mllp: {tls: {client_ca: ca.pem}}", "mllp.tls"},
		"empty MSH-11":    {"mllp: {processing_ids: [N, '']}", "mllp.processing_ids"},
		"two documents":   {"data: a\n---\ndata: b", "second"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := config.Parse([]byte(c.yaml)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
	if _, err := config.Parse([]byte("mllp: {listen: x}\nzone: Mars/North")); err == nil ||
		!strings.Contains(err.Error(), "mllp.listen") || !strings.Contains(err.Error(), "zone") {
		t.Errorf("error %v does not name both problems", err)
	}
	if cfg, err := config.Parse(nil); err != nil || cfg.Data == "" {
		t.Errorf("empty file: %v, %v; want the defaults", cfg, err)
	}
}
