package mllp_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/ponshealth/pons/mllp"
)

// chunks reads a stream in pieces whose sizes follow from a seed.
type chunks struct {
	rest []byte
	seed uint32
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	c.seed = c.seed*1664525 + 1013904223
	n := min(len(c.rest), len(p), 1+int(c.seed>>24)%37)
	copy(p, c.rest[:n])
	c.rest = c.rest[n:]
	return n, nil
}

// FuzzReader: how the stream is cut does not change what is read; nothing over
// the limits is given out or held; what was written is read again.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		vt + adt + fscr, adt + fs, vt + "a" + vt + "b" + fs + "\n" + vt + fs, "junk" + vt + "x",
		vt + "\r" + vt + fs + "MS" + "MSH" + fs, fs + fs + vt + vt + "MSH" + fscr + "\x00",
	} {
		f.Add([]byte(s), uint32(1), uint16(20), uint16(8), true)
		f.Add([]byte(s), uint32(9), uint16(2), uint16(3), false)
		f.Add(bytes.Repeat([]byte(s), 90), uint32(7), uint16(9000), uint16(9000), true)
	}
	f.Fuzz(func(t *testing.T, stream []byte, seed uint32, maxBlock, maxJunk uint16, bare bool) {
		var readers []*mllp.Reader
		set := func(r *mllp.Reader) {
			r.MaxBlock, r.MaxJunk = int(maxBlock)+1, int(maxJunk)+1
			if bare {
				r.Bare = "MSH"
			}
			readers = append(readers, r)
		}
		whole := read(bytes.NewReader(stream), set)
		cut := read(&chunks{stream, seed}, set)
		if !slices.Equal(whole, cut) {
			t.Fatalf("the pieces changed the blocks:\n%q\n%q", whole, cut)
		}
		for _, r := range readers {
			if most := max(mllp.BaseBuffer, int(maxBlock)+2) + mllp.BaseBuffer; r.Held() > most {
				t.Fatalf("holds %d bytes, more than %d", r.Held(), most)
			}
		}
		frame, err := mllp.Append(nil, stream)
		if err != nil || len(bytes.Trim(stream, "\r\n\x00 \t")) == 0 {
			return
		}
		r := mllp.NewReader(&chunks{append(stream[:0:0], frame...), seed})
		if back, err := r.Next(); err != nil || !bytes.Equal(back, stream) {
			t.Fatalf("wrote %q, read %q, %v", stream, back, err)
		}
		if _, err := r.Next(); !errors.Is(err, io.EOF) {
			t.Fatalf("after the block: %v", err)
		}
	})
}
