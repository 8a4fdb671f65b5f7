package app

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/internal/config"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/source"
	"github.com/ponshealth/pons/mllp"
)

// nothing is a store that takes all and keeps nothing.
type nothing struct{}

func (nothing) Accept(context.Context, message.Message) (source.Receipt, error) {
	return source.Receipt{}, nil
}

func (nothing) AcceptDead(context.Context, message.Message, message.Cause) (source.Receipt, error) {
	return source.Receipt{}, nil
}

func listen(t *testing.T, cfg config.MLLP) (addr string) {
	t.Helper()
	s, err := mllpServer(cfg, mllpSource(cfg, nothing{}, slog.New(slog.DiscardHandler)), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

const msh = "MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|"

// TestListenerDoesWhatIsConfigured: each setting changes what a sender sees.
func TestListenerDoesWhatIsConfigured(t *testing.T) {
	for _, c := range []struct {
		name       string
		set        func(*config.MLLP)
		block      string
		before, at string // what the answer holds without the setting, and with it
	}{
		{"processing_ids", func(m *config.MLLP) { m.ProcessingIDs = []string{"N"} }, msh + "N|2.5\r", "MSA|AR", "MSA|AA"},
		{"original_ack", func(m *config.MLLP) { m.OriginalAck = true }, msh + "P|2.5|||AL\r", "MSA|CA", "MSA|AA"},
		{"release2", func(m *config.MLLP) { m.Release2 = true }, msh + "P|2.5\r", "\x0bMSH", "\x0b\x06\x1c\r\x0bMSH"},
		{"max_message", func(m *config.MLLP) { m.MaxMessage = 30 }, msh + "P|2.5\r", "MSA|AA", "MSA|AR"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := config.Default().MLLP
			if got := talk(t, listen(t, cfg), "\x0b"+c.block+"\x1c\r"); !strings.Contains(got, c.before) {
				t.Errorf("without: %q has no %q", got, c.before)
			}
			c.set(&cfg)
			if got := talk(t, listen(t, cfg), "\x0b"+c.block+"\x1c\r"); !strings.Contains(got, c.at) {
				t.Errorf("with: %q has no %q", got, c.at)
			}
		})
	}
	cfg := config.Default().MLLP
	cfg.Bare = true
	if got := talk(t, listen(t, cfg), msh+"P|2.5\r\x1c"); !strings.Contains(got, "MSA|AA") {
		t.Errorf("bare: %q", got)
	}
}

// talk sends bytes and returns all that comes back.
func talk(t *testing.T, addr, send string) string {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte(send)); err != nil {
		t.Fatal(err)
	}
	c.(*net.TCPConn).CloseWrite()
	var all strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		all.Write(buf[:n])
		if err != nil {
			return all.String()
		}
	}
}

func TestListenerWithTLS(t *testing.T) {
	dir := t.TempDir()
	cfg := config.Default().MLLP
	cfg.TLS = config.TLS{Cert: filepath.Join(dir, "c.pem"), Key: filepath.Join(dir, "c.key")}
	if _, err := mllpServer(cfg, mllpSource(cfg, nothing{}, slog.Default()), slog.Default()); err == nil || !strings.Contains(err.Error(), "mllp.tls") {
		t.Errorf("files that are not there: %v", err)
	}
	selfSigned(t, cfg.TLS)
	cfg.TLS.ClientCA, cfg.TLS.Allow = cfg.TLS.Cert, []string{"dns:engine.example"}
	addr := listen(t, cfg)
	for name, c := range map[string]struct {
		files *mllp.TLSFiles
		ok    bool
	}{
		"with certificate":    {&mllp.TLSFiles{CA: cfg.TLS.Cert, Cert: cfg.TLS.Cert, Key: cfg.TLS.Key}, true},
		"without certificate": {&mllp.TLSFiles{CA: cfg.TLS.Cert}, false},
	} {
		tls, err := c.files.Client()
		if err != nil {
			t.Fatal(err)
		}
		client := &mllp.Client{Addr: addr, TLS: tls}
		reply, err := client.Send(t.Context(), []byte(msh+"P|2.5\r"))
		if (err == nil && strings.Contains(string(reply), "MSA|AA")) != c.ok {
			t.Errorf("%s: %q, %v", name, reply, err)
		}
		client.Close()
	}
}

// selfSigned writes a certificate that vouches for itself.
func selfSigned(t *testing.T, files config.TLS) {
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
	for file, block := range map[string]*pem.Block{
		files.Cert: {Type: "CERTIFICATE", Bytes: der},
		files.Key:  {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
