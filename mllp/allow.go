package mllp

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// errNotAllowed refuses a client whose certificate is good and not on the list.
var errNotAllowed = errors.New("mllp: the certificate is not of a client that is allowed")

// allowList is who may come in, as kind and value, such as "dns:lab.example".
type allowList map[string]bool

// parseAllow reads the entries of TLSFiles.Allow. Errors tell the number of the
// entry, from 1 on.
func parseAllow(entries []string) (allowList, error) {
	list := allowList{}
	for i, entry := range entries {
		kind, value, _ := strings.Cut(entry, ":")
		switch value = strings.TrimSpace(value); strings.ToLower(kind) {
		case "dns":
			value = "dns:" + strings.ToLower(strings.TrimSuffix(value, "."))
		case "ip":
			ip, err := netip.ParseAddr(value)
			if err != nil {
				return nil, fmt.Errorf("mllp: entry %d of the clients that are allowed: not an IP address", i+1)
			}
			value = "ip:" + ip.Unmap().String()
		case "uri", "email":
			value = strings.ToLower(kind) + ":" + value
		case "sha256":
			value = strings.ToLower(strings.ReplaceAll(value, ":", ""))
			if sum, err := hex.DecodeString(value); err != nil || len(sum) != sha256.Size {
				return nil, fmt.Errorf("mllp: entry %d of the clients that are allowed: not %d hexadecimal digits", i+1, 2*sha256.Size)
			}
			value = "sha256:" + value
		default:
			return nil, fmt.Errorf("mllp: entry %d of the clients that are allowed: want dns:, ip:, uri:, email: or sha256: before it", i+1)
		}
		if strings.HasSuffix(value, ":") {
			return nil, fmt.Errorf("mllp: entry %d of the clients that are allowed: is empty", i+1)
		}
		list[value] = true
	}
	return list, nil
}

// names tells whether an entry goes by name and not by fingerprint.
func (l allowList) names() bool {
	for entry := range l {
		if !strings.HasPrefix(entry, "sha256:") {
			return true
		}
	}
	return false
}

// verify looks at the client's own certificate. Its authority was looked at
// before, if there is one; where there is none, nobody else has looked whether
// it has expired.
func (l allowList) verify(s tls.ConnectionState) error {
	if len(s.PeerCertificates) == 0 {
		return errNotAllowed
	}
	leaf := s.PeerCertificates[0]
	if now := time.Now(); now.Before(leaf.NotBefore) || now.After(leaf.NotAfter) {
		return errors.New("mllp: the certificate has expired or is not valid yet")
	}
	for _, name := range identities(leaf) {
		if l[name] {
			return nil
		}
	}
	return errNotAllowed
}

// identities are what a certificate may be allowed by.
func identities(leaf *x509.Certificate) []string {
	sum := sha256.Sum256(leaf.Raw)
	ids := []string{"sha256:" + hex.EncodeToString(sum[:])}
	for _, name := range leaf.DNSNames {
		ids = append(ids, "dns:"+strings.ToLower(strings.TrimSuffix(name, ".")))
	}
	for _, ip := range leaf.IPAddresses {
		if a, ok := netip.AddrFromSlice(ip); ok {
			ids = append(ids, "ip:"+a.Unmap().String())
		}
	}
	for _, uri := range leaf.URIs {
		ids = append(ids, "uri:"+uri.String())
	}
	for _, address := range leaf.EmailAddresses {
		ids = append(ids, "email:"+address)
	}
	return ids
}
