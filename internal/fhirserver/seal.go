package fhirserver

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/ponshealth/pons/internal/fault"
)

// A sealer makes the tokens of page links. A token holds the search and where
// its next page starts, encrypted and authenticated, so that the server keeps
// nothing, a client can change nothing, and a link shows no identifier to the
// logs on its way.
type sealer struct{ aead cipher.AEAD }

// place is what a token holds.
type place struct {
	Query   string `json:"q"` // the parameters of the search, encoded
	Cursor  string `json:"c"` // of the store
	Expires int64  `json:"e"` // Unix time
}

func newSealer(key []byte) sealer {
	k := sha256.Sum256(append([]byte("fhir page links\x00"), key...))
	block, err := aes.NewCipher(k[:])
	if err != nil {
		panic(err) // a key of 32 bytes is always right
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return sealer{aead}
}

// seal makes a token that opens only for the same purpose.
func (s sealer) seal(purpose string, p place) string {
	text, _ := json.Marshal(p)
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, text, []byte(purpose)))
}

// open reads a token. One that is not ours is fault.Invalid, an old one
// fault.Gone.
func (s sealer) open(purpose, token string, now time.Time) (place, error) {
	var p place
	bad := fault.New(fault.Invalid, "", "the page link is not one of this server for this search")
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return p, bad
	}
	text, err := s.aead.Open(nil, nil, sealed, []byte(purpose))
	if err != nil || json.Unmarshal(text, &p) != nil {
		return p, bad
	}
	if now.Unix() > p.Expires {
		return p, fault.New(fault.Gone, "", "the page link has expired; search again")
	}
	return p, nil
}
