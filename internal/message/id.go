package message

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// ID names a message. IDs grow with time: the upper 51 bits are microseconds
// since 1970, the lower 12 tell apart what came within one microsecond.
type ID int64

const idDigits = "0123456789abcdefghjkmnpqrstvwxyz" // Crockford's base 32, in order

const idLength = 13

// String writes the ID as 13 base-32 digits that sort as the IDs do.
func (id ID) String() string {
	var b [idLength]byte
	for i := idLength - 1; i >= 0; i-- {
		b[i] = idDigits[id&31]
		id >>= 5
	}
	return string(b[:])
}

// ParseID is the inverse of String. It takes either letter case.
func ParseID(s string) (ID, error) {
	if len(s) != idLength {
		return 0, fmt.Errorf("message: an id has %d characters, not %d", idLength, len(s))
	}
	var id ID
	s = strings.ToLower(s)
	for i := range len(s) {
		d := strings.IndexByte(idDigits, s[i])
		if d < 0 {
			return 0, fmt.Errorf("message: character %d of an id is not a base-32 digit", i+1)
		}
		id = id<<5 | ID(d)
	}
	if id < 0 {
		return 0, fmt.Errorf("message: id is out of range")
	}
	return id, nil
}

// Time returns when the ID was made, to the microsecond.
func (id ID) Time() time.Time { return time.UnixMicro(int64(id) >> 12).UTC() }

// IDs makes IDs that always grow, also when the clock is set back.
// The zero value is ready; it is safe for concurrent use.
type IDs struct {
	mu   sync.Mutex
	last ID
}

// Next returns an ID above every earlier one and, where the clock allows it,
// of the moment now.
func (g *IDs) Next(now time.Time) ID {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last = max(g.last+1, ID(now.UnixMicro()<<12))
	return g.last
}

// Seen makes every later ID greater than id, which a store calls with its
// newest at start.
func (g *IDs) Seen(id ID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last = max(g.last, id)
}
