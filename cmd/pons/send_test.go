package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mllp"
)

// station is a receiver that answers by what stands in MSH-5, and remembers
// what it got.
type station struct {
	mu   sync.Mutex
	ids  []string
	from map[string]bool
	addr string
}

func newStation(t *testing.T, s *mllp.Server) *station {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	st := &station{from: map[string]bool{}, addr: l.Addr().String()}
	s.Handler = mllp.HandlerFunc(func(_ context.Context, b mllp.Block) ([]byte, error) {
		m, err := hl7.Parse(b.Data)
		if err != nil {
			return nil, err
		}
		st.mu.Lock()
		defer st.mu.Unlock()
		st.ids = append(st.ids, m.Header().ControlID)
		st.from[b.Peer.String()] = true
		if code := m.Header().ReceivingApp; code != "" {
			return hl7.Ack(m, hl7.AckOptions{Code: code, ControlID: "1", Time: time.Now()}), nil
		}
		return nil, nil
	})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return st
}

// order is a message that the station answers with code.
func order(code, id, asks string) string {
	return "MSH|^~\\&|A|B|" + code + "|D|2026||ADT^A01|" + id + "|P|2.5|||" + asks + "\rPID|1||7\r"
}

func TestSendRepeats(t *testing.T) {
	st := newStation(t, &mllp.Server{})
	name := file(t, order("AA", "a", "")+order("AE", "b", ""))
	out, errs, code := pons(t, "", "send", name, "--to", st.addr, "--repeat", "3", "--new-ids")
	if code != 1 || !strings.Contains(errs, "3 of 6 messages were not accepted") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if !strings.Contains(errs, "sent 6 of 6 messages in ") || !strings.Contains(errs, ": 3 AA, 3 AE; answers p50 ") {
		t.Errorf("summary: %s", errs)
	}
	if want := []string{"a", "b", "a-2", "b-2", "a-3", "b-3"}; !slices.Equal(st.ids, want) {
		t.Errorf("received %q, want %q", st.ids, want)
	}
	var lines []string
	for _, id := range []string{"b", "b-2", "b-3"} {
		lines = append(lines, name+", message 2: AE "+id+"\n")
	}
	if out != strings.Join(lines, "") {
		t.Errorf("printed %q, want what was not accepted", out)
	}
}

func TestSendRepeatsTheSameMessage(t *testing.T) {
	st := newStation(t, &mllp.Server{})
	if _, errs, code := pons(t, order("CA", "a", ""), "send", "-", "--to", st.addr, "--repeat", "3"); code != 0 {
		t.Errorf("exit %d: %s", code, errs)
	}
	if want := []string{"a", "a", "a"}; !slices.Equal(st.ids, want) {
		t.Errorf("received %q, want %q", st.ids, want)
	}
}

func TestSendOverSeveralConnections(t *testing.T) {
	st := newStation(t, &mllp.Server{})
	_, errs, code := pons(t, order("AA", "a", ""), "send", "-", "--to", st.addr, "--repeat", "200", "--connections", "4", "--new-ids", "--rate", "5000/s")
	if code != 0 || !strings.Contains(errs, "sent 200 of 200") || !strings.Contains(errs, "200 AA") {
		t.Errorf("exit %d: %s", code, errs)
	}
	slices.Sort(st.ids)
	if ids := slices.Compact(st.ids); len(ids) != 200 || len(st.from) < 2 || len(st.from) > 4 {
		t.Errorf("%d messages over %d connections, want 200 over up to 4", len(ids), len(st.from))
	}
}

