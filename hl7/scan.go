package hl7

import (
	"encoding/binary"
	"math/bits"
)

// ones times a byte is that byte eight times.
const ones = 0x0101010101010101

// nth returns where in b the byte sep stands for the nth time, n from 1 on, or
// -1. It looks at eight bytes at a time, because fields are short: a search for
// each single separator would spend most of its time starting.
func nth(b []byte, sep byte, n int) int {
	want := ones * uint64(sep)
	i := 0
	for ; i+8 <= len(b); i += 8 {
		found := zeros(binary.LittleEndian.Uint64(b[i:]) ^ want)
		count := bits.OnesCount64(found)
		if count < n {
			n -= count
			continue
		}
		for ; n > 1; n-- {
			found &= found - 1
		}
		return i + bits.TrailingZeros64(found)/8
	}
	for ; i < len(b); i++ {
		if b[i] == sep {
			if n--; n == 0 {
				return i
			}
		}
	}
	return -1
}

// zeros returns the high bit of each byte of x that is zero, and no other bit.
func zeros(x uint64) uint64 {
	const low = 0x7f7f7f7f7f7f7f7f
	return ^((x&low + low) | x | low)
}

// cut returns part n, from 1 on, of those that sep makes of b[start:end].
func cut(b []byte, start, end int32, sep byte, n int) (from, to int32, ok bool) {
	if n > 1 {
		i := nth(b[start:end], sep, n-1)
		if i < 0 {
			return 0, 0, false
		}
		start += int32(i) + 1
	}
	if i := nth(b[start:end], sep, 1); i >= 0 {
		end = start + int32(i)
	}
	return start, end, true
}
