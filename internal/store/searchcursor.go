package store

import (
	"encoding/base64"
	"encoding/binary"
	"strings"

	"github.com/ponshealth/pons/internal/fault"
)

// position is where a page begins: behind the resource pk in the order that
// the mode says. It is what a cursor holds. Nobody is trusted with anything by
// it, so it is not signed: a forged one is another place in the same result.
type position struct {
	mode   byte
	lo, hi int64 // values of the order; for gathered, lo is the number of those before
	pk     int64
}

// Modes of a position.
const (
	gathered  = 'g' // all were read and sorted
	byHash    = 'h' // newest pk first, within one token or reference
	byUpdated = 'u' // by time of change
	byDate    = 'd' // by a date of the resource
	undated   = 'n' // and behind them those without one
)

func (p position) String() string {
	b := []byte{p.mode}
	for _, n := range []int64{p.lo, p.hi, p.pk} {
		b = binary.AppendVarint(b, n)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func (p *position) parse(cursor string) error {
	if cursor == "" {
		return nil
	}
	bad := fault.New(fault.Invalid, "_cursor", "not a cursor of this server")
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) == 0 || strings.IndexByte("ghudn", b[0]) < 0 {
		return bad
	}
	p.mode, b = b[0], b[1:]
	for _, n := range []*int64{&p.lo, &p.hi, &p.pk} {
		value, size := binary.Varint(b)
		if size <= 0 {
			return bad
		}
		*n, b = value, b[size:]
	}
	if len(b) > 0 {
		return bad
	}
	return nil
}
