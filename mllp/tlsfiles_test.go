package mllp_test

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/mllp"
)

// TestAllowedClients walks the ways to say who may come in.
func TestAllowedClients(t *testing.T) {
	a := newAuthority(t)
	a.issue("server", loopback)
	lab := a.issue("lab", x509.Certificate{
		DNSNames: []string{"Lab.example"}, IPAddresses: []net.IP{net.ParseIP("10.1.2.3")},
		EmailAddresses: []string{"lab@hospital.example"}, URIs: []*url.URL{{Scheme: "urn", Opaque: "oid:1.2.3"}},
	})
	a.issue("lab.example", x509.Certificate{DNSNames: []string{"other.example"}}) // the name in the wrong place
	a.issue("old", x509.Certificate{DNSNames: []string{"lab.example"}, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(-time.Hour)})
	colons := strings.ToUpper(strings.Join(pairs(fingerprint(lab)), ":"))
	for _, c := range []struct {
		name  string
		ca    bool
		allow []string
		in    string // who comes in of those below
	}{
		{"nobody is asked", false, nil, "no certificate,lab,lab.example,old"},
		{"all of the authority", true, nil, "lab,lab.example"},
		{"DNS name", true, []string{"dns:lab.EXAMPLE."}, "lab"},
		{"one of several", true, []string{"dns:x.example", "dns:other.example"}, "lab.example"},
		{"address", true, []string{"ip:10.1.2.3"}, "lab"},
		{"mail address", true, []string{"email:lab@hospital.example"}, "lab"},
		{"URI", true, []string{"uri:urn:oid:1.2.3"}, "lab"},
		{"fingerprint", true, []string{"sha256:" + fingerprint(lab)}, "lab"},
		{"fingerprint as openssl writes it", true, []string{"sha256:" + colons}, "lab"},
		{"fingerprint without authority", false, []string{"sha256:" + fingerprint(lab)}, "lab"},
		{"another fingerprint", true, []string{"sha256:" + strings.Repeat("0", 64)}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &mllp.TLSFiles{Allow: c.allow}
			if c.ca {
				f.CA = a.path("ca.pem")
			}
			a.t = t
			addr := a.server(f)
			var in []string
			for _, name := range []string{"", "lab", "lab.example", "old"} {
				reply, err := a.client(addr, name).Send(t.Context(), []byte(adt))
				if err != nil {
					continue
				}
				want := name
				if f.CA == "" && f.Allow == nil { // who is not asked shows nothing
					want = "a stranger"
				}
				if string(reply) != want {
					t.Errorf("%q was taken for %q", name, reply)
				}
				in = append(in, cmp.Or(name, "no certificate"))
			}
			if got := strings.Join(in, ","); got != c.in {
				t.Errorf("let in %q, want %q", got, c.in)
			}
		})
	}
}

func pairs(s string) (all []string) {
	for i := 0; i < len(s); i += 2 {
		all = append(all, s[i:i+2])
	}
	return all
}

