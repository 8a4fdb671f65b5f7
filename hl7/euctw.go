package hl7

import (
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/transform"
)

// eucTW is CNS 11643 in the form of EUC-TW: two bytes from A1 to FE are plane 1, and 8E
// with the number of the plane (A1 on) before them says any plane. It has planes 1
// and 2, which are the 13,051 ideographs of Big5 and its signs. Those of the planes above are
// refused, since nothing that reads Chinese on this side has a table for them.
type eucTW struct{}

func (eucTW) NewDecoder() *encoding.Decoder { return &encoding.Decoder{Transformer: eucTWDecoder{}} }
func (eucTW) NewEncoder() *encoding.Encoder { return &encoding.Encoder{Transformer: eucTWEncoder{}} }
func (eucTW) String() string                { return "EUC-TW" }

const cnsCells = 94 * 94

// cns holds the characters of both planes, and for each where it is: plane*cnsCells +
// cell, so that none is at 0.
type cns struct {
	runes [2 * cnsCells]rune
	cells map[rune]uint16
}

var cnsTable = sync.OnceValue(func() *cns {
	t := &cns{cells: make(map[rune]uint16, 14000)}
	big5 := traditionalchinese.Big5.NewDecoder()
	for _, run := range cnsRuns {
		for i := range run.count {
			r := run.rune
			if r == 0 {
				n := run.big5 + i
				second := byte(0x40 + n%157)
				if second > 0x7e {
					second += 0xa1 - 0x7f
				}
				text, _ := big5.Bytes([]byte{byte(0xa1 + n/157), second})
				r, _ = utf8.DecodeRune(text)
			}
			at := uint16(run.plane-1)*cnsCells + run.cell + i
			t.runes[at] = r
			if _, twice := t.cells[r]; !twice {
				t.cells[r] = cnsCells + at
			}
		}
	}
	return t
})

type eucTWDecoder struct{ transform.NopResetter }

func (eucTWDecoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	t := cnsTable()
	for nSrc < len(src) {
		r, size := rune(src[nSrc]), 1
		if r >= utf8.RuneSelf {
			r, size = t.decode(src[nSrc:])
			if size == 0 && !atEOF {
				return nDst, nSrc, transform.ErrShortSrc
			}
			size = max(size, 1)
		}
		if nDst+utf8.RuneLen(r) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += size
	}
	return nDst, nSrc, nil
}

// decode reads one character that is not ASCII. Size 0 says that bytes are missing.
func (t *cns) decode(b []byte) (r rune, size int) {
	plane := 0
	if b[0] == 0x8e {
		if len(b) < 2 {
			return utf8.RuneError, 0
		}
		if plane = int(b[1]) - 0xa1; plane < 0 || plane > 1 {
			return utf8.RuneError, 1
		}
		b, size = b[2:], 2
	}
	if len(b) < 2 {
		return utf8.RuneError, 0
	}
	row, column := int(b[0])-0xa1, int(b[1])-0xa1
	if row < 0 || row > 93 || column < 0 || column > 93 || t.runes[plane*cnsCells+row*94+column] == 0 {
		return utf8.RuneError, 1
	}
	return t.runes[plane*cnsCells+row*94+column], size + 2
}

type eucTWEncoder struct{ transform.NopResetter }

func (eucTWEncoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	t := cnsTable()
	for nSrc < len(src) {
		r, size := utf8.DecodeRune(src[nSrc:])
		if r == utf8.RuneError && size == 1 && !atEOF && !utf8.FullRune(src[nSrc:]) {
			return nDst, nSrc, transform.ErrShortSrc
		}
		var b []byte
		at, ok := t.cells[r]
		switch {
		case r < utf8.RuneSelf:
			b = []byte{byte(r)}
		case !ok:
			return nDst, nSrc, errNotInSet
		default:
			cell := at % cnsCells
			b = []byte{byte(0xa1 + cell/94), byte(0xa1 + cell%94)}
			if at >= 2*cnsCells {
				b = append([]byte{0x8e, 0xa2}, b...)
			}
		}
		if nDst+len(b) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += copy(dst[nDst:], b)
		nSrc += size
	}
	return nDst, nSrc, nil
}

// errNotInSet stops an encoder; [Encode] says what it means.
var errNotInSet = &CharsetError{"MSH-18", "CNS 11643-1992", "the text has characters that the character set lacks"}
