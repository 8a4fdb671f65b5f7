package mllp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ponshealth/pons/mllp"
)

// authority signs certificates, and writes them where TLSFiles reads them.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	n    int64
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, dir: t.TempDir()}
	a.cert, a.key = a.make(&x509.Certificate{
		Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil, nil)
	a.write("ca.pem", "CERTIFICATE", a.cert.Raw)
	return a
}

func (a *authority) make(c, parent *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	if signer == nil {
		parent, signer = c, key
	}
	a.n++
	c.SerialNumber = big.NewInt(a.n)
	if c.NotAfter.IsZero() {
		c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

// issue writes name.pem and name.key. Names are those the certificate is for.
func (a *authority) issue(name string, names x509.Certificate) *x509.Certificate {
	a.t.Helper()
	names.Subject.CommonName = name
	names.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	names.KeyUsage = x509.KeyUsageDigitalSignature
	cert, key := a.make(&names, a.cert, a.key)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	a.write(name+".pem", "CERTIFICATE", cert.Raw)
	a.write(name+".key", "PRIVATE KEY", der)
	return cert
}

func (a *authority) write(file, kind string, der []byte) {
	a.t.Helper()
	block := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	if err := os.WriteFile(a.path(file), block, 0o600); err != nil {
		a.t.Fatal(err)
	}
}

func (a *authority) path(file string) string { return filepath.Join(a.dir, file) }

func (a *authority) copy(from, to string) {
	a.t.Helper()
	b, err := os.ReadFile(a.path(from))
	if err == nil {
		err = os.WriteFile(a.path(to), b, 0o600)
	}
	if err != nil {
		a.t.Fatal(err)
	}
}

// loopback are the names of a server on this machine.
var loopback = x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}

// client returns one with the certificate of that name, or without.
func (a *authority) client(addr, name string) *mllp.Client {
	a.t.Helper()
	f := &mllp.TLSFiles{CA: a.path("ca.pem")}
	if name != "" {
		f.Cert, f.Key = a.path(name+".pem"), a.path(name+".key")
	}
	cfg, err := f.Client()
	if err != nil {
		a.t.Fatal(err)
	}
	c := &mllp.Client{Addr: addr, TLS: cfg}
	a.t.Cleanup(func() { c.Close() })
	return c
}

func (a *authority) server(f *mllp.TLSFiles) (addr string) {
	a.t.Helper()
	f.Cert, f.Key = a.path("server.pem"), a.path("server.key")
	cfg, err := f.Server()
	if err != nil {
		a.t.Fatal(err)
	}
	return serve(a.t, &mllp.Server{TLS: cfg, Handler: handler(func(b mllp.Block) []byte {
		if len(b.TLS.PeerCertificates) == 0 {
			return []byte("a stranger")
		}
		return []byte(b.TLS.PeerCertificates[0].Subject.CommonName)
	})})
}

func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}