func TestTLSFilesThatDoNotDo(t *testing.T) {
	a := newAuthority(t)
	a.issue("server", loopback)
	a.issue("other", loopback)
	if err := os.WriteFile(a.path("empty"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]*mllp.TLSFiles{
		"nothing":                     {},
		"no key":                      {Cert: a.path("server.pem")},
		"key of another":              {Cert: a.path("server.pem"), Key: a.path("other.key")},
		"no such file":                {Cert: a.path("none.pem"), Key: a.path("none.key")},
		"empty authorities":           {Cert: a.path("server.pem"), Key: a.path("server.key"), CA: a.path("empty")},
		"authorities that are absent": {Cert: a.path("server.pem"), Key: a.path("server.key"), CA: a.path("none")},
		"name without authority":      {Cert: a.path("server.pem"), Key: a.path("server.key"), Allow: []string{"dns:x"}},
		"no kind":                     {Cert: a.path("server.pem"), Key: a.path("server.key"), CA: a.path("ca.pem"), Allow: []string{"lab.example"}},
		"empty name":                  {Cert: a.path("server.pem"), Key: a.path("server.key"), CA: a.path("ca.pem"), Allow: []string{"dns:"}},
		"no address":                  {Cert: a.path("server.pem"), Key: a.path("server.key"), CA: a.path("ca.pem"), Allow: []string{"ip:lab"}},
		"half a fingerprint":          {Cert: a.path("server.pem"), Key: a.path("server.key"), Allow: []string{"sha256:abcd"}},
	} {
		if _, err := f.Server(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := (&mllp.TLSFiles{Allow: []string{"dns:x"}}).Client(); err == nil {
		t.Error("a client with a list of clients: no error")
	}
}

// serverName tells which certificate a server shows.
func (a *authority) serverName(addr string) string {
	a.t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	c, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: pool})
	if err != nil {
		a.t.Fatal(err)
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0].Subject.CommonName
}

// TestCertificateIsFollowed replaces the files of a running server one by one.
func TestCertificateIsFollowed(t *testing.T) {
	a := newAuthority(t)
	a.issue("server", loopback)
	a.issue("renewed", loopback)
	a.issue("third", loopback)
	var log lockedBuffer
	f := &mllp.TLSFiles{Log: slog.New(slog.NewTextHandler(&log, nil))}
	addr := a.server(f)
	open := a.client(addr, "")
	wantReply(t, sending(t, open, "1"), "a stranger")

	a.copy("renewed.pem", "server.pem")
	if name := a.serverName(addr); name != "server" {
		t.Errorf("with a new certificate and the old key it shows %q, want the old certificate", name)
	}
	if !strings.Contains(log.String(), "do not fit") {
		t.Errorf("the log does not tell:\n%s", &log)
	}
	a.copy("renewed.key", "server.key")
	if name := a.serverName(addr); name != "renewed" {
		t.Errorf("it shows %q, want the new certificate", name)
	}
	if !strings.Contains(log.String(), "read anew") {
		t.Errorf("the log does not tell:\n%s", &log)
	}
	if err := os.Remove(a.path("server.key")); err != nil {
		t.Fatal(err)
	}
	if name := a.serverName(addr); name != "renewed" {
		t.Errorf("without a key it shows %q, want the last that did", name)
	}
	if err := f.Reload(); err == nil {
		t.Error("Reload does not say that the key is gone")
	}
	a.copy("third.pem", "server.pem")
	a.copy("third.key", "server.key")
	if err := f.Reload(); err != nil {
		t.Error(err)
	}
	if name := a.serverName(addr); name != "third" {
		t.Errorf("it shows %q, want the third certificate", name)
	}
	wantReply(t, sending(t, open, "2"), "a stranger") // the open connection has lived through it
	if secret := bytes.Contains([]byte(log.String()), []byte("PRIVATE")); secret {
		t.Error("the log quotes a key")
	}
}

// TestAuthoritiesAreFollowed: who lost their authority does not come in again.
func TestAuthoritiesAreFollowed(t *testing.T) {
	a, other := newAuthority(t), newAuthority(t)
	a.issue("server", loopback)
	a.issue("lab", x509.Certificate{DNSNames: []string{"lab.example"}})
	a.copy("ca.pem", "clients.pem")
	addr := a.server(&mllp.TLSFiles{CA: a.path("clients.pem")})
	wantReply(t, sending(t, a.client(addr, "lab"), "1"), "lab")

	ca, err := os.ReadFile(other.path("ca.pem"))
	if err == nil {
		err = os.WriteFile(a.path("clients.pem"), ca, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if reply, err := a.client(addr, "lab").Send(t.Context(), []byte("2")); err == nil {
		t.Errorf("answered %q after the authority was taken away", reply)
	}
}

// TestClientCertificateIsFollowed: a client shows the certificate that is in its
// files when it connects.
func TestClientCertificateIsFollowed(t *testing.T) {
	a := newAuthority(t)
	a.issue("server", loopback)
	a.issue("first", x509.Certificate{})
	a.issue("second", x509.Certificate{})
	a.copy("first.pem", "mine.pem")
	a.copy("first.key", "mine.key")
	addr := a.server(&mllp.TLSFiles{CA: a.path("ca.pem")})
	c := a.client(addr, "mine")
	wantReply(t, sending(t, c, "1"), "first")
	a.copy("second.pem", "mine.pem")
	a.copy("second.key", "mine.key")
	c.Close()
	wantReply(t, sending(t, c, "2"), "second")
}
