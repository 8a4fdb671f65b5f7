package mapping

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"slices"
	"sync"
)

// idMaker makes ids of identities: UUIDs of version 8 (RFC 9562 5.8) whose bits
// are a keyed hash.
type idMaker struct {
	pool sync.Pool // of *hasher
}

type hasher struct {
	hash.Hash
	buf []byte
}

func newIDMaker(key []byte) *idMaker {
	key = slices.Clone(key)
	return &idMaker{sync.Pool{New: func() any { return &hasher{Hash: hmac.New(sha256.New, key)} }}}
}

// make returns the id of an identity, as a URL.
func (m *idMaker) make(typ, identity string) string {
	h := m.pool.Get().(*hasher)
	h.Reset()
	h.buf = append(append(append(h.buf[:0], typ...), 0), identity...)
	h.Write(h.buf)
	sum := h.Sum(h.buf[:0])
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	var url [len(urnUUID) + 36]byte // the id comes out of it, for both are wanted
	b := url[copy(url[:], urnUUID):]
	hex.Encode(b[:8], sum[:4])
	hex.Encode(b[9:13], sum[4:6])
	hex.Encode(b[14:18], sum[6:8])
	hex.Encode(b[19:23], sum[8:10])
	hex.Encode(b[24:], sum[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	clear(h.buf[:cap(h.buf)])
	m.pool.Put(h)
	return string(url[:])
}

// urnUUID stands before the id in the fullUrl of an entry.
const urnUUID = "urn:uuid:"
