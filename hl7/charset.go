package hl7

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// CharsetError says that bytes are not in the character set that they claim,
// or that text cannot be written in one.
type CharsetError struct {
	At      string // "MSH-18"
	Charset string // the name as declared, or the one asked for
	Problem string // plain words
}

func (e *CharsetError) Error() string { return "hl7: " + e.At + ": " + e.Problem }

// charset is a character set of HL7 table 0211 or a name seen in the wild.
type charset struct {
	name string            // as table 0211 writes it
	enc  encoding.Encoding // nil for ASCII and UTF-8
}

var (
	ascii  = charset{"ASCII", nil}
	utf8cs = charset{"UNICODE UTF-8", nil}
	jis    = charset{"ISO IR87", japanese.ISO2022JP}
	latin1 = charset{"8859/1", charmap.Windows1252}
)

// charsets maps a name, folded by foldCharset, to its set. Of table 0211 only
// CNS 11643-1992 (EUC-TW) is missing. 8859/1 is read as windows-1252, which
// differs only where 8859/1 has control characters that no text contains.
var charsets = map[string]charset{
	"ASCII": ascii, "USASCII": ascii, "ISOIR6": ascii, "ISO646": ascii,
	"UNICODE": utf8cs, "UNICODEUTF8": utf8cs, "UTF8": utf8cs,
	"88591": latin1, "88592": {"8859/2", charmap.ISO8859_2}, "88593": {"8859/3", charmap.ISO8859_3},
	"88594": {"8859/4", charmap.ISO8859_4}, "88595": {"8859/5", charmap.ISO8859_5},
	"88596": {"8859/6", charmap.ISO8859_6}, "88597": {"8859/7", charmap.ISO8859_7},
	"88598": {"8859/8", charmap.ISO8859_8}, "88599": {"8859/9", charmap.ISO8859_9},
	"885915":  {"8859/15", charmap.ISO8859_15},
	"LATIN1":  latin1,
	"ISOIR14": {"ISO IR14", japanese.ShiftJIS}, "ISOIR87": jis, "ISOIR159": {"ISO IR159", japanese.ISO2022JP},
	"JAS2020": {"JAS2020", japanese.ISO2022JP}, "ISO2022JP": jis,
	"SHIFTJIS": {"SHIFT_JIS", japanese.ShiftJIS}, "SJIS": {"SHIFT_JIS", japanese.ShiftJIS},
	"EUCJP":       {"EUC-JP", japanese.EUCJP},
	"GB180302000": {"GB 18030-2000", simplifiedchinese.GB18030}, "GB18030": {"GB 18030-2000", simplifiedchinese.GB18030},
	"GBK": {"GBK", simplifiedchinese.GBK}, "GB2312": {"GBK", simplifiedchinese.GBK},
	"KSX1001": {"KS X 1001", korean.EUCKR}, "EUCKR": {"KS X 1001", korean.EUCKR},
	"BIG5":         {"BIG-5", traditionalchinese.Big5},
	"UNICODEUTF16": {"UNICODE UTF-16", unicode.UTF16(unicode.BigEndian, unicode.UseBOM)},
	"UTF16":        {"UNICODE UTF-16", unicode.UTF16(unicode.BigEndian, unicode.UseBOM)},
	"UTF16LE":      {"UTF-16LE", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	"UTF16BE":      {"UTF-16BE", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	"UNICODEUTF32": {"UNICODE UTF-32", utf32.UTF32(utf32.BigEndian, utf32.UseBOM)},
	"UTF32":        {"UNICODE UTF-32", utf32.UTF32(utf32.BigEndian, utf32.UseBOM)},
	"UTF32LE":      {"UTF-32LE", utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)},
	"UTF32BE":      {"UTF-32BE", utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)},
	"WINDOWS1250":  {"WINDOWS-1250", charmap.Windows1250}, "CP1250": {"WINDOWS-1250", charmap.Windows1250},
	"WINDOWS1251": {"WINDOWS-1251", charmap.Windows1251}, "CP1251": {"WINDOWS-1251", charmap.Windows1251},
	"WINDOWS1252": {"WINDOWS-1252", charmap.Windows1252}, "CP1252": {"WINDOWS-1252", charmap.Windows1252},
	"ANSI":        {"WINDOWS-1252", charmap.Windows1252},
	"WINDOWS1253": {"WINDOWS-1253", charmap.Windows1253}, "WINDOWS1254": {"WINDOWS-1254", charmap.Windows1254},
	"WINDOWS1255": {"WINDOWS-1255", charmap.Windows1255}, "WINDOWS1256": {"WINDOWS-1256", charmap.Windows1256},
	"WINDOWS1257": {"WINDOWS-1257", charmap.Windows1257}, "WINDOWS1258": {"WINDOWS-1258", charmap.Windows1258},
	"IBM850": {"IBM850", charmap.CodePage850}, "CP850": {"IBM850", charmap.CodePage850},
	"IBM437": {"IBM437", charmap.CodePage437}, "CP437": {"IBM437", charmap.CodePage437},
	"KOI8R": {"KOI8-R", charmap.KOI8R},
}

// lookupCharset finds a set by its name in table 0211 or as senders write it:
// case, blanks and punctuation do not count, and "ISO-8859-1" is "8859/1".
func lookupCharset(name string) (charset, bool) {
	fold := make([]byte, 0, 16)
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z':
			fold = append(fold, c-'a'+'A')
		case isAlnum(c):
			fold = append(fold, c)
		}
	}
	c, ok := charsets[string(bytes.TrimPrefix(fold, []byte("ISO")))]
	if !ok {
		c, ok = charsets[string(fold)]
	}
	return c, ok
}

