package hl7

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math/big"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sum is a number that depends on the key, a purpose and some text, and on nothing else.
func (r *Redactor) sum(purpose string, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, r.key)
	h.Write([]byte(purpose))
	for _, p := range parts {
		h.Write(binary.AppendUvarint(nil, uint64(len(p))))
		h.Write(p)
	}
	return h.Sum(nil)
}

// shift returns by how many days the dates of a patient move: 1 to 365.
func (r *Redactor) shift(patient string) int {
	return 1 + int(binary.BigEndian.Uint32(r.sum("shift", []byte(patient)))%365)
}

// shiftDate moves the date in front of a time back by days. Of one to the month or year
// it moves the middle.
func shiftDate(text string, days int) (string, bool) {
	t, err := ParseTime(text)
	if err != nil {
		return "", false
	}
	width := min(4+2*int(t.Precision()-PrecisionYear), 8)
	if t.Precision() < PrecisionDay {
		whole := text[:width] + "0715"[width-4:]
		if t, err = ParseTime(whole); err != nil {
			return "", false
		}
	}
	return t.Start(nil).AddDate(0, 0, -days).Format("20060102")[:width] + text[width:], true
}

// idChunk is the greatest number of characters of an identifier that are worked on at once.
const idChunk = 64

// fakeID returns another identifier of the same shape: digits for digits, letters for
// letters of the same case, all else as it is, with what is not ASCII taken for
// letters. Under one key different identifiers of one shape get different fakes.
func (r *Redactor) fakeID(text string) string {
	out := make([]byte, 0, len(text))
	var radix []byte // of each character that changes, and its place
	var at []int
	for _, c := range text {
		switch {
		case c >= utf8.RuneSelf && unicode.IsUpper(c):
			c = 'A' + c%26
		case c >= utf8.RuneSelf:
			c = 'a' + c%26
		}
		switch out = append(out, byte(c)); {
		case isDigit(byte(c)):
			radix, at = append(radix, 10), append(at, len(out)-1)
		case isAlnum(byte(c)):
			radix, at = append(radix, 26), append(at, len(out)-1)
		}
	}
	given := bytes.Clone(out)
	for from := 0; from < len(at); from += idChunk {
		to := min(from+idChunk, len(at))
		r.permute(out, at[from:to], radix[from:to], r.sum("before", given[:at[from]]))
	}
	return string(out)
}

// zeroOf returns the first character of the kind of c.
func zeroOf(c byte) byte {
	switch {
	case isDigit(c):
		return '0'
	case isUpper(c):
		return 'A'
	}
	return 'a'
}

// permute replaces characters of b by others of their kinds: a Feistel network over the
// numbers that the two halves are, so one to one.
func (r *Redactor) permute(b []byte, at []int, radix, tweak []byte) {
	half := len(at) / 2
	value := func(from, to int) (n, size *big.Int) {
		n, size = new(big.Int), big.NewInt(1)
		for i := from; i < to; i++ {
			base := big.NewInt(int64(radix[i]))
			n.Add(n.Mul(n, base), big.NewInt(int64(b[at[i]]-zeroOf(b[at[i]]))))
			size.Mul(size, base)
		}
		return n, size
	}
	x, sizeX := value(0, half)
	y, sizeY := value(half, len(at))
	for round := range byte(8) {
		f := new(big.Int).SetBytes(r.sum("id", radix, tweak, []byte{round}, y.Bytes()))
		// a half has 32 characters at most, 151 bits of the 256
		x.Mod(x.Add(x, f), sizeX)
		x, y, sizeX, sizeY = y, x, sizeY, sizeX
	}
	write := func(n *big.Int, from, to int) {
		digit := new(big.Int)
		for i := to - 1; i >= from; i-- {
			n.DivMod(n, big.NewInt(int64(radix[i])), digit)
			b[at[i]] = zeroOf(b[at[i]]) + byte(digit.Int64())
		}
	}
	write(x, 0, half) // after an even number of rounds the halves are where they were
	write(y, half, len(at))
}

// fakeName replaces each word of a name by one of the same length and case that can be
// pronounced. The case of what comes in does not count, so SMITH and Smith stay one.
func (r *Redactor) fakeName(text string) string {
	var out strings.Builder
	for len(text) > 0 {
		c, size := utf8.DecodeRuneInString(text)
		if !inName(c) {
			if c >= utf8.RuneSelf {
				c = 'x'
			}
			out.WriteRune(c)
			text = text[size:]
			continue
		}
		end := strings.IndexFunc(text, func(c rune) bool { return !inName(c) })
		if end < 0 {
			end = len(text)
		}
		r.fakeWord(&out, text[:end])
		text = text[end:]
	}
	return out.String()
}

func inName(c rune) bool { return unicode.IsLetter(c) || unicode.IsMark(c) || unicode.IsDigit(c) }

func (r *Redactor) fakeWord(out *strings.Builder, word string) {
	const consonants, vowels = "bdfghklmnprstvwz", "aeiouaei"
	seed := r.sum("name", []byte(strings.ToLower(word)))
	i := 0
	for _, c := range word {
		if i > 0 && i%32 == 0 {
			seed = r.sum("more", seed)
		}
		letter := consonants[seed[i%32]%16]
		if (i+int(seed[31]))%2 == 0 {
			letter = vowels[seed[i%32]%8]
		}
		switch {
		case unicode.IsDigit(c):
			letter = '0' + seed[i%32]%10
		case unicode.IsUpper(c) || i == 0 && !unicode.IsLower(c):
			letter -= 'a' - 'A'
		}
		out.WriteByte(letter)
		i++
	}
}
