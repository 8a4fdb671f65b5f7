package mllp

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// TLSFiles makes TLS of PEM files and follows them: it reads them at each
// handshake, so that a new certificate needs no restart. Files that do not fit together, as while they
// are being replaced one after the other, change nothing: the last that did are
// used on, and the log tells. Connections that are open stay as they are.
//
// It must not be copied or changed after the first use.
type TLSFiles struct {
	// Cert and Key are our certificate, with those that lead to its authority,
	// and its key. A client may have none.
	Cert, Key string
	// CA are the authorities of the other side's certificate. A server with CA
	// asks every client for a certificate and refuses one without (mutual TLS);
	// a client without CA trusts those of the system, and reads CA only once.
	CA string
	// Allow narrows down which clients of a server may come in, by an entry that
	// fits the client's own certificate: a name that it is for, as "dns:lab.example",
	// "ip:10.1.2.3", "uri:urn:x", "email:a@lab.example", or the fingerprint
	// "sha256:" and the 64 hexadecimal digits of its DER bytes. The common name is
	// no name. Empty: every client whose certificate is of CA. With fingerprints
	// alone no CA is needed.
	Allow []string
	// Log is told when files were read anew, or could not be. nil is silence.
	Log *slog.Logger

	mu   sync.Mutex
	now  *tls.Config // what the files gave when they last fit
	seen contents    // what was last read
}

// contents are the files of a TLSFiles.
type contents struct {
	cert, key, ca []byte
	err           error // of the first that could not be read
}

// Server returns the configuration of a server, for [Server.TLS].
func (f *TLSFiles) Server() (*tls.Config, error) {
	if f.Cert == "" || f.Key == "" {
		return nil, errors.New("mllp: a TLS server needs a certificate and its key")
	}
	if err := f.Reload(); err != nil {
		return nil, err
	}
	return &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return f.current(), nil }}, nil
}

// Client returns the configuration of a client, for [Client.TLS]. The
// certificate follows the files; CA does not.
func (f *TLSFiles) Client() (*tls.Config, error) {
	if len(f.Allow) > 0 {
		return nil, errors.New("mllp: Allow is for servers; a client checks the server's name")
	}
	if err := f.Reload(); err != nil {
		return nil, err
	}
	c := hardened(&tls.Config{RootCAs: f.current().ClientCAs})
	if f.Cert != "" {
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return &f.current().Certificates[0], nil
		}
	}
	return c, nil
}

// Reload reads the files now, whether they have changed or not, and says what
// is wrong with them. On an error what was read before is used on.
func (f *TLSFiles) Reload() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = f.read()
	return f.load()
}

// current returns what the files give now, or gave when they last fit.
func (f *TLSFiles) current() *tls.Config {
	f.mu.Lock()
	defer f.mu.Unlock()
	files := f.read()
	if files.equal(f.seen) {
		return f.now
	}
	f.seen = files
	if err := f.load(); f.Log != nil {
		if err != nil {
			f.Log.Error("TLS files have changed and do not fit; the ones before are used on", "err", err)
		} else {
			f.Log.Info("TLS files have changed and were read anew", "expires", f.expires())
		}
	}
	return f.now
}

// load makes a configuration of what was read, if it fits together.
func (f *TLSFiles) load() error {
	if f.seen.err != nil {
		return fmt.Errorf("mllp: TLS files: %w", f.seen.err)
	}
	c := &tls.Config{SessionTicketsDisabled: true} // who was let in once is looked at again
	if f.Cert != "" || f.Key != "" {
		pair, err := tls.X509KeyPair(f.seen.cert, f.seen.key)
		if err != nil {
			return fmt.Errorf("mllp: certificate and key: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	if f.CA != "" {
		c.ClientCAs = x509.NewCertPool()
		if !c.ClientCAs.AppendCertsFromPEM(f.seen.ca) {
			return fmt.Errorf("mllp: authorities: %s holds no certificate", f.CA)
		}
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	if len(f.Allow) > 0 {
		list, err := parseAllow(f.Allow)
		if err != nil {
			return err
		}
		if f.CA == "" {
			if list.names() {
				return errors.New("mllp: names of clients mean nothing without authorities that vouch for them")
			}
			c.ClientAuth = tls.RequireAnyClientCert
		}
		c.VerifyConnection = list.verify
	}
	f.now = hardened(c)
	return nil
}

// expires is when our certificate does.
func (f *TLSFiles) expires() time.Time {
	if len(f.now.Certificates) == 0 || f.now.Certificates[0].Leaf == nil {
		return time.Time{}
	}
	return f.now.Certificates[0].Leaf.NotAfter
}

// read reads the files. They are small, and a handshake costs more.
func (f *TLSFiles) read() (c contents) {
	for _, file := range []struct {
		name string
		to   *[]byte
	}{{f.Cert, &c.cert}, {f.Key, &c.key}, {f.CA, &c.ca}} {
		if file.name == "" {
			continue
		}
		b, err := os.ReadFile(file.name)
		if err != nil && c.err == nil {
			c.err = err
		}
		*file.to = b
	}
	return c
}

func (c contents) equal(d contents) bool {
	return bytes.Equal(c.cert, d.cert) && bytes.Equal(c.key, d.key) && bytes.Equal(c.ca, d.ca) && (c.err == nil) == (d.err == nil)
}