// TestSendStopsWhenNobodyAnswers: a receiver that hangs up is trouble of the
// system, and no further message is lost on it.
func TestSendStopsWhenNobodyAnswers(t *testing.T) {
	st := newStation(t, &mllp.Server{})
	_, errs, code := pons(t, order("AA", "a", "")+"MSH|nonsense", "send", "-", "--to", st.addr, "--repeat", "50")
	if code != 3 || !strings.Contains(errs, "sent 1 of 100") || !strings.Contains(errs, "message 2: no answer") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

func TestSendToOneThatIsAskedNotToAnswer(t *testing.T) {
	st := newStation(t, &mllp.Server{})
	out, errs, code := pons(t, order("", "a", "NE|NE")+order("AA", "b", ""), "send", "-", "--to", st.addr)
	if code != 0 || !strings.Contains(out, "message 1: sent; it asks for no answer") || !strings.Contains(out, "message 2: AA b") {
		t.Errorf("exit %d: %s %s", code, out, errs)
	}
	if !strings.Contains(errs, "1 that asked for no answer, 1 AA") {
		t.Errorf("summary: %s", errs)
	}
}

func TestSendWithReleaseTwo(t *testing.T) {
	st := newStation(t, &mllp.Server{Release2: true})
	if out, errs, code := pons(t, order("AA", "a", ""), "send", "-", "--to", st.addr, "--release-2"); code != 0 || !strings.Contains(out, "AA a") {
		t.Errorf("exit %d: %s %s", code, out, errs)
	}
}

func TestSendOverTLS(t *testing.T) {
	cert, key := selfSigned(t)
	cfg, err := (&mllp.TLSFiles{Cert: cert, Key: key, CA: cert}).Server()
	if err != nil {
		t.Fatal(err)
	}
	st := newStation(t, &mllp.Server{TLS: cfg})
	for _, c := range []struct {
		name string
		args []string
		code int
	}{
		{"both show who they are", []string{"--ca", cert, "--cert", cert, "--key", key}, 0},
		{"name in the certificate", []string{"--ca", cert, "--cert", cert, "--key", key, "--server-name", "engine.example"}, 0},
		{"another name", []string{"--ca", cert, "--cert", cert, "--key", key, "--server-name", "other.example"}, 3},
		{"no certificate of ours", []string{"--ca", cert}, 3},
		{"an authority that nobody knows", []string{"--tls", "--cert", cert, "--key", key}, 3},
		{"no TLS", nil, 3},
		{"a key that is not there", []string{"--cert", cert, "--key", key + "x"}, 2},
		{"a certificate without key", []string{"--cert", cert}, 2},
	} {
		args := append([]string{"send", "-", "--to", st.addr, "--timeout", "5s"}, c.args...)
		if _, errs, code := pons(t, order("AA", "a", ""), args...); code != c.code {
			t.Errorf("%s: exit %d, want %d: %s", c.name, code, c.code, errs)
		}
	}
}

func TestSendUsage(t *testing.T) {
	for _, args := range [][]string{
		{"--rate", "fast"}, {"--rate", "0/s"}, {"--rate", "-1/s"}, {"--rate", "5/week"}, {"--rate", "NaN/s"},
		{"--repeat", "0"}, {"--connections", "0"},
	} {
		if _, errs, code := pons(t, order("AA", "a", ""), append([]string{"send", "-", "--to", "127.0.0.1:1"}, args...)...); code != 2 {
			t.Errorf("%v: exit %d, want 2: %s", args, code, errs)
		}
	}
}

func TestRate(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"50/s": 2 * time.Second, "50": 2 * time.Second, "600/m": 10 * time.Second, "3600/h": 100 * time.Second, "0.5/s": 200 * time.Second,
	} {
		var r rate
		if err := r.UnmarshalText([]byte(text)); err != nil || r.due(100) != want || r.due(0) != 0 {
			t.Errorf("%s: message 100 is due after %v (%v), want %v", text, r.due(100), err, want)
		}
	}
	if d := (rate{}).due(1000); d != 0 {
		t.Errorf("no rate: due after %v", d)
	}
}

func TestWithNewID(t *testing.T) {
	for in, want := range map[string]string{
		order("AA", "a", ""):                  order("AA", "a-2", ""),
		"MSH#*!?%#A#B#C#D###ADT*A01#x#P\r":    "MSH#*!?%#A#B#C#D###ADT*A01#x-2#P\r",
		"MSH|^~\\&|A|B|C|D|||ADT|x":           "MSH|^~\\&|A|B|C|D|||ADT|x-2",
		"MSH|^~\\&|A|B|C|D|||ADT||P\rPID|1\r": "MSH|^~\\&|A|B|C|D|||ADT||P\rPID|1\r",
		"MSH|^~\\&|A\rPID|1|||||||||x\r":      "MSH|^~\\&|A\rPID|1|||||||||x\r",
		"MSH|^~\\&|A|B|C|D|||ADT":             "MSH|^~\\&|A|B|C|D|||ADT",
		"nonsense":                            "nonsense",
	} {
		if got := withNewID([]byte(in), 2); string(got) != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestProgress(t *testing.T) {
	var w bytes.Buffer
	p := newProgress(&w, true)
	p.draw(50, 100, 10*time.Second, "49 AA, 1 AE")
	if got := w.String(); got != "\r\x1b[K[============            ] 50/100  5/s  49 AA, 1 AE" {
		t.Errorf("drew %q", got)
	}
	w.Reset()
	p.clear()
	p.clear()
	if got := w.String(); got != "\r\x1b[K" {
		t.Errorf("cleared by %q, want once", got)
	}
	w.Reset()
	newProgress(&w, false).draw(1, 2, time.Second, "")
	if w.Len() > 0 || terminal(&w) {
		t.Errorf("drew %q where nobody watches", &w)
	}
}

// selfSigned returns the files of a certificate that vouches for itself.
func selfSigned(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"engine.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "c.pem"), filepath.Join(dir, "c.key")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}
