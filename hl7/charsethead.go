package hl7

import (
	"bytes"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// hiding are the sets whose characters may hold bytes that look like delimiters.
var hiding = []charset{
	{"SHIFT_JIS", japanese.ShiftJIS}, {"BIG-5", traditionalchinese.Big5}, {"GB 18030-2000", simplifiedchinese.GB18030},
	{"GBK", simplifiedchinese.GBK}, jis,
}

// declaredCharsets returns the repetitions of MSH-18 of the first message in b, none when
// it is empty, and MSH-20.
func declaredCharsets(b []byte) (names []string, scheme string) {
	l := lines{b: b, next: skipToHeader(b)}
	for l.scan() {
		line := b[l.start:min(l.end, l.start+1<<20)] // more is no header
		if !isHeader(line) {
			continue
		}
		d, err := readDelimiters(line)
		if err != nil {
			return nil, ""
		}
		names, scheme = headerCharsets(line, d)
		if isASCII(line) && bytes.IndexByte(line, 0x1b) < 0 {
			return names, scheme
		}
		if len(names) > 0 {
			if c, ok := lookupCharset(names[0]); ok && (!hides(c.enc) || tells(line, d, c)) {
				return names, scheme
			}
		}
		for _, c := range hiding {
			if tells(line, d, c) {
				text, _ := c.decode(line)
				return headerCharsets(text, d)
			}
		}
		return names, scheme
	}
	return nil, ""
}

// headerCharsets reads MSH-18 and MSH-20 of a header line.
func headerCharsets(line []byte, d Delimiters) (names []string, scheme string) {
	charsets := bytes.TrimSpace(headerField(line, d, 18))
	scheme = string(headerField(line, d, 20))
	switch {
	case len(charsets) == 0:
		return nil, scheme
	case d.Repetition == 0:
		return []string{string(charsets)}, scheme
	}
	return strings.Split(string(charsets), string(rune(d.Repetition))), scheme
}

// headerField returns field n of a header line, of which MSH-2 is the second part.
func headerField(line []byte, d Delimiters, n int) []byte {
	from, to, _ := cut(line, 0, int32(len(line)), d.Field, n)
	return line[from:to]
}

func hides(enc encoding.Encoding) bool {
	for _, c := range hiding {
		if c.enc == enc {
			return true
		}
	}
	return false
}

// tells reports whether a header that is decoded by a set names that set.
func tells(line []byte, d Delimiters, c charset) bool {
	text, ok := c.decode(line)
	if !ok {
		return false
	}
	names, _ := headerCharsets(text, d)
	if len(names) == 0 {
		return false
	}
	named, ok := lookupCharset(names[0])
	return ok && named.enc == c.enc
}