// decode turns bytes of the set into UTF-8. It refuses what would need U+FFFD.
func (c charset) decode(b []byte) ([]byte, bool) {
	if c.enc == nil {
		if c == ascii {
			return b, isASCII(b)
		}
		return b, utf8.Valid(b)
	}
	text, err := c.enc.NewDecoder().Bytes(b)
	return text, err == nil && !bytes.Contains(text, []byte("\ufffd"))
}

// Decode turns the bytes of a message, as they came, into UTF-8. It must come
// before [Parse], because the second bytes of some Asian sets look like
// delimiters. charset is the set that was used, as table 0211 writes it where
// it is in there.
//
// What decides, in this order: a byte order mark or the zero bytes of UTF-16
// and UTF-32; the first repetition of MSH-18 (HL7 v2.9 2.14.9.18, table 0211,
// and names in use such as UTF8 or WINDOWS-1252). Where MSH-18 is empty,
// unknown, or not true of these bytes, UTF-8 if they are valid UTF-8, and else
// the set named fallback. When charset is not what MSH-18 says, a receiver may
// want to warn.
//
// raw itself is returned where it is UTF-8 or ASCII already. U+FFFD never
// stands in for a byte: what cannot be decoded is a *[CharsetError], and utf8
// is nil. With an empty fallback that is every text that is neither what it
// claims nor UTF-8.
func Decode(raw []byte, fallback string) (text []byte, name string, err error) {
	if c, ok := wideCharset(raw); ok {
		if text, ok = c.decode(raw); ok {
			return bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), c.name, nil
		}
		return nil, "", &CharsetError{"MSH-18", c.name, "the bytes are not in the character set that their start shows"}
	}
	declared := declaredCharset(raw)
	c, known := lookupCharset(declared)
	wide := strings.HasPrefix(c.name, "UTF-") || strings.Contains(c.name, "UTF-16") || strings.Contains(c.name, "UTF-32")
	if known && !wide { // one that was wide would have shown
		if text, ok := c.decode(raw); ok {
			return text, c.name, nil
		}
	}
	if isASCII(raw) && bytes.IndexByte(raw, 0x1b) < 0 {
		return raw, ascii.name, nil
	}
	if utf8.Valid(raw) {
		return raw, utf8cs.name, nil
	}
	if c, ok := lookupCharset(fallback); ok {
		if text, ok := c.decode(raw); ok {
			return text, c.name, nil
		}
	}
	problem := "the bytes are not in the declared character set"
	switch {
	case declared == "":
		problem = "no character set is declared and the bytes are not UTF-8"
	case !known:
		problem = "the declared character set is not known and the bytes are not UTF-8"
	}
	return nil, "", &CharsetError{"MSH-18", declared, problem}
}

// Encode writes UTF-8 text, such as an answer, in the character set of a name.
// A character that the set does not have is a *[CharsetError]; nothing is
// replaced. The empty name and ASCII take ASCII only.
func Encode(text []byte, name string) ([]byte, error) {
	c, ok := lookupCharset(name)
	if name == "" {
		c, ok = ascii, true
	}
	if !ok {
		return nil, &CharsetError{"MSH-18", name, "the character set is not known"}
	}
	if c.enc == nil {
		if _, ok := c.decode(text); !ok {
			return nil, &CharsetError{"MSH-18", name, "the text has characters that the character set lacks"}
		}
		return text, nil
	}
	out, err := c.enc.NewEncoder().Bytes(text)
	if err != nil || !utf8.Valid(text) {
		return nil, &CharsetError{"MSH-18", name, "the text has characters that the character set lacks"}
	}
	return out, nil
}

// wideCharset recognises UTF-16 and UTF-32 by their byte order mark or by the
// zero bytes around the M of MSH.
func wideCharset(b []byte) (charset, bool) {
	starts := func(s string) bool { return bytes.HasPrefix(b, []byte(s)) }
	switch {
	case starts("\xff\xfe\x00\x00"), starts("M\x00\x00\x00"):
		return charsets["UTF32LE"], true
	case starts("\x00\x00\xfe\xff"), starts("\x00\x00\x00M"):
		return charsets["UTF32BE"], true
	case starts("\xff\xfe"), starts("M\x00"):
		return charsets["UTF16LE"], true
	case starts("\xfe\xff"), starts("\x00M"):
		return charsets["UTF16BE"], true
	}
	return charset{}, false
}

// declaredCharset returns the first repetition of MSH-18 of the first message in b.
func declaredCharset(b []byte) string {
	l := lines{b: b, next: skipToHeader(b)}
	for l.scan() {
		line := b[l.start:l.end]
		if !isHeader(line) {
			continue
		}
		d, err := readDelimiters(line)
		if err != nil {
			return ""
		}
		for n := 1; n < 18; n++ { // MSH-18 follows the 17th separator
			i := bytes.IndexByte(line, d.Field)
			if i < 0 {
				return ""
			}
			line = line[i+1:]
		}
		if i := bytes.IndexByte(line, d.Field); i >= 0 {
			line = line[:i]
		}
		if i := bytes.IndexByte(line, d.Repetition); i >= 0 && d.Repetition != 0 {
			line = line[:i]
		}
		return string(bytes.TrimSpace(line))
	}
	return ""
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
