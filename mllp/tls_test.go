package mllp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/mllp"
)

// identity makes a certificate for the loopback address that signs itself, and
// the pool in which it is trusted.
func identity(t *testing.T, name string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, pool
}

func TestMutualTLS(t *testing.T) {
	server, trustServer := identity(t, "server")
	client, trustClient := identity(t, "client")
	block := strings.Repeat("1", 100) // long enough to be seen not to be TLS
	stranger, _ := identity(t, "stranger")
	who := make(chan string, 10)
	addr := serve(t, &mllp.Server{
		TLS: &tls.Config{Certificates: []tls.Certificate{server}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trustClient},
		Handler: handler(func(b mllp.Block) []byte {
			who <- b.TLS.PeerCertificates[0].Subject.CommonName
			return b.Data
		}),
	})
	for _, c := range []struct {
		name string
		cfg  *tls.Config
		ok   bool
	}{
		{"both known", &tls.Config{RootCAs: trustServer, Certificates: []tls.Certificate{client}}, true},
		{"both known, TLS 1.2", &tls.Config{RootCAs: trustServer, Certificates: []tls.Certificate{client}, MaxVersion: tls.VersionTLS12}, true},
		{"no certificate", &tls.Config{RootCAs: trustServer}, false},
		{"no certificate, TLS 1.2", &tls.Config{RootCAs: trustServer, MaxVersion: tls.VersionTLS12}, false},
		{"unknown certificate", &tls.Config{RootCAs: trustServer, Certificates: []tls.Certificate{stranger}}, false},
		{"unknown server", &tls.Config{Certificates: []tls.Certificate{client}}, false},
		{"TLS 1.1", &tls.Config{RootCAs: trustServer, Certificates: []tls.Certificate{client}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false},
		{"CBC", &tls.Config{RootCAs: trustServer, Certificates: []tls.Certificate{client}, MaxVersion: tls.VersionTLS12,
			CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}}, false},
		{"no TLS", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := &mllp.Client{Addr: addr, TLS: c.cfg}
			defer client.Close()
			reply, err := client.Send(t.Context(), []byte(block))
			if ok := err == nil && string(reply) == block; ok != c.ok {
				t.Fatalf("reply %q, %v; want success %v", reply, err, c.ok)
			}
			if !c.ok {
				return
			}
			if name := <-who; name != "client" {
				t.Errorf("the handler was told of %q", name)
			}
		})
	}
	if len(who) > 0 {
		t.Error("a block of a refused client reached the handler")
	}
}

func TestHandshakeMayNotTakeForever(t *testing.T) {
	server, _ := identity(t, "server")
	s := &mllp.Server{Handler: echo, HandshakeTimeout: 20 * time.Millisecond,
		TLS: &tls.Config{Certificates: []tls.Certificate{server}}}
	dial(t, serve(t, s)).expectClosed()
}

func TestStopDuringHandshake(t *testing.T) {
	server, _ := identity(t, "server")
	s := &mllp.Server{Handler: echo, HandshakeTimeout: time.Hour, StopTimeout: time.Hour,
		TLS: &tls.Config{Certificates: []tls.Certificate{server}}}
	addr := serve(t, s) // whose cleanup waits for the server to stop
	dial(t, addr)
	await(t, "the connection", func() bool { return s.Stats().Open == 1 })
}

func TestTooLargeOverTLS(t *testing.T) {
	server, trust := identity(t, "server")
	addr := serve(t, &mllp.Server{Handler: echo, MaxBlock: 1000, TLS: &tls.Config{Certificates: []tls.Certificate{server}}})
	c, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: trust})
	if err != nil {
		t.Fatal(err)
	}
	p := newPeer(t, c)
	go io.WriteString(c, vt+strings.Repeat("x", 1<<20))
	p.expect("problem:" + mllp.ErrTooLarge.Error())
}
