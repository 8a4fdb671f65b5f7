package r4

import (
	"slices"
	"strings"
	"unsafe"
)

// keeper holds the copies of short strings of a document, so that the resource
// keeps neither the document nor memory for each of them.
type keeper []byte

// keep returns a copy of s. Short strings share memory, a few thousand bytes of
// it at most; rest guesses how many bytes of them are to come.
func (k *keeper) keep(s string, rest int) string {
	const most, alone = 4096, 512
	if len(s) >= alone {
		return strings.Clone(s)
	}
	start := len(*k)
	if start+len(s) > cap(*k) {
		*k, start = slices.Grow([]byte(nil), max(len(s), min(rest, most))), 0
	}
	*k = append(*k, s...)
	return unsafe.String(unsafe.SliceData((*k)[start:]), len(s))
}
